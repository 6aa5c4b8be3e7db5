"""Values of a job that are a plain name, or the path of a file with an optional ``:function``."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path


def list_functions(file: Path) -> tuple[str, ...]:
    """List what a Python file has at its top that can be called, without running it.

    Args:
        file: The file.

    Returns:
        Names of its functions and classes as they stand there, without private ones; none where it cannot be read.
    """
    return tuple(node.name for node in _definitions(file))


def list_networks(file: Path) -> tuple[str, ...]:
    """List those classes of a Python file that are written as modules of torch, without running it."""
    return tuple(
        node.name
        for node in _definitions(file)
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base).endswith("Module") for base in node.bases)
    )


def _definitions(file: Path) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def split_specification(value: str) -> tuple[str, str] | None:
    """Split ``file.py:function``, or the name of a data file or a program.

    Args:
        value: A job's model, data, loss or metric.

    Returns:
        The file and the function (empty for a file that is none of Python), or None where the value is a plain name.
    """
    if match := re.fullmatch(r"(.+\.py):([A-Za-z_]\w*)", value):
        return match[1], match[2]
    if value.endswith((".npz", ".py", ".pt2")):
        return value, ""
    return None
