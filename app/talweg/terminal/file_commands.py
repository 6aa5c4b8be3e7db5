"""Files without a window: exports, figures, movies, and what other programs wrote."""

import difflib
from dataclasses import replace
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from talweg.document import Document
from talweg.export.question import Hints
from talweg.figures.movie import Movie
from talweg.figures.render import FigureOptions
from talweg.figures.shots import Shot, take_shots
from talweg.landscape import Landscape
from talweg.picture import default_view, set_differences_apart
from talweg.terminal.progress import STOPPED
from talweg.terminal.view_options import ViewOptions
from talweg.terminal.wanted_views import WantedViews, choose_landscape, find_landscape
from talweg.view.arrangement import kept_arrangement
from talweg.view.quantities import BASIN, has_quantity, list_quantities
from talweg.view.state import ViewState
from talweg.work.gradients import GRADIENT_FIELDS
from talweg.work.joining import name_apart
from talweg_compute.messages import InputError


def export_file(
    document: Path,
    output: Path,
    *,
    binary: bool = True,
    flavour: Literal["talweg", "learnply", "li2018"] = "talweg",
    options: ViewOptions | None = None,
    w: float | None = None,
    name: str | None = None,
    grid_only: bool = False,
) -> tuple[Path, ...]:
    """Export a document's landscape and say which; the output's suffix says how.

    Args:
        document: A .talweg file.
        output: The file to write.
        binary: A PLY is written as binary.
        flavour: Of a PLY or VTP.
        options: Changes of the document's view.
        w: Of a volume, which sheet: the nearest.
        name: Of the landscape, or its number; None: the newest.
        grid_only: Leave out the finer grids inside.

    Returns:
        The files written.

    Raises:
        InputError: The document cannot be read, there is no such landscape, the suffix is not known, or the output
            cannot be written.
    """
    from talweg.export import export_landscape, holds_finer_grids

    with Document.open(document) as opened:
        landscape, view = load_view(opened, options, name)
        others = len(opened.landscape_ids()) - 1
    if w is not None:
        landscape = landscape.at(w)
    written = export_landscape(output, landscape, view, binary=binary, flavour=flavour, grid_only=grid_only)
    console = Console(stderr=True)
    if others and name is None:
        words = f'This is "{landscape.name}", the newest of {others + 1} landscapes; --landscape names another.'
        console.print(words, soft_wrap=True, markup=False, highlight=False)
    if landscape.regions and not grid_only and not holds_finer_grids(output.suffix, flavour):
        console.print("It is the grid alone: this format has no place for the finer grids inside.", soft_wrap=True)
    return written


def import_and_report(
    file: Path,
    output: Path,
    hints: Hints,
    trajectory: Path | None = None,
    *,
    add: bool = False,
    name: str | None = None,
) -> int:
    """Make a document of a file of another program, or add to one, and say what is in it.

    Args:
        file: Any file that holds landscapes.
        output: The document to create.
        hints: What the user says that the file does not.
        trajectory: A file with the training path.
        add: Whether the document may exist.
        name: What the landscape is called, the one that matters most where there are several; None: as the file.

    Returns:
        Exit status 0.

    Raises:
        InputError: A file cannot be read, something is missing, or the document cannot be written.
    """
    from talweg.export import add_grids, import_grids

    grids = import_grids(file, hints, trajectory)
    if name is not None:
        grids = (replace(grids[0], name=name), *grids[1:])
    there = output.exists() and output.stat().st_size > 0
    if there and not add:
        raise InputError(
            f"{output}: this file exists already; add to it with --into {output.name} instead of --output, or choose "
            "another name."
        )
    with Document.open(output) if there else Document.create(output) as document:
        grids = name_apart(document, grids)
        add_grids(document, grids)
    console = Console(stderr=True)
    for grid in grids:
        path = "".join(f", a trajectory of {len(run.names)} checkpoints" for run in grid.paths)
        shape = " x ".join(str(axis.size) for axis in (grid.u, grid.v, grid.w)[: grid.fields["loss"].ndim])
        console.print(f"{grid.name}: {shape} points{path}.", soft_wrap=True, markup=False)
        for note in grid.notes:
            console.print(f"  {note}", soft_wrap=True, markup=False, highlight=False)
    Console().print(f"Wrote {output}.", soft_wrap=True, markup=False, highlight=False)
    return 0


def subtract_and_report(path: Path, first: str, second: str) -> int:
    """Add the difference of two landscapes to their document and say what it compares.

    Args:
        path: A .talweg file.
        first: Name or number of the landscape to subtract from.
        second: Name or number of the one that is subtracted.

    Returns:
        Exit status 0.

    Raises:
        InputError: There is no such landscape, they cannot be subtracted, or the document cannot be written.
    """
    from talweg.work.subtracting import add_difference

    with Document.open(path) as document:
        numbers = find_landscape(document, first), find_landscape(document, second)
        found = document.landscape(add_difference(document, *numbers))
    console = Console(soft_wrap=True, markup=False, highlight=False)
    for note in found.notes:
        Console(stderr=True).print(note, soft_wrap=True, markup=False, highlight=False)
    console.print(f"{found.name} is in {path}.")
    return 0


