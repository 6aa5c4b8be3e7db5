"""Level lines of the height: on the surface in a contrasting shade, else in its colours, as far as these are seen."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from vtkmodules.vtkCommonCore import vtkLookupTable
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from talweg.picture import ContoursPart, SurfacePart, format_value
from talweg.scene.colours import fill_table
from talweg.scene.level_lines import level_lines
from talweg.scene.meshes import numpy_array, vtk_points
from talweg.scene.overlay import Labels, Rectangles, text_size
from talweg.scene.surface import SurfaceLayer
from talweg.theme import Theme

_NEARER = 0.012  # toward the eye, display units
_ABOVE_FLOOR = 0.002
_WIDTH_ON_SURFACE, _WIDTH_ON_FLOOR = 1.15, 1.8  # pixels at scale 1
_INSIDE = 0.9  # share of the box in which values are written rather than at its edge, where the axes have theirs
_PLACES = 24  # along a line that are tried for its value
_LABEL_SIZE = 11.5  # pixels at scale 1
_DARK = 0.24  # luma below which a colour takes a light line
_ON_SURFACE = 0.6  # opacity
_APART, _MOST_TEXT = 0.40, 0.55  # luma between a line and the wall that is enough, and the text's share at none
_LUMA = np.array([0.299, 0.587, 0.114])


class ContoursLayer:
    """Draws a ContoursPart of a surface."""

    def __init__(self, renderer: vtkRenderer, theme: Theme, surface: SurfaceLayer) -> None:
        self._renderer = renderer
        self._theme = theme
        self._surface = surface
        self._part: SurfacePart | None = None
        self._contrast, self._colours = vtkLookupTable(), vtkLookupTable()
        self._nearer = vtkMatrix4x4()
        self._on_surface, self._on_floor = vtkActor(), vtkActor()
        for actor, table in ((self._on_surface, self._contrast), (self._on_floor, self._colours)):
            mapper = vtkPolyDataMapper()
            mapper.SetInputDataObject(vtkPolyData())
            mapper.SetLookupTable(table)
            mapper.UseLookupTableScalarRangeOn()
            actor.SetMapper(mapper)
            actor.GetProperty().LightingOff()
            actor.PickableOff()
            renderer.AddActor(actor)
        self._boxes, self._labels = Rectangles(renderer), Labels(renderer)
        self._words: list[tuple[str, NDArray[np.float32]]] = []  # of each level, with the points of its lines [k, 3]
        self._on_surface.SetUserMatrix(self._nearer)

    def update(self, part: ContoursPart, surface: SurfacePart) -> None:
        """Draw the level lines of the surface, which the surface's layer draws already."""
        self._part = surface
        lines = level_lines(self._surface.mesh, part.levels)
        self._on_surface.GetMapper().SetInputDataObject(lines)
        self._on_floor.GetMapper().SetInputDataObject(_on_floor(lines))
        self._on_surface.SetVisibility(part.on_surface)
        self._on_floor.SetVisibility(part.on_floor)
        drawn = part.on_surface or part.on_floor
        self._words = _words(part, lines) if part.labelled and drawn else []
        self._colour()

    def arrange(
        self,
        scale: float,
        nearer: Callable[[float], NDArray[np.float64]],
        project: Callable[[ArrayLike], NDArray[np.float64]],
    ) -> None:
        """Set the widths of the lines, bring them a little out of the surface, toward the eye, and write their values.

        Args:
            scale: Width of lines.
            nearer: Gives the matrix [4, 4] that moves things toward the eye by a distance.
            project: Gives the pixels [k, 2] of display coordinates [k, 3].
        """
        self._write(scale, project)
        self._nearer.DeepCopy(nearer(_NEARER).ravel().tolist())
        self._on_surface.GetProperty().SetLineWidth((_WIDTH_ON_SURFACE if self._lies else _WIDTH_ON_FLOOR) * scale)
        self._on_floor.GetProperty().SetLineWidth(_WIDTH_ON_FLOOR * scale)

    def _write(self, scale: float, project: Callable[[ArrayLike], NDArray[np.float64]]) -> None:
        """Write each level's value where its line is near to the eye and no other one stands."""
        eye = np.array(self._renderer.GetActiveCamera().GetPosition())
        size = round(_LABEL_SIZE * scale)
        boxes: list[list[float]] = []
        self._labels.begin()
        for words, points in self._words:
            nearest = np.argsort(((points - eye) ** 2).sum(axis=1))
            tried = nearest[np.linspace(0, nearest.size - 1, min(_PLACES, nearest.size)).astype(np.int64)]
            width, height = text_size(words, size)
            half = np.array([0.5 * width + 2 * scale, 0.5 * height + 2 * scale])
            for place in project(points[tried]):
                box = [*(place - half).tolist(), *(place + half).tolist()]
                free = all(box[0] > b[2] or box[2] < b[0] or box[1] > b[3] or box[3] < b[1] for b in boxes)
                if free and np.isfinite(box).all():
                    boxes.append(box)
                    self._labels.put(words, (float(place[0]), float(place[1])), size, self._theme.foreground)
                    break
        self._labels.end()
        corners = np.array(boxes, dtype=np.float64).reshape(-1, 4)
        self._boxes.draw(corners, np.tile(np.array(self._theme.wall), (len(corners), 1)))

    def _colour(self) -> None:
        part = self._part
        if part is None:
            return
        colours = part.colours
        seen = legible(colours, self._theme)
        fill_table(self._colours, seen, part.scalar_range, self._theme.unknown)
        dark = (colours @ _LUMA < _DARK) & (not part.look.plain)
        lines = np.where(dark[:, None], self._theme.contour_on_dark, self._theme.contour)
        fill_table(self._contrast, lines if self._lies else seen, part.scalar_range, self._theme.contour)
        self._on_surface.GetProperty().SetOpacity(_ON_SURFACE if self._lies else 1.0)

    @property
    def _lies(self) -> bool:
        """Whether the lines lie on something that hides the walls."""
        return self._part is not None and self._part.visible and not self._part.look.wireframe

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        self._colour()

    def close(self) -> None:
        """Remove the lines."""
        for actor in (self._on_surface, self._on_floor):
            self._renderer.RemoveActor(actor)
        self._boxes.close()
        self._labels.close()


