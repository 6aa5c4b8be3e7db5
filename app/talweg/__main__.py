"""The command ``talweg``: files alone open the window at once; all else is for the command line, which loads slowly."""

import sys
from collections.abc import Sequence
from pathlib import Path

_NEW_WINDOW = "--new-window"


def main() -> None:
    """Run ``talweg`` with this process's arguments."""
    arguments, new_window = split_options(sys.argv[1:])
    if not names_files(arguments):
        from talweg.cli import main as run_command

        run_command(sys.argv[1:])
    from talweg.window import run_window
    from talweg_compute.messages import InputError

    try:
        sys.exit(run_window([Path(argument) for argument in arguments], new_window=new_window))
    except InputError as error:
        print(error, file=sys.stderr)  # noqa: T201 (the command line speaks)
        sys.exit(2)


def split_options(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """Part the files to open from the option --new-window; returns whether it is there."""
    return [argument for argument in arguments if argument != _NEW_WINDOW], _NEW_WINDOW in arguments


def names_files(arguments: Sequence[str]) -> bool:
    """Tell whether arguments are nothing but files, and so no command and no option."""
    paths = [Path(argument) for argument in arguments]
    return all(path.suffix != "" and path.exists() and not str(path).startswith("-") for path in paths)


if __name__ == "__main__":
    main()
