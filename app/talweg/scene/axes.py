"""The box around the surface: floor and back walls with their grid, ticks with real values, and titles.

Walls that would hide the surface are left out, and text stands outside the box, so both follow the camera.
"""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from talweg.lettering import TICK_SIZE, TITLE_SIZE
from talweg.picture import AxesPart, ticks
from talweg.scene.meshes import bytes_of, cells, segments, vtk_array, vtk_points
from talweg.scene.overlay import Labels, Strokes, text_size
from talweg.scene.projection import to_pixels, window_size
from talweg.scene.views import Margins
from talweg.theme import Theme

Float = NDArray[np.float64]

_TICK, _GAP = 6.0, 5.0  # length of a tick, and space around labels
_BARE, _SLACK, _CORNER = 24.0, 6.0, 12.0  # around a box without text; around text; below that of the lowest corner
_UPRIGHT, _LEVEL = 0.8, 0.99  # how vertical an edge is whose title runs upwards: the height's, and any other
_SHORTEST = 60.0  # axes that look shorter carry no text
_BEHIND = 0.004  # how far the fill of a wall lies behind its lines
_FACES = ((2, 0), (0, 0), (0, 1), (1, 0), (1, 1))  # (axis, side): the floor and the four walls


@dataclass(frozen=True, eq=False)
class _Edge:
    """An edge of the box that carries ticks: pixels of its ticks, their labels, and the way out of the box."""

    pixels: Float
    labels: list[str]
    middle: Float
    outward: Float
    title: str
    upright: bool


