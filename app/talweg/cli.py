"""The command line: the same jobs as in the window, without one."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import cyclopts

from talweg import __version__
from talweg.terminal.document_commands import difference, export, import_, info, merge, movie, render
from talweg.terminal.network_commands import certify, compute, gradient, watch
from talweg.terminal.saying import say
from talweg.terminal.train_command import train
from talweg_compute.messages import InputError

app = cyclopts.App(
    name="talweg",
    help="Show the loss landscape of a neural network: compute it, look at it, take figures and meshes to the paper.",
    version=__version__,
    help_format="markdown",
)
app.command(compute)
app.command(certify)
app.command(gradient)
app.command(watch)
app.command(train)
app.command(info)
app.command(export)
app.command(import_, name="import")
app.command(merge)
app.command(difference)
app.command(render)
app.command(movie, name=["movie", "orbit"])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``talweg``; bad input is one sentence on stderr and exit status 2.

    Args:
        arguments: Those after the command's name; None: the process's own.
    """
    try:
        tokens = sys.argv[1:] if arguments is None else list(arguments)
        status = app(tokens, exit_on_error=False, print_error=False)
        sys.stdout.flush()
    except (InputError, cyclopts.CycloptsError) as error:
        print(str(error).strip(), file=sys.stderr)  # noqa: T201 (the command line speaks)
        status = 2
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left of it goes nowhere
        status = 141
    sys.exit(status if isinstance(status, int) else 0)


@app.default
def window(*paths: Path, new_window: bool = False) -> int:
    """Open the window; files go to the one that is open already.

    Args:
        paths: Documents (.talweg), job files (.toml) or grids (.npz, .h5, .ply) to open; none: the embedded example.
        new_window: Open them in a window of their own.
    """
    from talweg.window import run_window

    return run_window(list(paths), new_window=new_window)


@app.command
def demo(*, headless: bool = False, out: Path = Path("build/demo")) -> int:
    """Open the embedded example, or compute it without a window.

    Args:
        headless: Compute the example's job and leave its document, mesh and picture; chosen where there is no display.
        out: The folder for what is left.
    """
    if not headless and _has_display():
        return window()
    from talweg.example import copy_example
    from talweg.terminal.file_commands import export_file, render_file
    from talweg.terminal.headless import compute_and_report

    job = copy_example(out) / "digits.toml"
    document = out / "landscape.talweg"
    status = compute_and_report(job, document)
    if status == 0:
        export_file(document, out / "landscape.ply")
        render_file(document, out / "landscape.png")
        say(f"The document is {document}, the mesh {out / 'landscape.ply'}, the picture {out / 'landscape.png'}.")
    return status


def _has_display() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
