"""What height and colour can show of a landscape: its fields, whatever they are, with what they are called.

A view names a quantity by its field; ``log_loss`` is the logarithm of the loss, and ``basin`` is for the colour alone.
"""

from weakref import WeakKeyDictionary

import msgspec
import numpy as np
from numpy.typing import NDArray

from talweg.document import Outline
from talweg.landscape import FIELDS, Landscape
from talweg.number_text import format_value
from talweg.view.scaling import choose_threshold
from talweg.view.state import Scale, ViewState
from talweg_compute.messages import METRICS

Float = NDArray[np.float64]

LOG_LOSS, BASIN = "log_loss", "basin"

_USUAL = {
    "loss": "loss",
    LOG_LOSS: "log₁₀ loss",
    "accuracy": "accuracy (%)",
    "loss_standard_error": "standard error of the loss",
    "gradient_norm": "gradient norm per distance",
}
"""Offered for every landscape; one that it has not cannot be chosen."""

_TITLES = {
    **_USUAL,
    **METRICS,
    "gradient_u": "slope along u",
    "gradient_v": "slope along v",
    BASIN: "basins of the minima",
}

_MISSING = {
    LOG_LOSS: "No loss of this landscape is positive, so that none has a logarithm",
    "accuracy": "The data of this landscape have no classes, so that there is no accuracy",
    "loss_standard_error": "Not known here: Job > Compute finds it together with the loss",
    "gradient_norm": "Not known yet: Job > Compute gradients takes it on the network itself",
    BASIN: "Basins are known once every point is computed",
}
"""Why a quantity that is always offered may have no values, and where they come from."""

_IN_NO_FILE = "Its file came without, and only a landscape with a job can be computed further"

_PERCENT, _UNIT = " (%)", " per distance"

DIFFERENCE = "difference of "
"""How the source of a landscape begins that is the difference of two."""


def is_difference(landscape: Landscape | Outline) -> bool:
    """Tell whether a landscape is the difference of two, whose numbers mean something else than theirs."""
    return landscape.source.startswith(DIFFERENCE)


def title_of(landscape: Landscape, name: str) -> str:
    """Say what a quantity of a landscape is, such as "Brier score", or "difference of loss".

    Args:
        landscape: Whose quantity it is.
        name: Its name; one of the user's own is written as it is, with spaces.
    """
    title = _TITLES.get(name, name.replace("_", " "))
    if not is_difference(landscape) or name == BASIN:
        return title
    return "standard error of the difference" if name == "loss_standard_error" else f"{DIFFERENCE}{title}"


def name_quantity(landscape: Landscape, name: str) -> str:
    """Say what a quantity is, without its unit, for the middle of a sentence."""
    return title_of(landscape, name).removesuffix(_PERCENT).removesuffix(_UNIT)


def read_out(landscape: Landscape) -> tuple[str, ...]:
    """List the fields that are read out at a place: the loss first, all but standard errors and parts of gradients."""
    left_out = ("loss", LOG_LOSS, "loss_standard_error", "gradient_u", "gradient_v")
    return ("loss", *(name for name, there in list_quantities(landscape).items() if there and name not in left_out))


def describe_value(landscape: Landscape, name: str, value: float, digits: int = 4) -> str:
    """Write a value with what it is: "accuracy 93.25 %", "Brier score 0.1234".

    Args:
        landscape: Whose quantity it is.
        name: The quantity.
        value: A number.
        digits: Significant digits, where it is no percentage.
    """
    title = title_of(landscape, name)
    if title.endswith(_PERCENT):
        return f"{title.removesuffix(_PERCENT)} {value:.2f} %"
    return f"{name_quantity(landscape, name)} {format_value(value, digits)}"


def list_quantities(landscape: Landscape) -> dict[str, bool]:
    """List what height and colour may show.

    Args:
        landscape: The numbers.

    Returns:
        By name whether there are values of it: the usual ones always, then all others that are known. Before the first
        point, whatever an evaluation gives may be chosen.
    """
    if landscape not in _listed:
        names = dict.fromkeys((*_USUAL, *landscape.metrics, *landscape.further_fields()))
        found = {name: _has_values(landscape, name) for name in names}
        _listed[landscape] = {name: there for name, there in found.items() if there or name in _USUAL}
    return _listed[landscape]


