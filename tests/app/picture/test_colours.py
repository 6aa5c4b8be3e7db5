"""The colours of a surface: their range, steps and direction, and what has none."""

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

from talweg.export.colours import MISSING, surface_colours
from talweg.picture import SurfacePart, colour_table, resolve
from talweg.view.colour_maps import COLOUR_MAPS, map_name
from talweg.view.state import ViewState
from tests.app.scene.samples import bowl, landscape

LOSS = np.geomspace(0.01, 1000.0, 121).reshape(11, 11)


def surface(loss: np.ndarray[Any, Any] = LOSS, **changes: Any) -> SurfacePart:
    view = ViewState(**{"colour_scale": "linear", **changes})
    return resolve(landscape(loss, accuracy=changes.get("accuracy")), view).surface


@pytest.mark.parametrize("scale", ["linear", "log", "symlog"])
def test_percentiles_leave_out_what_is_far_off(scale: str) -> None:
    part = surface(colour_scale=scale, colour_limits="percentile", colour_percentiles=(10.0, 80.0))
    ends = part.colour_scale.back(part.scalar_range)
    ordered = np.sort(LOSS.ravel())
    np.testing.assert_allclose(ends, [ordered[12], ordered[96]], rtol=1e-6)  # of 121 values


def test_a_symmetric_range_goes_as_far_to_either_side() -> None:
    loss = np.linspace(-1.0, 3.0, 25).reshape(5, 5)
    for scale in ("linear", "symlog"):
        part = surface(loss, colour_scale=scale, colour_limits="symmetric")
        np.testing.assert_allclose(part.colour_scale.back(part.scalar_range), [-3.0, 3.0])
    part = surface(colour_scale="log", colour_limits="symmetric")
    np.testing.assert_allclose(part.colour_scale.back(part.scalar_range), [1e-3, 1e3])


def test_a_range_by_hand_goes_before_another_one() -> None:
    part = surface(colour_limits="symmetric", colour_range=(1.0, 2.0))
    assert part.scalar_range == (1.0, 2.0)


def test_a_map_in_steps_has_as_many_colours_each_for_an_equal_part() -> None:
    part = surface(colour_steps=5)
    assert len(np.unique(part.colours, axis=0)) == 5
    np.testing.assert_allclose(part.colours[[0, -1]], mpl.colormaps["viridis"]([0.0, 1.0])[:, :3])
    parts = [len(np.unique(each, axis=0)) for each in np.split(part.colours, 5)]
    assert parts == [1] * 5
    assert len(colour_table("viridis")) == 256
    assert len(np.unique(surface_colours(part), axis=0)) == 5  # as meshes have them


def test_a_reversed_map_is_read_from_its_other_end() -> None:
    np.testing.assert_array_equal(surface(colour_reversed=True).colours, surface().colours[::-1])
    assert map_name("RdBu_r", backwards=True) == "RdBu"
    assert {map_name(name, backwards=way) for name in COLOUR_MAPS for way in (True, False)} <= {*mpl.colormaps}


def test_colours_of_meshes_are_those_of_matplotlib() -> None:
    part = surface(colour_scale="log", colour_map="magma", colour_range=(0.1, 10.0))
    share = (part.scalars.astype(float) + 1) / 2
    expected = 255 * mpl.colormaps["magma"](np.clip(share, 0, 1))
    np.testing.assert_array_equal(surface_colours(part), np.round(expected))


def test_what_is_computed_but_not_finite_is_told_apart_from_what_is_not_computed() -> None:
    whole = bowl(5)
    assert (resolve(whole, ViewState()).surface.holes, resolve(whole, ViewState()).surface.uncoloured) == (False, False)
    loss = whole.loss.copy()
    loss[2, 2] = np.nan
    part = resolve(landscape(loss), ViewState()).surface
    assert (part.holes, part.uncoloured) == (True, False)
    missing = np.ones(loss.shape, dtype=bool)
    missing[2, 2] = False
    part = resolve(landscape(loss, computed=missing), ViewState()).surface
    assert (part.holes, part.uncoloured) == (False, False)
    accuracy = np.full(loss.shape, 50.0)
    accuracy[1, 1] = np.nan
    part = resolve(
        landscape(whole.loss, accuracy=accuracy), ViewState(colour="accuracy", colour_scale="linear")
    ).surface
    assert (part.holes, part.uncoloured) == (False, True)
    np.testing.assert_array_equal(surface_colours(part)[6], MISSING)


@pytest.mark.parametrize(
    "changes",
    [
        {"colour_reversed": True},
        {"colour_steps": 4},
        {"colour_limits": "percentile"},
        {"colour_limits": "percentile", "colour_percentiles": (5.0, 95.0)},
        {"colour_limits": "symmetric"},
        {"bar_place": "below"},
    ],
)
def test_a_choice_about_the_colours_draws_the_surface_anew_with_the_same_points(changes: dict[str, Any]) -> None:
    sample = bowl(5)
    first = resolve(sample, ViewState())
    second = resolve(sample, ViewState(**changes), first)
    assert second.surface is not first.surface
    assert second.surface.points is first.surface.points
    assert second.contours is first.contours
    assert resolve(sample, ViewState(**changes), second).surface is second.surface
