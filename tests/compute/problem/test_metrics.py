"""Metrics against formulas that are written out sample by sample in float64."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from talweg_compute.messages import InputError
from talweg_compute.problem.losses import build_loss
from talweg_compute.problem.metrics import build_metrics

N, C = 400, 10
SCORES = 3 * torch.randn(N, C, generator=torch.Generator().manual_seed(0))
RIGHT = torch.rand(N, generator=torch.Generator().manual_seed(1)) < 0.6
LABELS = torch.where(RIGHT, SCORES.argmax(1), torch.arange(N) % C)
LOSS = build_loss("cross_entropy")


def value(name: str, scores: Tensor = SCORES, labels: Tensor = LABELS) -> float:
    """The metric as the evaluator makes it of the sums."""
    (metric,) = build_metrics([name])
    means = metric(scores, labels, LOSS).double().mean(0)
    return float(means.abs().sum() if metric.bins > 1 else means[0])


def softmax(row: np.ndarray) -> np.ndarray:
    powers = np.exp(row - row.max())
    return powers / powers.sum()


def by_hand(name: str) -> float:
    total, gaps = 0.0, {}
    for row, y in zip(SCORES.double().numpy(), LABELS.tolist(), strict=True):
        p = softmax(row)
        best = int(np.argmax(row))
        if name == "top5_accuracy":
            total += 100 * (y in np.argsort(row)[-5:])
        elif name == "error":
            total += 100 * (best != y)
        elif name == "negative_log_likelihood":
            total -= np.log(p[y])
        elif name == "brier_score":
            total += sum((p[c] - (c == y)) ** 2 for c in range(C))
        elif name == "confidence":
            total += p[best]
        elif name == "entropy":
            total -= sum(q * np.log(q) for q in p)
        elif name == "margin":
            total += row[y] - max(row[c] for c in range(C) if c != y)
        else:
            b = next(b for b in range(1, 16) if (b - 1) / 15 < p[best] <= b / 15)
            gaps.setdefault(b, []).append(((best == y), p[best]))
    if not gaps:
        return total / N
    return sum(
        len(pairs) / N * abs(np.mean([right for right, _ in pairs]) - np.mean([p for _, p in pairs]))
        for pairs in gaps.values()
    )


@pytest.mark.parametrize(
    "name",
    [
        "top5_accuracy",
        "error",
        "negative_log_likelihood",
        "brier_score",
        "confidence",
        "entropy",
        "margin",
        "expected_calibration_error",
    ],
)
def test_metrics_of_classes(name: str) -> None:
    assert value(name) == pytest.approx(by_hand(name), rel=2e-6)
    # of class probabilities the likeliest class counts
    assert value(name, labels=torch.nn.functional.one_hot(LABELS, C).float()) == value(name)
    # of several labels a sample, as of pixels, the mean over them
    pixels, classes = SCORES.view(N // 4, 2, 2, C).permute(0, 3, 1, 2), LABELS.view(N // 4, 2, 2)
    assert value(name, pixels, classes) == pytest.approx(value(name), rel=1e-6)


def test_few_classes_and_certain_ones() -> None:
    certain = torch.tensor([[1e4, 0.0, 0.0], [0.0, 1e4, 0.0]])
    labels = torch.tensor([0, 0])
    expected = {"top5_accuracy": 100, "error": 50, "brier_score": 1, "confidence": 1, "entropy": 0, "margin": 0}
    for name, number in expected.items():
        assert value(name, certain, labels) == number
    assert value("expected_calibration_error", certain, labels) == 0.5


@pytest.mark.parametrize("name", ["brier_score", "entropy", "margin", "confidence", "expected_calibration_error"])
def test_divergence_is_a_value(name: str) -> None:
    assert np.isnan(value(name, torch.full((3, 4), torch.nan), torch.arange(3)))


def test_metrics_of_numbers() -> None:
    outputs, targets = torch.randn(7, 1), torch.randn(7)
    loss = build_loss("mse")
    for name, change in (("mean_absolute_error", np.abs), ("mean_squared_error", np.square)):
        (metric,) = build_metrics([name])
        metric.check(outputs[:1], targets[:1], loss)
        found = metric(outputs, targets, loss)[:, 0]
        np.testing.assert_allclose(found, change(outputs[:, 0].numpy() - targets.numpy()), rtol=1e-6)
    with pytest.raises(InputError, match=r"metrics: brier_score is one of classes, and the model gives shape \[2, 1\]"):
        build_metrics(["brier_score"])[0].check(outputs[:1], targets[:1], loss)
    with pytest.raises(InputError, match="metrics: mean_squared_error is one of numbers"):
        build_metrics(["mean_squared_error"])[0].check(SCORES[:1], LABELS[:1], LOSS)


def test_metrics_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "def Doubted(o, t): return o.softmax(1).amax(1) < 0.5\n"
        "def mean(o, t): return o.mean()\n"
        "def number(o, t): return 3.0\n"
        "def fails(o, t): return o @ o\n"
        "def loss(o, t): return o[:, 0]\n"
    )

    def build(function: str):  # type: ignore[no-untyped-def]
        return build_metrics([f"{tmp_path / 'mine.py'}:{function}"])[0]

    doubted = build("Doubted")
    doubted.check(SCORES[:1], LABELS[:1], LOSS)
    assert doubted.name == "doubted"
    share = float((SCORES.softmax(1).amax(1) < 0.5).float().mean())
    assert 0 < share < 1
    assert float(doubted(SCORES, LABELS, LOSS).mean()) == pytest.approx(share)
    for function, words in (
        ("mean", r"returned a tensor of shape \[\] for .*; expected a tensor with one number a sample, \[2\]\."),
        ("number", "returned float"),
        ("fails", r"fails failed on outputs of shape \[2, 10\].*RuntimeError: .*\(mine\.py, line 4\)"),
    ):
        with pytest.raises(InputError, match=words):
            build(function).check(SCORES[:1], LABELS[:1], LOSS)
    with pytest.raises(InputError, match="rename the function"):
        build("loss")


def test_unknown_and_repeated_names() -> None:
    with pytest.raises(InputError, match=r'^metrics: got "brier"; did you mean "brier_score"\? expected "top5_acc.*'):
        build_metrics(["error", "brier"])
    with pytest.raises(InputError, match=r'^metrics: got "error" twice'):
        build_metrics(["error", "error"])
    with pytest.raises(InputError, match=r'^metrics: got "accuracy", which every point has anyway: leave it out\.$'):
        build_metrics(["accuracy"])
