"""The ways to draw the surface, from the view through the picture to VTK's properties."""

import numpy as np
import pytest
from numpy.typing import NDArray

from talweg.landscape import Landscape
from talweg.picture import resolve
from talweg.terminal.view_options import ViewOptions
from talweg.view.display_modes import DISPLAY_MODES
from talweg.view.state import ViewState, decode_view, encode_view, view_with
from talweg_compute.messages import InputError


def bowl() -> Landscape:
    axis = np.linspace(-1.0, 1.0, 9)
    loss: NDArray[np.float64] = 1.0 + axis[None, :] ** 2 + axis[:, None] ** 2
    return Landscape(1, 1, "bowl", axis, axis, {"loss": loss}, np.ones((9, 9), dtype=np.bool_))


def test_every_mode_replaces_every_other() -> None:
    fields = {frozenset(mode.drawn) for mode in DISPLAY_MODES}
    assert len(fields) == 1
    view = ViewState()
    for mode in (*DISPLAY_MODES, *reversed(DISPLAY_MODES)):
        view = view_with(view, **mode.changes(view))
        assert [other.name for other in DISPLAY_MODES if other.holds(view)] == [mode.name]


def test_a_mode_leaves_the_map_of_the_user_alone_or_gives_it_back() -> None:
    modes = {mode.name: mode for mode in DISPLAY_MODES}
    view = ViewState(colour_map="magma")
    assert [mode.name for mode in DISPLAY_MODES if mode.holds(view)] == ["colour"]
    for name in ("solid", "wireframe", "floor", "contours"):
        view = view_with(view, **modes[name].changes(view))
        assert view.colour_map == "magma", name
    for name in ("rainbow", "grey", "wireframe"):
        view = view_with(view, **modes[name].changes(view))
    assert view.colour_map == "gray"
    view = view_with(view, **modes["colour"].changes(view))
    assert view.colour_map == "magma"


def test_a_look_changes_neither_shape_nor_colours() -> None:
    landscape = bowl()
    first = resolve(landscape, ViewState())
    other = resolve(landscape, ViewState(faceted=True, wireframe=True, opacity=0.5, lighting="none", plain=True), first)
    assert other.surface is not first.surface
    assert other.surface.points is first.surface.points
    assert other.surface.scalars is first.surface.scalars
    assert other.surface.look.faceted
    assert other.contours is first.contours
    assert not other.surface.scalar_bar  # it would name colours that are not drawn


def test_contours_stand_at_the_values_that_are_asked_for() -> None:
    picture = resolve(bowl(), ViewState(contour_levels=(1.5, 2.0, 99.0)))
    np.testing.assert_allclose(picture.contours.values, [1.5, 2.0])
    logarithmic = resolve(bowl(), ViewState(height_scale="log", contour_levels=(-1.0, 1.5, 2.0)))
    np.testing.assert_allclose(logarithmic.contours.values, [1.5, 2.0])


def test_a_view_with_a_look_is_kept_as_text_and_given_as_options() -> None:
    view = ViewState(faceted=True, opacity=0.4, lighting="shiny", contour_levels=(0.5, 1.0))
    assert decode_view(encode_view(view)) == view
    assert (
        ViewOptions(faceted=True, opacity=0.4, lighting="shiny", contour_levels=(0.5, 1.0)).apply(ViewState()) == view
    )
    with pytest.raises(InputError, match="opacity: got 0"):
        ViewOptions(opacity=0.0).apply(ViewState())
