"""From stored fields to what is shown of them: quantities, logarithms, caps and ranges."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import FIELDS, Landscape
from talweg.view_state import Colouring, Scale, ViewState
from talweg_compute.field import fill, fill_halving

Float = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shown:
    """A quantity as it is shown.

    Attributes:
        t: float64 [nv, nu], values on their scale: themselves or their decimal logarithms; NaN where there is none.
        range: Lowest and highest t, the second always larger.
        scale: How the quantity's values became t.
        patches: The same as t for each finer grid inside the landscape.
    """

    t: Float
    range: tuple[float, float]
    scale: Scale
    patches: tuple[Float, ...] = ()


def scale_of(quantity: Colouring, scale: Scale) -> Scale:
    """Return the scale that a quantity is really shown on: the logarithm of the loss is not taken twice."""
    return "linear" if quantity == "log_loss" else scale


def show_height(landscape: Landscape, view: ViewState) -> Shown:
    """Return the height: capped, holes where a value is NaN, or infinite and not capped.

    Args:
        landscape: The numbers.
        view: What is shown of them and how.
    """
    shown, scale = [], scale_of(view.height, view.height_scale)
    for part in _parts(landscape):
        t, _, smallest = _transformed(part, view.height, view.height_scale)
        if view.height_cap is not None:
            t = np.minimum(t, _bound(view.height_cap, scale, smallest))
        t[~np.isfinite(t)] = np.nan
        shown.append(t)
    return _complete(landscape, view.height, shown, _widened(*_extent(*shown)), scale)


def show_colour(landscape: Landscape, view: ViewState) -> Shown:
    """Return the colour's scalars and their range; infinite values take the end of the range they lie beyond.

    Where the height is capped and the colour shows the loss as well, the colours spread over what is below the cap.

    Args:
        landscape: The numbers.
        view: What is shown of them and how.
    """
    found = [_transformed(part, view.colour, view.colour_scale) for part in _parts(landscape)]
    shown, (_, scale, smallest) = [t for t, _, _ in found], found[0]
    if view.colour_range is not None:
        low, high = (_bound(value, scale, smallest) for value in view.colour_range)
    else:
        low, high = _extent(*shown)
        cap = _cap_of_colour(view)
        if cap is not None:
            high = min(high, max(low, _bound(cap, scale, smallest)))
    low, high = _widened(low, high)
    for t in shown:
        t[np.isposinf(t)], t[np.isneginf(t)] = high, low
    return _complete(landscape, view.colour, shown, (low, high), scale)


def _parts(landscape: Landscape) -> list[Landscape]:
    """The landscape and the finer grids inside."""
    return [landscape, *(region.landscape for region in landscape.regions)]


def _complete(
    landscape: Landscape, quantity: Colouring, shown: list[Float], span: tuple[float, float], scale: Scale
) -> Shown:
    """Fill in what is not known yet of the landscape and of the finer grids inside."""
    patches = tuple(
        fill_halving(t, known_places(region.landscape, quantity), region.patch.factor)
        for t, region in zip(shown[1:], landscape.regions, strict=True)
    )
    return Shown(fill(shown[0], known_places(landscape, quantity))[0], span, scale, patches)


def known_places(landscape: Landscape, quantity: Colouring) -> NDArray[np.bool_]:
    """Tell where a quantity is known [nv, nu]: what is computed later than the loss, such as gradients, may be missing.

    Args:
        landscape: The numbers.
        quantity: What is shown of them.
    """
    values = landscape.fields.get(quantity)
    if quantity in FIELDS or values is None:
        return landscape.known
    return np.asarray(landscape.known & ~(np.isnan(values) & np.isfinite(landscape.loss)))


def _transformed(landscape: Landscape, quantity: Colouring, scale: Scale) -> tuple[Float, Scale, float]:
    """Values on their scale [nv, nu], that scale, and the smallest positive value, which stands for all below."""
    name = "loss" if quantity == "log_loss" else quantity
    values = landscape.fields.get(name)
    t = np.full(landscape.loss.shape, np.nan) if values is None else np.where(landscape.known, values, np.nan)
    positive = t[(t > 0) & np.isfinite(t)]
    smallest = float(positive.min()) if positive.size else 1.0
    if quantity == "log_loss" or scale == "log":
        with np.errstate(invalid="ignore"):
            t = np.log10(np.maximum(t, smallest))
    return t, scale_of(quantity, scale), smallest


def _bound(value: float, scale: Scale, smallest: float) -> float:
    """A limit in units of the quantity, on its scale; one that has no logarithm stands at the smallest value."""
    return float(np.log10(value if value > 0 else smallest)) if scale == "log" else float(value)


def _cap_of_colour(view: ViewState) -> float | None:
    """The height's cap in units of the colour's quantity, where one follows from the other."""
    if view.height_cap is None or view.height == view.colour:
        return view.height_cap
    if (view.height, view.colour) == ("log_loss", "loss"):
        return float(np.power(10.0, min(view.height_cap, 300.0)))
    if (view.height, view.colour) == ("loss", "log_loss") and view.height_cap > 0:
        return float(np.log10(view.height_cap))
    return None


def _extent(*shown: Float) -> tuple[float, float]:
    finite = np.concatenate([t[np.isfinite(t)] for t in shown])
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def _widened(low: float, high: float) -> tuple[float, float]:
    """A range that can be divided by."""
    low, high = min(low, high), max(low, high)
    margin = max(abs(low), abs(high), 1e-300) * 1e-9
    return (low, high) if high - low > margin else (low - max(0.5 * abs(low), 0.5), high + max(0.5 * abs(high), 0.5))
