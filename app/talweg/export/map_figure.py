"""The landscape from above as a vector figure for a paper: SVG, whose text stays text, or PDF with its fonts."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talweg.export.colours import KINDS, surface_colours
from talweg.export.files import replacing
from talweg.export.metadata import describe, to_json
from talweg.landscape import Landscape
from talweg.picture import Picture, SurfacePart, format_value, ticks
from talweg.theme import LIGHT
from talweg_compute.messages import InputError

Float = NDArray[np.float64]

_WIDTH = 5.5  # inches, the text width of most papers
_SHADES = 48
_LUMA, _DARK = np.array([0.299, 0.587, 0.114]), 0.24  # below which a colour takes a light line, as in the scene
_MARKS = ("o", "D", "^")  # minima, saddles, maxima
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "talweg",
    "pdf.fonttype": 42,
    "font.size": 8,
    "axes.linewidth": 0.6,
    "hatch.linewidth": 0.3,
}


def write_map(path: Path, landscape: Landscape, picture: Picture) -> tuple[Path, ...]:
    """Draw what the picture shows from above: colour, level lines with values, runs, critical points, checkpoints.

    What is not computed yet is hatched; where points are interpolated, a line above the map says so.

    Its metadata say what it shows, as JSON: the field Description of an SVG, Subject of a PDF.

    Args:
        path: An .svg or .pdf file.
        landscape: The numbers.
        picture: What ``resolve`` made of them and of the view.

    Returns:
        The file.

    Raises:
        InputError: There is no point with a finite height, or the file cannot be written.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    picture = replace(picture, surface=picture.surface.uncut or picture.surface)
    z = picture.surface.points[:, 2].astype(np.float64)
    if not np.isfinite(z).any():
        raise InputError(f"{path}: no point of this landscape has a finite height, so there is nothing to draw.")
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, _height(landscape, picture)), layout="constrained")
        axes = figure.add_subplot()
        bar = _draw_colour(figure, axes, landscape, picture)
        _draw_levels(axes, landscape, picture, z)
        _mark_interpolated(axes, landscape, picture)
        _draw_paths(axes, landscape, picture)
        _draw_points(axes, picture)
        _draw_landmarks(axes, picture)
        axes.set(xlabel=picture.axes.titles[0], ylabel=picture.axes.titles[1])
        axes.set(xlim=(landscape.u[0], landscape.u[-1]), ylim=(landscape.v[0], landscape.v[-1]))
        axes.set_aspect(picture.frame.scale[1] / picture.frame.scale[0])
        if bar is not None:
            _align(figure, axes, bar)
        kind = path.suffix.lower().removeprefix(".")
        note = {"svg": "Description", "pdf": "Subject"}[kind]
        date = {"svg": "Date", "pdf": "CreationDate"}[kind]
        metadata = {"Title": landscape.name, "Creator": "Talweg", date: None, note: to_json(describe(landscape))}
        with replacing(path) as temporary:
            figure.savefig(temporary, format=kind, metadata=metadata)
    return (path,)


def _height(landscape: Landscape, picture: Picture) -> float:
    """Height of the figure in inches: as the map has it, with room for the names of the axes."""
    along, across = picture.frame.scale
    ratio = across * float(np.ptp(landscape.v)) / (along * float(np.ptp(landscape.u)))
    return float(np.clip(0.76 * _WIDTH * ratio + 0.6, 2.0, 9.0))


def _draw_colour(figure: Any, axes: Any, landscape: Landscape, picture: Picture) -> Any:
    """Draw the colours, and the scalar bar, which is returned; None where there is none."""
    surface = picture.surface
    low, high = surface.scalar_range
    scalars = surface.scalars.astype(np.float64)
    if not np.isfinite(scalars).any() or not low < high:
        return None
    shades = surface.colour_steps if surface.colour_steps > 1 else _SHADES
    colours = surface.colours[((np.arange(shades) + 0.5) / shades * len(surface.colours)).astype(np.int64)]
    look: dict[str, Any] = {"colors": list(colours), "antialiased": False}
    levels = np.linspace(low, high, shades + 1)
    filled = _contours(axes, landscape, surface, np.clip(scalars, low, high), levels, filled=True, **look)
    filled.set_edgecolor("face")  # viewers draw hair lines between shades that do not overlap
    places, labels = zip(*ticks(low, high, surface.colour_scale), strict=True)
    bar = figure.colorbar(filled, ax=axes, ticks=places)
    bar.set_ticklabels(labels)
    bar.set_label(surface.title)
    return bar


