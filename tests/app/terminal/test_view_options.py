"""Options of the command line change a view as the window does."""

from typing import Any

import pytest

from talweg.terminal.view_options import ViewOptions
from talweg.view.state import ViewState


@pytest.mark.parametrize(
    ("options", "changes"),
    [
        ({"colour_reversed": True, "colour_steps": 8}, {"colour_reversed": True, "colour_steps": 8}),
        ({"colour_limits": "symmetric"}, {"colour_limits": "symmetric", "colour_range": None}),
        (
            {"colour_percentiles": (5.0, 95.0)},
            {"colour_limits": "percentile", "colour_percentiles": (5.0, 95.0), "colour_range": None},
        ),
        ({"colour_range": (0.0, 2.0)}, {"colour_range": (0.0, 2.0)}),
        ({"bar_place": "below"}, {"bar_place": "below"}),
    ],
)
def test_options_about_the_colours(options: dict[str, Any], changes: dict[str, Any]) -> None:
    before = ViewState(colour_range=(0.5, 1.0))
    expected = {"colour_range": before.colour_range, **changes}
    assert ViewOptions(**options).apply(before) == ViewState(**expected)