def missing_quantities(landscape: Landscape) -> dict[str, str]:
    """Say of each quantity that is offered and has no values why that is, and where they come from."""
    found = {**list_quantities(landscape), BASIN: landscape.settled}
    missing = [name for name, there in found.items() if not there]
    if landscape.job is None:
        return {name: _MISSING[name] if name in (LOG_LOSS, BASIN) else _IN_NO_FILE for name in missing}
    return {name: _MISSING.get(name, "No value of it is known") for name in missing}


def has_quantity(landscape: Landscape, name: str) -> bool:
    """Tell whether a landscape has values of a quantity, or soon will."""
    return list_quantities(landscape).get(name, False)


_listed: "WeakKeyDictionary[Landscape, dict[str, bool]]" = WeakKeyDictionary()


def _has_values(landscape: Landscape, name: str) -> bool:
    if landscape.done == 0 and name in (*FIELDS, LOG_LOSS, *landscape.metrics):
        return True
    values = landscape.fields.get("loss" if name == LOG_LOSS else name)
    if values is None:
        return False
    return bool((np.isfinite(values) & (values > 0 if name == LOG_LOSS else True)).any())


def values_of(landscape: Landscape, name: str) -> Float:
    """Return the values of a quantity [nv, nu], NaN where they are not known.

    The logarithm of a loss that has none is that of the smallest positive one.
    """
    values = landscape.fields.get("loss" if name == LOG_LOSS else name)
    if values is None:
        return np.full(landscape.loss.shape, np.nan)
    known = np.where(landscape.known, values, np.nan)
    if name != LOG_LOSS:
        return known
    with np.errstate(invalid="ignore"):
        return np.asarray(np.log10(np.maximum(known, smallest_positive(known))))


def smallest_positive(values: Float) -> float:
    """Return the smallest positive finite value, or 1 where there is none."""
    positive = values[(values > 0) & np.isfinite(values)]
    return float(positive.min()) if positive.size else 1.0


def finite_range(landscape: Landscape, name: str, share: float = 1.0) -> tuple[float, float]:
    """Return the lowest value of a quantity and the one that a share of its values do not exceed.

    Args:
        landscape: The numbers.
        name: The quantity.
        share: 1 for the highest value.

    Returns:
        Both in units of the quantity; (0, 1) where no value is finite.
    """
    values = values_of(landscape, name)
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return 0.0, 1.0
    return float(finite.min()), float(np.quantile(finite, share))


def fit_view(landscape: Landscape, view: ViewState) -> ViewState:
    """Return a view as far as a landscape has what it asks for; what fits already stays.

    A quantity that the landscape has not is replaced by the loss. The logarithm of the loss is not taken twice. Where a
    value is not positive, "symlog" stands for "log"; its threshold is chosen where the view has none.

    Args:
        landscape: The numbers.
        view: How somebody wants to look at them.

    Returns:
        How they are looked at; thresholds are None where they mean nothing.
    """
    height = view.height if view.height != BASIN and has_quantity(landscape, view.height) else "loss"
    colour = view.colour if view.colour == BASIN or has_quantity(landscape, view.colour) else "loss"
    height_scale, height_threshold = _fit_scale(landscape, height, view.height_scale, view.height_threshold)
    same = (colour, view.colour_scale, view.colour_threshold) == (height, view.height_scale, view.height_threshold)
    fitted = (height_scale, height_threshold)
    if not same:
        fitted = _fit_scale(landscape, colour, view.colour_scale, view.colour_threshold)
    return msgspec.structs.replace(
        view,
        height=height,
        height_scale=height_scale,
        height_threshold=height_threshold,
        height_cap=view.height_cap if height == view.height else None,
        height_range=view.height_range if height == view.height else None,
        colour=colour,
        colour_scale=fitted[0],
        colour_threshold=fitted[1],
        colour_range=view.colour_range if colour == view.colour else None,
    )


def _fit_scale(landscape: Landscape, name: str, scale: Scale, threshold: float | None) -> tuple[Scale, float | None]:
    if name in (LOG_LOSS, BASIN) or scale == "linear":
        return "linear", None
    values = values_of(landscape, name)
    others = (values_of(region.landscape, name) for region in landscape.regions)
    if scale == "log" and not any((np.isfinite(each) & (each <= 0)).any() for each in (values, *others)):
        return "log", None
    return "symlog", choose_threshold(values) if threshold is None else threshold
