"""From a job's ``data`` to samples in memory."""

import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from talweg_compute.messages import InputError, Normalize, Problem, split_specification
from talweg_compute.problem.data_sets import load_data_set
from talweg_compute.problem.nested import Nested, describe_shapes, tensors_of
from talweg_compute.problem.user_datasets import Arrays, collect_items, leaves_of


@dataclass(frozen=True, slots=True)
class Samples:
    """What every point of a landscape sees, in a fixed order.

    Attributes:
        inputs: float32 [N, …] (images: [N, C, H, W]), or int64 where the data are integers (tokens); a tuple or dict of
            such tensors for a model of several inputs.
        targets: int64 [N] (classes), or float32 [N, …]; a tuple or dict of such tensors for a loss of the user's.
        sha256: Hash of the bytes of all tensors, one after the other.
        notes: What the user should know about how the data were read, a sentence each.
    """

    inputs: Nested
    targets: Nested
    sha256: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Count the samples."""
        return len(next(tensors_of(self.targets)))

    def tensors(self) -> tuple[Tensor, Tensor]:
        """Return inputs and targets that are one tensor each.

        Raises:
            InputError: They are tuples or dicts.
        """
        if isinstance(self.inputs, Tensor) and isinstance(self.targets, Tensor):
            return self.inputs, self.targets
        raise InputError("data: its inputs or targets are tuples or dicts of tensors; expected one tensor each here.")


def load_samples(problem: Problem) -> Samples:
    """Load the samples of a problem, its paths absolute.

    Raises:
        InputError: See ``read_data``.
    """
    return read_data(
        problem.data, problem.samples, problem.normalize, problem.data_args, balanced=problem.subset == "balanced"
    )


def read_data(
    data: str,
    samples: int = 0,
    normalize: Normalize | None = None,
    arguments: Mapping[str, Any] | None = None,
    *,
    balanced: bool = False,
) -> Samples:
    """Load samples.

    ``digits`` is the embedded training set of 1,347 images, ``digits_test`` the test set of 450: 8x8 pixels scaled to
    [0, 1], [N, 1, 8, 8]. Both are Talweg's own split of the 1,797 digits, in a fixed shuffled order in which every ten
    images hold each class once (the training set's last 57 excepted), so that the first N are a fair subset.
    ``DATA_SETS`` has the other names.

    An ``.npz`` holds ``images``, uint8 [N, H, W] or [N, H, W, C], which are scaled to [0, 1] as [N, C, H, W], and
    ``labels``; or ``inputs`` and ``targets``, taken as they are. ``file.py:function`` returns a torch Dataset, which is
    iterated once under fixed random numbers. Inputs of bytes with three or more dimensions are images: scaled as well.

    Args:
        data: The name of a data set, an ``.npz`` file, or ``path/to/file.py:function``.
        samples: The first N; 0 means all.
        normalize: Mean and standard deviation of each channel, applied to floating-point inputs.
        arguments: Keyword arguments of the data set or the function.
        balanced: Take the first N of an order in which the classes take turns.

    Returns:
        The samples.

    Raises:
        InputError: There are no such data, they have another form, there are fewer than N, or the channels differ.
    """
    notes: list[str] = []
    inputs, targets = _read(data, 0 if balanced else samples, arguments or {}, notes.append)
    lengths = [len(array) for array in (*leaves_of(inputs), *leaves_of(targets))]
    if len(set(lengths)) > 1:
        raise InputError(f"data: {data} holds {lengths[0]} inputs but {lengths[-1]} targets; expected equal.")
    if not lengths or lengths[0] == 0:
        raise InputError(f"data: {data} holds no samples; expected at least one.")
    if samples > lengths[0]:
        raise InputError(f"samples: got {samples}; {data} holds {lengths[0]}: ask for that many at most, or 0 for all.")
    chosen = (_balanced(targets, data) if balanced else np.arange(lengths[0]))[: samples or lengths[0]]
    first = _convert(inputs, lambda array: _inputs(array[chosen], data))
    if normalize is not None:
        first = _normalized(first, normalize, data)
    wanted = _convert(targets, lambda array: _targets(array[chosen], data))
    digest = sha256()
    for tensor in (*tensors_of(first), *tensors_of(wanted)):
        digest.update(tensor.numpy().data)
    return Samples(first, wanted, digest.hexdigest(), tuple(notes))


def _balanced(targets: Arrays, data: str) -> NDArray[np.int64]:
    if isinstance(targets, np.ndarray) and targets.dtype.kind in "iu" and targets.squeeze().ndim == 1:
        return take_turns(targets.squeeze())
    raise InputError(f'subset: got "balanced", but {data} has no class labels; take "first".')


def _read(data: str, samples: int, arguments: Mapping[str, Any], on_note: Callable[[str], None]) -> tuple[Any, Arrays]:
    split = split_specification(data)
    if split is None:
        return load_data_set(data, arguments)
    if split[1] or not data.endswith(".npz"):
        return collect_items(data, samples, arguments, on_note)
    if arguments:
        raise InputError(f"data_args.{next(iter(arguments))}: unknown; an .npz file takes none.")
    return _read_npz(Path(data))


def _read_npz(path: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    if path.is_file() and not zipfile.is_zipfile(path):
        raise InputError(f"data: {path} is damaged or no .npz file; expected one made by numpy.savez: save it again.")
    try:
        with np.load(path, allow_pickle=False) as file:
            names = set(file.files)
            if {"images", "labels"} <= names:
                images = file["images"]
                if images.dtype != np.uint8 or images.ndim not in (3, 4):
                    raise InputError(
                        f"data: {path}: images is {images.dtype} {list(images.shape)}; expected uint8 "
                        "[N, H, W] or [N, H, W, C]: store other inputs as inputs and targets."
                    )
                return np.moveaxis(images, 3, 1) if images.ndim == 4 else images[:, None], file["labels"]
            if {"inputs", "targets"} <= names:
                return file["inputs"], file["targets"]
    except OSError as error:
        raise InputError(f'data: got "{path}", which cannot be read: {error.strerror or error}.') from None
    except (ValueError, EOFError, AttributeError, KeyError, zipfile.BadZipFile, zlib.error) as error:
        reason = "it holds pickled objects, which are never loaded" if "pickle" in str(error) else "it is damaged"
        raise InputError(
            f"data: {path} cannot be read: {reason}; expected an .npz of plain arrays: save it again."
        ) from None
    raise InputError(
        f"data: {path} holds {', '.join(sorted(names)) or 'nothing'}; expected the arrays images and labels, "
        "or inputs and targets."
    )


def _convert(arrays: Arrays, convert: Callable[[NDArray[Any]], Tensor]) -> Nested:
    if not isinstance(arrays, dict | tuple):
        return convert(arrays)
    if isinstance(arrays, dict):
        return {key: _convert(part, convert) for key, part in arrays.items()}
    return tuple(_convert(part, convert) for part in arrays)


def _inputs(array: NDArray[Any], data: str) -> Tensor:
    if array.dtype.kind not in "iubf":
        raise InputError(f"data: {data} has inputs of type {array.dtype}; expected integers or real numbers.")
    if array.dtype == np.uint8 and array.ndim >= 3:  # images
        return torch.from_numpy(np.ascontiguousarray(array)).to(torch.float32).div_(255)
    if array.dtype.kind in "iub":
        return torch.from_numpy(np.ascontiguousarray(array, dtype=np.int64))
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))


def _targets(array: NDArray[Any], data: str) -> Tensor:
    if array.dtype.kind not in "iubf":
        raise InputError(f"data: {data} has targets of type {array.dtype}; expected integers or real numbers.")
    if array.dtype.kind == "f":
        return torch.from_numpy(np.ascontiguousarray(array, dtype=np.float32))
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    return torch.from_numpy(np.ascontiguousarray(array, dtype=np.int64))


def _normalized(inputs: Nested, normalize: Normalize, data: str) -> Nested:
    channels = inputs.shape[1] if isinstance(inputs, Tensor) and inputs.ndim >= 2 else 0
    if not isinstance(inputs, Tensor) or not inputs.is_floating_point() or len(normalize.mean) != channels:
        raise InputError(
            f"normalize: got {len(normalize.mean)} channels; the inputs of {data} have "
            f"{describe_shapes(inputs)}: give one mean and std for each of their {channels} channels."
        )
    shape = (1, channels, *[1] * (inputs.ndim - 2))
    mean = torch.tensor(normalize.mean, dtype=torch.float32).view(shape)
    std = torch.tensor(normalize.std, dtype=torch.float32).view(shape)
    return (inputs - mean).div_(std)


def take_turns(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Order samples so that the classes take turns; a prefix then has equally many of each, as far as there are.

    Args:
        labels: Classes, int64 [N].

    Returns:
        A permutation of 0 … N - 1, int64 [N]; the samples of a class keep their order.
    """
    by_class = np.argsort(labels, kind="stable")
    grouped = labels[by_class]
    starts = np.flatnonzero(np.r_[True, grouped[1:] != grouped[:-1]])
    turn = np.arange(len(labels)) - np.repeat(starts, np.diff(np.r_[starts, len(labels)]))
    return by_class[np.argsort(turn, kind="stable")]