class AxesLayer:
    """Draws an AxesPart."""

    def __init__(self, renderer: vtkRenderer, theme: Theme, *, filled: bool = True) -> None:
        self._renderer = renderer
        self._filled = filled
        self._theme = theme
        self._part: AxesPart | None = None
        self._ticks: tuple[tuple[tuple[float, str], ...], ...] = ((), (), ())
        self._fills = {face: self._make_actor() for face in _FACES}
        self._lines = {face: self._make_actor() for face in _FACES}
        for actor in self._fills.values():
            actor.GetProperty().BackfaceCullingOn()
            actor.GetMapper().ScalarVisibilityOff()
        self._labels, self._strokes = Labels(renderer), Strokes(renderer)

    def _make_actor(self) -> vtkActor:
        actor = vtkActor()
        actor.SetMapper(vtkPolyDataMapper())
        actor.GetMapper().SetInputDataObject(vtkPolyData())
        actor.GetProperty().LightingOff()
        actor.PickableOff()
        self._renderer.AddActor(actor)
        return actor

    def update(self, part: AxesPart) -> None:
        """Draw a part."""
        self._part = part
        bounds = np.array(part.bounds).reshape(3, 2)
        self._ticks = (
            _along(part.u_range, bounds[0]),
            _along(part.v_range, bounds[1]),
            part.height_ticks,
        )
        self._build()

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self._build()

    def _build(self) -> None:
        if self._part is None:
            return
        bounds = np.array(self._part.bounds).reshape(3, 2)
        at = [np.array([position for position, _ in axis]) for axis in self._ticks]
        for face in _FACES:
            self._fills[face].GetMapper().SetInputDataObject(_wall(bounds, *face))
            self._fills[face].GetProperty().SetColor(*self._theme.wall)
            lines = _wall_lines(bounds, at if self._part.grid else [np.zeros(0)] * 3, *face, self._theme)
            self._lines[face].GetMapper().SetInputDataObject(lines)

    def arrange(self, scale: float, taken: list[Float]) -> None:
        """Choose walls, ticks and titles for the camera as it is now.

        Args:
            scale: Size of text and ticks.
            taken: Boxes [[left, bottom], [right, top]] in pixels that no text may overlap.
        """
        part = self._part
        seen = _seen_faces(self._renderer, part.bounds) if part is not None and part.visible else None
        for face in _FACES:
            shown = seen is not None and not seen[face]
            self._fills[face].SetVisibility(shown and self._filled and part is not None and part.grid)
            self._lines[face].SetVisibility(shown)
            self._lines[face].GetProperty().SetLineWidth(max(1.0, 1.1 * scale))
        self._labels.begin()
        strokes: list[Float] = []
        if part is not None and seen is not None:
            taken = list(taken)
            for axis in (2, 0, 1):
                edge = self._edge(part, axis, seen, scale)
                if edge is not None:
                    self._write(edge, scale, strokes, taken)
        self._labels.end()
        self._strokes.draw(strokes, self._theme.foreground, max(1.0, 1.2 * scale))

    def room(self, scale: float) -> Margins:
        """Return how much room ticks, numbers and titles need around the box.

        Args:
            scale: Size of text and ticks.
        """
        part = self._part
        if part is None or not part.visible:
            return Margins(*[_BARE * scale] * 5)
        sizes = [[text_size(label, round(TICK_SIZE * scale)) for _, label in axis] for axis in self._ticks]
        u, v, z = (max((width for width, _ in axis), default=0) for axis in sizes)
        line = max((height for axis in sizes for _, height in axis), default=0)
        title = max(text_size(words, round(TITLE_SIZE * scale))[1] for words in part.titles)
        number = (_TICK + _GAP) * scale
        beyond = 1.6 * _GAP * scale + title + _SLACK * scale
        return Margins(
            left=number + max(v, z) + beyond,
            right=number + max(v, 0.5 * u) + _SLACK * scale,
            bottom=number + line + beyond,
            corner=number + line + _CORNER * scale,
            top=max(0.5 * line, _SLACK * scale) + _SLACK * scale,
        )

    def _edge(self, part: AxesPart, axis: int, seen: dict[tuple[int, int], bool], scale: float) -> _Edge | None:
        """The edge along an axis that carries its ticks: on the outline, lowest (or leftmost, for the height)."""
        bounds = np.array(part.bounds).reshape(3, 2)
        first, second = (other for other in range(3) if other != axis)
        outline = [
            (i, j) for i in (0, 1) for j in (0, 1) if seen[first, i] != seen[second, j]
        ]  # one of the two faces that meet here is seen, the other is not
        if not outline:
            return None
        ends = np.zeros((len(outline), 2, 3))
        for index, (i, j) in enumerate(outline):
            ends[index, :, axis] = bounds[axis]
            ends[index, :, first] = bounds[first, i]
            ends[index, :, second] = bounds[second, j]
        pixels = to_pixels(self._renderer, ends.reshape(-1, 3)).reshape(-1, 2, 2)
        middle = to_pixels(self._renderer, bounds.mean(axis=1)[None])[0]
        if not np.isfinite(pixels).all():
            return None
        chosen = int(np.argmin(pixels.mean(axis=1)[:, 0 if axis == 2 else 1]))
        along = pixels[chosen, 1] - pixels[chosen, 0]
        length = float(np.linalg.norm(along))
        if length < _SHORTEST * scale:
            return None
        along = along / length
        outward = np.array([along[1], -along[0]])
        outward *= np.sign((pixels[chosen].mean(axis=0) - middle) @ outward) or 1.0
        places = np.repeat(ends[chosen, :1], len(self._ticks[axis]), axis=0)
        places[:, axis] = [position for position, _ in self._ticks[axis]]
        return _Edge(
            pixels=to_pixels(self._renderer, places),
            labels=[label for _, label in self._ticks[axis]],
            middle=pixels[chosen].mean(axis=0),
            outward=outward,
            title=part.titles[axis],
            upright=abs(along[1]) > (_UPRIGHT if axis == 2 else _LEVEL),
        )

    def _write(self, edge: _Edge, scale: float, strokes: list[Float], taken: list[Float]) -> None:
        """Write the ticks and the title of an edge where they overlap nothing that was written before."""
        size = round(TICK_SIZE * scale)
        furthest = _TICK * scale
        for pixel, label in zip(edge.pixels, edge.labels, strict=True):
            strokes.append(np.stack([pixel, pixel + edge.outward * _TICK * scale]))
            extent = np.array(text_size(label, size), dtype=np.float64)
            reach = float(np.abs(edge.outward) @ extent)
            centre = pixel + edge.outward * ((_TICK + _GAP) * scale + 0.5 * reach)
            if self._put(label, centre, extent, size, taken, 2.0 * scale):
                furthest = max(furthest, (_TICK + _GAP) * scale + reach)
        self._entitle(edge, furthest + 1.6 * _GAP * scale, round(TITLE_SIZE * scale), taken)

    def _entitle(self, edge: _Edge, distance: float, size: int, taken: list[Float]) -> None:
        """Write the title of an edge level where it has room, else along the edge, else its first words."""
        level = np.array([0.0, 1.0]) if edge.upright else np.array([1.0, 0.0])
        along = np.array([edge.outward[1], -edge.outward[0]])
        along *= np.sign(along[0]) or 1.0
        short = edge.title.partition(" (")[0]
        for words, way in itertools.product(dict.fromkeys((edge.title, short)), (level, along)):
            extent = np.array(text_size(words, size), dtype=np.float64)
            across = np.array([-way[1], way[0]])
            depth = extent[1] if way is level else float(np.abs(way).sum() * extent[1])  # of the boxes that cover it
            reach = float(abs(edge.outward @ way) * extent[0] + abs(edge.outward @ across) * depth)
            centre = edge.middle + edge.outward * (distance + 0.5 * reach)
            boxes = _covering(centre, way, extent)
            if self._inside(boxes) and not any(_overlap(box, other) for box in boxes for other in taken):
                taken += boxes
                place, angle = (float(centre[0]), float(centre[1])), math.degrees(math.atan2(way[1], way[0]))
                self._labels.put(words, place, size, self._theme.foreground, angle=angle)
                return

    def _inside(self, boxes: list[Float]) -> bool:
        """Whether boxes are inside the window."""
        size = np.array(window_size(self._renderer))
        return all((box[0] >= 0).all() and (box[1] <= size).all() for box in boxes)

    def _put(self, text: str, centre: Float, extent: Float, size: int, taken: list[Float], margin: float) -> bool:
        """Write a text unless it overlaps another; returns whether it was written."""
        box = np.stack([centre - 0.5 * extent - margin, centre + 0.5 * extent + margin])
        if any(_overlap(box, other) for other in taken):
            return False
        taken.append(box)
        self._labels.put(text, (float(centre[0]), float(centre[1])), size, self._theme.foreground)
        return True

    def close(self) -> None:
        """Remove the box and its texts."""
        for actor in (*self._fills.values(), *self._lines.values()):
            self._renderer.RemoveActor(actor)
        self._labels.close()
        self._strokes.close()


