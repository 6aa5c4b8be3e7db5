"""What is averaged: one loss a sample, and whether the sample is classified correctly."""

import difflib
import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from talweg_compute.messages import InputError, split_specification
from talweg_compute.problem.nested import Nested, are_close, describe_shapes, map_tensors, take, tensors_of, twice
from talweg_compute.problem.user_code import describe, load_function

_TOLERANCE = 1e-3  # relative, of sums that are the same but for roundings


@dataclass(frozen=True, slots=True)
class LossFunction:
    """A loss whose mean over the samples is the height of the landscape.

    Attributes:
        name: The job's specification.
        function: (outputs, targets) to one value a sample, or to one for the batch.
        per_sample: Whether there is one value a sample. Where there is not, the batch's value is the mean over its
            samples: the total is right, a standard error cannot be had (NaN).
        is_sum: Whether the batch's value is their sum instead.
        mixes: Whether the samples of a batch have no values of their own, such as where the mean is a weighted one: the
            total depends on how they are put into batches.
        doubles: Whether a sample alone is given to it twice, since it drops a dimension of length 1, as ``.squeeze()``
            does, and then fails or gives something else.
    """

    name: str
    function: Callable[[Any, Any], Tensor]
    per_sample: bool = True
    is_sum: bool = False
    mixes: bool = False
    doubles: bool = False

    @property
    def is_built_in(self) -> bool:
        """Whether it is one of Talweg's own."""
        return self.name in _LOSSES

    def __call__(self, outputs: Nested, targets: Nested) -> Tensor:
        """Evaluate the loss.

        Args:
            outputs: The model's, [N, …]; for a loss of the user's in any structure that the model returns.
            targets: [N] or [N, …], or a tuple or dict of such.

        Returns:
            [N], the type of the outputs; their sum over all batches, divided by the number of samples, is the loss.
        """
        count = _count(targets)
        if count == 1 and self.doubles:
            return self(twice(outputs), twice(targets))[:1]
        losses = self.function(outputs, targets)
        if self.per_sample:
            return losses.reshape(count)
        return (losses / count if self.is_sum else losses).reshape(()).expand(count)

    def correct(self, outputs: Nested, targets: Nested) -> Tensor | None:
        """Tell which samples are classified correctly.

        Args:
            outputs: Scores, [N, C] or [N, C, …].
            targets: Class indices [N] or [N, …], or class probabilities shaped like the outputs.

        Returns:
            float32 [N], 1 or 0 (a share where a sample has several labels), or None for regression, and for tuples
            and dicts.
        """
        labels = self.labels(outputs, targets)
        if labels is None or not isinstance(outputs, Tensor):
            return None
        correct = (outputs.argmax(1) == labels).to(torch.float32)
        return correct.flatten(1).mean(1) if correct.ndim > 1 else correct

    def labels(self, outputs: Nested, targets: Nested) -> Tensor | None:
        """Tell the samples' classes.

        Args:
            outputs: Scores, [N, C] or [N, C, …].
            targets: As ``correct`` takes them.

        Returns:
            Class indices [N] or [N, …], of probabilities the likeliest class; None where nothing is classified.
        """
        if not isinstance(outputs, Tensor) or not isinstance(targets, Tensor):
            return None
        if targets.is_floating_point():
            if self.name != "cross_entropy":
                return None
            targets = targets.argmax(1)
        return targets if outputs.ndim == targets.ndim + 1 else None

    def checked(self, outputs: Nested, targets: Nested) -> "LossFunction":
        """Try the loss on a few samples.

        Args:
            outputs: [n, …], better of several samples than of one, which has the same sum, mean and value.
            targets: [n] or [n, …].

        Returns:
            The same loss, knowing whether it gives one value a sample, their mean, or their sum, and whether it mixes
            samples.

        Raises:
            InputError: It fails on these shapes, or returns neither one value a sample nor one for the batch.
        """
        shapes = f"outputs of {describe_shapes(outputs)} and targets of {describe_shapes(targets)}"
        try:
            losses = self.function(outputs, targets)
        except Exception as error:
            raise InputError(f"loss: {self.name} failed on {shapes}: {describe(error)}.") from error
        if isinstance(losses, Tensor) and losses.is_floating_point():
            known = None
            if losses.ndim == 0:
                known = replace(self, per_sample=False, is_sum=self._adds_up(outputs, targets))
            elif losses.shape in ((_count(targets),), (_count(targets), 1)):
                known = replace(self, per_sample=True)
            if known is not None:
                known = replace(known, mixes=known._depends_on_batches(outputs, targets))
                return replace(known, doubles=not known.mixes and known._fails_alone(outputs, targets))
            returned = f"a tensor of shape {list(losses.shape)}"
        else:
            returned = f"{losses.dtype}" if isinstance(losses, Tensor) else f"an object of type {type(losses).__name__}"
        raise InputError(
            f"loss: {self.name} returned {returned} for {shapes}; expected a floating-point tensor with one "
            f"value a sample, [{_count(targets)}], or their mean or sum, []."
        )

    def _adds_up(self, outputs: Nested, targets: Nested) -> bool:
        """Tell a sum over a batch from a mean: the same samples taken twice have twice the sum."""
        for tried in (outputs, _others(outputs)):
            try:
                once = float(self.function(tried, targets))
                doubled = float(self.function(twice(tried), twice(targets)))
            except Exception:  # such as one that knows its batch's size
                return False
            if once != 0.0 and math.isfinite(once):
                return math.isclose(doubled, 2 * once, rel_tol=_TOLERANCE)
        return False

    def _depends_on_batches(self, outputs: Nested, targets: Nested) -> bool:
        """Tell whether the total of some samples is another one where they are cut into two batches."""
        for tried in (outputs, _others(outputs)):
            whole = twice(tried), twice(targets)
            parts = [tuple(take(nested, part) for nested in whole) for part in (slice(2), slice(2, None))]
            try:
                together, apart = self(*whole).sum(), sum(self(*part).sum() for part in parts if _count(part[1]))
            except Exception:  # what it takes for a batch is found out where it is evaluated
                return False
            if not are_close(together, apart, _TOLERANCE):
                return True
        return False

    def _fails_alone(self, outputs: Nested, targets: Nested) -> bool:
        """Tell whether a sample alone costs something else than that sample taken twice, or nothing that can be had."""
        alone = take(_others(outputs), slice(1)), take(targets, slice(1))
        doubled = tuple(map(twice, alone))
        try:
            return not are_close(self(*doubled)[:1], self(*alone), _TOLERANCE)
        except Exception:  # such as of shapes that do not fit each other
            return True


