import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from talweg_compute.plane import random_directions
from talweg_compute.problem.layout import Layout
from tests.reference.plane_directions import draw_directions


def flat(model: nn.Module) -> tuple[Layout, Tensor]:
    layout = Layout.of(model)
    return layout, layout.flatten(dict(model.state_dict()))


def small_network() -> nn.Module:
    torch.manual_seed(5)
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.Conv2d(8, 6, (3, 1), groups=2), nn.Conv1d(6, 5, 7), nn.Linear(33, 17)
    )


def test_each_filter_has_the_norm_of_the_weights_and_vectors_stay_put() -> None:
    layout, origin = flat(small_network())
    directions = random_directions(layout, origin, seed=3)
    weights = layout.views(origin)
    for direction in directions:
        for entry, d in zip(layout.entries, layout.views(direction).values(), strict=True):
            if entry.filter_axis is None:
                assert not d.any()
            else:
                wanted = weights[entry.name].flatten(1).double().norm(dim=1)
                assert torch.allclose(d.flatten(1).double().norm(dim=1), wanted, rtol=1e-6, atol=0)


@pytest.mark.parametrize("seed", [0, 123, 2**63 - 1])
def test_filters_are_those_of_the_reference_loop_bit_for_bit(seed: int) -> None:
    model = small_network()
    layout, origin = flat(model)
    ours = random_directions(layout, origin, seed)
    reference = draw_directions([p.detach() for p in model.parameters()], seed, 2)
    for direction, expected in zip(ours, reference, strict=True):
        got = [layout.views(direction)[name] for name, _ in model.named_parameters()]
        assert all(torch.equal(a, b) for a, b in zip(got, expected, strict=True))


def test_layer_normalization_and_none() -> None:
    layout, origin = flat(small_network())
    raw = random_directions(layout, origin, 1, "none", "none")
    layer = random_directions(layout, origin, 1, "layer", "none")
    for entry in layout.entries:
        part = slice(entry.start, entry.stop)
        if not entry.is_parameter:
            assert not raw[:, part].any()
            assert not layer[:, part].any()
            continue
        expected = raw[:, part] * (origin[part].norm() / raw[:, part].norm(dim=1, keepdim=True))
        torch.testing.assert_close(layer[:, part], expected)


def test_a_seed_is_the_same_draw_whatever_is_ignored_or_frozen() -> None:
    model = small_network()
    layout, origin = flat(model)
    moved = random_directions(layout, origin, 1, "filter", "none", count=3)
    still = random_directions(layout, origin, 1, "filter", "bias_norm", count=2)
    matrices = [entry for entry in layout.entries if len(entry.shape) > 1]
    vectors = [entry for entry in layout.entries if len(entry.shape) == 1 and entry.is_parameter]
    for entry in matrices:
        assert torch.equal(moved[:2, entry.start : entry.stop], still[:, entry.start : entry.stop])
    for entry in vectors:  # one group: the norm is the tensor's
        norms = moved[:, entry.start : entry.stop].norm(dim=1)
        torch.testing.assert_close(norms, origin[entry.start : entry.stop].norm().expand(3))
    model[0].weight.requires_grad_(False)
    frozen = random_directions(Layout.of(model), origin, 1)
    assert not frozen[:, : matrices[0].stop].any()
    assert torch.equal(frozen[:, matrices[0].stop :], still[:, matrices[0].stop :])


def test_a_zero_filter_gets_a_zero_direction() -> None:
    model = nn.Linear(4, 3, bias=False)
    with torch.no_grad():
        model.weight[1] = 0
    layout, origin = flat(model)
    directions = random_directions(layout, origin, 1).view(2, 3, 4)
    assert not directions[:, 1].any()
    assert directions[:, [0, 2]].all()


@pytest.mark.parametrize("convolution", [nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d])
def test_filters_of_a_transposed_convolution_lie_along_its_second_axis(convolution: type[nn.Module]) -> None:
    layout, origin = flat(convolution(4, 5, 3))
    weight = layout.views(origin)["weight"].movedim(1, 0).flatten(1)
    direction = layout.views(random_directions(layout, origin, 2)[0])["weight"].movedim(1, 0).flatten(1)
    assert weight.shape[0] == 5
    torch.testing.assert_close(direction.norm(dim=1), weight.norm(dim=1))
    raw = layout.views(random_directions(layout, origin, 2, "none")[0])["weight"].movedim(1, 0).flatten(1)
    torch.testing.assert_close(torch.cosine_similarity(raw, direction), torch.ones(5))


