"""Options of the command line change a view as the window does."""

from typing import Any

import pytest

from talweg.terminal.view_options import ViewOptions
from talweg.view.eye import Eye, SavedView, eye_of, seen_by, write_eye
from talweg.view.state import Camera, ViewState
from talweg_compute.messages import InputError

SIDE = Camera((2.0, -3.0, 1.5), (0.0, 0.0, 0.5), (0.0, 0.0, 1.0))


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


@pytest.mark.parametrize(
    ("options", "eye"),
    [
        ({"flat": True}, Eye(None, False, True, SIDE)),
        ({"flat": False}, Eye(SIDE)),
        ({"flat": True, "camera": "top"}, Eye(None, False, True)),
        ({"camera": "iso"}, Eye()),
        ({"camera": "corner"}, Eye(SIDE, True)),
        ({"camera": "corner", "orthographic": False}, Eye(SIDE)),
    ],
)
def test_options_about_the_camera(options: dict[str, Any], eye: Eye) -> None:
    view = ViewState(camera=SIDE)
    assert eye_of(ViewOptions(**options).apply(view, (SavedView("corner", Eye(SIDE, True)),))) == eye


def test_a_camera_is_given_as_text() -> None:
    found = eye_of(ViewOptions(camera=write_eye(Eye(SIDE, True))).apply(ViewState()))
    assert found.camera is not None
    assert (found.camera.position, found.orthographic) == (SIDE.position, True)


def test_a_map_is_left_for_a_view_from_the_side() -> None:
    view = seen_by(ViewState(), Eye(None, False, True, SIDE))
    options = ViewOptions(camera="front")
    assert (eye_of(options.apply(view)), options.standard_view) == (Eye(), "front")


def test_an_unknown_camera_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(InputError, match=r'camera: got "sideways"; expected one of isometric, top, .*bottom, "corner"'):
        ViewOptions(camera="sideways").apply(ViewState(), (SavedView("corner", Eye(SIDE)),))
