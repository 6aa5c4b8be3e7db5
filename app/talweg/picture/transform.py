"""From stored fields to what is shown of them: quantities on their scales, caps and ranges.

All views here are as ``fit_view`` gives them: what they name is there.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import FIELDS, Landscape
from talweg.view.quantities import LOG_LOSS, smallest_positive, values_of
from talweg.view.scaling import Scaling
from talweg.view.state import ViewState
from talweg_compute.field import fill, fill_halving

Float = NDArray[np.float64]
_FAR = 1e3  # ranges above the cap; what is higher, or infinite, is cut at its neighbours all the same


@dataclass(frozen=True, eq=False)
class Shown:
    """A quantity as it is shown.

    Attributes:
        t: float64 [nv, nu], values on their scale; NaN where there is none.
        range: Lowest and highest t, the second always larger.
        patches: The same as t for each finer grid inside the landscape.
        cap: The t at which the height is cut off; None where nothing is above.
    """

    t: Float
    range: tuple[float, float]
    patches: tuple[Float, ...] = ()
    cap: float | None = None


def height_scaling(view: ViewState) -> Scaling:
    """Return how the height's values become heights."""
    return Scaling(view.height_scale, view.height_threshold or 1.0)


def colour_scaling(view: ViewState) -> Scaling:
    """Return how the colour's values become scalars."""
    return Scaling(view.colour_scale, view.colour_threshold or 1.0)


def show_height(landscape: Landscape, view: ViewState) -> Shown:
    """Return the height: holes where a value is NaN, or infinite and not capped.

    With a cap, the range ends there, and infinite values are as far above it as nothing else.

    Args:
        landscape: The numbers.
        view: What is shown of them and how.
    """
    found = [values_of(part, view.height) for part in _parts(landscape)]
    scaling, top = height_scaling(view), None
    shown = [np.array(scaling.forward(values)) for values in found]
    if view.height_cap is not None:
        cap = _bound(view.height_cap, scaling, found[0])
        low, high = _extent(*(np.minimum(t, cap) for t in shown))
        far = cap + _FAR * max(cap - low, abs(cap), 1e-300)
        top = cap if any((t > cap).any() for t in shown) else None
        shown = [np.minimum(t, far) for t in shown]
    else:
        low, high = _extent(*shown)
    for t in shown:
        t[~np.isfinite(t)] = np.nan
    if view.height_range is not None:
        low, high = (_bound(value, scaling, found[0]) for value in view.height_range)
        top = None if top is None or top > high else top
        shown = [np.clip(t, low, high if top is None else None) for t in shown]
    return replace(_complete(landscape, view.height, shown, _widened(low, high)), cap=top)


def show_colour(landscape: Landscape, view: ViewState) -> Shown:
    """Return the colour's scalars and their range; infinite values take the end of the range they lie beyond.

    Where the height is capped and the colour shows the loss as well, the colours spread over what is below the cap. A
    symmetric range is so on the scale: about zero, or about one where it is logarithmic.

    Args:
        landscape: The numbers.
        view: What is shown of them and how.
    """
    values, scaling = values_of(landscape, view.colour), colour_scaling(view)
    shown = [np.array(scaling.forward(values_of(part, view.colour))) for part in _parts(landscape)]
    if view.colour_range is not None:
        low, high = (_bound(value, scaling, values) for value in view.colour_range)
    else:
        low, high = _spread(view, shown[0]) if view.colour_limits == "percentile" else _extent(*shown)
        cap = _cap_of_colour(view)
        if cap is not None:
            high = min(high, max(low, _bound(cap, scaling, values)))
        if view.colour_limits == "symmetric":
            low, high = -max(abs(low), abs(high)), max(abs(low), abs(high))
    low, high = _widened(low, high)
    for t in shown:
        t[np.isposinf(t)], t[np.isneginf(t)] = high, low
    return _complete(landscape, view.colour, shown, (low, high))


def _parts(landscape: Landscape) -> list[Landscape]:
    """The landscape and the finer grids inside."""
    return [landscape, *(region.landscape for region in landscape.regions)]


def _complete(landscape: Landscape, quantity: str, shown: list[Float], span: tuple[float, float]) -> Shown:
    """Fill in what is not known yet of the landscape and of the finer grids inside."""
    patches = tuple(
        fill_halving(t, known_places(region.landscape, quantity), region.patch.factor)
        for t, region in zip(shown[1:], landscape.regions, strict=True)
    )
    return Shown(fill(shown[0], known_places(landscape, quantity))[0], span, patches)


def known_places(landscape: Landscape, quantity: str) -> NDArray[np.bool_]:
    """Tell where a quantity is known [nv, nu]: what is computed later than the loss, such as gradients, may be missing.

    Args:
        landscape: The numbers.
        quantity: What is shown of them.
    """
    values = landscape.fields.get(quantity)
    if quantity in (*FIELDS, *landscape.metrics) or values is None:
        return landscape.known
    return np.asarray(landscape.known & ~(np.isnan(values) & np.isfinite(landscape.loss)))


def _bound(value: float, scaling: Scaling, values: Float) -> float:
    """A limit in units of the quantity, on its scale; one that has no logarithm stands at the smallest value."""
    return float(scaling.forward(value if value > 0 or scaling.kind != "log" else smallest_positive(values)))


def _cap_of_colour(view: ViewState) -> float | None:
    """The height's cap in units of the colour's quantity, where one follows from the other."""
    if view.height_cap is None or view.height == view.colour:
        return view.height_cap
    if (view.height, view.colour) == (LOG_LOSS, "loss"):
        return float(np.power(10.0, min(view.height_cap, 300.0)))
    if (view.height, view.colour) == ("loss", LOG_LOSS) and view.height_cap > 0:
        return float(np.log10(view.height_cap))
    return None


def _spread(view: ViewState, t: Float) -> tuple[float, float]:
    """The percentiles of what is finite on the grid: those of the values, on their scale."""
    finite = t[np.isfinite(t)]
    if not finite.size:
        return 0.0, 1.0
    low, high = np.percentile(finite, sorted(min(max(share, 0.0), 100.0) for share in view.colour_percentiles))
    return float(low), float(high)


def _extent(*shown: Float) -> tuple[float, float]:
    finite = np.concatenate([t[np.isfinite(t)] for t in shown])
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def _widened(low: float, high: float) -> tuple[float, float]:
    """A range that can be divided by."""
    low, high = min(low, high), max(low, high)
    margin = max(abs(low), abs(high), 1e-300) * 1e-9
    return (low, high) if high - low > margin else (low - max(0.5 * abs(low), 0.5), high + max(0.5 * abs(high), 0.5))