@pytest.mark.parametrize(
    ("model", "name"), [(nn.Embedding(7, 5), "weight"), (nn.MultiheadAttention(6, 2), "in_proj_weight")]
)
def test_rows_are_the_filters_of_embeddings_and_attention(model: nn.Module, name: str) -> None:
    layout, origin = flat(model)
    direction = layout.views(random_directions(layout, origin, 2)[0])[name]
    torch.testing.assert_close(direction.norm(dim=1), layout.views(origin)[name].norm(dim=1))


def test_filter_normalized_curves_do_not_see_a_rescaled_network() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 16, bias=False), nn.ReLU(), nn.Linear(16, 3, bias=False)).double()
    x, y = torch.randn(40, 5, dtype=torch.float64), torch.randint(0, 3, (40,))

    def curve(scale: float, normalization: str) -> np.ndarray:
        scaled = {"0.weight": model[0].weight.detach() * scale, "2.weight": model[2].weight.detach() / scale}
        layout = Layout.of(model)
        origin = layout.flatten(scaled)
        direction = random_directions(layout, origin, 4, normalization)[0]  # type: ignore[arg-type]
        values = []
        for u in np.linspace(-1, 1, 11):
            state = {name: value.double() for name, value in layout.views(origin.double() + u * direction).items()}
            output = torch.func.functional_call(model, state, (x,))
            values.append(nn.functional.cross_entropy(output, y).item())
        return np.array(values)

    # A scale of 8 is exact in float32, so that the weights themselves differ by no rounding.
    np.testing.assert_allclose(curve(8, "filter"), curve(1, "filter"), rtol=1e-6)
    assert np.abs(curve(8, "none") - curve(1, "none")).max() > 0.1


def test_expected_curvature_of_filter_normalized_directions() -> None:
    """E[dᵀ H d] = Σ_f ‖θ_f‖² / n_f · tr H_ff over the filters f with n_f weights."""
    torch.manual_seed(1)
    model = nn.Linear(6, 4, bias=False)
    layout, origin = flat(model)
    hessian = torch.rand(layout.size, dtype=torch.float64)  # a diagonal one
    directions = random_directions(layout, origin, 9, count=20_000).double()
    measured = (directions**2 @ hessian).mean()
    norms = origin.view(4, 6).double().norm(dim=1)
    expected = (norms**2 / 6 * hessian.view(4, 6).sum(dim=1)).sum()
    assert abs(measured / expected - 1) < 0.01


def test_expected_cosine_of_gaussian_directions() -> None:
    layout, origin = flat(nn.Linear(100, 100, bias=False))
    directions = random_directions(layout, origin, 11, "none", count=200).double()
    cosine = torch.nn.functional.normalize(directions, dim=1)
    pairs = (cosine @ cosine.T)[~torch.eye(200, dtype=torch.bool)].abs()
    assert pairs.mean().item() == pytest.approx(math.sqrt(2 / (math.pi * 10_000)), rel=0.03)


@pytest.mark.parametrize("normalization", ["filter", "layer", "none"])
def test_orthogonal_directions_stay_so_when_normalized(normalization: str) -> None:
    torch.manual_seed(2)
    layout, origin = flat(nn.Sequential(nn.Linear(30, 20), nn.ConvTranspose2d(4, 5, 3), nn.BatchNorm2d(5)))
    orthogonal = random_directions(layout, origin, 1, normalization, "none", 3, orthogonal=True)  # type: ignore[arg-type]
    ordinary = random_directions(layout, origin, 1, normalization, "none", 3)  # type: ignore[arg-type]
    assert torch.equal(orthogonal[0], ordinary[0])
    assert not torch.equal(orthogonal[1], ordinary[1])
    unit = torch.nn.functional.normalize(orthogonal.double(), dim=1)
    torch.testing.assert_close(unit @ unit.T, torch.eye(3, dtype=torch.float64), atol=1e-7, rtol=0)
    if normalization != "none":
        torch.testing.assert_close(orthogonal.norm(dim=1), ordinary.norm(dim=1))


def test_groups_without_room_stay_as_they_were_drawn() -> None:
    layout, origin = flat(nn.Linear(1, 6, bias=False))
    orthogonal = random_directions(layout, origin, 1, orthogonal=True)
    assert torch.equal(orthogonal, random_directions(layout, origin, 1))
