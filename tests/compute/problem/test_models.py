import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from talweg_compute.messages import InputError
from talweg_compute.problem import build_model
from talweg_compute.problem.user_code import fixed_randomness


@pytest.mark.parametrize(
    ("name", "width", "shortcut", "count"),
    [
        ("resnet20", 1, "B", 272_474), ("resnet20", 1, "none", 269_722),
        ("resnet32", 1, "B", 466_906), ("resnet32", 1, "none", 464_154),
        ("resnet44", 1, "B", 661_338), ("resnet44", 1, "none", 658_586),
        ("resnet56", 1, "B", 855_770), ("resnet56", 1, "none", 853_018),
        ("resnet110", 1, "B", 1_730_714), ("resnet110", 1, "none", 1_727_962),
        ("resnet56", 2, "B", 3_412_394), ("resnet56", 2, "none", 3_401_770),
        ("resnet56", 4, "B", 13_628_234), ("resnet56", 4, "none", 13_586_506),
        ("resnet56", 8, "B", 54_470_282), ("resnet56", 8, "none", 54_304_906),
        ("resnet20", 1, "A", 269_722),
    ],
)  # fmt: skip
def test_parameter_counts(name: str, width: int, shortcut: str, count: int) -> None:
    with torch.device("meta"):
        model = build_model(name, {"shortcut": shortcut, "width": width})
    assert sum(parameter.numel() for parameter in model.parameters()) == count


@pytest.mark.parametrize(
    ("name", "count", "tensors"), [("vgg9", 2_789_706, 34), ("vgg11", 9_231_114, 34), ("vgg16", 14_991_946, 58)]
)
def test_vgg_has_the_parameters_of_the_paper(name: str, count: int, tensors: int) -> None:
    model = build_model(name, {}).eval()
    assert sum(parameter.numel() for parameter in model.parameters()) == count
    assert len(list(model.parameters())) == tensors
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_vgg9_is_what_the_paper_says() -> None:
    """Against a forward pass that is written out by hand, with the names of Li et al.'s checkpoints."""
    model = build_model("vgg9", {}).eval()
    state = model.state_dict()
    x = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))

    def normed(prefix: str, y: torch.Tensor) -> torch.Tensor:
        parts = ("running_mean", "running_var", "weight", "bias")
        return torch.nn.functional.batch_norm(y, *(state[f"{prefix}.{part}"] for part in parts))

    out, index = x, 0
    for convolutions in (2, 2, 3):
        for _ in range(convolutions):
            out = torch.conv2d(out, state[f"features.{index}.weight"], state[f"features.{index}.bias"], padding=1)
            out = normed(f"features.{index + 1}", out).relu()
            index += 3
        out, index = torch.nn.functional.max_pool2d(out, 2), index + 1
    out = normed("fc.1", out.flatten(1) @ state["fc.0.weight"].T + state["fc.0.bias"]).relu()
    expected = out @ state["classifier.weight"].T + state["classifier.bias"]

    torch.testing.assert_close(model(x), expected, rtol=1e-4, atol=1e-5)


def test_initial_weights_are_those_of_the_paper() -> None:
    model = build_model("vgg9", {})
    with fixed_randomness(3):
        model.reset_parameters()
    state = model.state_dict()
    assert float(state["features.3.weight"].std()) == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.02)
    assert float(state["features.3.bias"].abs().max()) == 0
    assert float(state["fc.0.weight"].std()) == pytest.approx(1e-3, rel=0.01)


@pytest.mark.parametrize("shortcut", ["B", "A", "none"])
def test_blocks_are_what_the_papers_say(shortcut: str) -> None:
    """Against a forward pass that is written out by hand."""
    model = build_model("resnet20", {"shortcut": shortcut}).eval()
    x = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))

    def normed(prefix: str, y: torch.Tensor) -> torch.Tensor:
        part = model.get_submodule(prefix)
        mean, var = part.running_mean[:, None, None], part.running_var[:, None, None]
        return (y - mean) / torch.sqrt(var + 1e-5) * part.weight[:, None, None] + part.bias[:, None, None]

    out = normed("bn1", torch.conv2d(x, model.conv1.weight, padding=1)).relu()
    for stage in (1, 2, 3):
        for block in range(3):
            name, stride = f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1
            part = model.get_submodule(name)
            y = normed(f"{name}.bn1", torch.conv2d(out, part.conv1.weight, stride=stride, padding=1)).relu()
            y = normed(f"{name}.bn2", torch.conv2d(y, part.conv2.weight, padding=1))
            if shortcut != "none" and stride == 1:
                y = y + out
            elif shortcut == "B":
                y = y + normed(f"{name}.shortcut.1", torch.conv2d(out, part.shortcut[0].weight, stride=2))
            elif shortcut == "A":
                zeros = torch.zeros(2, out.shape[1] // 2, *y.shape[2:])
                y = y + torch.cat([zeros, out[:, :, ::2, ::2], zeros], 1)
            out = y.relu()
    expected = out.mean((2, 3)) @ model.linear.weight.T + model.linear.bias

    torch.testing.assert_close(model(x), expected, rtol=1e-4, atol=1e-5)


def test_densenet_is_what_the_paper_says() -> None:
    model = build_model("densenet121", {}).eval()

    assert sum(parameter.numel() for parameter in model.parameters()) == 6_956_298
    convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
    assert len(convolutions) + 1 == 121
    with torch.no_grad():
        assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)
        block = model.dense1[0]
        x = torch.randn(1, 64, 4, 4)
        assert torch.equal(block(x)[:, 32:], x)  # what is new comes first


