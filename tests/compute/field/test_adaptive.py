import h5py
import numpy as np
import pytest

from talweg_compute.field import coarse_to_fine, interpolate_like, refine_adaptively

GRID = np.meshgrid(np.linspace(-1, 1, 51), np.linspace(-1, 1, 51))


def replay(surface, tolerance=0.01, seed=1):
    """Run the refinement on a surface that is known everywhere; returns the result and what it asked for, in order."""
    steps = refine_adaptively(*surface.shape, tolerance, seed)
    asked = []
    try:
        index = next(steps)
        while True:
            asked.append(index)
            index = steps.send(surface.ravel())
    except StopIteration as end:
        return end.value, asked


def deviation(result, surface):
    """Error in the units of the tolerance."""
    height = np.maximum(np.abs(surface), 0.01 * np.median(np.abs(surface[np.isfinite(surface)])))
    with np.errstate(invalid="ignore"):
        return np.abs(result.values - surface) / height


def test_a_smooth_surface_takes_two_levels_and_the_points_held_out():
    u, v = GRID
    surface = u**2 + 3 * v**2 + 0.1
    result, asked = replay(surface)
    assert [index.size for index in asked] == [81, 144, 48]
    assert result.held_out == 48
    assert deviation(result, surface).max() < 0.002
    np.testing.assert_array_equal(result.values[result.evaluated], surface[result.evaluated])
    assert result.evaluated.sum() == 273
    assert result.largest_deviation <= deviation(result, surface).max() * 2
    assert result.median_deviation < result.largest_deviation < 0.01


@pytest.mark.parametrize("steepness", [1.0, 5.0])
def test_only_where_it_is_needed(steepness):
    """A narrow dent in a plain: points gather in it."""
    u, v = GRID
    surface = 3 - 2.9 * np.exp(-20 * steepness * ((u - 0.5) ** 2 + (v + 0.4) ** 2)) + 0.1 * u
    result, _ = replay(surface)
    near = (u - 0.5) ** 2 + (v + 0.4) ** 2 < 0.2**2
    assert result.evaluated[near].mean() > 2 * result.evaluated[~near].mean()
    assert result.evaluated.mean() < 0.4
    assert np.quantile(deviation(result, surface), 0.99) < 0.01


def test_a_rough_surface_is_evaluated_everywhere():
    surface = np.random.default_rng(1).uniform(1, 2, (33, 41))
    result, asked = replay(surface)
    assert result.evaluated.all()
    assert result.held_out == 0
    assert np.isnan(result.largest_deviation)
    np.testing.assert_array_equal(result.values, surface)
    assert np.array_equal(np.sort(np.concatenate(asked)), np.arange(surface.size))


@pytest.mark.parametrize("shape", [(2, 2), (9, 9), (5, 60), (17, 33), (50, 51), (2, 40)])
def test_any_grid_begins_as_the_levels_do(shape):
    surface = np.add.outer(np.linspace(0, 1, shape[0]) ** 2, np.linspace(1, 2, shape[1]))
    result, asked = replay(surface)
    sampling = coarse_to_fine(*shape)
    np.testing.assert_array_equal(np.sort(asked[0]), np.sort(sampling.order[: sampling.level_ends[0]]))
    assert deviation(result, surface).max() < 0.01
    everything = np.concatenate(asked)
    assert np.unique(everything).size == everything.size == result.evaluated.sum()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_holes_keep_their_rim(value):
    u, v = GRID
    surface = np.where(u + v > 0.7, value, 1 + u**2 + v**2)
    result, _ = replay(surface)
    np.testing.assert_array_equal(np.isfinite(result.values), np.isfinite(surface))
    assert result.evaluated.mean() < 0.5
    assert deviation(result, surface)[np.isfinite(surface)].max() < 0.01


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, 1e300])
def test_a_constant_needs_two_levels(value):
    result, asked = replay(np.full((51, 51), value))
    assert len(asked) == 3
    np.testing.assert_allclose(result.values, value)


def test_a_held_out_point_that_is_off_is_followed():
    """A spike between the lattice lines, seen by no level before the sample: its surroundings are refined."""
    u, v = GRID
    surface = 2 + u + 0 * v
    surface[4:7, 44:47] = 9.0
    row, column = np.divmod(np.concatenate(replay(surface)[1]), 51)
    hit = [seed for seed in range(1, 40) if replay(surface, seed=seed)[0].evaluated[4:7, 44:47].any()]
    assert hit
    for seed in hit:
        assert replay(surface, seed=seed)[0].evaluated[4:7, 44:47].all()
    assert np.unique(row * 51 + column).size == row.size


def test_the_same_heights_ask_the_same_questions():
    u, v = GRID
    surface = np.exp(2 * np.sin(3 * u) * v)
    first, second = replay(surface), replay(surface)
    assert all(np.array_equal(a, b) for a, b in zip(first[1], second[1], strict=True))
    np.testing.assert_array_equal(first[0].values, second[0].values)


@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (1, 1)])
def test_a_line_is_asked_for_in_full(shape):
    surface = np.linspace(1, 2, max(shape)).reshape(shape)
    result, asked = replay(surface)
    assert [index.size for index in asked] == [surface.size]
    assert result.evaluated.all()
    np.testing.assert_array_equal(result.values, surface)


def test_another_quantity_follows_at_the_same_points():
    u, v = GRID
    evaluated = replay(u**2 + 3 * v**2 + 0.1)[0].evaluated
    accuracy = 100 / (1 + np.exp(3 * u + v))
    found = interpolate_like(np.where(evaluated, accuracy, np.nan), evaluated)
    np.testing.assert_array_equal(found[evaluated], accuracy[evaluated])
    assert np.abs(found - accuracy).max() < 0.1
    assert found.max() <= accuracy[evaluated].max()
    assert np.isnan(interpolate_like(np.full(u.shape, np.nan), evaluated)).all()


@pytest.mark.shared
def test_real_surfaces_take_a_third(shared_data):
    """Surfaces of real networks at 1 %: the published ResNet-56 of Li et al., an AlexNet, a ResNet-56 on 101 x 101."""
    folder = shared_data / "surfaces"
    text = (folder / "amosyou" / "resnet56.obj").read_text().splitlines()
    z = np.array([float(line.split()[3]) for line in text if line.startswith("v ")][:2601])
    surfaces = {"resnet56": np.exp(z.reshape(51, 51)) - 0.1}
    files = {
        "alexnet": (folder / "okn-yu" / "alexnet_trainig_result" / "3d_surface_file.h5", "train_loss"),
        "epoch_45": (next((folder / "ruoyus" / "plot_2d_ep45").glob("*.h5*")), "train_loss"),
    }
    for name, (path, field) in files.items():
        with h5py.File(path) as file:
            surfaces[name] = file[field][()]
    shares = {}
    for name, surface in surfaces.items():
        result, _ = replay(surface)
        shares[name] = result.evaluated.mean()
        error = deviation(result, surface)[~result.evaluated]
        assert np.mean(error <= 0.01) > 0.98, name
        assert error.max() < 0.04, name
        assert np.abs(result.values - surface).max() < 0.01 * np.ptp(surface), name
        assert 0 < result.largest_deviation <= 0.01
    assert shares["resnet56"] < 1 / 3
    assert shares["alexnet"] < 0.15
    assert shares["epoch_45"] < 0.15
