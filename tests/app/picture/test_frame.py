"""What stands around the surface to read it by: grid, centre, shades."""

import dataclasses

import msgspec
import numpy as np

from talweg.picture import resolve
from talweg.view.state import ViewState, decode_view, encode_view
from tests.app.scene.samples import bowl, landscape

PLAIN = ViewState(height_scale="linear", colour_scale="linear")


def test_the_centre_lies_on_the_surface_where_both_coordinates_are_zero() -> None:
    x = np.linspace(-1, 3, 21)
    sample = landscape(1 + (x[None, :] - 1) ** 2 + x[:, None] ** 2, u=x, v=x)
    part = resolve(sample, msgspec.structs.replace(PLAIN, centre=True)).centre
    assert part is not None
    assert part.visible
    np.testing.assert_allclose(part.position[:2], [-0.5, -0.5], atol=1e-6)
    top = sample.loss.max() - sample.loss.min()
    np.testing.assert_allclose(part.position[2], 1.2 * (2.0 - sample.loss.min()) / top, atol=1e-5)
    outside = resolve(landscape(np.ones((3, 3)) + np.eye(3), u=np.arange(1.0, 4.0), v=np.arange(3.0)), PLAIN).centre
    assert outside is not None
    assert not outside.visible
    assert np.isnan(outside.position[2])


def test_shades_are_switched_on_their_own() -> None:
    sample = bowl(9)
    computed = np.ones((9, 9), dtype=bool)
    computed[:3] = False
    interpolated = np.zeros((9, 9), dtype=bool)
    interpolated[0] = True
    mixed = dataclasses.replace(sample, computed=computed, interpolated=interpolated)

    def shaded(**changes: bool) -> tuple[list[int], str]:
        surface = resolve(mixed, msgspec.structs.replace(PLAIN, **changes)).surface
        return np.flatnonzero(surface.interpolated.reshape(9, 9).all(axis=1)).tolist(), surface.shaded_as

    assert shaded() == ([1, 2], "not computed yet")
    assert shaded(shade_interpolated=True) == ([0, 1, 2], "not computed yet or interpolated")
    assert shaded(shade_interpolated=True, shade_missing=False) == ([0], "interpolated")
    assert shaded(shade_missing=False)[0] == []


def test_the_frame_keeps_its_settings_in_the_view() -> None:
    view = msgspec.structs.replace(PLAIN, grid=False, centre=True, shade_missing=False, shade_interpolated=True)
    assert decode_view(encode_view(view)) == view
    last = resolve(bowl(), PLAIN)
    picture = resolve(bowl(), msgspec.structs.replace(PLAIN, grid=False))
    assert last.axes.grid
    assert not picture.axes.grid
    assert picture.axes.visible
