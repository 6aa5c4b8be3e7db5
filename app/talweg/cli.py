"""The command line: the same jobs as in the window, without one."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import cyclopts
from cyclopts import Parameter

from talweg import __version__
from talweg.export.question import Hints
from talweg.view_options import ViewOptions
from talweg_compute.messages import InputError

app = cyclopts.App(
    name="talweg",
    help="Show the loss landscape of a neural network: compute it, look at it, take figures and meshes to the paper.",
    version=__version__,
    help_format="markdown",
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run ``talweg``; bad input is one sentence on stderr and exit status 2.

    Args:
        arguments: Those after the command's name; None: the process's own.
    """
    try:
        tokens = sys.argv[1:] if arguments is None else list(arguments)
        status = app(tokens, exit_on_error=False, print_error=False)
    except (InputError, cyclopts.CycloptsError) as error:
        print(str(error).strip(), file=sys.stderr)  # noqa: T201
        status = 2
    except KeyboardInterrupt:
        status = 130
    sys.exit(status if isinstance(status, int) else 0)


@app.default
def window(*paths: Path) -> int:
    """Open the window.

    Args:
        paths: Documents (.talweg), job files (.toml) or grids (.npz, .h5, .ply) to open; none: the embedded example.
    """
    from talweg.window import run_window

    return run_window(list(paths))


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
    from talweg.headless import compute_and_report, export_file, render_file

    job = copy_example(out) / "digits.toml"
    document = out / "landscape.talweg"
    status = compute_and_report(job, document)
    if status == 0:
        export_file(document, out / "landscape.ply")
        render_file(document, out / "landscape.png")
        _say(f"The document is {document}, the mesh {out / 'landscape.ply'}, the picture {out / 'landscape.png'}.")
    return status


@app.command
def compute(
    job: Path, *, output: Annotated[Path, Parameter(name=["--output", "-o"])], resume_from: Path | None = None
) -> int:
    """Compute a landscape.

    Ctrl-C keeps what was computed; run again, it goes on from there.

    Args:
        job: A job file (.toml): what to evaluate, on which plane, at which points.
        output: The document (.talweg) to create, or to go on with.
        resume_from: An unfinished surface of Li et al. (.h5): its points are kept, after a few were computed again.
    """
    from talweg.headless import compute_and_report

    return compute_and_report(job, output, resume_from)


@app.command
def train(
    model: str = "digits_resnet",
    *,
    data: str = "digits",
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    shortcut: str | None = None,
    epochs: int = 20,
    batch_size: int = 64,
    learning_rate: float = 0.05,
    momentum: float = 0.9,
    weight_decay: float = 5e-4,
    seed: int = 1,
    device: str = "auto",
) -> int:
    """Train a model with SGD; a checkpoint at initialisation and after each epoch.

    Args:
        model: Name of a model of the zoo.
        data: Name of a data set, or a .npz file with images and labels.
        output: The folder for the checkpoints.
        shortcut: Of a ResNet: "A", "B" or "none".
        epochs: Passes over the data.
        batch_size: Samples a step.
        learning_rate: At the start; it falls to a hundredth along a cosine.
        momentum: Nesterov momentum.
        weight_decay: L2 penalty on every parameter.
        seed: Of initialisation and order; the same seed gives the same checkpoints.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
    """
    from talweg.headless import train_and_report
    from talweg_compute.messages import build_training

    table = {
        "model": model,
        "model_args": {} if shortcut is None else {"shortcut": shortcut},
        "data": str(Path(data).resolve()) if data.endswith(".npz") else data,
        "folder": str(output.resolve()),
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "momentum": momentum,
        "weight_decay": weight_decay,
        "seed": seed,
        "device": device,
    }
    return train_and_report(build_training(table, "talweg train"))


@app.command
def info(document: Path, *, json: bool = False) -> int:
    """Print what a document holds.

    Args:
        document: A .talweg file.
        json: Print JSON: shape, loss, non_finite, critical_points, trajectory and more.
    """
    from talweg.summary import print_summary

    return print_summary(document, as_json=json)


@app.command
def export(
    document: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    ascii_: Annotated[bool, Parameter(name="--ascii", negative="")] = False,
    flavour: Literal["talweg", "learnply", "li2018"] = "talweg",
    view: Annotated[ViewOptions | None, Parameter(name="*")] = None,
) -> int:
    """Export a landscape as a mesh or a table; the suffix of the output says which.

    Args:
        document: A .talweg file.
        output: .ply, .obj, .stl, .glb, .vtp, or a table: .csv, .npz (float64 arrays), .h5 (the layout of Li et al.).
        ascii_: Write a PLY as text instead of binary.
        flavour: Of a PLY, learnply: what the OSU OpenGL viewer reads; of a VTP, li2018: what Li et al.'s code writes.
        view: Height and colour of the mesh.
    """
    from talweg.headless import export_file

    written = export_file(document, output, binary=not ascii_, flavour=flavour, options=view)
    _say(f"Wrote {', '.join(map(str, written))}.")
    return 0


@app.command(name="import")
def import_(
    file: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    u: tuple[float, float] | None = None,
    v: tuple[float, float] | None = None,
    field: str | None = None,
    log: bool | None = None,
    trajectory: Path | None = None,
) -> int:
    """Make a document of a file of another program, or of one that Talweg exported.

    The file's content says what it is: a surface of Li et al. (.h5, .vtp), of the OSU term project (.ply), of Garipov
    et al. or Landscaper (.npz), a grid of losses as .npz, .npy, .csv, .obj or pickle of arrays, or Talweg's own .ply,
    .csv, .npz, .h5 or .vtp. What it does not say is asked for with the options.

    Args:
        file: The file.
        output: The document (.talweg) to create.
        u: First and last coordinate of the columns, where the file has none.
        v: First and last coordinate of the rows, where the file has none.
        field: The array or column that is the loss, where none is called so.
        log: Heights of a mesh are ln(loss + 0.1), as Li et al. write them; --no-log: they are the loss.
        trajectory: A file with the training path: Li et al.'s _proj_cos.h5, or a table of coordinates.
    """
    from talweg.headless import import_and_report

    return import_and_report(file, output, Hints(u, v, field, log), trajectory)


@app.command
def render(
    document: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    size: tuple[int, int] = (1600, 1200),
    theme: Literal["light", "dark"] = "light",
    transparent: bool = False,
    view: Annotated[ViewOptions | None, Parameter(name="*")] = None,
) -> int:
    """Render a picture of a landscape; needs no display.

    Args:
        document: A .talweg file.
        output: A .png file.
        size: Width and height in pixels.
        theme: Light or dark background.
        transparent: Leave the background transparent.
        view: What is shown and how.
    """
    from talweg.headless import render_file

    render_file(document, output, size=size, theme=theme, transparent=transparent, options=view)
    _say(f"Wrote {output}.")
    return 0


def _has_display() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(text: str) -> None:
    print(text)  # noqa: T201
