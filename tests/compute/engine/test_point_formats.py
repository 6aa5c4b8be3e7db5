"""Which points are evaluated anew in float32."""

import numpy as np

from talweg_compute.engine.known_points import KnownPoints
from talweg_compute.engine.point_formats import PointFormats
from talweg_compute.engine.precision import Deviation
from talweg_compute.engine.record import Record


def test_the_bottom_of_a_bowl_is_settled_in_float32() -> None:
    v, u = np.mgrid[-1:1:21j, -1:1:21j]
    exact = 5 * (u**2 + 2 * v**2)
    noise = np.random.default_rng(1).uniform(-2e-3, 2e-3, exact.shape)
    deviation = Deviation("bf16", 10, 12, 1e-3, 0.0, 2e-3, 2e-3, 0.1, 2.0)
    points = KnownPoints(exact.size, 10, None)

    def take(index: int, loss: float, precision: str) -> None:
        points.join(index, Record(10, 10 * loss, 10 * loss**2, 5.0, (10 * loss,), 10, precision=precision))

    formats = PointFormats(points, exact.shape, "bf16", deviation)
    for index in range(exact.size):
        take(index, (exact + noise).flat[index], "bf16")
    everywhere = np.ones(exact.size, dtype=bool)
    index = formats.unsettled(everywhere, exact + noise)
    assert 220 in index  # the middle
    assert 0 < index.size < 60
    gradient = np.hypot(10 * u, 20 * v).ravel()
    assert gradient[index].max() < 2.3  # two steps of the grid change the loss by about 50 floors
    assert set(formats.settle(index).tolist()) == set(index.tolist())
    points.keep_coarse(index)
    points.forget(index)
    assert {formats.of(each) for each in index.tolist()} == {"float32"}
    assert set(points.lacking(np.arange(exact.size), 10).tolist()) == set(index.tolist())
    for each in index.tolist():
        take(each, exact.flat[each], "float32")
    surface = formats.heights.reshape(exact.shape)
    np.testing.assert_array_equal(surface.flat[index], exact.flat[index])
    assert formats.unsettled(everywhere, surface).size <= 5

    # a process that resumes comes to the same decision, for which nothing is left to evaluate
    again = PointFormats(points, exact.shape, "bf16", deviation)
    np.testing.assert_allclose(again.heights, (exact + noise).ravel(), rtol=1e-15)
    np.testing.assert_array_equal(again.unsettled(everywhere, exact + noise), index)
    assert not again.settle(index).size
    np.testing.assert_array_equal(again.heights, formats.heights)

    formats.give_up()  # everything coarse is evaluated anew
    assert formats.unsettled(everywhere).size == exact.size - index.size
