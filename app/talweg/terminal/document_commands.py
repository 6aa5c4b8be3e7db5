"""The commands that read and write documents: what they hold, meshes, figures, movies."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from talweg.terminal.pixel_options import PixelOptions
from talweg.terminal.saying import choose_document, say
from talweg.terminal.view_options import ViewOptions
from talweg.terminal.wanted_views import WantedViews


def info(document: Path, *, landscape: str | None = None, json: bool = False) -> int:
    """Print what a document holds.

    Args:
        document: A .talweg file.
        landscape: Which landscape, by its name or number; by default the newest.
        json: Print JSON: shape, loss, non_finite, critical_points, trajectory and more.
    """
    from talweg.terminal.printing import print_summary

    return print_summary(document, landscape, as_json=json)


def export(
    document: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    ascii_: Annotated[bool, Parameter(name="--ascii", negative="")] = False,
    flavour: Literal["talweg", "learnply", "li2018"] = "talweg",
    landscape: str | None = None,
    grid_only: Annotated[bool, Parameter(negative="")] = False,
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
        landscape: Which one, by its name or number; without, the newest.
        grid_only: Leave out the finer grids that were computed inside ("Refine this region").
        w: Of a volume, the sheet to export: the one nearest to it.
        view: Height and colour of the mesh.
    """
    from talweg.terminal.file_commands import export_file

    written = export_file(
        document,
        output,
        binary=not ascii_,
        flavour=flavour,
        options=view,
        w=w,
        name=landscape,
        grid_only=grid_only,
    )
    say(f"Wrote {', '.join(map(str, written))}.")
    return 0


def merge(*documents: Path, output: Annotated[Path, Parameter(name=["--output", "-o"])]) -> int:
    """Put the landscapes of several documents into one, so that they compare; the documents stay as they are.

    Args:
        documents: Two .talweg files or more.
        output: The document (.talweg) to create.
    """
    from talweg.work.joining import merge_documents

    names = merge_documents(documents, output)
    say(f"Wrote {output}: {', '.join(names)}.")
    return 0


def difference(document: Path, first: str, second: str) -> int:
    """Add the difference of two landscapes of a document to it, as a further landscape.

    Args:
        document: A .talweg file.
        first: The landscape to subtract from, by its name or number.
        second: The landscape that is subtracted, by its name or number.
    """
    from talweg.terminal.file_commands import subtract_and_report

    return subtract_and_report(document, first, second)


def import_(
    file: Path,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    into: Path | None = None,
    name: str | None = None,
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
        into: A document to add the landscapes to, beside those that are there.
        name: What the landscape is called; by default as the file.
        u: First and last coordinate of the columns, where the file has none.
        v: First and last coordinate of the rows, where the file has none.
        field: The array or column that is the loss, where none is called so.
        log: Heights of a mesh are ln(loss + 0.1), as Li et al. write them; --no-log: they are the loss.
        trajectory: A file with the training path: Li et al.'s _proj_cos.h5, or a table of coordinates.
    """
    from talweg.export.question import Hints
    from talweg.terminal.file_commands import import_and_report

    document = choose_document(output, into)
    return import_and_report(file, document, Hints(u, v, field, log), trajectory, add=into is not None, name=name)


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
    say(f"Wrote {output}.")
    return 0


def movie(
    document: Path,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    seconds: float = 8.0,
    fps: float = 30.0,
    degrees: float | None = None,
    training: Annotated[bool, Parameter(negative="")] = False,
    figure: Annotated[PixelOptions | None, Parameter(name="*")] = None,
    views: Annotated[WantedViews | None, Parameter(name="*")] = None,
    w: float | None = None,
    view: Annotated[ViewOptions | None, Parameter(name="*")] = None,
) -> int:
    """Render a movie of a landscape, or of several side by side: once around, or the training; needs no display.

    Every frame is an equal step of a full turn, and the first one follows on the last. Ctrl-C leaves nothing.

    Args:
        document: A .talweg file.
        output: An .mp4, .gif or .webp file; without a suffix, a new folder for numbered .png files.
        seconds: How long it takes.
        fps: Frames a second; a .gif takes the nearest of 50, 33, 25, 20, ….
        degrees: How far the eye goes around; by default 360, with --training 0.
        training: Let the checkpoints join the trajectory one after the other.
        figure: Size, colours, background.
        views: Which landscapes there are.
        w: Of a volume, the sheet to show: the one nearest to it.
        view: What is shown and how.
    """
    from talweg.figures.movie import Movie
    from talweg.terminal.file_commands import film_and_report

    turn = degrees if degrees is not None else 0.0 if training else 360.0
    options = (figure or PixelOptions()).figure((1280, 720))
    movie = Movie(seconds, fps, turn, training)
    status = film_and_report(document, output, movie, figure=options, options=view, wanted=views, w=w)
    if status == 0:
        say(f"Wrote {output}.")
    return status
