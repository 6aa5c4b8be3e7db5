"""The profile along a line, against functions that the drawn triangles hold exactly."""

import numpy as np
from numpy.typing import NDArray

from talweg.analysis.profile import sample_profile, write_pins
from talweg.landscape import Landscape
from talweg.picture import resolve
from talweg.view.state import ViewState

Float = NDArray[np.float64]


def slope(known: NDArray[np.bool_] | None = None) -> Landscape:
    """Loss 2 u + 3 v + 10 and accuracy 50 - u on 5 times 4 points."""
    u, v = np.linspace(0.0, 4.0, 5), np.linspace(0.0, 3.0, 4)
    loss: Float = 2 * u[None, :] + 3 * v[:, None] + 10
    accuracy: Float = 50 - u[None, :] + 0 * v[:, None]
    computed = np.ones((4, 5), dtype=np.bool_) if known is None else known
    return Landscape(1, 1, "slope", u, v, {"loss": loss, "accuracy": accuracy}, computed)


def test_a_linear_field_is_linear_along_any_line() -> None:
    profile = sample_profile(slope(), (0.3, 0.2, 3.7, 2.9), count=50)
    share = np.linspace(0.0, 1.0, 50)
    u, v = 0.3 + 3.4 * share, 0.2 + 2.7 * share
    np.testing.assert_allclose(profile.values["loss"], 2 * u + 3 * v + 10, rtol=1e-12)
    np.testing.assert_allclose(profile.values["accuracy"], 50 - u, rtol=1e-12)
    np.testing.assert_allclose(profile.distance, share * np.hypot(3.4, 2.7), rtol=1e-12)
    assert profile.computed.all()


def test_what_lies_outside_has_no_value_and_what_is_not_computed_says_so() -> None:
    known = np.ones((4, 5), dtype=np.bool_)
    known[:, 4] = False
    profile = sample_profile(slope(known), (-1.0, 1.5, 4.0, 1.5), count=51)
    outside = profile.distance < 1.0 - 1e-9
    assert np.isnan(profile.values["loss"][outside]).all()
    np.testing.assert_array_equal(profile.computed[~outside], profile.distance[~outside] < 4.0 - 1e-9)


def test_pins_and_the_line_lie_on_the_drawn_surface() -> None:
    landscape = slope()
    picture = resolve(landscape, ViewState(pins=((1.5, 0.5), (9.0, 0.0)), profile=(0.0, 0.0, 4.0, 3.0)))
    probe, frame = picture.probe, picture.frame
    assert probe is not None
    x, y = frame.to_display(1.5, 0.5)
    np.testing.assert_allclose(probe.positions[0], [x, y, frame.height_to_z(14.5)], rtol=1e-6)
    assert np.isnan(probe.positions[1]).any()  # outside the grid
    assert probe.words[0] == "14.5 · 48.5 %"
    (line,) = probe.lines
    u, v = frame.to_plane(line[:, 0], line[:, 1])
    np.testing.assert_allclose(frame.z_to_height(line[:, 2]), 2 * u + 3 * v + 10, rtol=1e-5)
    again = resolve(landscape, ViewState(pins=((1.5, 0.5), (9.0, 0.0)), profile=(0.0, 0.0, 4.0, 3.0)), picture)
    assert again.probe is probe


def test_pins_are_written_as_a_table() -> None:
    rows = write_pins(slope(), [(1.0, 2.0)]).splitlines()
    assert rows == ["u\tv\tloss\taccuracy\tpoints around", "1.0\t2.0\t18.0\t49.0\tcomputed"]
