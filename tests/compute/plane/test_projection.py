import numpy as np
import pytest
import torch

from talweg_compute.plane import project


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_coordinates_are_least_squares_on_axes_of_any_angle_and_length(count: int) -> None:
    directions = drawn(count, 90_000)
    directions[-1] += 3 * directions[0]
    directions[0] *= 50
    origin, path = drawn(90_000, seed=1), drawn(6, 90_000, seed=2)
    projection = project(directions, origin, path.__getitem__, 6, 90_000)
    matrix, offsets = directions.double().numpy().T, (path - origin).double().numpy()
    expected = np.linalg.lstsq(matrix, offsets.T, rcond=None)[0].T
    np.testing.assert_allclose(projection.coordinates, expected, atol=1e-9)
    np.testing.assert_allclose(projection.residual, np.linalg.norm(offsets - expected @ matrix.T, axis=1), rtol=1e-9)
    axes = np.linalg.qr(matrix)[0]
    centered = offsets - offsets.mean(axis=0)
    shares = ((centered @ axes) ** 2).sum(axis=0) / (centered**2).sum()
    np.testing.assert_allclose(projection.explained_variance, shares, rtol=1e-7)


def test_points_on_the_plane_come_back() -> None:
    directions, origin = drawn(2, 400), drawn(400, seed=1)
    wanted = np.array([[0.5, -1.0], [0.0, 0.0], [2.0, 0.25]])
    path = (origin.double() + torch.from_numpy(wanted) @ directions.double()).float()
    projection = project(directions, origin, path.__getitem__, 3, 400)
    np.testing.assert_allclose(projection.coordinates, wanted, atol=1e-6)
    assert projection.residual.max() < 1e-5
    assert sum(projection.explained_variance) == pytest.approx(1, abs=1e-6)


def test_buffers_count_only_if_the_plane_moves_them() -> None:
    directions, origin, path = drawn(2, 100), torch.zeros(100), drawn(4, 100, seed=1)
    moving = project(directions, origin, path.__getitem__, 4, 60)
    directions[:, 60:] = 0
    still = project(directions, origin, path.__getitem__, 4, 60)
    alone = project(directions[:, :60], origin[:60], lambda index: path[index, :60], 4, 60)
    whole = project(drawn(2, 100), origin, path.__getitem__, 4, 100)
    np.testing.assert_array_equal(still.residual, alone.residual)
    np.testing.assert_array_equal(moving.residual, whole.residual)


def test_a_diverged_checkpoint_is_nan_and_the_others_stand() -> None:
    directions, origin, path = drawn(2, 100), torch.zeros(100), drawn(5, 100, seed=1)
    without = project(directions, origin, path[[0, 1, 3, 4]].__getitem__, 4, 100)
    path[2, 3] = torch.inf
    projection = project(directions, origin, path.__getitem__, 5, 100)
    assert np.isnan(projection.coordinates[2]).all()
    assert np.isnan(projection.residual[2])
    np.testing.assert_array_equal(projection.coordinates[[0, 1, 3, 4]], without.coordinates)
    assert projection.explained_variance == without.explained_variance


def test_no_variance_has_no_shares() -> None:
    path = drawn(1, 100, seed=1).expand(3, -1)
    assert project(drawn(2, 100), torch.zeros(100), path.__getitem__, 3, 100).explained_variance == (0.0, 0.0)
    diverged = torch.full((2, 100), torch.nan)
    assert project(drawn(2, 100), torch.zeros(100), diverged.__getitem__, 2, 100).explained_variance == (0.0, 0.0)


def test_the_number_of_threads_is_left_as_it_was() -> None:
    before = torch.get_num_threads()
    project(drawn(2, 100), torch.zeros(100), drawn(3, 100, seed=1).__getitem__, 3, 100)
    assert torch.get_num_threads() == before