def render_file(
    document: Path,
    output: Path,
    *,
    figure: FigureOptions | None = None,
    options: ViewOptions | None = None,
    wanted: WantedViews | None = None,
    w: float | None = None,
) -> None:
    """Render a document's landscape, or several side by side.

    Args:
        document: A .talweg file.
        output: A .png file; of a line also .svg and .pdf.
        figure: Size, colours, background.
        options: Changes of the document's view.
        wanted: Which views there are, where that is not as the document keeps it.
        w: Of a volume, which sheet: the nearest.

    Raises:
        InputError: The document cannot be read, or the picture cannot be written.
    """
    from talweg.figures.rendering import Order, carry_out

    shots, linked = _shots(document, options, wanted, w)
    carry_out(Order(output, shots, _as_seen(figure, options), linked=linked))


def film_and_report(
    document: Path,
    output: Path,
    movie: Movie,
    *,
    figure: FigureOptions | None = None,
    options: ViewOptions | None = None,
    wanted: WantedViews | None = None,
    w: float | None = None,
) -> int:
    """Render a document's landscape, or several side by side, as a movie and show how far it is.

    Args:
        document: A .talweg file.
        output: An .mp4, .gif or .webp file, or a folder for .png files.
        movie: How it goes.
        figure: Size, colours, background.
        options: Changes of the document's view.
        wanted: Which views there are, where that is not as the document keeps it.
        w: Of a volume, which sheet: the nearest.

    Returns:
        Exit status: 0 done, 130 stopped by Ctrl-C; no part of a movie is left then.

    Raises:
        InputError: The document cannot be read, or the movie cannot be written.
    """
    from talweg.figures.rendering import Order, carry_out

    shots, linked = _shots(document, options, wanted, w)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("frames", total=None)
        order = Order(output, shots, _as_seen(figure, options), movie, linked=linked)
        try:
            carry_out(order, lambda done, total: bar.update(task, completed=done, total=total))
        except KeyboardInterrupt:
            console.print("Stopped; nothing was written.", soft_wrap=True)
            return STOPPED
    return 0


def _shots(
    document: Path, options: ViewOptions | None, wanted: WantedViews | None, w: float | None
) -> tuple[tuple[Shot, ...], bool]:
    """What a picture of a document shows, and whether all views of it look from the same place."""
    with Document.open(document) as opened:
        arrangement = (wanted or WantedViews()).arrange(opened, options)
        panes = arrangement.panes
        landscapes = [opened.landscape(pane.landscape).at(pane.view.w if w is None else w) for pane in panes]
        shots = take_shots(arrangement, landscapes, opened)
    if options is not None:
        for landscape in landscapes:
            _check_quantities(document, landscape, options)
    return shots, arrangement.has("camera")


def _as_seen(figure: FigureOptions | None, options: ViewOptions | None) -> FigureOptions:
    return replace(figure or FigureOptions(), camera=None if options is None else options.standard_view)


def load_view(document: Document, options: ViewOptions | None, name: str | None = None) -> tuple[Landscape, ViewState]:
    """Read one of a document's landscapes and the view that shows it, changed by options.

    Args:
        document: An open document.
        options: Changes of the view.
        name: Of the landscape, or its number; None: the newest.

    Raises:
        InputError: The document is empty, there is no such landscape, or an option is out of range.
    """
    landscape = choose_landscape(document, name)
    kept = kept_arrangement(document, document.newest_landscape().id)
    view = default_view(landscape)
    if kept is not None:
        kept = set_differences_apart(kept, document)
        view = kept.view_of(landscape.id)
    if options is None:
        return landscape, view
    _check_quantities(document.path, landscape, options)
    return landscape, options.apply(view, () if kept is None else kept.saved)


def _check_quantities(path: Path, landscape: Landscape, options: ViewOptions) -> None:
    for option, name in (("height", options.height), ("colour", options.colour)):
        if name is not None:
            _check_quantity(path, landscape, option, name)


def _check_quantity(path: Path, landscape: Landscape, option: str, name: str) -> None:
    if has_quantity(landscape, name) or (option == "colour" and name == BASIN):
        return
    if name in GRADIENT_FIELDS:
        raise InputError(f"{path}: this landscape has no gradients; compute them with: talweg gradient {path}.")
    names = [known for known, there in list_quantities(landscape).items() if there]
    close = difflib.get_close_matches(name, names, 1)
    hint = f'did you mean "{close[0]}"? ' if close else ""
    raise InputError(f'{option}: got "{name}"; {hint}this landscape has {", ".join(names)}.')
