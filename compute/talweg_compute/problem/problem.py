"""A job's [problem], opened: model, weights, samples and loss that have been seen to work together."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from talweg_compute.messages import InputError, Problem, find_checkpoints
from talweg_compute.problem.checkpoint import read_checkpoint, sha256_of
from talweg_compute.problem.data import Samples, load_samples
from talweg_compute.problem.fit import fit_checkpoint
from talweg_compute.problem.habits import double_single_samples, keep_inputs
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.losses import LossFunction, build_loss
from talweg_compute.problem.metrics import Metric, build_metrics
from talweg_compute.problem.models import build_model
from talweg_compute.problem.nested import Nested, are_close, call_model, describe_shapes, map_tensors, take, tensors_of
from talweg_compute.problem.user_code import describe

_TOLERANCE = 1e-5  # relative, of outputs of the same model and samples
_PROBE_SAMPLES = 3  # of one alone, a sum is a mean, and .squeeze() takes its dimension, too

_MIXED_TOLERANCE = 1e-3  # relative, of a sample's outputs in another batch

_OF_MIXED_LOSSES = (
    "The loss of a batch is neither the mean nor the sum over its samples (are they weighted?), so that the landscape "
    "depends on the batch size: return one value a sample for one that does not."
)
_OF_MIXED_OUTPUTS = (
    "A sample's outputs depend on the other samples in its batch (batch normalization without running statistics?), so "
    "that the landscape depends on the batch size."
)
_OF_SUMS = "The loss is a sum over the samples that it is given; the landscape shows its mean over them."


@dataclass(frozen=True, slots=True)
class OpenProblem:
    """Everything that evaluation needs, on the CPU.

    Attributes:
        specification: The job's problem.
        model: In eval mode and float32, with the origin's weights. Evaluate it by ``stateless.call_at`` with
            ``layout.views``; it is never changed.
        layout: Order of its tensors.
        origin: float32 [layout.size], the weights θ and buffers of the checkpoint.
        samples: What every point sees.
        loss: What is averaged over them.
        checkpoint: The origin's file.
        checkpoint_sha256: Hash of that file.
        trajectory: The checkpoints of the run in order, the last one the origin unless the job names another; empty
            without a trajectory.
        moved_sha256: Hash of the plane and the point that the origin was moved to; nothing: it is the checkpoint.
        metrics: What is taken of the outputs beside the loss.
        notes: What the user should know about how data and loss were read, a sentence each.
    """

    specification: Problem
    model: nn.Module
    layout: Layout
    origin: Tensor
    samples: Samples
    loss: LossFunction
    checkpoint: Path
    checkpoint_sha256: str
    trajectory: tuple[Path, ...]
    moved_sha256: str = ""
    metrics: tuple[Metric, ...] = ()
    notes: tuple[str, ...] = ()

    def read_flat(self, path: Path, part: slice = slice(None)) -> Tensor:
        """Read another checkpoint of the same model, or a part of it.

        Args:
            path: The file.
            part: Which elements; no more is read of a file in torch's zip format or of safetensors.

        Returns:
            float32 [layout.size], as ``origin``, or the part of it; tensors that no checkpoint holds are those of the
            model.

        Raises:
            InputError: It is no checkpoint, or does not fit the model.
        """
        fitted = fit_checkpoint(self.model, read_checkpoint(path), str(path))
        return self.layout.flatten(named_tensors(self.model) | fitted, part)


def open_problem(specification: Problem, begun_with: Collection[str] = ()) -> OpenProblem:
    """Build the model, load its checkpoint and the samples, and try all of it on a few samples.

    The process's random numbers are neither used nor moved.

    Args:
        specification: The job's problem, its paths absolute.
        begun_with: Names of the trajectory's checkpoints that were there when the landscape was begun, which later ones
            must not change; nothing: all that are there.

    Returns:
        The opened problem.

    Raises:
        InputError: A part of it is missing or wrong, or the parts do not fit each other.
    """
    if specification.trajectory is not None:
        trajectory = tuple(find_checkpoints(specification.trajectory))
        if begun_with:
            trajectory = tuple(path for path in trajectory if path.name in begun_with)
        if not trajectory and specification.checkpoint is None:
            raise InputError(
                f'problem.trajectory: got "{specification.trajectory}", which matches no file; '
                "expected a pattern of at least two checkpoints."
            )
    else:
        trajectory = ()
    if trajectory and specification.checkpoint is None:
        checkpoint = trajectory[-1]
    else:
        checkpoint = Path(specification.checkpoint or specification.model)  # a program brings its own weights
    with keys_of("problem"):
        loss = build_loss(specification.loss, specification.loss_args)
        metrics = build_metrics(specification.metrics)
        model = build_model(specification.model, specification.model_args).cpu().float().eval()
        layout = Layout.of(model)
    if checkpoint != Path(specification.model):
        model.load_state_dict(fit_checkpoint(model, read_checkpoint(checkpoint), str(checkpoint)), strict=False)
    with keys_of("problem"):
        samples = load_samples(specification)
        outputs = check_forward(model, samples, loss)
        mixes = _mixes_samples(model, samples, outputs)
        if not mixes and _drops_single_samples(model, samples, outputs):
            double_single_samples(model)
        check_labels(outputs, samples, loss)
        loss = loss.checked(outputs, take(samples.targets, slice(_PROBE_SAMPLES)))
        one = slice(1)
        for metric in metrics:
            metric.check(take(outputs, one), take(samples.targets, one), loss)
    return OpenProblem(
        specification=specification,
        model=model,
        layout=layout,
        origin=layout.flatten(named_tensors(model)),
        samples=samples,
        loss=loss,
        checkpoint=checkpoint,
        checkpoint_sha256=sha256_of(checkpoint),
        trajectory=trajectory,
        metrics=metrics,
        notes=samples.notes + _notes(loss, mixes=mixes),
    )


def _notes(loss: LossFunction, *, mixes: bool) -> tuple[str, ...]:
    """Say what is no mean of values of the single samples."""
    told = {_OF_SUMS: loss.is_sum, _OF_MIXED_LOSSES: loss.mixes, _OF_MIXED_OUTPUTS: mixes}
    return tuple(sentence for sentence, holds in told.items() if holds)


def _mixes_samples(model: nn.Module, samples: Samples, outputs: Nested) -> bool:
    """Tell whether a few samples' outputs are others without the first one."""
    if len(samples) < _PROBE_SAMPLES:  # what is left would be a single one, which .squeeze() gives another shape
        return False
    try:
        of_samples = _outputs_of_some(model, samples, outputs, slice(1, _PROBE_SAMPLES))
    except Exception:  # such as one that knows its batch's size
        return False
    return not all(are_close(*pair, _MIXED_TOLERANCE) for pair in of_samples)