def legible(colours: NDArray[np.float64], theme: Theme) -> NDArray[np.float64]:
    """Bring colours [n, 3] that are hardly told from the walls nearer to the colour of the text."""
    apart = np.abs(colours @ _LUMA - np.array(theme.wall) @ _LUMA)
    share = _MOST_TEXT * np.clip(1.0 - apart / _APART, 0.0, 1.0)[:, None]
    return np.asarray((1 - share) * colours + share * np.array(theme.foreground))


def _words(part: ContoursPart, lines: vtkPolyData) -> list[tuple[str, NDArray[np.float32]]]:
    """The value of each level that has a line, with its points where they are drawn: on the floor if at all there."""
    if not lines.GetNumberOfPoints():
        return []
    points = numpy_array(lines.GetPoints().GetData())
    level = np.abs(points[:, 2][:, None] - part.levels).argmin(axis=1)
    inside = (np.abs(points[:, :2]) < _INSIDE * np.abs(points[:, :2]).max(axis=0)).all(axis=1)
    placed = points.copy()
    if part.on_floor:
        placed[:, 2] = _ABOVE_FLOOR
    found = []
    for index, value in enumerate(part.values.tolist()):
        here = level == index
        if here.any():
            found.append((format_value(value, 3), placed[here & inside if (here & inside).any() else here]))
    return found


def _on_floor(lines: vtkPolyData) -> vtkPolyData:
    """The lines projected on the floor, in the surface's colours."""
    result = vtkPolyData()
    if not lines.GetNumberOfPoints():
        return result
    points = numpy_array(lines.GetPoints().GetData()).copy()
    points[:, 2] = _ABOVE_FLOOR
    result.SetPoints(vtk_points(points.astype(np.float32)))
    result.SetLines(lines.GetLines())
    result.GetPointData().SetScalars(lines.GetPointData().GetArray("scalars"))
    return result
