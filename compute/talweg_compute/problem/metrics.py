"""What is taken of the outputs beside the loss, in the same forward pass: named metrics, and the user's own.

A metric is the mean of one number a sample, so that it is summed as the loss is: over batches, rungs and lanes. The
expected calibration error is a sum over bins of the absolute value of such a mean, and has a number a sample and bin.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from talweg_compute.messages import InputError, check_metrics, name_metric, split_specification
from talweg_compute.problem.losses import LossFunction
from talweg_compute.problem.nested import Nested, describe_shapes, twice
from talweg_compute.problem.user_code import describe, load_function

CALIBRATION_BINS = 15

_TOP = 5


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.

    Attributes:
        name: Of the field that it becomes.
        specification: The job's.
        function: (outputs, targets, loss) to [N] or [N, bins].
        bins: The metric is the mean of its numbers; of several bins the sum of the absolute values of their means.
    """

    name: str
    specification: str
    function: Callable[[Any, Any, LossFunction], Tensor]
    bins: int = 1

    def __call__(self, outputs: Nested, targets: Nested, loss: LossFunction) -> Tensor:
        """Evaluate the metric.

        Args:
            outputs: The model's, as the loss takes them.
            targets: The same.
            loss: What is averaged, which says what the targets mean.

        Returns:
            [N, bins], floating-point.
        """
        values = self.function(outputs, targets, loss)
        if not values.is_floating_point():
            values = values.to(torch.float32)
        return values.reshape(len(values), self.bins)

    def check(self, outputs: Nested, targets: Nested, loss: LossFunction) -> None:
        """Try the metric on one sample, taken twice.

        Args:
            outputs: [1, …].
            targets: [1] or [1, …].
            loss: What is averaged.

        Raises:
            InputError: It means nothing for such outputs and targets, fails on them, or does not give one number a
                sample.
        """
        outputs, targets = twice(outputs), twice(targets)
        shapes = f"outputs of {describe_shapes(outputs)} and targets of {describe_shapes(targets)}"
        try:
            values = self.function(outputs, targets, loss)
        except InputError:
            raise
        except Exception as error:
            raise InputError(f"metrics: {self.specification} failed on {shapes}: {describe(error)}.") from error
        expected = (2, self.bins) if self.bins > 1 else (2,)
        if not isinstance(values, Tensor) or values.shape != expected or values.is_complex():
            given = f"a tensor of shape {list(values.shape)}" if isinstance(values, Tensor) else type(values).__name__
            raise InputError(
                f"metrics: {self.specification} returned {given} for {shapes}; expected a tensor with one number a "
                "sample, [2]."
            )


def build_metrics(specifications: Sequence[str]) -> tuple[Metric, ...]:
    """Build the metrics of a job.

    Of classes, with p = softmax of the scores and y the class (of class probabilities the likeliest one; of several
    labels a sample the mean over them):

    - top5_accuracy: percentage of samples whose class is among the five highest scores;
    - error: percentage of samples that are classified wrongly;
    - negative_log_likelihood: -log p_y;
    - brier_score: Σ_c (p_c - [c = y])², from 0 to 2 (Brier 1950);
    - confidence: max_c p_c;
    - entropy: -Σ_c p_c log p_c, in nats;
    - margin: the score of y less the highest other one, positive where the sample is classified correctly;
    - expected_calibration_error: Σ_b |Σ_{i in b} ([correct_i] - confidence_i)| / N over 15 bins of the confidence,
      ((b - 1) / 15, b / 15] (Guo et al. 2017, equation 3).

    Of numbers: mean_absolute_error and mean_squared_error.

    Args:
        specifications: These names, and ``path/to/file.py:function`` of functions of (outputs, targets).

    Returns:
        The metrics, in the same order.

    Raises:
        InputError: There is no such metric, file or function.
    """
    check_metrics(specifications)
    return tuple(map(_build, specifications))


def _build(specification: str) -> Metric:
    if split_specification(specification):
        function = load_function(specification, "metrics")
        return Metric(name_metric(specification), specification, lambda outputs, targets, _: function(outputs, targets))
    bins = CALIBRATION_BINS if specification == "expected_calibration_error" else 1
    kind = _Classes if specification in _OF_CLASSES else _Numbers
    return Metric(specification, specification, kind(specification), bins)