def _drops_single_samples(model: nn.Module, samples: Samples, outputs: Nested) -> bool:
    """Tell whether the outputs of a sample alone have another shape than among others, or cannot be had."""
    if len(samples) == 1:
        return False
    try:
        of_samples = _outputs_of_some(model, samples, outputs, slice(1))
    except Exception:  # such as where a dimension is named that is no longer there
        return True
    return any(one.shape != other.shape for one, other in of_samples)


@torch.no_grad()
def _outputs_of_some(model: nn.Module, samples: Samples, outputs: Nested, some: slice) -> list[tuple[Tensor, Tensor]]:
    """Pair what some of the few samples gave among the others with what they give without them."""
    count = min(len(samples), _PROBE_SAMPLES)
    found = call_model(model, map_tensors(torch.clone, take(samples.inputs, some)))
    pairs = zip(tensors_of(outputs), tensors_of(found), strict=False)
    return [(one[some], other) for one, other in pairs if one.shape[:1] == (count,)]


@contextmanager
def keys_of(table: str) -> Iterator[None]:
    """Begin the sentences of errors, which begin with a key, with the table that holds it."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{table}.{error}") from error.__cause__


def check_forward(model: nn.Module, samples: Samples, loss: LossFunction) -> Nested:
    """Run a few samples through a model, twice; a model that writes into its inputs gets copies from then on.

    Args:
        model: In eval mode.
        samples: At least one.
        loss: One of the user's may take a tuple or dict of outputs.

    Returns:
        The outputs, [n, …].

    Raises:
        InputError: The pass fails, gives no tensor for each sample, or gives something else the second time.
    """
    first = take(samples.inputs, slice(_PROBE_SAMPLES))
    count = min(len(samples), _PROBE_SAMPLES)
    shape = f"{count} sample{'s' if count > 1 else ''} of {describe_shapes(first)}"
    given = map_tensors(torch.clone, first)
    try:
        with torch.no_grad():
            outputs = map_tensors(torch.clone, call_model(model, given))
            if not are_close(first, given, 0.0):
                keep_inputs(model)
            again = call_model(model, map_tensors(torch.clone, first))
    except Exception as error:
        raise InputError(
            f"model: a forward pass of {shape} failed: {describe(error)}; expected a model that takes such "
            "inputs: check model_args and data."
        ) from error
    if isinstance(outputs, Tensor):
        fits, returned = outputs.shape[:1] == (count,), f"shape {list(outputs.shape)}"
    else:
        fits, returned = (
            not loss.is_built_in and any(True for _ in tensors_of(outputs)),
            f"type {type(outputs).__name__}",
        )
    if not fits:
        raise InputError(
            f"model: a forward pass of {shape} gave an output of {returned}; expected one tensor [{count}, …]: "
            "wrap the model in a function that returns its logits alone."
        )
    if not are_close(outputs, again, _TOLERANCE):
        raise InputError(
            f"model: two forward passes of {shape} in eval mode gave different outputs; expected a "
            "deterministic model: switch off what is random in it (dropout called without training=self.training?)."
        )
    return outputs


def check_labels(outputs: Nested, samples: Samples, loss: LossFunction) -> None:
    """Check that a built-in loss has an output for each class.

    Raises:
        InputError: A label is negative, or there are fewer outputs than classes.
    """
    targets = samples.targets
    if not loss.is_built_in:
        return
    if not isinstance(targets, Tensor) or not isinstance(outputs, Tensor):
        raise InputError(
            f"data: its targets are {describe_shapes(targets)}, of which {loss.name} can make no loss; expected one "
            'tensor: give a loss of your own, loss = "path/to/file.py:function".'
        )
    if targets.is_floating_point():
        return
    if outputs.ndim < 2:
        raise InputError(
            f"model: its outputs for {len(outputs)} samples have shape {list(outputs.shape)}; {loss.name} of class "
            "labels expected [samples, classes]: return the scores of all classes."
        )
    low, high = int(targets.min()), int(targets.max())
    if low < 0 or high >= outputs.shape[1]:
        raise InputError(
            f"data: its labels run from {low} to {high}; the model has {outputs.shape[1]} outputs, so expected "
            f"0 to {outputs.shape[1] - 1}: check model_args and data."
        )
