"""The legend: what the glyphs mean, for those that are shown, in rows at the upper left."""

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.picture import Picture, SurfacePart, format_value, shorten
from talweg.scene.overlay import Labels, text_size
from talweg.scene.projection import window_size
from talweg.scene.scalar_bar import share_bar
from talweg.scene.trajectory import colour_of_run
from talweg.theme import Colour, Theme

_SIZE, _SYMBOL_SIZE = 14.0, 19.0  # pixels at scale 1
_MARGIN, _GAP, _SPACE = 18.0, 6.0, 20.0
_MOST = 0.4  # of the window's height that rows may take; further ones are left out
HEIGHT, _FURTHER = 40.0, 26.0
"""What the row, and each further one, takes away from the top of the window, pixels at scale 1."""


class LegendLayer:
    """Names the glyphs of a picture."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._renderer = renderer
        self._theme = theme
        self._entries: tuple[tuple[str, str | Colour, str], ...] = ()
        self._labels = Labels(renderer)

    def update(self, picture: Picture) -> None:
        """Name what a picture shows."""
        self._entries = tuple(_entries(picture)) if picture.legend else ()

    def height(self, scale: float) -> float:
        """Return how many pixels the legend takes away from the top of the window."""
        rows = len(self._rows(scale))
        return (HEIGHT + (rows - 1) * _FURTHER) * scale if rows else 0.0

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme

    def arrange(self, scale: float) -> list[NDArray[np.float64]]:
        """Lay the rows out for the window as it is now.

        Args:
            scale: Size of text.

        Returns:
            The boxes [[left, bottom], [right, top]] that the rows take, in pixels.
        """
        size, symbol_size = round(_SIZE * scale), round(_SYMBOL_SIZE * scale)
        height = window_size(self._renderer)[1]
        boxes = []
        self._labels.begin()
        for number, row in enumerate(self._rows(scale)):
            left, middle = _MARGIN * scale, height - (0.55 * HEIGHT + number * _FURTHER) * scale
            for symbol, colour, name in row:
                width = text_size(symbol, symbol_size)[0]
                paint: Colour = getattr(self._theme, colour) if isinstance(colour, str) else colour
                self._labels.put(symbol, (left + 0.5 * width, middle), symbol_size, paint)
                left += width + _GAP * scale
                width = text_size(name, size)[0]
                self._labels.put(name, (left + 0.5 * width, middle), size, self._theme.foreground)
                left += width + _SPACE * scale
            boxes.append(np.array([[0.0, middle - 0.45 * HEIGHT * scale], [left, middle + 0.55 * HEIGHT * scale]]))
        self._labels.end()
        return boxes

    def _rows(self, scale: float) -> list[list[tuple[str, str | Colour, str]]]:
        """The entries, broken into rows that fit into the window."""
        size, symbol_size = round(_SIZE * scale), round(_SYMBOL_SIZE * scale)
        room = window_size(self._renderer)[0] - _MARGIN * scale
        rows: list[list[tuple[str, str | Colour, str]]] = []
        left = np.inf
        for entry in self._entries:
            width = text_size(entry[0], symbol_size)[0] + text_size(entry[2], size)[0] + _GAP * scale
            if left + width > room:
                rows.append([])
                left = _MARGIN * scale
            rows[-1].append(entry)
            left += width + _SPACE * scale
        room = int((_MOST * window_size(self._renderer)[1] / scale - HEIGHT) / _FURTHER)
        return rows[: 1 + max(room, 0)]

    def close(self) -> None:
        """Remove the legend."""
        self._labels.close()


def _entries(picture: Picture) -> list[tuple[str, str | Colour, str]]:
    """Symbol, its colour or the name of it in the theme, and meaning of what is shown."""
    entries: list[tuple[str, str | Colour, str]] = []
    if picture.overlay is not None:
        surfaces = picture.surface, picture.overlay.surface
        numbers = ("1 ", "2 ") if share_bar(*surfaces) else ("", "")  # as at the strips of their scalar bar
        both = zip(surfaces, numbers, picture.overlay.names, strict=True)
        entries += [("■", _paint_of(part), f"{number}{shorten(name)}") for part, number, name in both]
    points, path, surface = picture.critical_points, picture.path, picture.surface
    if points.visible:
        shown = set(points.kind[np.isfinite(points.positions).all(axis=1)].tolist())
        names = (("●", "minimum", "minimum"), ("◆", "saddle", "saddle"), ("▲", "maximum", "maximum"))
        entries += [name for kind, name in enumerate(names) if kind in shown]
    lines = picture.lines
    for pieces, colour, name in (
        (lines.talwegs, "talweg", "talweg"),
        (lines.descending, "descending", "descending separatrix"),
        (lines.ascending, "ascending", "ascending separatrix"),
    ):
        if len(pieces):
            entries.append(("━", colour, name))
    if path is not None and path.visible and np.isfinite(path.markers).any():
        entries += [("○", "foreground", "first checkpoint"), ("★", "path_end", "last checkpoint")]
        if path.coloured_by:
            entries.append(("━", "path_end", f"by {path.coloured_by}"))
        if len(path.stems):
            farthest = np.nanmax(np.where(np.isfinite(path.residual), path.residual, 0.0))
            entries.append(("│", "foreground", f"true {path.standing_at}, ≤ {farthest:.3g} off the plane"))
        if path.others:
            runs = enumerate((path, *path.others))
            entries += [
                ("=", "foreground", run.title) if number == 0 else ("━", colour_of_run(number), run.title)
                for number, run in runs
            ]
    marks = picture.landmarks
    if marks is not None and marks.visible and np.isfinite(marks.positions).any():
        entries.append(("◼", "landmark", "checkpoint of the plane"))
    if picture.centre is not None and picture.centre.visible and np.isfinite(picture.centre.position).all():
        entries.append(("✚", "mark", "centre of the plane"))
    if picture.cap is not None and picture.cap.visible:
        entries.append(("▨", "cap", f"cut off at {picture.cap.title} {format_value(picture.cap.value, 3)}"))
    if surface.visible and surface.holes:
        entries.append(("□", "foreground", "hole: height not finite"))
    if surface.visible and surface.uncoloured and not surface.look.plain:
        entries.append(("■", "unknown", f"{surface.title}: not a number"))
    if surface.visible and surface.interpolated.any():
        entries.append(("■", "grid", surface.shaded_as))
    if surface.visible and surface.interpolated_share > 0:
        entries.append(("▦", "foreground", f"{100 * surface.interpolated_share:.0f} % of the points interpolated"))
    return entries


def _paint_of(part: SurfacePart) -> str | Colour:
    """The colour that stands for a surface: its own, or the middle of its map."""
    if part.look.plain:
        return part.look.tint or "plain"
    red, green, blue = part.colours[len(part.colours) // 2].tolist()
    return red, green, blue
