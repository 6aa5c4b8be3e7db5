"""The scalar bar: the colour map with real values beside it, at the right side of the window."""

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.lettering import TICK_SIZE, TITLE_SIZE
from talweg.picture import SurfacePart, basin_colours, format_value, ticks
from talweg.scene.colours import colours_of
from talweg.scene.overlay import Labels, Rectangles, Strokes, text_size
from talweg.scene.projection import window_size
from talweg.theme import Theme

_HEIGHT = 0.6  # of the window
_MOST_BASINS = 12  # that the bar names, the most persistent ones
_WIDTH, _EDGE, _TICK, _GAP = 17.0, 16.0, 5.0, 5.0  # pixels at scale 1


class ScalarBarLayer:
    """Draws the scalar bar of a SurfacePart."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._renderer = renderer
        self._theme = theme
        self._part: SurfacePart | None = None
        self._colours, self._strokes, self._labels = Rectangles(renderer), Strokes(renderer), Labels(renderer)

    def update(self, part: SurfacePart) -> None:
        """Draw the bar of a part."""
        self._part = part

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme

    def width(self, scale: float) -> float:
        """Return how many pixels the bar takes away from the right side of the window."""
        part = self._part
        if part is None or not part.scalar_bar:
            return 0.0
        labels, title = self._label_width(part, scale), text_size(part.title, round(TITLE_SIZE * scale))[1]
        return (_EDGE + _WIDTH + _TICK + 3 * _GAP) * scale + labels + title

    def arrange(self, scale: float) -> list[NDArray[np.float64]]:
        """Lay the bar out for the window as it is now.

        Args:
            scale: Size of text and bar.

        Returns:
            The box [[left, bottom], [right, top]] that the bar takes, in pixels, if it is drawn.
        """
        part = self._part
        self._labels.begin()
        if part is None or not part.scalar_bar:
            self._colours.draw(np.zeros((0, 4)), np.zeros((0, 3)))
            self._strokes.draw([], self._theme.foreground, 1.0)
            self._labels.end()
            return []
        width, height = window_size(self._renderer)
        length = _HEIGHT * height
        left, bottom = round(width - self.width(scale)), round(0.5 * (height - length))
        right, top = left + round(_WIDTH * scale), round(bottom + length)
        colours = _colours(part)
        edges = np.linspace(bottom, top, len(colours) + 1)
        boxes = np.column_stack([np.full(len(colours), left), edges[:-1], np.full(len(colours), right), edges[1:]])
        self._colours.draw(boxes, colours)
        corners = np.array([[left, bottom], [right, bottom], [right, top], [left, top]], dtype=np.float64)
        strokes = [np.stack([corners[k], corners[(k + 1) % 4]]) for k in range(4)]
        size = round(TICK_SIZE * scale)
        low, high = part.scalar_range
        for position, label in _ticks(part):
            y = bottom + (position - low) / (high - low) * length
            strokes.append(np.array([[right, y], [right + _TICK * scale, y]]))
            centre = right + (_TICK + _GAP) * scale + 0.5 * text_size(label, size)[0]
            self._labels.put(label, (centre, y), size, self._theme.foreground)
        size = round(TITLE_SIZE * scale)
        x = width - _EDGE * scale - 0.5 * text_size(part.title, size)[1]
        self._labels.put(part.title, (x, 0.5 * (bottom + top)), size, self._theme.foreground, angle=90.0)
        self._strokes.draw(strokes, self._theme.foreground, max(1.0, scale))
        self._labels.end()
        return [np.array([[left, bottom - size], [width, top + size]], dtype=np.float64)]

    def _label_width(self, part: SurfacePart, scale: float) -> float:
        size = round(TICK_SIZE * scale)
        return max((text_size(label, size)[0] for _, label in _ticks(part)), default=0)

    def close(self) -> None:
        """Remove the bar."""
        for item in (self._colours, self._strokes, self._labels):
            item.close()


def _colours(part: SurfacePart) -> NDArray[np.float64]:
    """Colours of the bar from below [k, 3]: the map, or one for each basin, the deepest minimum lowest."""
    if part.basins is None:
        return colours_of(part.colour_map)
    return basin_colours(part.basins.shown[:_MOST_BASINS], (0.5, 0.5, 0.5))


def _ticks(part: SurfacePart) -> list[tuple[float, str]]:
    """Places on the bar, on the scale of the scalars, and what stands there: values, or the loss at the minima."""
    if part.basins is None:
        return list(ticks(*part.scalar_range, part.colour_scale))
    losses = part.basins.loss[:_MOST_BASINS]
    return [((k + 0.5) / losses.size, format_value(float(loss), 3)) for k, loss in enumerate(losses)]