def _align(figure: Any, axes: Any, bar: Any) -> None:
    """Make the scalar bar as high as the map, once both have their place."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    place, own = axes.get_position(), bar.ax.get_position()
    bar.ax.set_aspect("auto")
    bar.ax.set_position((own.x0, place.y0, own.width, place.height))


def _contours(
    axes: Any, landscape: Landscape, surface: SurfacePart, values: Float, levels: Any, *, filled: bool, **look: Any
) -> Any:
    """Draw levels of values [n] at the points of a surface; with finer grids inside, on its triangles."""
    if not surface.patches:
        shown = np.ma.masked_invalid(values.reshape(surface.grid))
        draw = axes.contourf if filled else axes.contour
        return draw(landscape.u, landscape.v, shown, levels, **look)
    from matplotlib.tri import Triangulation

    grids = [landscape, *(region.landscape for region in landscape.regions)]
    places = [np.meshgrid(grid.u, grid.v) for grid in grids]
    u, v = (np.concatenate([place[axis].ravel() for place in places]) for axis in (0, 1))
    corners = surface.triangles[np.isfinite(values[surface.triangles]).all(axis=1)]
    used, own = np.unique(corners, return_inverse=True)  # since all values that it gets have to be finite
    mesh = Triangulation(u[used], v[used], own.reshape(-1, 3))
    draw = axes.tricontourf if filled else axes.tricontour
    return draw(mesh, values[used], levels, **look)


def _draw_levels(axes: Any, landscape: Landscape, picture: Picture, z: Any) -> None:
    part = picture.contours
    inside = (part.levels > np.nanmin(z)) & (part.levels < np.nanmax(z))
    if not inside.any() or not (part.on_surface or part.on_floor):
        return
    names = {level: format_value(value, 3) for level, value in zip(part.levels.tolist(), part.values, strict=True)}
    look: dict[str, Any] = {"colors": _inks(picture.surface, z, part.levels[inside]), "linewidths": 0.5}
    lines = _contours(axes, landscape, picture.surface, z, part.levels[inside], filled=False, **look)
    labels = axes.clabel(
        lines, fontsize=6, colors="black", fmt=lambda level: names[min(names, key=lambda known: abs(known - level))]
    )
    for label in labels:
        label.set_bbox({"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.4})  # a stroke is no text


def _inks(surface: SurfacePart, z: Float, levels: Float) -> list[str]:
    """A colour for each level that is seen on the colours it runs through."""
    luma = surface_colours(surface)[:, :3] @ _LUMA / 255
    known = np.isfinite(z)
    nearest = (int(np.abs(z[known] - level).argmin()) for level in levels)
    return ["white" if luma[known][place] < _DARK else "black" for place in nearest]


def _mark_interpolated(axes: Any, landscape: Landscape, picture: Picture) -> None:
    surface = picture.surface
    words = []
    if surface.interpolated.any():
        unknown = surface.interpolated.astype(np.float64)
        look: dict[str, Any] = {"colors": "none", "hatches": ["////"]}
        hatched = _contours(axes, landscape, surface, unknown, [0.5, 1.5], filled=True, **look)
        hatched.set_edgecolor("black")
        hatched.set_linewidth(0)
        words.append("hatched: not computed yet")
    if surface.interpolated_share > 0:
        words.append(f"{100 * surface.interpolated_share:.0f} % of the points interpolated")
    axes.set_title(", ".join(words), loc="right", fontsize=6)


def _draw_paths(axes: Any, landscape: Landscape, picture: Picture) -> None:
    if picture.path is None or not picture.path.visible:
        return
    for number, path in enumerate(landscape.paths):
        u, v = path.coordinates.T
        colour = "black" if number == 0 else getattr(LIGHT, f"run_{(number - 1) % 3 + 1}")
        axes.plot(u, v, "-", color="white", linewidth=2.2)
        edge: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.4}
        axes.plot(u, v, "o-", color=colour, linewidth=1.0, markersize=3.0, label=path.title or None, **edge)
    if len(landscape.paths) > 1:
        axes.legend(fontsize=6, loc="best", framealpha=0.8)


def _draw_landmarks(axes: Any, picture: Picture) -> None:
    part = picture.landmarks
    if part is None or not part.visible:
        return
    for (u, v), name in zip(part.coordinates.tolist(), part.names, strict=True):
        axes.plot(u, v, "s", color=LIGHT.landmark, markeredgecolor="black", markeredgewidth=0.5, markersize=5)
        label = axes.annotate(name, (u, v), xytext=(0, 6), textcoords="offset points", ha="center", fontsize=6)
        label.set_bbox({"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.6})
        label.set_clip_on(True)


def _draw_points(axes: Any, picture: Picture) -> None:
    part = picture.critical_points
    if not part.visible:
        return
    for kind, mark in enumerate(_MARKS):
        u, v = part.coordinates[part.kind == kind].T
        colour = tuple(channel / 255 for channel in KINDS[kind])
        axes.plot(u, v, mark, color=colour, markeredgecolor="black", markeredgewidth=0.5, markersize=5)
