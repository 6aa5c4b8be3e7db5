from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from talweg_compute.engine import Evaluator
from talweg_compute.messages import InputError, Normalize, Problem
from talweg_compute.problem import OpenProblem, build_model, named_tensors, open_problem


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for step in (1, 2, 10):
        torch.save({"state_dict": build_model("digits_resnet", {}, seed=step).state_dict()}, tmp_path / f"e_{step}.pt")
    return tmp_path


def test_checkpoint(folder: Path) -> None:
    path = folder / "e_2.pt"
    torch.manual_seed(3)
    before = torch.get_rng_state()
    problem = open_problem(Problem(model="digits_resnet", data="digits", checkpoint=str(path), samples=50))

    assert torch.equal(torch.get_rng_state(), before)
    assert not problem.model.training
    assert (problem.checkpoint, problem.trajectory, len(problem.samples)) == (path, (), 50)
    assert problem.loss.per_sample
    expected = torch.load(path, weights_only=True)["state_dict"]
    assert torch.equal(problem.layout.views(problem.origin)["linear.weight"], expected["linear.weight"])
    outputs = torch.func.functional_call(problem.model, problem.layout.views(problem.origin), (problem.samples.inputs,))
    assert torch.equal(outputs, problem.model(problem.samples.inputs))


def test_trajectory_is_in_natural_order_and_leaves_the_model_alone(folder: Path) -> None:
    problem = open_problem(Problem(model="digits_resnet", data="digits", trajectory=str(folder / "*.pt")))
    before = problem.layout.flatten(named_tensors(problem.model))

    assert [path.name for path in problem.trajectory] == ["e_1.pt", "e_2.pt", "e_10.pt"]
    assert problem.checkpoint == problem.trajectory[-1]
    assert torch.equal(problem.read_flat(problem.checkpoint), problem.origin)
    assert torch.equal(problem.read_flat(problem.checkpoint, slice(100, 2000)), problem.origin[100:2000])
    assert not torch.equal(problem.read_flat(problem.trajectory[0]), problem.origin)
    assert torch.equal(problem.layout.flatten(named_tensors(problem.model)), before)
    torch.save(build_model("mlp", {}).state_dict(), folder / "other.pt")
    with pytest.raises(InputError, match=r"other\.pt does not fit the model"):
        problem.read_flat(folder / "other.pt")