def _overlap(box: Float, other: Float) -> bool:
    return bool((box[0] < other[1]).all() and (other[0] < box[1]).all())


def _covering(centre: Float, way: Float, extent: Float) -> list[Float]:
    """Boxes that cover a text that runs in any direction: one where it is level or upright, else a row of them."""
    if abs(way[0] * way[1]) < 1e-9:
        half = 0.5 * (extent if abs(way[0]) > 0.5 else extent[::-1])
        return [np.stack([centre - half, centre + half])]
    half = 0.5 * float(extent[1]) * (abs(way[0]) + abs(way[1]))
    count = max(2, math.ceil(extent[0] / extent[1]))
    places = centre + np.linspace(-0.5, 0.5, count)[:, None] * (extent[0] - extent[1]) * way
    return [np.stack([place - half, place + half]) for place in places]


def _along(values: tuple[float, float], span: Float) -> tuple[tuple[float, str], ...]:
    """Ticks of an axis with plane coordinates, at display coordinates."""
    share = (span[1] - span[0]) / (values[1] - values[0])
    return tuple((float(span[0] + (value - values[0]) * share), label) for value, label in ticks(*values))


def _seen_faces(renderer: vtkRenderer, bounds: tuple[float, ...]) -> dict[tuple[int, int], bool]:
    """Whether the outside of each face (axis, side) of the box is turned to the eye."""
    camera = renderer.GetActiveCamera()
    box = np.array(bounds).reshape(3, 2)
    eye, toward = np.array(camera.GetPosition()), -np.array(camera.GetDirectionOfProjection())
    seen = {}
    for axis in range(3):
        for side, sign in ((0, -1.0), (1, 1.0)):
            way = toward[axis] if camera.GetParallelProjection() else eye[axis] - box[axis, side]
            seen[axis, side] = bool(sign * way > 1e-6)
    return seen


def _wall(bounds: Float, axis: int, side: int) -> vtkPolyData:
    """One face of the box, turned inwards, a little behind its lines."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    corners = np.zeros((4, 3))
    corners[:, axis] = bounds[axis, side] + (_BEHIND if side else -_BEHIND)
    corners[:, first] = bounds[first][[0, 1, 1, 0]]
    corners[:, second] = bounds[second][[0, 0, 1, 1]]
    mesh = vtkPolyData()
    mesh.SetPoints(vtk_points((corners[::-1] if side else corners).astype(np.float32)))
    mesh.SetPolys(cells(np.arange(4).reshape(1, 4)))
    return mesh


def _wall_lines(bounds: Float, at: list[Float], axis: int, side: int, theme: Theme) -> vtkPolyData:
    """The grid and the outline of one face."""
    grid: list[Float] = []
    outline: list[Float] = []
    first, second = (axis + 1) % 3, (axis + 2) % 3
    for across, along in ((first, second), (second, first)):
        for positions, lines in ((at[across], grid), (bounds[across], outline)):
            for position in positions:
                ends = np.zeros((2, 3))
                ends[:, axis] = bounds[axis, side]
                ends[:, across] = position
                ends[:, along] = bounds[along]
                lines.append(ends)
    mesh = segments(np.array(grid + outline))
    edge = tuple(0.55 * front + 0.45 * back for front, back in zip(theme.foreground, theme.grid, strict=True))
    colours = [bytes_of(theme.grid)] * len(grid) + [bytes_of((edge[0], edge[1], edge[2]))] * len(outline)
    mesh.GetCellData().SetScalars(vtk_array(np.array(colours)))
    return mesh
