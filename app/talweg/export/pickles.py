"""Pickled grids, those of torch.save among them, without torch and without running anything that the file asks for.

A pickle is a program: it may name any function and have it called. Here it can name only what this file lists: the
makers of NumPy arrays, and stand-ins for those of torch tensors that place numbers and nothing else. A file that names
anything more is refused, as ``torch.load(weights_only=True)`` refuses it.
"""

import collections
import io
import pickle
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talweg.export.arrays import grids_of_arrays
from talweg.export.imported import ImportedGrid
from talweg.export.question import Hints
from talweg_compute.messages import InputError

_STORAGES = {
    "DoubleStorage": "f8",
    "FloatStorage": "f4",
    "HalfStorage": "f2",
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}
_LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # how torch.save began before 1.6
_DAMAGE = (
    *(pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, MemoryError),
    *(OverflowError, RecursionError, zipfile.BadZipFile, NotImplementedError, ImportError, StopIteration),
    *(struct.error, zlib.error),
)
"""What unpickling a damaged file raises."""


def read_pickle(path: Path, hints: Hints) -> tuple[ImportedGrid, ...]:
    """Read landscapes from a pickle of arrays or tensors: one alone, or a dictionary, list or tuple of them.

    Args:
        path: A file of ``torch.save`` (1.6 or newer) or ``pickle.dump``.
        hints: What the user says.

    Returns:
        The landscapes.

    Raises:
        InputError: The pickle names anything but arrays, is damaged, or what it holds is no grid.
    """
    try:
        content = _load(path)
    except OSError as error:
        raise InputError(f"{path}: the file cannot be read: {(error.strerror or str(error)).lower()}.") from None
    except _DAMAGE as error:
        raise InputError(f"{path}: this is not a pickle that can be read: {' '.join(str(error).split())}.") from None
    arrays = _arrays(content)
    if not arrays:
        raise InputError(
            f"{path}: there is no array of numbers in this pickle; expected a grid of losses, or a dictionary with "
            "loss, u and v."
        )
    return grids_of_arrays(path, arrays, hints)


def _load(path: Path) -> Any:
    data = path.read_bytes()
    if not data.startswith(b"PK"):
        if data.startswith(_LEGACY):
            raise InputError(
                f"{path}: this file of torch.save is in the form from before PyTorch 1.6; save it anew, or as .npz."
            )
        return _Unpickler(path, data, lambda _key: b"").load()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = next(name for name in archive.namelist() if name.endswith("data.pkl")).removesuffix("data.pkl")
        order = f"{root}byteorder"
        if order in archive.namelist() and archive.read(order) != b"little":
            raise InputError(f"{path}: this file was saved on a big-endian machine; save it as .npz.")
        return _Unpickler(path, archive.read(f"{root}data.pkl"), lambda key: archive.read(f"{root}data/{key}")).load()


class _Unpickler(pickle.Unpickler):
    """Unpickles arrays, tensors, numbers, texts and collections of them."""

    def __init__(self, path: Path, data: bytes, read_storage: Callable[[str], bytes]) -> None:
        super().__init__(io.BytesIO(data))
        self._path = path
        self._read_storage = read_storage

    def find_class(self, module: str, name: str) -> Any:
        if (found := _ALLOWED.get(f"{module}.{name}")) is not None:
            return found
        if module == "torch" and name in _STORAGES:
            return np.dtype(_STORAGES[name])
        raise InputError(
            f"{self._path}: this pickle asks for {module}.{name}, which could run code, so it was not read; "
            "save the arrays with numpy.savez instead."
        )

    def persistent_load(self, pid: Any) -> NDArray[Any]:
        """Return a torch storage, ("storage", its type, key, device, number of elements), as a flat array."""
        kind, dtype, key, _device, _count = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise pickle.UnpicklingError("a storage of an unknown kind")
        return np.frombuffer(self._read_storage(str(key)), dtype=dtype)


