"""Which quantities a landscape has and how far their values reach. Free of Qt."""

import numpy as np

from talweg.landscape import FIELDS, Landscape
from talweg.view_state import QUANTITY_TITLES, Quantity


def available(landscape: Landscape) -> dict[str, bool]:
    """Tell for each quantity whether there are values of it; before the first point, all may be chosen."""
    return {quantity: _has_values(landscape, _field(quantity)) for quantity in QUANTITY_TITLES}


def _has_values(landscape: Landscape, field: str) -> bool:
    values = landscape.fields.get(field)
    before_the_first = landscape.done == 0 and field in FIELDS
    return before_the_first or (values is not None and bool(np.isfinite(values).any()))


def finite_range(landscape: Landscape, quantity: Quantity, share: float = 1.0) -> tuple[float, float]:
    """Return the lowest value of a quantity and the one that a share of its values do not exceed.

    Args:
        landscape: The numbers.
        quantity: Which of them.
        share: 1 for the highest value.

    Returns:
        Both in units of the quantity; (0, 1) where no value is finite.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        values = landscape.fields.get(_field(quantity), np.zeros(0))
        values = np.log10(values) if quantity == "log_loss" else values
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return 0.0, 1.0
    return float(finite.min()), float(np.quantile(finite, share))


def _field(quantity: str) -> str:
    return "loss" if quantity == "log_loss" else quantity
