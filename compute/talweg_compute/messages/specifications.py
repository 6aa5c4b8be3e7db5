"""Values of a job that are a plain name, or the path of a file with an optional ``:function``."""

import re


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
