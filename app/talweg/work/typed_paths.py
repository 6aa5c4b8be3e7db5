"""Files as somebody types them: a path that is not whole is looked up beside the checkpoint, then where Talweg runs."""

from pathlib import Path

from talweg_compute.messages import split_specification


def find_typed(typed: str, beside: Path | None) -> str:
    """Make a typed path whole.

    Args:
        typed: A path; ``~`` is the home folder.
        beside: Folder of the checkpoint, which comes before the working directory; None where none is named yet.

    Returns:
        The path of the first file that is there; where there is none, the one in the first folder.
    """
    candidates = _candidates(typed, beside)
    return str(next((path for path in candidates if path.exists()), candidates[0]))


def find_specification(typed: str, beside: Path | None) -> str:
    """Do the same with ``file.py:function`` or the name of a file; a plain name stays as it is."""
    split = split_specification(typed)
    if split is None:
        return typed
    path = find_typed(split[0], beside)
    return f"{path}:{split[1]}" if split[1] else path


def explain_missing(typed: str, beside: Path | None) -> str:
    """Say where a file was looked for that is not there.

    Returns:
        A sentence; nothing where the file is there, the path is whole, or what was typed names no file.
    """
    file = (split_specification(typed) or (typed, ""))[0]
    if not file or Path(file).expanduser().is_absolute() or Path(find_typed(file, beside)).exists():
        return ""
    where = [] if beside is None else [f"beside the checkpoint, in {beside}"]
    where.append(f"in the folder that Talweg was started in, {Path.cwd()}")
    return f'There is no "{file}" {", nor ".join(where)}: write the whole path, or choose the file.'


def _candidates(typed: str, beside: Path | None) -> list[Path]:
    path = Path(typed).expanduser()
    folders = dict.fromkeys([*([] if beside is None else [beside]), Path.cwd()])
    return [folder / path for folder in folders]
