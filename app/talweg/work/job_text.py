"""A job as the text of its file, and the arguments in it."""

import json
import tomllib
from typing import Any

from talweg_compute.messages import InputError

_EXAMPLES = {
    "model_args": 'name = value, such as sizes = [64, 16, 10], shortcut = "A"',
    "normalize": "mean = [0.5, 0.5, 0.5], std = [0.25, 0.25, 0.25], a number a channel",
}


def parse_arguments(text: str, key: str = "model_args") -> dict[str, Any]:
    """Read arguments as a job file has them in braces: ``sizes = [64, 16, 10], bias = false``.

    Raises:
        InputError: They are not TOML.
    """
    try:
        table = tomllib.loads(f"x = {{ {text.strip()} }}")["x"]
    except tomllib.TOMLDecodeError:
        raise InputError(f'problem.{key}: got "{text}"; expected {_EXAMPLES[key]}.') from None
    return dict(table)


def write_arguments(arguments: dict[str, Any]) -> str:
    """Write arguments as ``parse_arguments`` reads them."""
    return ", ".join(f"{name} = {_toml(value)}" for name, value in arguments.items())


def write_toml(job: dict[str, dict[str, Any]]) -> str:
    """Write a job file.

    Args:
        job: Tables of keys, as ``Draft.table`` gives them.

    Returns:
        TOML that reads back as the same tables.
    """
    parts = [
        "\n".join([f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in keys.items())])
        for name, keys in job.items()
    ]
    return "\n\n".join(parts) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace(
        "\x7f", "\\u007f"
    )  # JSON's text, numbers and booleans are TOML's
