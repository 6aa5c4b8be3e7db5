from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from talweg_compute.messages import InputError
from talweg_compute.plane import principal_directions, project, random_walk_ratios
from talweg_compute.plane.inner_products import CHUNK
from talweg_compute.plane.pca import PrincipalDirections
from talweg_compute.problem.layout import Layout
from tests.reference.plane_directions import principal_components

MakeLayout = Callable[[int], Layout]


def decompose(path: Tensor, layout: Layout, **options: object) -> PrincipalDirections:
    def read(index: int, part: slice) -> Tensor:
        return path[index, part]

    return principal_directions(read, len(path), path[-1], layout, **options)  # type: ignore[arg-type]


def random_path(count: int, size: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, size, generator=generator).cumsum(0)


def test_a_planted_ellipse_is_recovered(vector_layout: MakeLayout) -> None:
    size = 500
    generator = torch.Generator().manual_seed(2)
    basis = torch.linalg.qr(torch.randn(size, 2, generator=generator))[0].T  # [2, size]
    angle = torch.linspace(0, 5, 30).unsqueeze(1)
    path = 3 * torch.cos(angle) * basis[0] + torch.sin(angle) * basis[1] + torch.randn(size, generator=generator)
    path += 1e-5 * torch.randn(30, size, generator=generator)
    principal = decompose(path, vector_layout(size))
    assert principal.explained_variance_ratio[:2].sum() > 0.999
    cosines = torch.linalg.svdvals(basis.double() @ principal.directions.double().T)
    assert torch.arccos(cosines.clamp(max=1)).max() < 1e-3


def test_the_gram_matrix_gives_what_a_full_decomposition_gives(vector_layout: MakeLayout) -> None:
    path = random_path(12, 400)
    principal = decompose(path, vector_layout(400))
    directions, ratios = principal_components((path - path[-1]).double().numpy())
    np.testing.assert_allclose(principal.explained_variance_ratio, ratios, atol=1e-10)
    for ours, expected in zip(principal.directions.double().numpy(), directions[:2], strict=True):
        np.testing.assert_allclose(ours * np.sign(ours @ expected), expected, atol=1e-6)


def test_without_centring_it_is_the_plain_decomposition(vector_layout: MakeLayout) -> None:
    path = random_path(9, 300)
    principal = decompose(path, vector_layout(300), centered=False)
    singular, directions = np.linalg.svd((path - path[-1]).double().numpy(), full_matrices=False)[1:]
    np.testing.assert_allclose(principal.singular_values, singular, atol=1e-5)
    assert abs(principal.directions[0].double().numpy() @ directions[0]) == pytest.approx(1, abs=1e-7)


def test_directions_are_orthonormal_and_point_at_the_start(vector_layout: MakeLayout) -> None:
    for seed in range(5):
        path = random_path(8, 200, seed)
        directions = decompose(path, vector_layout(200)).directions
        torch.testing.assert_close(directions @ directions.T, torch.eye(2), atol=1e-6, rtol=0)
        assert ((path[0] - path[-1]) @ directions.T >= 0).all()


def test_the_sign_is_fixed_when_the_path_returns(vector_layout: MakeLayout) -> None:
    path = random_path(8, 200)
    path[0] = path[-1]
    directions = decompose(path, vector_layout(200)).directions
    assert ((path[1] - path[-1]) @ directions.T > 0).all()


@pytest.mark.parametrize("memory", [1, 12 * 4 * 40_000, 12 * 4 * CHUNK * 2])
def test_parts_give_what_the_whole_gives(vector_layout: MakeLayout, memory: int) -> None:
    path = random_path(12, 2 * CHUNK + 1234)
    whole = decompose(path, vector_layout(path.shape[1]))
    parts = decompose(path, vector_layout(path.shape[1]), memory=memory)
    np.testing.assert_array_equal(parts.singular_values, whole.singular_values)
    assert torch.equal(parts.directions, whole.directions)
    directions, ratios = principal_components((path - path[-1]).double().numpy())
    np.testing.assert_allclose(parts.explained_variance_ratio, ratios, atol=1e-10)
    for ours, expected in zip(parts.directions.double().numpy(), directions[:2], strict=True):
        np.testing.assert_allclose(ours * np.sign(ours @ expected), expected, atol=1e-7)


