import argparse
import datetime
import os
import pickle
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from talweg_compute.messages import InputError
from talweg_compute.problem import build_model, fit_checkpoint, read_checkpoint, sha256_of

STATE = {"fc1.weight": torch.arange(6.0).view(2, 3), "fc1.bias": torch.tensor([1.0, 2.0])}
MODEL = ("mlp", {"sizes": [3, 2]})


def prefixed(prefix: str) -> dict[str, torch.Tensor]:
    return {prefix + name: tensor for name, tensor in STATE.items()}


@pytest.mark.parametrize(
    "content",
    [
        STATE,
        {"state_dict": STATE, "epoch": 3, "best": torch.tensor(0.5)},
        {"model_state_dict": STATE, "optimizer": {"state": {0: {"momentum": torch.ones(2)}}, "param_groups": []}},
        {"net": STATE, "acc": 93.1},
        {"model": {"state_dict": STATE}},
        {"epoch": 1, "my_weights": STATE},
        {"state_dict": prefixed("module.")},
        {"state_dict": prefixed("module._orig_mod.")},
        prefixed("_orig_mod.module."),
        {"n_averaged": torch.tensor(4), **prefixed("module.")},
        prefixed("model."),
        {"state_dict": prefixed("net.")},
    ],
    ids=lambda content: next(iter(content)),
)
@pytest.mark.parametrize("zip_format", [True, False])
def test_every_usual_form_fits(tmp_path: Path, content: dict[str, Any], zip_format: bool) -> None:
    path = tmp_path / "m.pt"
    torch.save(content, path, _use_new_zipfile_serialization=zip_format)
    model = build_model(*MODEL)

    fitted = fit_checkpoint(model, read_checkpoint(path), str(path))

    assert list(fitted) == list(STATE)
    assert all(torch.equal(fitted[name], STATE[name]) for name in STATE)


def test_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save_file(prefixed("module."), path)

    assert {name: tensor.tolist() for name, tensor in read_checkpoint(path).items()} == {
        name: tensor.tolist() for name, tensor in STATE.items()
    }
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(InputError, match="damaged or no safetensors"):
        read_checkpoint(path)


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (os.environ["TALWEG_EVIL"],)


@pytest.mark.parametrize("zip_format", [True, False])
def test_a_pickle_with_code_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zip_format: bool
) -> None:
    monkeypatch.setenv("TALWEG_EVIL", str(tmp_path / "it_ran"))
    path = tmp_path / "evil.pt"
    torch.save({"state_dict": STATE, "x": Evil()}, path, _use_new_zipfile_serialization=zip_format)

    with pytest.raises(InputError, match=r"it contains posix\.mkdir, and loading that would run code.*state_dict\(\)"):
        read_checkpoint(path)
    assert not (tmp_path / "it_ran").exists()


class Options(dict):  # type: ignore[type-arg]
    """Such as Lightning's, which are attributes as well."""


class Elsewhere:
    """Does something when it is loaded, outside the modules that torch blocks."""

    def __reduce__(self) -> tuple[Any, ...]:
        return subprocess.call, (["mkdir", os.environ["TALWEG_EVIL"]],)


@pytest.mark.parametrize("zip_format", [True, False])
def test_what_training_scripts_leave_beside_the_weights_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, zip_format: bool
) -> None:
    monkeypatch.setenv("TALWEG_EVIL", str(tmp_path / "it_ran"))
    content = {
        "state_dict": STATE,
        "args": argparse.Namespace(lr=0.1, output=Path("/runs")),
        "best": np.float64(93.5),
        "curve": np.arange(3.0),
        "hyper_parameters": Options(width=3),
        "callbacks": defaultdict(list, seen=[1, 2]),
        "started": datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC),
        "call": Elsewhere(),
    }
    torch.save(content, tmp_path / "m.pt", _use_new_zipfile_serialization=zip_format)
    found = read_checkpoint(tmp_path / "m.pt")
    assert list(found) == list(STATE)
    for name, tensor in STATE.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=0)
    assert not (tmp_path / "it_ran").exists()


