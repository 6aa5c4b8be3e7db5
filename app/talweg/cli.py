"""The command line: the same jobs as in the window, without one."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import cyclopts
import msgspec
from cyclopts import Parameter

from talweg import __version__
from talweg.export.question import Hints
from talweg.terminal.pixel_options import PixelOptions
from talweg.terminal.view_options import ViewOptions
from talweg.terminal.wanted_views import WantedViews
from talweg_compute.messages import PRESETS, InputError

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
    from talweg.terminal.file_commands import export_file, render_file
    from talweg.terminal.headless import compute_and_report

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
    from talweg.terminal.headless import compute_and_report

    return compute_and_report(job, output, resume_from)


@app.command
def certify(
    document: Path, *, threshold: float | None = None, again: Annotated[bool, Parameter(negative="")] = False
) -> int:
    """Look for the critical points of a landscape on the network itself.

    Each point of the grid is polished by Newton's method on exact derivatives. It is then certified, moved, a kink,
    degenerate, or dissolved: an artefact of the sampling. Ctrl-C keeps what was found; run again, it goes on.

    Args:
        document: A .talweg file with a complete landscape.
        threshold: Least persistence of the points, in units of the loss; without it twice the noise or 1 %.
        again: Ask also about points whose answer is known.
    """
    from talweg.terminal.headless import certify_and_report

    return certify_and_report(document, threshold, again=again)


@app.command
def gradient(document: Path) -> int:
    """Compute the gradient along the plane at each point of a landscape, by backward passes on the network itself.

    Its norm is the steepest slope along the plane per distance between weights; afterwards height and colour can show
    it (--height gradient_norm). Ctrl-C keeps what was computed; run again, it goes on.

    Args:
        document: A .talweg file with computed points.
    """
    from talweg.terminal.headless import differentiate_and_report

    return differentiate_and_report(document)


@app.command
def watch(source: Path, *, output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None) -> int:
    """Follow a running training: its checkpoints appear on the plane as they are written.

    Computes first what is missing of the landscape. Ctrl-C ends it and keeps everything.

    Args:
        source: A job file (.toml) with a trajectory, or a folder of checkpoints with one job file in it or beside it.
        output: The document (.talweg); by default the job file's name with that suffix.
    """
    from talweg.terminal.headless import compute_and_report
    from talweg.work.jobs import find_job_of

    job = find_job_of(source)
    return compute_and_report(job, output or job.with_suffix(".talweg"), follow=True)


@app.command
def train(
    model: str | None = None,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    preset: Literal[tuple(PRESETS)] | None = None,  # type: ignore[valid-type]  # one table has them
    shortcut: str | None = None,
    width: int | None = None,
    data: str | None = None,
    data_root: Path | None = None,
    download: bool = False,
    augmentation: Literal["none", "crop_flip"] | None = None,
    loss: str | None = None,
    epochs: int | None = None,
    save_every: int | None = None,
    optimizer: Literal["sgd", "momentum", "nesterov", "adam", "adamw"] | None = None,
    batch_size: int | None = None,
    learning_rate: float | None = None,
    momentum: float | None = None,
    weight_decay: float | None = None,
    schedule: Literal["cosine", "drops", "constant"] | None = None,
    drops: Annotated[list[int] | None, Parameter(consume_multiple=True, negative="")] = None,
    precision: Literal["float32", "bf16"] | None = None,
    resume: Annotated[bool, Parameter(negative="")] = False,
    seed: int | None = None,
    device: str | None = None,
) -> int:
    """Train a model; leaves a checkpoint at initialisation and after each epoch, and a log.

    Without further options: the small ResNet on the embedded digits, 20 epochs of SGD with Nesterov momentum 0.9,
    batches of 64, a learning rate that falls from 0.05 along a cosine, weight decay 5e-4.

    Args:
        model: Name of a model of the zoo.
        output: The folder for the checkpoints.
        preset: A recipe of Li et al. 2018 for CIFAR-10; further options change it.
        shortcut: Of a ResNet: "A", "B" or "none".
        width: Of a ResNet: its channels are multiplied by this.
        data: Name of a data set, or a .npz file with images and labels.
        data_root: The folder that holds the data set.
        download: Download the data set where it is missing.
        augmentation: crop_flip shifts images by up to four pixels and mirrors half of them.
        loss: "cross_entropy", "mse" or "multi_margin".
        epochs: Passes over the data.
        save_every: Epochs between checkpoints.
        optimizer: What follows the gradient.
        batch_size: Samples a step.
        learning_rate: At the start.
        momentum: Of SGD.
        weight_decay: L2 penalty on every parameter.
        schedule: cosine lets the learning rate fall to a hundredth, drops divides it by ten at some epochs.
        drops: These epochs.
        precision: Of the forward and backward pass; weights stay in float32.
        resume: Go on with a run that was stopped.
        seed: Of initialisation and order; the same seed gives the same checkpoints.
        device: "auto", "cpu", "cuda", "cuda:1" or "mps".
    """
    from talweg.terminal.headless import train_and_report
    from talweg_compute.messages import build_training

    model_args = {name: value for name, value in (("shortcut", shortcut), ("width", width)) if value is not None}
    data_args = {"root": str(data_root.resolve())} if data_root is not None else {}
    given = {
        "model": model,
        "model_args": model_args or None,
        "data": str(Path(data).resolve()) if data is not None and data.endswith(".npz") else data,
        "data_args": data_args | ({"download": True} if download else {}) or None,
        "augmentation": augmentation,
        "loss": loss,
        "folder": str(output.resolve()),
        "epochs": epochs,
        "save_every": save_every,
        "optimizer": optimizer,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "momentum": momentum,
        "weight_decay": weight_decay,
        "schedule": schedule,
        "drops": drops,
        "precision": precision,
        "resume": resume,
        "seed": seed,
        "device": device,
    }
    table = msgspec.to_builtins(PRESETS[preset]) if preset else {}
    return train_and_report(
        build_training(table | {name: value for name, value in given.items() if value is not None}, "talweg train")
    )


@app.command
def info(document: Path, *, json: bool = False) -> int:
    """Print what a document holds.

    Args:
        document: A .talweg file.
        json: Print JSON: shape, loss, non_finite, critical_points, trajectory and more.
    """
    from talweg.terminal.summary import print_summary

    return print_summary(document, as_json=json)


@app.command
def export(
    document: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    ascii_: Annotated[bool, Parameter(name="--ascii", negative="")] = False,
    flavour: Literal["talweg", "learnply", "li2018"] = "talweg",
    w: float | None = None,
    view: Annotated[ViewOptions | None, Parameter(name="*")] = None,
) -> int:
    """Export a landscape as a mesh or a table; the suffix of the output says which.

    Args:
        document: A .talweg file.
        output: .ply, .obj, .stl, .glb, .vtp; a map as a vector figure: .pdf, .svg; or a table: .csv, .npz (float64
            arrays), .h5 (the layout of Li et al.).
        ascii_: Write a PLY as text instead of binary.
        flavour: Of a PLY, learnply: what the OSU OpenGL viewer reads; of a VTP, li2018: what Li et al.'s code writes.
        w: Of a volume, the sheet to export: the one nearest to it.
        view: Height and colour of the mesh.
    """
    from talweg.terminal.file_commands import export_file

    written = export_file(document, output, binary=not ascii_, flavour=flavour, options=view, w=w)
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
    from talweg.terminal.file_commands import import_and_report

    return import_and_report(file, output, Hints(u, v, field, log), trajectory)


@app.command
def render(
    document: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    figure: Annotated[PixelOptions | None, Parameter(name="*")] = None,
    views: Annotated[WantedViews | None, Parameter(name="*")] = None,
    w: float | None = None,
    view: Annotated[ViewOptions | None, Parameter(name="*")] = None,
) -> int:
    """Render a picture of a landscape, or of several side by side; needs no display.

    Args:
        document: A .talweg file.
        output: A .png file; of a line also .svg and .pdf.
        figure: Size, colours, background.
        views: Which landscapes there are.
        w: Of a volume, the sheet to show: the one nearest to it.
        view: What is shown and how.
    """
    from talweg.terminal.file_commands import render_file

    render_file(document, output, figure=(figure or PixelOptions()).figure(), options=view, wanted=views, w=w)
    _say(f"Wrote {output}.")
    return 0


@app.command(name=["movie", "orbit"])
def movie(
    document: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    seconds: float = 8.0,
    fps: float = 30.0,
    degrees: float | None = None,
    training: Annotated[bool, Parameter(negative="")] = False,
    figure: Annotated[PixelOptions | None, Parameter(name="*")] = None,
    w: float | None = None,
    view: Annotated[ViewOptions | None, Parameter(name="*")] = None,
) -> int:
    """Render a movie of a landscape: once around it, or the training along time; needs no display.

    Every frame is an equal step of a full turn, and the first one follows on the last. Ctrl-C leaves nothing.

    Args:
        document: A .talweg file.
        output: An .mp4, .gif or .webp file; without a suffix, a new folder for numbered .png files.
        seconds: How long it takes.
        fps: Frames a second; a .gif takes the nearest of 50, 33, 25, 20, ….
        degrees: How far the eye goes around; by default 360, with --training 0.
        training: Let the checkpoints join the trajectory one after the other.
        figure: Size, colours, background.
        w: Of a volume, the sheet to show: the one nearest to it.
        view: What is shown and how.
    """
    from talweg.figures.movie import Movie
    from talweg.terminal.file_commands import film_and_report

    turn = degrees if degrees is not None else 0.0 if training else 360.0
    options = (figure or PixelOptions()).figure((1280, 720))
    status = film_and_report(document, output, Movie(seconds, fps, turn, training), figure=options, options=view, w=w)
    if status == 0:
        _say(f"Wrote {output}.")
    return status


def _has_display() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _say(text: str) -> None:
    print(text)  # noqa: T201 (the command line speaks)
