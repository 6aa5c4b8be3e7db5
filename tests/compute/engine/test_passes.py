"""A form of a model that fails later than where it was tried."""

from typing import Any

import pytest
import torch

from talweg_compute.engine import Evaluator
from talweg_compute.engine.folded import FoldedForward
from talweg_compute.messages import Plane
from talweg_compute.plane.plane import open_plane
from tests.reference.networks import Residual, images, open_network

CPU = torch.device("cpu")


def never() -> bool:
    return False


@pytest.mark.parametrize("precision", ["float32", "bf16"])
def test_a_folded_model_that_fails_later_is_evaluated_as_it_is(precision: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(7)
    problem = open_network(Residual(), images())
    plane = open_plane(Plane(seed=3, ignore="none"), problem)
    expected = Evaluator(problem, CPU, 10).at_coordinates(plane, (0.4, -0.3), never, precision=precision)
    call = FoldedForward.__call__

    def fail(self: FoldedForward, inputs: Any) -> Any:
        if len(inputs) > 4:
            raise RuntimeError("shape '[4, 6]' is invalid for input of size 60")
        return call(self, inputs)

    monkeypatch.setattr(FoldedForward, "__call__", fail)
    notes: list[str] = []
    evaluator = Evaluator(problem, CPU, 10, on_note=notes.append)
    for _ in range(2):
        record = evaluator.at_coordinates(plane, (0.4, -0.3), never, precision=precision)
        assert record.loss == pytest.approx(expected.loss, rel=1e-6 if precision == "float32" else 0.02)
    assert notes == [
        "The folded model failed, so that the model is evaluated as it is: RuntimeError: shape '[4, 6]' is invalid for "
        "input of size 60."
    ]


def test_an_operation_that_a_library_lacks_is_not_taken_for_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(7)
    problem = open_network(Residual(), images())
    expected = Evaluator(problem, CPU, 10).at_weights(problem.origin, never)
    call = FoldedForward.__call__

    def fail(self: FoldedForward, inputs: Any) -> Any:
        if len(inputs) in (1, 2, 3, 5, 10):
            raise RuntimeError("GET was unable to find an engine to execute this computation")
        return call(self, inputs)

    monkeypatch.setattr(FoldedForward, "__call__", fail)
    notes: list[str] = []
    found = Evaluator(problem, CPU, 10, on_note=notes.append).at_weights(problem.origin, never)
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)
    assert notes[-1].startswith("The folded model failed, so that the model is evaluated as it is")