def build_loss(specification: str, arguments: Mapping[str, Any] | None = None) -> LossFunction:
    """Build a loss.

    "cross_entropy" takes class indices or probabilities, and ``label_smoothing``. "mse" of class indices is Li et
    al.'s, softmax against one-hot, averaged over samples and classes; of floating-point targets it is the mean squared
    error. "multi_margin" is torch's multi-class hinge loss, with ``p`` and ``margin``.

    Args:
        specification: One of these names, or ``path/to/file.py:function`` of a function of (outputs, targets).
        arguments: Further keyword arguments of the loss.

    Returns:
        The loss.

    Raises:
        InputError: There is no such loss, or it does not take these arguments.
    """
    if split_specification(specification):
        function = load_function(specification, "loss")
    elif specification in _LOSSES:
        function = _LOSSES[specification]
    else:
        close = difflib.get_close_matches(specification, _LOSSES, 1)
        hint = f'did you mean "{close[0]}"? ' if close else ""
        names = ", ".join(f'"{name}"' for name in _LOSSES)
        raise InputError(f'loss: got "{specification}"; {hint}expected {names} or "path/to/file.py:function".')
    if not arguments:
        return LossFunction(specification, function)
    if specification in _LOSSES:
        known = list(inspect.signature(function).parameters)[2:]
        for name in arguments:
            if name not in known:
                taken = f"takes {', '.join(known)}" if known else "takes none"
                raise InputError(f"loss_args.{name}: unknown; {specification} {taken}.")
    return LossFunction(specification, partial(function, **arguments))


def _others(outputs: Nested) -> Nested:
    """Make other outputs, since a few samples may be fitted so well that their loss is 0."""
    return map_tensors(lambda tensor: 1 - tensor if tensor.is_floating_point() else tensor, outputs)


def _count(targets: Nested) -> int:
    return len(next(tensors_of(targets)))


def _cross_entropy(outputs: Tensor, targets: Tensor, label_smoothing: float = 0.0) -> Tensor:
    losses = functional.cross_entropy(outputs, targets, reduction="none", label_smoothing=label_smoothing)
    return losses.flatten(1).mean(1) if losses.ndim > 1 else losses


def _mse(outputs: Tensor, targets: Tensor) -> Tensor:
    if not targets.is_floating_point():
        outputs = outputs.softmax(1)
        classes = torch.arange(outputs.shape[1], device=outputs.device)
        targets = (targets.unsqueeze(1) == classes).to(outputs.dtype)  # one-hot [N, C]
    elif outputs.shape != targets.shape and outputs[0].numel() == targets[0].numel():
        outputs = outputs.reshape(targets.shape)  # [N, 1] against [N] would broadcast to [N, N]
    if outputs.shape != targets.shape:
        raise ValueError(f"outputs of shape {list(outputs.shape)} for targets of shape {list(targets.shape)}")
    return (outputs - targets).square().flatten(1).mean(1) if outputs.ndim > 1 else (outputs - targets).square()


def _multi_margin(outputs: Tensor, targets: Tensor, p: int = 1, margin: float = 1.0) -> Tensor:
    return functional.multi_margin_loss(outputs, targets, p=p, margin=margin, reduction="none")


_LOSSES: dict[str, Callable[..., Tensor]] = {
    "cross_entropy": _cross_entropy,
    "mse": _mse,
    "multi_margin": _multi_margin,
}