def test_torchvision_models_by_name() -> None:
    model = build_model("torchvision:resnet18", {"num_classes": 10})

    assert sum(parameter.numel() for parameter in model.parameters()) == 11_181_642
    with pytest.raises(InputError, match="did you mean resnet18"):
        build_model("torchvision:resnet-18", {})
    with pytest.raises(InputError, match=r"model_args\.weights: weights are never downloaded"):
        build_model("torchvision:resnet18", {"weights": "DEFAULT"})
    with pytest.raises(InputError, match="model_args: torchvision:resnet18 failed with classes = 3: TypeError"):
        build_model("torchvision:resnet18", {"classes": 3})


def export(path: Path, model: nn.Module, batch: Any = torch.export.Dim.DYNAMIC) -> Path:
    program = torch.export.export(model, (torch.randn(3, 1, 8, 8),), dynamic_shapes=({0: batch} if batch else None,))
    torch.export.save(program, path)
    return path


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")  # inside torch.export
def test_an_exported_program_is_a_model_with_its_weights(tmp_path: Path) -> None:
    original = build_model("digits_resnet", {}).eval()
    x = torch.randn(5, 1, 8, 8)

    model = build_model(str(export(tmp_path / "net.pt2", original)), {}).eval()

    torch.testing.assert_close(model(x), original(x))
    copied = copy.deepcopy(model).requires_grad_(False)
    with torch.no_grad():
        for parameter in copied.parameters():
            parameter.zero_()
    torch.testing.assert_close(copied(x), torch.zeros(5, 10))
    with pytest.raises(InputError, match="takes batches of 3 only"):
        build_model(str(export(tmp_path / "fixed.pt2", original, None)), {})
    with pytest.raises(InputError, match="exported in training mode"):
        build_model(str(export(tmp_path / "training.pt2", original.train())), {})
    (tmp_path / "none.pt2").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"none\.pt2 cannot be read as an exported program"):
        build_model(str(tmp_path / "none.pt2"), {})


def test_small_models() -> None:
    assert sum(parameter.numel() for parameter in build_model("small_cnn", {}).parameters()) == 380
    with_shortcut, without = build_model("digits_resnet", {}), build_model("digits_resnet", {"shortcut": "none"})

    assert with_shortcut(torch.zeros(2, 1, 8, 8)).shape == without(torch.zeros(2, 1, 8, 8)).shape == (2, 10)
    assert sum(parameter.numel() for parameter in with_shortcut.parameters()) == 10_978
    assert sum(parameter.numel() for parameter in without.parameters()) == 10_818
    mlp = build_model("mlp", {"sizes": [64, 5, 3], "activation": "tanh", "bias": False})
    assert list(mlp.state_dict()) == ["fc1.weight", "fc2.weight"]
    x = torch.randn(2, 1, 8, 8)
    assert torch.equal(mlp(x), torch.tanh(x.flatten(1) @ mlp.fc1.weight.T) @ mlp.fc2.weight.T)


