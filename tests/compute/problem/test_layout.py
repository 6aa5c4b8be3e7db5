import pytest
import torch
from torch import Tensor, nn

from talweg_compute.messages import InputError
from talweg_compute.problem import Layout, named_tensors


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(5, 3)
        self.up = nn.ConvTranspose2d(2, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(3, 5, bias=False)
        self.head.weight = self.embed.weight
        self.scale = nn.Parameter(torch.tensor(2.0))
        self.register_buffer("table", torch.randn(2, 2), persistent=False)
        self.register_buffer("index", torch.arange(3))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.embed(x)) * self.scale


def test_order_is_parameters_then_floating_buffers_with_tied_ones_once() -> None:
    layout = Layout.of(Tied())

    names = [entry.name for entry in layout.entries]
    assert names == [
        "scale", "embed.weight", "up.weight", "up.bias", "norm.weight", "norm.bias",
        "table", "norm.running_mean", "norm.running_var",
    ]  # fmt: skip
    assert [entry.filter_axis for entry in layout.entries] == [None, 0, 1, None, None, None, 0, None, None]
    assert [entry.stop for entry in layout.entries[:-1]] == [entry.start for entry in layout.entries[1:]]
    assert layout.parameter_size == layout.parameter_count == 1 + 15 + 72 + 4 + 4 + 4
    assert layout.size == layout.parameter_size + 4 + 4 + 4


def test_round_trip_shares_memory_and_calls_the_model() -> None:
    model = Tied().eval()
    layout = Layout.of(model)
    flat = layout.flatten(named_tensors(model))
    views = layout.views(flat)

    assert all(torch.equal(views[name], tensor) for name, tensor in named_tensors(model).items() if name in views)
    assert torch.equal(layout.flatten(views), flat)
    views["scale"].fill_(4.0)
    assert flat[0] == 4.0

    x = torch.arange(4)[None]
    moved = torch.func.functional_call(model, layout.views(flat + 0.5), (x,))
    weight = model.embed.weight + 0.5  # both uses of the tied tensor move
    assert torch.allclose(moved, weight[x] @ weight.T * 4.5)


@pytest.mark.parametrize("part", [slice(0, 3), slice(2, 20), slice(17, 96), slice(90, None), slice(5, 5)])
def test_a_part_is_that_of_the_whole(part: slice) -> None:
    model = Tied()
    layout = Layout.of(model)
    state = {name: torch.rand(tensor.shape) for name, tensor in named_tensors(model).items()}

    assert torch.equal(layout.flatten(state, part), layout.flatten(state)[part])


def test_views_keep_leading_dimensions() -> None:
    layout = Layout.of(nn.Linear(3, 2))
    flats = torch.randn(4, layout.size)

    views = layout.views(flats)

    assert views["weight"].shape == (4, 2, 3)
    assert torch.equal(views["weight"][2], layout.views(flats[2])["weight"])


def test_frozen_parameters_stand_in_the_layout_but_are_not_counted() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 1))
    model[0].requires_grad_(False)
    layout = Layout.of(model)

    assert [entry.trainable for entry in layout.entries] == [False, False, True, True]
    assert (layout.parameter_size, layout.parameter_count) == (11, 3)


def test_half_precision_becomes_float32_and_wrong_shapes_do_not_broadcast() -> None:
    model = nn.Linear(3, 2)
    layout = Layout.of(model)

    assert layout.flatten(named_tensors(model.half())).dtype == torch.float32
    with pytest.raises(ValueError, match="weight has shape"):
        layout.flatten({"weight": torch.zeros(1, 3), "bias": torch.zeros(2)})


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (nn.LazyLinear(3), "has no shape yet"),
        (nn.Linear(2, 2, dtype=torch.complex64), "real floating-point"),
        (nn.ParameterList([torch.eye(2).to_sparse()]), "torch.sparse_coo; expected dense"),
    ],
)
@pytest.mark.filterwarnings("ignore:Lazy modules:UserWarning")  # torch's own announcement of lazy modules
@pytest.mark.filterwarnings("ignore:Complex modules:UserWarning")
def test_parameters_that_cannot_move_are_refused(model: nn.Module, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Layout.of(model)
