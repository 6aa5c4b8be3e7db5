"""The user's own files: imported by path, called, and every failure told in one sentence."""

import importlib.util
import inspect
import random
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch

from talweg_compute.messages import InputError, split_specification

_Stamp = tuple[str, int, int]

_modules: dict[Path, tuple[ModuleType, dict[str, _Stamp]]] = {}


def load_function(specification: str, field: str) -> Callable[..., Any]:
    """Import the function that ``path/to/file.py:function`` names.

    The file is executed once, and again when it or a module that it imported from its own folder has changed. Its
    folder comes first on ``sys.path``, as if it had been started by hand; modules of that folder never serve
    another file.

    Args:
        specification: File and function; a relative path is relative to the current folder.
        field: The job's key that holds it, for the error.

    Returns:
        The function.

    Raises:
        InputError: There is no such file or function, or executing the file failed.
    """
    file, name = split_specification(specification) or (specification, "")
    path = Path(file).resolve()
    if not path.is_file():
        raise InputError(f'{field}: got "{specification}"; there is no such file: correct the path.')
    try:
        module = _import(path)
    except (Exception, SystemExit) as error:
        raise InputError(f"{field}: {file} cannot be imported: {describe(error, path)}.") from error
    function = getattr(module, name, None)
    if not callable(function):
        functions = [key for key, value in vars(module).items() if inspect.isroutine(value) or inspect.isclass(value)]
        own = [key for key in functions if getattr(vars(module)[key], "__module__", "") == module.__name__]
        raise InputError(
            f'{field}: got "{specification}"; {file} has no function {name or "named after a colon"}; '
            f"expected one of its own: {', '.join(own) or 'it defines none'}."
        )
    return function  # type: ignore[no-any-return]  # it is callable, and of the user


def call_function(
    function: Callable[..., Any], arguments: Mapping[str, Any], specification: str, field: str, seed: int = 0
) -> Any:
    """Call the user's function under fixed random numbers.

    Args:
        function: What ``load_function`` found.
        arguments: Keyword arguments.
        specification: Where it came from, for the error.
        field: The job's key, for the error.
        seed: Seed of the random numbers.

    Returns:
        What it returns.

    Raises:
        InputError: It does not take these arguments, or it raised an exception.
    """
    try:
        signature = inspect.signature(function)
    except ValueError:  # written in C
        signature = None
    try:
        if signature is not None:
            signature.bind(**arguments)
    except TypeError as error:
        given = ", ".join(arguments) or "no arguments"
        raise InputError(f"{field}: {specification} was called with {given}, but takes {signature}: {error}.") from None
    try:
        with fixed_randomness(seed):
            return function(**arguments)
    except (Exception, SystemExit) as error:
        file = (split_specification(specification) or (specification, ""))[0]
        raise InputError(f"{field}: {specification} failed: {describe(error, Path(file).resolve())}.") from error


def describe(error: BaseException, path: Path | None = None) -> str:
    """Say an exception in a clause: type, message, and the line in the user's file.

    Args:
        error: What was raised.
        path: The user's file, where it is not imported yet.

    Returns:
        Such as ``ValueError: bad width (model.py, line 12)``, without a full stop at its end.
    """
    message = " ".join(str(error).split()).rstrip(".")
    if len(message) > 400:
        message = message[:400].rstrip() + " …"
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    if isinstance(error, SyntaxError):
        return text
    own = {str(file) for file in (*_modules, path)}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in own]
    return f"{text} ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else text


@contextmanager
def fixed_randomness(seed: int) -> Iterator[None]:
    """Seed Python's, NumPy's and torch's global generators, and give them back as they were."""
    python, legacy = random.getstate(), np.random.get_state()
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []  # type: ignore[no-untyped-call]  # torch has no types here
    try:
        with torch.random.fork_rng(devices=devices):
            random.seed(seed)
            np.random.seed(seed % 2**32)
            torch.manual_seed(seed)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(legacy)


def _import(path: Path) -> ModuleType:
    folder = str(path.parent)
    if folder in sys.path:
        sys.path.remove(folder)
    sys.path.insert(0, folder)
    if path in _modules:
        module, stamps = _modules[path]
        if all(_stamp(Path(file)) == (file, time, size) for file, time, size in stamps.values()):
            return module
    for _, stamps in _modules.values():  # no other file's neighbours, and none of an earlier version
        for name in stamps:
            sys.modules.pop(name, None)
    importlib.invalidate_caches()
    name = f"talweg_user_{sha256(str(path).encode()).hexdigest()[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    before = set(sys.modules)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        for new in _neighbours(path, set(sys.modules) - before):
            sys.modules.pop(new, None)
        raise
    _modules[path] = module, _neighbours(path, set(sys.modules) - before)
    return module


def _neighbours(path: Path, names: set[str]) -> dict[str, _Stamp]:
    """Stamp those modules that came from the file's own folder."""
    found = {}
    for name in names:
        file = getattr(sys.modules.get(name), "__file__", None)
        if file and Path(file).is_relative_to(path.parent) and "site-packages" not in file:
            found[name] = _stamp(Path(file))
    return found


def _stamp(path: Path) -> _Stamp:
    try:
        status = path.stat()
    except OSError:
        return str(path), 0, -1
    return str(path), status.st_mtime_ns, status.st_size
