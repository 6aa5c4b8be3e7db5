"""Scalar bars: colour maps with real values beside them, at the right side of the window or at its lower edge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.lettering import TICK_SIZE, TITLE_SIZE
from talweg.picture import Picture, SurfacePart, basin_colours, format_value, ticks
from talweg.scene.overlay import Labels, Rectangles, Strokes, text_size
from talweg.scene.projection import window_size
from talweg.theme import Theme

Float = NDArray[np.float64]

_LENGTH = 0.6  # of the window's side that it stands along
_MOST = 0.45  # of the other side that all bars may take; else there are none
_NARROW = 1.1  # width over height of the window below which bars lie below the picture
_MOST_BASINS = 12  # that the bar names, the most persistent ones
_WIDTH, _EDGE, _TICK, _GAP = 17.0, 16.0, 5.0, 5.0  # pixels at scale 1


@dataclass(frozen=True, eq=False)
class _Bar:
    """One bar: the colours of one surface, or of two whose colours mean the same values.

    Attributes:
        parts: The surfaces.
        ticks: Places on the scale of the scalars, and what stands there.
    """

    parts: tuple[SurfacePart, ...]
    ticks: tuple[tuple[float, str], ...]

    @property
    def first(self) -> SurfacePart:
        """What its scale and its title are taken from."""
        return self.parts[0]

    def strips(self, scale: float) -> float:
        """How wide the colours are, with the gaps between them."""
        return (len(self.parts) * (_WIDTH + _GAP) - _GAP) * scale

    def labels(self, scale: float, *, lies: bool) -> float:
        """How far the numbers reach away from the colours."""
        size = round(TICK_SIZE * scale)
        return max((text_size(label, size)[1 if lies else 0] for _, label in self.ticks), default=0)

    def title(self, scale: float) -> float:
        """How high the title is."""
        return text_size(self.first.title, round(TITLE_SIZE * scale))[1]

    def reach(self, scale: float, *, lies: bool) -> float:
        """How much of the window it takes, across its length."""
        space = _EDGE + _TICK + 3 * _GAP
        return space * scale + self.strips(scale) + self.labels(scale, lies=lies) + self.title(scale)


def share_bar(one: SurfacePart, other: SurfacePart) -> bool:
    """Tell whether the colours of two surfaces stand for the same values, so that one scale is beside both."""
    same = (one.scalar_range, one.colour_scale, one.title) == (other.scalar_range, other.colour_scale, other.title)
    return one.scalar_bar and other.scalar_bar and same and one.basins is None and other.basins is None


class ScalarBarLayer:
    """Draws the scalar bars of a picture: that of its surface, and that of an overlay with a map of its own."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._renderer = renderer
        self._theme = theme
        self._bars: tuple[_Bar, ...] = ()
        self._place = "automatic"
        self._colours, self._strokes, self._labels = Rectangles(renderer), Strokes(renderer), Labels(renderer)

    def update(self, picture: Picture) -> None:
        """Draw the bars of a picture."""
        overlay = None if picture.overlay is None else picture.overlay.surface
        parts = [part for part in (picture.surface, overlay) if part is not None and part.scalar_bar]
        groups = [tuple(parts)] if len(parts) > 1 and share_bar(*parts) else [(part,) for part in parts]
        self._bars = tuple(_Bar(group, _ticks(group[0])) for group in groups)
        self._place = picture.surface.bar_place

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme

    def room(self, scale: float) -> tuple[float, float]:
        """Return how many pixels the bars take away from the right side and from the lower edge of the window."""
        lies = self._lies()
        total = sum(bar.reach(scale, lies=lies) for bar in self._bars)
        if total > _MOST * window_size(self._renderer)[1 if lies else 0]:
            return 0.0, 0.0
        return (0.0, total) if lies else (total, 0.0)

    def arrange(self, scale: float) -> list[Float]:
        """Lay the bars out for the window as it is now.

        Args:
            scale: Size of text and bars.

        Returns:
            The boxes [[left, bottom], [right, top]] that the bars take, in pixels.
        """
        right, below = self.room(scale)
        lies, size = below > 0, window_size(self._renderer)
        start = np.array([0.5 * (1 - _LENGTH) * size[0], below] if lies else [size[0] - right, 0.2 * size[1]])
        boxes, rectangles, colours, strokes = [], [np.zeros((0, 4))], [np.zeros((0, 3))], list[Float]()
        self._labels.begin()
        for bar in self._bars if right or lies else ():
            frame = _Frame(np.round(start), round(_LENGTH * size[0 if lies else 1]), lies=lies)
            reach = bar.reach(scale, lies=lies)
            for number in range(len(bar.parts)):
                boxes_of, colours_of = self._draw_strip(bar, number, frame, scale, strokes)
                rectangles.append(boxes_of)
                colours.append(colours_of)
            self._write(bar, frame, scale, strokes)
            boxes.append(frame.box((-TITLE_SIZE * scale, frame.length + TITLE_SIZE * scale), (0.0, reach)))
            start = frame.at(0.0, reach)
        self._labels.end()
        self._colours.draw(np.concatenate(rectangles), np.concatenate(colours))
        self._strokes.draw(strokes, self._theme.foreground, max(1.0, scale))
        return boxes

    def _draw_strip(
        self, bar: _Bar, number: int, frame: "_Frame", scale: float, strokes: list[Float]
    ) -> tuple[Float, Float]:
        """The colours of one surface: rectangles [k, 4] and their colours [k, 3]; the outline joins the strokes."""
        near = number * (_WIDTH + _GAP) * scale
        colours, across = _colours(bar.parts[number]), (near, near + round(_WIDTH * scale))
        edges = np.linspace(0.0, frame.length, len(colours) + 1)
        (left, bottom), (right, top) = frame.box((0.0, frame.length), across)
        corners = np.array([[left, bottom], [right, bottom], [right, top], [left, top]])
        strokes += [np.stack([corners[k], corners[(k + 1) % 4]]) for k in range(4)]
        if len(bar.parts) > 1:
            size = round(TICK_SIZE * scale)
            beyond = frame.length + (_GAP + 0.5 * TICK_SIZE) * scale
            self._put(str(number + 1), frame.at(beyond, sum(across) / 2), size)
        return frame.slices(edges, across), colours

    def _write(self, bar: _Bar, frame: "_Frame", scale: float, strokes: list[Float]) -> None:
        """Write the ticks that have room, and the title."""
        size, strips = round(TICK_SIZE * scale), bar.strips(scale)
        low, high = bar.first.scalar_range
        end = -np.inf
        for position, label in bar.ticks:
            along = (position - low) / (high - low) * frame.length
            strokes.append(np.stack([frame.at(along, strips), frame.at(along, strips + _TICK * scale)]))
            width, height = text_size(label, size)
            half, across = (0.5 * width, 0.5 * height) if frame.lies else (0.5 * height, 0.5 * width)
            if along - half > end:
                self._put(label, frame.at(along, strips + (_TICK + _GAP) * scale + across), size)
                end = along + half + (_GAP * scale if frame.lies else 0.0)
        across = bar.reach(scale, lies=frame.lies) - _EDGE * scale - 0.5 * bar.title(scale)
        middle = frame.at(0.5 * frame.length, across)
        self._put(bar.first.title, middle, round(TITLE_SIZE * scale), angle=0.0 if frame.lies else 90.0)

    def _put(self, text: str, centre: Float, size: int, *, angle: float = 0.0) -> None:
        self._labels.put(text, (float(centre[0]), float(centre[1])), size, self._theme.foreground, angle=angle)

    def _lies(self) -> bool:
        width, height = window_size(self._renderer)
        return self._place == "below" or (self._place == "automatic" and width < _NARROW * height)

    def close(self) -> None:
        """Remove the bars."""
        for item in (self._colours, self._strokes, self._labels):
            item.close()