def test_no_more_is_held_than_the_memory_allows(vector_layout: MakeLayout) -> None:
    reads: list[slice] = []

    def read(index: int, part: slice) -> Tensor:
        reads.append(part)
        return path[index, part].clone()

    path = random_path(5, 3 * CHUNK)
    layout = vector_layout(3 * CHUNK)
    principal_directions(read, 5, path[-1], layout)
    assert reads == [slice(0, 3 * CHUNK)] * 5  # each number once
    reads.clear()
    principal_directions(read, 5, path[-1], layout, memory=2 * 5 * 4 * CHUNK)
    parts = [slice(0, 2 * CHUNK)] * 5 + [slice(2 * CHUNK, 3 * CHUNK)] * 5
    assert reads == 2 * parts  # for the inner products, and for the sums


def test_checkpoints_are_not_changed(vector_layout: MakeLayout) -> None:
    path = random_path(6, 100)
    before = path.clone()
    decompose(path, vector_layout(100))
    assert torch.equal(path, before)


def test_ignored_and_frozen_parameters_and_buffers_do_not_count() -> None:
    model = nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5), nn.Linear(5, 4))
    model[2].weight.requires_grad_(False)
    layout = Layout.of(model)
    path = random_path(7, layout.size)
    kept = torch.zeros(layout.size, dtype=torch.bool)
    kept[layout.entries[0].start : layout.entries[0].stop] = True
    principal = decompose(path, layout)
    assert not principal.directions[:, ~kept].any()
    _, ratios = principal_components((path - path[-1])[:, kept].double().numpy())
    np.testing.assert_allclose(principal.explained_variance_ratio, ratios, atol=1e-10)
    everything = decompose(path, layout, ignore="none").directions
    assert everything[:, layout.entries[1].start : layout.entries[1].stop].any()
    assert not everything[:, layout.parameter_size :].any()


def test_a_random_walk_explains_what_theory_says(vector_layout: MakeLayout) -> None:
    path = random_path(301, 6000, seed=1)
    ratios = decompose(path, vector_layout(6000)).explained_variance_ratio
    assert ratios[0] == pytest.approx(0.608, abs=0.02)
    np.testing.assert_allclose(ratios[:2], random_walk_ratios(301), atol=0.02)
    np.testing.assert_allclose(random_walk_ratios(100_000), (6 / np.pi**2, 1.5 / np.pi**2), rtol=1e-4)
    assert random_walk_ratios(2) == (1.0, 0.0)


def test_the_end_is_the_origin_and_the_coordinates_are_lengths(vector_layout: MakeLayout) -> None:
    path = random_path(10, 250)
    principal = decompose(path, vector_layout(250))
    projection = project(principal.directions, path[-1], path.__getitem__, 10, 250)
    assert projection.coordinates[-1].tolist() == [0, 0]
    assert projection.residual[-1] == 0
    offsets = (path - path[-1]).double().numpy()
    axes = principal.directions.double().numpy()
    np.testing.assert_allclose(projection.coordinates, offsets @ axes.T, atol=1e-5)
    rest = np.linalg.norm(offsets - offsets @ axes.T @ axes, axis=1)
    np.testing.assert_allclose(projection.residual, rest, rtol=1e-6)
    np.testing.assert_allclose(projection.explained_variance, principal.explained_variance_ratio[:2], atol=1e-7)


@pytest.mark.parametrize("kind", ["two", "identical", "line"])
def test_too_few_directions_are_one_sentence(vector_layout: MakeLayout, kind: str) -> None:
    path = random_path(5, 100)
    if kind == "two":
        path = path[:2]
    elif kind == "identical":
        path = path[:1].expand(5, -1)
    else:
        path = path[0] + torch.arange(5.0).unsqueeze(1) * path[1]
    spread = 0 if kind == "identical" else 1
    with pytest.raises(InputError, match=rf"plane\.kind.*at least 2 directions.*spread in {spread}"):
        decompose(path, vector_layout(100))


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_checkpoint_that_is_not_finite_is_named(vector_layout: MakeLayout, place: int) -> None:
    path = random_path(5, 100)
    path[place, 7] = torch.nan
    with pytest.raises(InputError, match=f"checkpoint {place + 1} of 5"):
        decompose(path, vector_layout(100))