USER_FILE = """
import torch
from torch import nn

class Noisy(nn.Linear):
    def forward(self, x):
        return torch.dropout(super().forward(x.flatten(1)), 0.5, True)

class Pair(nn.Linear):
    def forward(self, x):
        return super().forward(x.flatten(1)), x

def noisy(): return Noisy(64, 10)
def pair(): return Pair(64, 10)
def small(): return nn.Sequential(nn.Flatten(), nn.Linear(64, 9))
def double(): return nn.Sequential(nn.Flatten(), nn.Linear(64, 10).double())
"""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"model": "mlp"},
            r"problem\.model: a forward pass of 3 samples of shape \[3, 1, 8, 8\] \(float32\) failed: ",
        ),
        ({"model": "noisy"}, r"problem\.model: two forward passes .* gave different outputs"),
        ({"model": "pair"}, r"problem\.model: .* gave an output of type tuple; expected one tensor"),
        ({"model": "small"}, r"problem\.data: its labels run from 0 to 9; the model has 9 outputs"),
        ({"model": "double", "data": "digit"}, r'problem\.data: got "digit"'),
        ({"model": "double", "loss": "mae"}, r'problem\.loss: got "mae"'),
    ],
)
def test_parts_that_do_not_fit_each_other(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    (tmp_path / "mine.py").write_text(USER_FILE)
    model = changes["model"] if changes["model"] == "mlp" else f"{tmp_path / 'mine.py'}:{changes['model']}"
    torch.save(build_model(model, {}).state_dict(), tmp_path / "m.pt")
    specification = {"data": "digits", "checkpoint": str(tmp_path / "m.pt"), **changes, "model": model}
    with pytest.raises(InputError, match=words) as caught:
        open_problem(Problem(**specification))
    assert "\n" not in str(caught.value)


def test_double_models_become_float32(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(USER_FILE)
    torch.save(nn.Sequential(nn.Flatten(), nn.Linear(64, 10)).state_dict(), tmp_path / "m.pt")
    problem = open_problem(
        Problem(model=f"{tmp_path / 'mine.py'}:double", data="digits", checkpoint=str(tmp_path / "m.pt"))
    )
    assert {tensor.dtype for tensor in named_tensors(problem.model).values()} == {torch.float32}


ODD_FILE = """
import torch
from torch import nn
from torch.nn import functional as F

class InPlace(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(64, 10)
    def forward(self, x):
        x -= 0.5
        return self.head(x.flatten(1))

class Squeezing(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(64, 1)
    def forward(self, x):
        return self.head(x.flatten(1)).squeeze()

class WithNothing(InPlace):
    def forward(self, x):
        return self.head(x.flatten(1)), None

def in_place(): return InPlace()
def squeezing(): return Squeezing()
def with_nothing(): return WithNothing()
def first(outputs, labels): return F.cross_entropy(outputs[0], labels, reduction="none")
def squared(outputs, labels): return (outputs - labels.float()).square().squeeze()
def total(outputs, labels): return F.cross_entropy(outputs, labels, reduction="sum")
"""


@pytest.mark.parametrize(
    ("model", "head", "loss"),
    [
        ("in_place", 10, "cross_entropy"),
        ("in_place", 10, "total"),
        ("squeezing", 1, "squared"),
        ("with_nothing", 10, "first"),
    ],
)
def test_what_users_write_is_evaluated_as_they_mean_it(tmp_path: Path, model: str, head: int, loss: str) -> None:
    mine = tmp_path / "odd.py"
    mine.write_text(ODD_FILE)
    torch.manual_seed(3)
    layer = nn.Linear(64, head)
    torch.save({f"head.{name}": value for name, value in layer.state_dict().items()}, tmp_path / "m.pt")
    own = loss if loss == "cross_entropy" else f"{mine}:{loss}"
    problem = open_problem(
        Problem(model=f"{mine}:{model}", data="digits", checkpoint=str(tmp_path / "m.pt"), loss=own, samples=65)
    )  # one more than a mini-batch
    images, labels = problem.samples.tensors()
    kept = images.clone()
    with torch.no_grad():
        scores = layer((images - 0.5 if model == "in_place" else images).flatten(1))
        if model == "squeezing":
            expected = (scores[:, 0] - labels.float()).square().mean()
        else:
            expected = nn.functional.cross_entropy(scores, labels)
    record = Evaluator(problem, torch.device("cpu"), 64).at_weights(problem.origin, lambda: False)
    assert record.loss == pytest.approx(float(expected), rel=1e-5)
    torch.testing.assert_close(problem.samples.tensors()[0], kept)
    assert ["a sum over the samples" in note for note in problem.notes] == [True] * (loss == "total")


MIXING_FILE = """
import torch
from torch import nn
from torch.nn import functional as F

class Relative(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(64, 10)
        self.norm = nn.BatchNorm1d(10, track_running_stats=False)
    def forward(self, x):
        return self.norm(self.head(x.flatten(1)))

def relative(): return Relative()
def plain(): return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
def mean(outputs, labels): return F.cross_entropy(outputs, labels)
def total(outputs, labels): return F.cross_entropy(outputs, labels, reduction="sum")
def weighted(outputs, labels): return F.cross_entropy(outputs, labels, torch.arange(1.0, 11))
"""


@pytest.mark.parametrize(
    ("model", "loss", "words"),
    [
        ("plain", "mean", []),
        ("plain", "total", ["The loss is a sum over the samples"]),
        ("plain", "weighted", ["The loss of a batch is neither the mean nor the sum over its samples"]),
        ("relative", "mean", ["A sample's outputs depend on the other samples in its batch"]),
    ],
)
def test_what_depends_on_the_batch_is_told(tmp_path: Path, model: str, loss: str, words: list[str]) -> None:
    mine = tmp_path / "mixing.py"
    mine.write_text(MIXING_FILE)
    torch.save(build_model(f"{mine}:{model}", {}).state_dict(), tmp_path / "m.pt")
    problem = open_problem(
        Problem(model=f"{mine}:{model}", data="digits", checkpoint=str(tmp_path / "m.pt"), loss=f"{mine}:{loss}")
    )
    assert [note.startswith(word) for note, word in zip(problem.notes, words, strict=True)] == [True] * len(words)


LI = Normalize((125.3 / 255, 123.0 / 255, 113.9 / 255), (63.0 / 255, 62.1 / 255, 66.7 / 255))


def open_li(shared_data: Path, samples: int) -> OpenProblem:
    return open_problem(
        Problem(
            model="resnet56",
            checkpoint=str(next(shared_data.glob("checkpoints/li2018/resnet56_sgd*/model_300.t7"))),
            data=str(shared_data / "images" / "cifar10_test.npz"),
            normalize=LI,
            samples=samples,
        )
    )


def evaluate(problem: OpenProblem) -> tuple[float, float]:
    """Return the mean loss in float64, and the accuracy in percent."""
    loss = correct = 0.0
    with torch.no_grad():
        for inputs, targets in zip(problem.samples.inputs.split(250), problem.samples.targets.split(250), strict=True):
            outputs = problem.model(inputs)
            loss += float(problem.loss(outputs, targets).double().sum())
            correct += float(problem.loss.correct(outputs, targets).sum())
    return loss / len(problem.samples), 100 * correct / len(problem.samples)


@pytest.mark.shared
def test_published_network_on_its_first_images(shared_data: Path) -> None:
    """The values come from a float64 loop written out by hand, with nothing of Talweg in it."""
    loss, accuracy = evaluate(open_li(shared_data, 100))
    assert loss == pytest.approx(0.15535197144445811, rel=1e-5)
    assert accuracy == pytest.approx(97.0)


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_published_network_on_the_whole_test_set(shared_data: Path) -> None:
    loss, accuracy = evaluate(open_li(shared_data, 0))
    assert loss == pytest.approx(0.2883, abs=5e-5)
    assert accuracy == pytest.approx(93.66)


CIFAR_OF = {
    "li2018": Normalize((125.3 / 255, 123.0 / 255, 113.9 / 255), (63.0 / 255, 62.1 / 255, 66.7 / 255)),
    "akamaster": Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "pyhessian": Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)),
    "mbrar8_mnist": Normalize((0.5,), (0.5,)),
}


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("file", "model", "arguments", "loss", "accuracy"),
    [
        ("li2018/resnet56_noshort*/model_300.t7", "resnet56", {"shortcut": "none"}, 0.4327, 86.69),
        ("akamaster/resnet20-12fca82f.th", "resnet20", {"shortcut": "A"}, 0.3727, 91.73),
        ("akamaster/resnet56-4bfd9763.th", "resnet56", {"shortcut": "A"}, 0.3458, 93.39),
        ("pyhessian/net.pkl", "resnet20", {}, None, 92.01),
        ("mbrar8_mnist/cnn_margin/model_10.pt", "small_cnn", {}, None, 83.1),
        ("mbrar8_mnist/dense_entropy/model_10.pt", "mlp", {"sizes": [784, 64, 64, 64, 10]}, None, 93.3),
        ("mbrar8_mnist/small_dense_entropy/model_10.pt", "mlp", {"sizes": [784, 128, 10]}, None, 93.8),
    ],
)
def test_published_accuracies(
    shared_data: Path, file: str, model: str, arguments: dict[str, Any], loss: float | None, accuracy: float
) -> None:
    of = file.partition("/")[0]
    problem = open_problem(
        Problem(
            model=model,
            model_args=arguments,
            checkpoint=str(next((shared_data / "checkpoints").glob(file))),
            data=str(shared_data / "images" / ("mnist_test.npz" if of == "mbrar8_mnist" else "cifar10_test.npz")),
            normalize=CIFAR_OF[of],
        )
    )

    found_loss, found_accuracy = evaluate(problem)

    assert found_accuracy == pytest.approx(accuracy, abs=0.06 if of == "mbrar8_mnist" else 0.006)
    if loss is not None:
        assert found_loss == pytest.approx(loss, abs=6e-5)


@pytest.mark.shared
def test_published_perceptron(shared_data: Path) -> None:
    folder = shared_data / "checkpoints" / "mbrar8_mnist" / "small_dense_entropy"
    problem = open_problem(
        Problem(
            model="mlp",
            trajectory=str(folder / "*.pt"),
            data=str(shared_data / "images" / "mnist_test.npz"),
            normalize=Normalize((0.5,), (0.5,)),
        )
    )
    with np.load(shared_data / "images" / "mnist_test.npz") as file:
        x = (file["images"].reshape(-1, 784) / 255.0 - 0.5) / 0.5
        labels = file["labels"]
    state = {name: tensor.double().numpy() for name, tensor in torch.load(folder / "model_10.pt").items()}
    hidden = np.maximum(x @ state["fc1.weight"].T + state["fc1.bias"], 0)
    scores = hidden @ state["fc2.weight"].T + state["fc2.bias"]
    expected = np.mean(np.log(np.exp(scores).sum(1)) - scores[np.arange(len(labels)), labels])

    loss, accuracy = evaluate(problem)

    assert loss == pytest.approx(expected, rel=1e-6)
    assert accuracy == pytest.approx(100 * np.mean(scores.argmax(1) == labels))
    assert len(problem.trajectory) == 10