@dataclass(frozen=True, eq=False)
class _Frame:
    """Where a bar is: its lowest colour's corner next to the picture, and how long it is, in pixels.

    Attributes:
        start: [2], the corner.
        length: From the lowest to the highest value: upwards, or to the right where it lies.
        lies: Whether it is below the picture instead of beside it.
    """

    start: Float
    length: float
    lies: bool

    def at(self, along: float, across: float) -> Float:
        """Return the pixel [2] so far along the bar, and so far away from the picture."""
        return np.asarray(self.start + (np.array([along, -across]) if self.lies else np.array([across, along])))

    def box(self, along: tuple[float, float], across: tuple[float, float]) -> Float:
        """Return the box [[left, bottom], [right, top]] between such places."""
        corners = np.stack([self.at(along[0], across[0]), self.at(along[1], across[1])])
        return np.stack([corners.min(axis=0), corners.max(axis=0)])

    def slices(self, edges: Float, across: tuple[float, float]) -> Float:
        """Return the boxes (left, bottom, right, top) [k, 4] between successive edges [k + 1] along the bar."""
        sides = np.broadcast_to(np.array(across), (len(edges) - 1, 2))
        ends = np.column_stack([edges[:-1], edges[1:]])
        x, y = (ends, -sides[:, ::-1]) if self.lies else (sides, ends)
        x, y = x + self.start[0], y + self.start[1]
        return np.column_stack([x[:, 0], y[:, 0], x[:, 1], y[:, 1]])


def _colours(part: SurfacePart) -> Float:
    """Colours of a bar from its low end [k, 3]: the map, or one for each basin, the deepest minimum lowest."""
    if part.basins is None:
        return part.colours
    return basin_colours(part.basins.shown[:_MOST_BASINS], (0.5, 0.5, 0.5))


def _ticks(part: SurfacePart) -> tuple[tuple[float, str], ...]:
    """Places on a bar, on the scale of the scalars, and what stands there: values, or the loss at the minima."""
    if part.basins is None:
        return ticks(*part.scalar_range, part.colour_scale)
    losses = part.basins.loss[:_MOST_BASINS]
    return tuple(((k + 0.5) / losses.size, format_value(float(loss), 3)) for k, loss in enumerate(losses))
