from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from talweg_compute.messages import InputError
from talweg_compute.plane import project, span_plane
from talweg_compute.plane.through_checkpoints import CheckpointPlane, initial_to_final, line_between, plane_through
from talweg_compute.problem.layout import Layout

SIZE, PARAMETERS = 300, 260


def drawn(count: int, seed: int = 0) -> Tensor:
    return torch.randn(count, SIZE, generator=torch.Generator().manual_seed(seed))


def at(plane: CheckpointPlane, coordinates: np.ndarray) -> Tensor:
    return (plane.origin.double() + torch.from_numpy(coordinates) @ plane.directions.double()).float()


def test_a_line_ends_at_its_checkpoints(golden: Path, load_golden: Callable[[str], nn.Module]) -> None:
    models = [load_golden(name) for name in ("m.t7", "m2.t7")]
    layout = Layout.of(models[0])
    start, end = (layout.flatten(model.state_dict()) for model in models)
    line = line_between(start, end, layout.parameter_size)
    torch.testing.assert_close(at(line, line.coordinates[1]), end)
    still = line_between(start, end, layout.parameter_size, buffers=False)
    assert not still.directions[:, layout.parameter_size :].any()
    with pytest.raises(InputError, match="has the origin's weights"):
        line_between(start, start, layout.parameter_size)


@pytest.mark.parametrize("buffers", [True, False])
def test_three_checkpoints_lie_on_their_plane(buffers: bool) -> None:
    points = drawn(3)
    plane = plane_through(points[0], points[1:], PARAMETERS, buffers)
    axes = plane.directions[:, :PARAMETERS].double()
    torch.testing.assert_close(axes @ axes.T, torch.eye(2, dtype=torch.float64), atol=1e-6, rtol=0)
    base = (points[1] - points[0])[:PARAMETERS].norm().item()
    assert plane.coordinates[:2] == pytest.approx(np.array([[0, 0], [base, 0]]), rel=1e-6)
    assert plane.coordinates[2, 1] > 0
    for first in range(3):
        for second in range(3):  # an isometry
            distance = (points[first] - points[second])[:PARAMETERS].norm().item()
            assert np.linalg.norm(plane.coordinates[first] - plane.coordinates[second]) == pytest.approx(distance)
    moved = slice(None) if buffers else slice(PARAMETERS)
    for point, coordinates in zip(points, plane.coordinates, strict=True):
        torch.testing.assert_close(at(plane, coordinates)[moved], point[moved], atol=2e-6, rtol=0)
    projection = project(plane.directions, plane.origin, points.__getitem__, 3, PARAMETERS)
    np.testing.assert_allclose(projection.coordinates, plane.coordinates, atol=1e-5)
    assert projection.residual.max() < 1e-5
    assert span_plane(plane.origin, plane.directions, PARAMETERS).moves_buffers == buffers


def test_three_checkpoints_on_a_line_are_no_plane() -> None:
    start, step = drawn(2)
    for factors in ((0, 1, 2), (0, 0, 1), (0, 1, 0), (0, 1, 1)):
        points = [start + factor * step for factor in factors]
        with pytest.raises(InputError, match="on a line"):
            plane_through(points[0], points[1:], PARAMETERS)


def test_four_checkpoints_lie_in_their_volume() -> None:
    points = drawn(4)
    volume = plane_through(points[0], points[1:], PARAMETERS)
    axes = volume.directions[:, :PARAMETERS].double()
    torch.testing.assert_close(axes @ axes.T, torch.eye(3, dtype=torch.float64), atol=1e-6, rtol=0)
    for point, coordinates in zip(points, volume.coordinates, strict=True):
        torch.testing.assert_close(at(volume, coordinates), point, atol=2e-6, rtol=0)
    with pytest.raises(InputError, match=r"the four checkpoints.*lie in a plane; a volume needs four"):
        plane_through(points[0], [points[1], points[2], points[1] + points[2] - points[0]], PARAMETERS)


def test_the_plane_of_the_chord_and_the_largest_deviation() -> None:
    path = drawn(8).cumsum(0)
    plane = initial_to_final(path.__getitem__, 8, PARAMETERS)
    assert torch.equal(plane.origin, path[-1])
    assert not plane.directions[:, PARAMETERS:].any()
    torch.testing.assert_close(plane.directions @ plane.directions.T, torch.eye(2), atol=1e-6, rtol=0)
    projection = project(plane.directions, plane.origin, path.__getitem__, 8, PARAMETERS)
    offsets = (path - path[-1])[:, :PARAMETERS].double()
    chord = offsets[0] / offsets[0].norm()
    deviation = (offsets - (offsets @ chord).unsqueeze(1) * chord).norm(dim=1)
    farthest = int(deviation.argmax())
    np.testing.assert_allclose(projection.coordinates[[0, farthest, 7]], plane.coordinates, atol=1e-5)
    assert plane.coordinates[1, 1] == pytest.approx(deviation.max().item())
    assert projection.residual[[0, farthest, 7]].max() < 1e-5


def test_a_chord_needs_a_path_that_leaves_it() -> None:
    start, step = drawn(2)
    line = start + torch.arange(4.0).unsqueeze(1) * step
    with pytest.raises(InputError, match="lies on a line"):
        initial_to_final(line.__getitem__, 4, PARAMETERS)
    with pytest.raises(InputError, match="lies on a line"):
        initial_to_final(line.__getitem__, 2, PARAMETERS)
    with pytest.raises(InputError, match="ends where it began"):
        initial_to_final([start, step, start].__getitem__, 3, PARAMETERS)