@dataclass(frozen=True, slots=True)
class _Classes:
    """A metric of scores and classes."""

    name: str

    def __call__(self, outputs: Nested, targets: Nested, loss: LossFunction) -> Tensor:
        labels = loss.labels(outputs, targets)
        if labels is None or not isinstance(outputs, Tensor):
            raise InputError(
                f"metrics: {self.name} is one of classes, and the model gives {describe_shapes(outputs)} for targets "
                f"of {describe_shapes(targets)}; expected scores [N, classes] and a class a sample: leave it out, "
                'or name a function of your own, "path/to/file.py:function".'
            )
        values = _OF_CLASSES[self.name](outputs, labels)
        if values.ndim == outputs.ndim:  # [N, bins, …]
            return values.flatten(2).mean(2) if values.ndim > 2 else values
        return values.flatten(1).mean(1) if values.ndim > 1 else values


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A metric of numbers."""

    name: str

    def __call__(self, outputs: Nested, targets: Nested, _: LossFunction) -> Tensor:
        if isinstance(outputs, Tensor) and isinstance(targets, Tensor) and targets.is_floating_point():
            given, wanted = outputs.reshape(len(outputs), -1), targets.reshape(len(targets), -1)  # [N, numbers]
            if given.shape == wanted.shape:
                return _OF_NUMBERS[self.name](given - wanted).mean(1)
        raise InputError(
            f"metrics: {self.name} is one of numbers, and the model gives {describe_shapes(outputs)} for targets of "
            f"{describe_shapes(targets)}; expected as many numbers of both a sample: leave the metric out, or name "
            'a function of your own, "path/to/file.py:function".'
        )


def _of_class(values: Tensor, labels: Tensor) -> Tensor:
    """Take from [N, C, …] what stands at the labels [N, …]."""
    return values.gather(1, labels.unsqueeze(1)).squeeze(1)


def _one_hot(labels: Tensor, like: Tensor) -> Tensor:
    """1 at the label, 0 elsewhere [N, C, …]."""
    classes = torch.arange(like.shape[1], device=like.device).view(1, -1, *[1] * (like.ndim - 2))
    return (labels.unsqueeze(1) == classes).to(like.dtype)


def _top5_accuracy(scores: Tensor, labels: Tensor) -> Tensor:
    best = scores.topk(min(_TOP, scores.shape[1]), dim=1).indices
    return 100 * (best == labels.unsqueeze(1)).any(1).to(scores.dtype)


def _error(scores: Tensor, labels: Tensor) -> Tensor:
    return 100 * (scores.argmax(1) != labels).to(scores.dtype)


def _negative_log_likelihood(scores: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(scores, labels, reduction="none")


def _brier_score(scores: Tensor, labels: Tensor) -> Tensor:
    return (scores.softmax(1) - _one_hot(labels, scores)).square().sum(1)


def _confidence(scores: Tensor, _: Tensor) -> Tensor:
    return scores.softmax(1).amax(1)


def _entropy(scores: Tensor, _: Tensor) -> Tensor:
    logarithms = scores.log_softmax(1)
    return -(logarithms.exp() * logarithms.clamp(min=torch.finfo(scores.dtype).min)).sum(1)  # 0 log 0 is 0


def _margin(scores: Tensor, labels: Tensor) -> Tensor:
    others = scores.masked_fill(_one_hot(labels, scores).bool(), float("-inf")).amax(1)
    return _of_class(scores, labels) - others


def _calibration(scores: Tensor, labels: Tensor) -> Tensor:
    confidence = scores.softmax(1).amax(1)
    gap = (scores.argmax(1) == labels).to(scores.dtype) - confidence
    place = (confidence * CALIBRATION_BINS).ceil().sub(1).clamp(0, CALIBRATION_BINS - 1)
    bins = torch.arange(CALIBRATION_BINS, device=scores.device).view(1, -1, *[1] * (labels.ndim - 1))
    return gap.unsqueeze(1) * (place.unsqueeze(1) == bins)  # NaN stays NaN in every bin


_OF_CLASSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "top5_accuracy": _top5_accuracy,
    "error": _error,
    "negative_log_likelihood": _negative_log_likelihood,
    "brier_score": _brier_score,
    "confidence": _confidence,
    "entropy": _entropy,
    "margin": _margin,
    "expected_calibration_error": _calibration,
}

_OF_NUMBERS: dict[str, Callable[[Tensor], Tensor]] = {
    "mean_absolute_error": torch.abs,
    "mean_squared_error": torch.square,
}
