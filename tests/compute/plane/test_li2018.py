from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from talweg_compute.messages import Norm2018
from talweg_compute.plane import read_direction_file
from talweg_compute.plane.li2018 import Axis2018, draw_li2018
from talweg_compute.problem.layout import Layout

FILTER = Axis2018("filter", "biasbn")


@pytest.mark.parametrize("mode", ["weights", "states"])
def test_planes_are_those_of_the_reference_code(golden: Path, golden_model: nn.Module, mode: str) -> None:
    layout = Layout.of(golden_model)
    name = f"m.t7_{mode}_xignore=biasbn_xnorm=filter_yignore=biasbn_ynorm=filter.h5"
    expected = read_direction_file(golden / name, golden_model, layout).directions
    drawn = draw_li2018(golden_model, layout, type(golden_model), FILTER, FILTER, mode)  # type: ignore[arg-type]
    assert torch.equal(drawn, expected)


def test_vectors_that_are_not_ignored_are_the_weights_themselves(golden: Path, golden_model: nn.Module) -> None:
    layout = Layout.of(golden_model)
    expected = read_direction_file(golden / "m.t7_states_xnorm=filter.h5", golden_model, layout, count=1).directions
    drawn = draw_li2018(golden_model, layout, type(golden_model), Axis2018("filter"), mode="states")
    assert torch.equal(drawn, expected)
    state = golden_model.state_dict()
    for name in ("bn.running_var", "bn.weight", "fc.bias"):
        assert torch.equal(layout.views(drawn[0])[name], state[name])


def test_the_global_generator_is_given_back(golden_model: nn.Module) -> None:
    before = torch.get_rng_state()
    draw_li2018(golden_model, Layout.of(golden_model), type(golden_model), FILTER, FILTER)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("norm", "check"),
    [
        ("", lambda d, raw, w: torch.equal(d, raw)),
        ("layer", lambda d, raw, w: d.norm().isclose(w.norm()) and torch.allclose(d / d.norm(), raw / raw.norm())),
        ("weight", lambda d, raw, w: torch.equal(d, raw * w)),
        ("dfilter", lambda d, raw, w: torch.allclose(d.norm(dim=1), torch.ones(4))),
        ("dlayer", lambda d, raw, w: d.norm().isclose(torch.tensor(1.0))),
    ],
)
def test_the_other_norms(golden_model: nn.Module, norm: Norm2018, check: Callable[..., bool]) -> None:
    layout = Layout.of(golden_model)

    def weight_of(axis: Axis2018) -> torch.Tensor:
        return layout.views(draw_li2018(golden_model, layout, type(golden_model), axis)[0])["fc.weight"]

    assert check(
        weight_of(Axis2018(norm, "biasbn")), weight_of(Axis2018("", "biasbn")), golden_model.fc.weight.detach()
    )


def test_same_dir(golden_model: nn.Module) -> None:
    drawn = draw_li2018(golden_model, Layout.of(golden_model), type(golden_model), FILTER, FILTER, same_dir=True)
    assert torch.equal(drawn[0], drawn[1])