def test_building_leaves_the_global_random_numbers_alone() -> None:
    torch.manual_seed(5)
    expected = torch.randn(3)
    torch.manual_seed(5)
    first = build_model("mlp", {})
    assert torch.equal(torch.randn(3), expected)
    assert torch.equal(first.fc1.weight, build_model("mlp", {}).fc1.weight)


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        (
            "resnet65",
            {},
            r'model: got "resnet65"; did you mean "resnet56"\? expected one of densenet121, ',
        ),
        ("resnet56", {"shortcuts": "A"}, r'model_args\.shortcuts: unknown; did you mean "shortcut"\?'),
        ("resnet56", {"shortcut": "C"}, r"""model_args\.shortcut: got 'C'; expected "B" or "A" or "none"\."""),
        ("resnet56", {"width": 0}, r"model_args\.width: got 0; expected an integer of at least 1"),
        ("digits_resnet", {"shortcut": "A"}, r'expected "B" or "none"'),
        ("mlp", {"sizes": [784]}, r"model_args\.sizes: got \[784\]; expected a list of at least two"),
        ("mlp", {"sizes": 3}, r"model_args\.sizes: got 3"),
        ("mlp", {"activation": "swish"}, r"""model_args\.activation: got 'swish'; expected "relu", "tanh" or "gelu"""),
        ("mlp", {"bias": 1}, r"model_args\.bias: got 1; expected true or false"),
    ],
)
def test_wrong_names_and_arguments(name: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        build_model(name, arguments)


USER_FILE = """
import sys
from torch import nn
from neighbour import WIDTH

class Net(nn.Linear):
    pass

def net(outputs=2):
    return Net(WIDTH, outputs)

def number():
    return 3

def broken():
    return nn.Linear(2, 3) + 1

def leaves():
    sys.exit("no thanks")
"""


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    (tmp_path / "neighbour.py").write_text("WIDTH = 3\n")
    (tmp_path / "mine.py").write_text(USER_FILE)
    return tmp_path / "mine.py"


def test_a_users_function(user_file: Path) -> None:
    model = build_model(f"{user_file}:net", {"outputs": 4})

    assert isinstance(model, nn.Module)
    assert model.weight.shape == (4, 3)
    assert torch.equal(model.weight, build_model(f"{user_file}:net", {"outputs": 4}).weight)


def test_a_model_is_taken_out_of_its_wrappers(tmp_path: Path) -> None:
    (tmp_path / "wrapped.py").write_text(
        "import torch\nfrom torch import nn\n"
        "def spread(): return nn.DataParallel(nn.Linear(2, 3))\n"
        "def compiled(): return torch.compile(nn.DataParallel(nn.Linear(2, 3)))\n"
        "def within():\n"
        "    inner = nn.DataParallel(nn.Linear(2, 3))\n"
        "    inner.device_ids = [0, 1]  # as on a machine with GPUs\n"
        "    return nn.Sequential(inner, nn.ReLU())\n"
    )
    for function in ("spread", "compiled"):
        assert type(build_model(f"{tmp_path / 'wrapped.py'}:{function}", {})) is nn.Linear
    inner = build_model(f"{tmp_path / 'wrapped.py'}:within", {})
    assert list(inner.state_dict()) == ["0.module.weight", "0.module.bias"]  # as checkpoints have them
    assert inner(torch.ones(4, 2)).shape == (4, 3)


@pytest.mark.filterwarnings("ignore:.*torch.jit")
def test_a_scripted_model_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "scripted.py").write_text(
        "import torch\nfrom torch import nn\ndef net(): return torch.jit.script(nn.Sequential(nn.Linear(2, 3)))\n"
    )
    model = build_model(f"{tmp_path / 'scripted.py'}:net", {})
    assert isinstance(model, torch.jit.ScriptModule)
    assert list(model.state_dict()) == ["0.weight", "0.bias"]


def test_a_changed_neighbour_is_imported_again(user_file: Path) -> None:
    build_model(f"{user_file}:net", {})
    (user_file.parent / "neighbour.py").write_text("WIDTH = 12345\n")
    assert build_model(f"{user_file}:net", {}).weight.shape == (2, 12345)


def test_neighbours_of_the_same_name_do_not_meet(user_file: Path) -> None:
    other = user_file.parent / "other"
    other.mkdir()
    (other / "neighbour.py").write_text("WIDTH = 7\n")
    (other / "mine.py").write_text(USER_FILE)

    widths = [build_model(f"{file}:net", {}).weight.shape[1] for file in (user_file, other / "mine.py", user_file)]

    assert widths == [3, 7, 3]


@pytest.mark.parametrize(
    ("function", "arguments", "words"),
    [
        ("nett", {}, r"has no function nett; expected one of its own: Net, net, number, broken, leaves"),
        ("net", {"inputs": 3}, r"was called with inputs, but takes \(outputs=2\): got an unexpected keyword"),
        ("number", {}, r"returned an object of type int; expected a torch\.nn\.Module"),
        ("broken", {}, r"failed: TypeError: unsupported operand.* \(mine\.py, line 16\)\."),
        ("leaves", {}, r"failed: SystemExit: no thanks \(mine\.py, line 19\)\."),
    ],
)
def test_failures_of_a_users_function(user_file: Path, function: str, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        build_model(f"{user_file}:{function}", arguments)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f(:\n", r"cannot be imported: SyntaxError: .*line 1"),
        ("x = 1\nimport not_there_at_all\n", r"ModuleNotFoundError: .*not_there_at_all' \(mine\.py, line 2\)\."),
        ("raise ValueError('a\\nb')\n", r"ValueError: a b \(mine\.py, line 1\)\."),
    ],
)
def test_files_that_cannot_be_imported(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(InputError, match=words):
        build_model(f"{tmp_path / 'mine.py'}:f", {})


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        build_model(f"{tmp_path / 'none.py'}:f", {})