def _tensor(
    storage: NDArray[Any], offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_rest: Any
) -> NDArray[Any]:
    """Do what torch._utils._rebuild_tensor_v2 does, inside the bounds of the storage."""
    last = offset + sum((count - 1) * step for count, step in zip(size, stride, strict=True))
    if min((offset, *size, *stride)) < 0 or (0 not in size and last >= storage.size):
        raise pickle.UnpicklingError("a tensor reaches beyond its storage")
    if 0 in size:
        return np.zeros(size, storage.dtype)
    steps = [step * storage.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(storage[offset:], size, steps).copy()


def _parameter(tensor: NDArray[Any], *_rest: Any) -> NDArray[Any]:
    """Do what torch._utils._rebuild_parameter does."""
    return tensor


def _dtype(code: str, *_rest: Any) -> np.dtype[Any]:
    """Make a dtype of numbers; one of objects could hide anything."""
    dtype = np.dtype(str(code))
    if dtype.kind not in "fiub":
        raise pickle.UnpicklingError(f"an array of type {dtype}")
    return dtype


class _Array:
    """Stands for numpy.ndarray while it is unpickled, since its own __setstate__ takes objects as well."""

    def __init__(self, *_arguments: Any) -> None:
        self.values: NDArray[Any] = np.zeros(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, shape, dtype, by_columns, data = state
        if not isinstance(dtype, _Dtype) or not isinstance(data, bytes):
            raise pickle.UnpicklingError("an array of something other than numbers")
        self.values = np.frombuffer(data, dtype=dtype.dtype).reshape(shape, order="F" if by_columns else "C").copy()


class _Dtype:
    """Stands for numpy.dtype, with the byte order that its state says."""

    def __init__(self, code: str, *_rest: Any) -> None:
        self.dtype = _dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if state[1] in ("<", ">"):
            self.dtype = self.dtype.newbyteorder(state[1])


def _scalar(dtype: _Dtype, data: bytes) -> Any:
    """Do what numpy's scalar does."""
    return np.frombuffer(data, dtype=dtype.dtype, count=1)[0]


def _from_buffer(data: Any, dtype: _Dtype, shape: tuple[int, ...], order: Any, *_rest: Any) -> NDArray[Any]:
    """Do what numpy's _frombuffer does, in which protocol 5 wraps an array."""
    if not isinstance(data, bytes | bytearray):
        raise pickle.UnpicklingError("an array of something other than numbers")
    return np.frombuffer(data, dtype=dtype.dtype).reshape(shape, order="F" if order == "F" else "C").copy()


def _bytes(text: str, _encoding: str) -> bytes:
    """Do what _codecs.encode does for the bytes of protocols before 3."""
    return text.encode("latin-1")


_ALLOWED: dict[str, Any] = {
    "_codecs.encode": _bytes,
    "collections.OrderedDict": collections.OrderedDict,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "numpy.dtype": _Dtype,
    "numpy.ndarray": _Array,
} | {
    f"numpy.{core}.{name}": stand_in
    for core in ("core", "_core")
    for name, stand_in in (
        ("multiarray._reconstruct", _Array),
        ("multiarray.scalar", _scalar),
        ("numeric._frombuffer", _from_buffer),
    )
}


def _arrays(content: Any) -> dict[str, NDArray[Any]]:
    """Name the arrays of what was unpickled: by their keys, by their places, or "" where there is only one."""
    if (array := _as_array(content)) is not None:
        return {"": array}
    if isinstance(content, dict):
        entries = {str(key): value for key, value in content.items()}
    elif isinstance(content, list | tuple):
        entries = {str(place): value for place, value in enumerate(content)}
    else:
        return {}
    found = {name: array for name, value in entries.items() if (array := _as_array(value)) is not None}
    return {"": next(iter(found.values()))} if len(found) == 1 else found


def _as_array(value: Any) -> NDArray[Any] | None:
    if isinstance(value, _Array):
        return value.values
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, list) and value:
        try:
            listed = np.array(value)
        except ValueError:  # of different lengths
            return None
        return listed if listed.dtype.kind in "fiu" else None
    return None
