"""Models and losses that drop the dimension of a sample alone, taken one by one; and inputs that are written into."""

import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from talweg_compute.curvature import PlaneDerivatives
from talweg_compute.engine import Evaluator
from talweg_compute.messages import InputError, Plane, Problem
from talweg_compute.plane import open_plane
from talweg_compute.problem.data import Samples
from talweg_compute.problem.gradient import LossGradient
from talweg_compute.problem.losses import build_loss
from talweg_compute.problem.problem import OpenProblem, check_forward, open_problem

CPU = torch.device("cpu")
USER_FILE = """
import torch
from torch import nn
from torch.nn import functional

class Squeezing(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.head = nn.Conv2d(3, 6, 3), nn.BatchNorm2d(6), nn.Linear(6, 5)

    def forward(self, x):
        x = functional.adaptive_avg_pool2d(self.norm(self.conv(x)).relu(), 1).squeeze()
        return self.head(x)

class Naming(Squeezing):
    "Names a dimension that is no longer there."
    def forward(self, x):
        return super().forward(x).softmax(1).log()

class Shaped(Squeezing):
    def forward(self, x):
        return self.head(self.norm(self.conv(x)).relu().mean((2, 3)))

def squeezing(): return Squeezing()
def naming(): return Naming()
def shaped(): return Shaped()

def mean_of_squared(outputs, targets):
    "Of one sample the outputs are [5], and broadcast against the targets."
    return (outputs.squeeze() - targets.squeeze().unsqueeze(-1)).square().mean()

def of_classes(outputs, targets):
    return functional.nll_loss(outputs.squeeze().log_softmax(1), targets, reduction="none")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("squeezing")
    (folder / "mine.py").write_text(USER_FILE)
    random = np.random.default_rng(0)
    np.savez(folder / "data.npz", inputs=random.normal(size=(7, 3, 6, 6)), targets=np.arange(7) % 5)
    torch.manual_seed(4)
    conv, head = torch.nn.Conv2d(3, 6, 3), torch.nn.Linear(6, 5)
    norm = torch.nn.BatchNorm2d(6)
    norm.running_mean.normal_()
    parts = {"conv": conv, "norm": norm, "head": head}
    state = {f"{part}.{name}": tensor for part, layer in parts.items() for name, tensor in layer.state_dict().items()}
    torch.save(state, folder / "m.pt")
    return folder


def problem_of(folder: Path, model: str, loss: str = "cross_entropy") -> OpenProblem:
    loss = f"{folder / 'mine.py'}:{loss}" if loss != "cross_entropy" else loss
    return open_problem(
        Problem(
            model=f"{folder / 'mine.py'}:{model}",
            data=str(folder / "data.npz"),
            checkpoint=str(folder / "m.pt"),
            loss=loss,
        )
    )


@pytest.mark.parametrize(
    ("model", "loss"),
    [
        ("squeezing", "cross_entropy"),
        ("naming", "cross_entropy"),
        ("shaped", "mean_of_squared"),
        ("shaped", "of_classes"),
        ("squeezing", "mean_of_squared"),
    ],
)
def test_single_samples_cost_what_they_cost_among_others(folder: Path, model: str, loss: str) -> None:
    problem = problem_of(folder, model, loss)
    plane = open_plane(Plane(seed=3), problem)
    notes: list[str] = []
    together, alone = (
        Evaluator(problem, CPU, size, on_note=notes.append).at_coordinates(plane, (0.4, -0.3), lambda: False)
        for size in (7, 1)
    )
    assert alone.loss == pytest.approx(together.loss, rel=1e-5)
    assert alone.accuracy == together.accuracy
    slopes = [PlaneDerivatives(problem, plane, CPU, size, on_note=notes.append).at(0.4, -0.3) for size in (7, 1)]
    assert not notes
    np.testing.assert_allclose(slopes[1].gradient, slopes[0].gradient, rtol=1e-8)
    assert slopes[1].value == pytest.approx(together.loss, rel=1e-5)
    value, _ = LossGradient(problem, CPU)(plane.point(0.4, -0.3))
    assert value == pytest.approx(together.loss, rel=1e-5)


def test_a_scripted_model_that_writes_into_its_inputs_is_refused() -> None:
    class Writing(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.add_(1)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecated, and still in use
        model = torch.jit.script(Writing())
    with pytest.raises(InputError, match="writes into its inputs, and is scripted"):
        check_forward(model, Samples(torch.zeros(3, 2), torch.zeros(3), ""), build_loss("mse"))


def test_others_are_called_as_they_are(folder: Path) -> None:
    problem = problem_of(folder, "shaped")
    assert not problem.model._forward_pre_hooks
    assert not problem.loss.doubles