class Whole(nn.Module):
    """With everything that a state dict leaves out or names twice."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())
        self.head = nn.Linear(2, 2, bias=False)
        self.tied = self.head
        self.register_buffer("own", torch.ones(2))
        self.register_buffer("scratch", torch.zeros(3), persistent=False)


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_model_that_was_saved_whole_gives_its_weights(tmp_path: Path, wrapped: bool) -> None:
    model = Whole()
    torch.save({"epoch": 3, "model": model} if wrapped else model, tmp_path / "m.pt")
    found, expected = read_checkpoint(tmp_path / "m.pt"), model.state_dict()
    assert list(found) == list(expected)
    for name, tensor in expected.items():
        torch.testing.assert_close(found[name], tensor, rtol=0, atol=0)
        assert not found[name].requires_grad


def test_other_objects_are_named(tmp_path: Path) -> None:
    torch.save(argparse.Namespace(lr=0.1), tmp_path / "m.pt")
    with pytest.raises(InputError, match=r"holds an object of type argparse\.Namespace; expected a state dict"):
        read_checkpoint(tmp_path / "m.pt")
    torch.save({"state_dict": STATE, "do": eval}, tmp_path / "m.pt")
    with pytest.raises(InputError, match=r"contains eval, and loading that would run code"):
        read_checkpoint(tmp_path / "m.pt")


def test_damaged_and_foreign_files_get_one_sentence(tmp_path: Path) -> None:
    torch.save({"w": torch.randn(1000)}, tmp_path / "zip.pt")
    torch.save({"w": torch.randn(1000)}, tmp_path / "legacy.pt", _use_new_zipfile_serialization=False)
    whole = {name: (tmp_path / name).read_bytes() for name in ("zip.pt", "legacy.pt")}
    files = {f"{size}_{name}": data[:size] for name, data in whole.items() for size in (0, 2, 50, 200, 2000)}
    files |= {"text.pt": b"hello world, this is text", "zeros.pt": bytes(500), "bytes.pt": bytes(range(256)) * 9}
    files["number.pkl"] = pickle.dumps(3, protocol=2)
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(InputError, match=r"is empty|is damaged or no checkpoint|holds an object") as caught:
            read_checkpoint(tmp_path / name)
        assert "\n" not in str(caught.value)
        assert name in str(caught.value)


def test_files_without_a_state_dict(tmp_path: Path) -> None:
    path = tmp_path / "m.pt"
    for content, words in (
        ({"epoch": 3, "lr": 0.1}, "the keys epoch, lr"),
        ({}, "an empty dict"),
        (torch.ones(3), "type Tensor"),
        ({"a": STATE, "b": STATE}, "the keys a, b"),
    ):
        torch.save(content, path)
        with pytest.raises(InputError, match=words):
            read_checkpoint(path)
    with pytest.raises(InputError, match=r"none\.pt cannot be read: No such file"):
        read_checkpoint(tmp_path / "none.pt")
    with pytest.raises(InputError, match="cannot be read"):
        read_checkpoint(tmp_path)


@pytest.mark.filterwarnings("ignore:.*torch.jit.*is deprecated")  # on its way out, but such files lie around
def test_torchscript_is_refused(tmp_path: Path) -> None:
    torch.jit.script(nn.Linear(2, 2)).save(str(tmp_path / "m.pt"))
    with pytest.raises(InputError, match="TorchScript archive"):
        read_checkpoint(tmp_path / "m.pt")


def test_sha256(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert sha256_of(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    with pytest.raises(InputError):
        sha256_of(tmp_path / "y")


def test_what_does_not_fit_is_listed() -> None:
    model = build_model("resnet20", {})
    state = build_model("resnet20", {"shortcut": "none", "width": 2}).state_dict()
    state["extra.weight"] = torch.ones(1)

    with pytest.raises(InputError) as caught:
        fit_checkpoint(model, state, "other.pt")

    sentence = str(caught.value)
    assert sentence.startswith(
        "other.pt does not fit the model: 10 names of the model are missing: layer2.0.shortcut.0."
    )
    assert "and 7 more; 1 name is unknown to the model: extra.weight; " in sentence
    assert "shapes differ: conv1.weight ([32, 3, 3, 3] in the checkpoint, [16, 3, 3, 3] in the model), " in sentence
    assert sentence.endswith("check problem.model and problem.model_args.")


def test_batch_counter_and_tied_names_may_be_missing() -> None:
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.BatchNorm1d(2), nn.Linear(2, 2, bias=False))
    model[2].weight = model[0].weight
    state = {name: tensor for name, tensor in model.state_dict().items() if name != "1.num_batches_tracked"}
    del state["0.weight"]

    fitted = fit_checkpoint(model, state, "x")

    assert set(model.state_dict()) - set(fitted) == {"1.num_batches_tracked"}
    assert fitted["0.weight"] is fitted["2.weight"]
    del state["1.running_var"]
    with pytest.raises(InputError, match=r"1 name of the model is missing: 1\.running_var"):
        fit_checkpoint(model, state, "x")


def test_wrapped_models_take_bare_checkpoints() -> None:
    model = nn.Module()
    model.module = nn.Linear(2, 2)
    state = nn.Linear(2, 2).state_dict()

    assert list(fit_checkpoint(model, state, "x")) == ["module.weight", "module.bias"]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("file", "name", "arguments"),
    [
        ("li2018/resnet56_sgd_lr=0.1_bs=128_wd=0.0005/model_300.t7", "resnet56", {"shortcut": "B"}),
        ("li2018/resnet56_noshort_sgd_lr=0.1_bs=128_wd=0.0005/model_300.t7", "resnet56", {"shortcut": "none"}),
        ("akamaster/resnet20-12fca82f.th", "resnet20", {"shortcut": "A"}),
        ("akamaster/resnet56-4bfd9763.th", "resnet56", {"shortcut": "A"}),
        ("pyhessian/net.pkl", "resnet20", {"shortcut": "B"}),
        ("mbrar8_mnist/cnn_margin/model_10.pt", "small_cnn", {}),
        ("mbrar8_mnist/small_dense_entropy/model_10.pt", "mlp", {"sizes": [784, 128, 10]}),
        ("mbrar8_mnist/dense_entropy/model_10.pt", "mlp", {"sizes": [784, 64, 64, 64, 10]}),
    ],
)
def test_published_checkpoints_fit(shared_data: Path, file: str, name: str, arguments: dict[str, Any]) -> None:
    model = build_model(name, arguments)
    fitted = fit_checkpoint(model, read_checkpoint(shared_data / "checkpoints" / file), file)

    assert all("num_batches_tracked" in name for name in set(model.state_dict()) - set(fitted))


@pytest.mark.shared
def test_published_checkpoint_of_another_architecture_is_refused(shared_data: Path) -> None:
    path = next(shared_data.glob("checkpoints/li2018/*noshort*/model_300.t7"))
    with pytest.raises(InputError, match=r"10 names of the model are missing: layer2\.0\.shortcut"):
        fit_checkpoint(build_model("resnet56", {}), read_checkpoint(path), "m")
