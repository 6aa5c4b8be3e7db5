"""The training path: a tube on the surface, a bead for each checkpoint, a ring at its start, a star at its end."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkFiltersCore import vtkTubeFilter
from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper, vtkRenderer

from talweg.picture import PathPart, colour_table
from talweg.scene.critical_points import SIZE as GLYPH_SIZE
from talweg.scene.glyphs import GlyphSet, RimmedMesh, ring, sphere, star
from talweg.scene.meshes import polylines, raised, segments, vtk_array
from talweg.theme import Theme

_RADIUS = 0.0062  # of the tube, display units
_RIM = 0.0036
_THIN = 0.4  # of the tube's radius, for a line
_STEM = 1.4  # pixels
_MAP = "plasma"
_BEAD, _START, _END = 0.0115, 0.030, 0.031
_END_LIFT = 2.1 * GLYPH_SIZE  # above the minimum that it often stands on
_NEARER, _NEAREST = 0.06, 0.10  # toward the eye, display units; the star lies at the foot of a valley
FINE, COARSE = (12, 20), (5, 6)
"""Sides of tube and beads: at rest, and while the eye moves."""
_NO_POINTS = np.zeros((0, 3), dtype=np.float32)


class TrajectoryLayer:
    """Draws a PathPart and the other runs that it brings, each in a colour of its own, or nothing."""

    def __init__(self, renderer: vtkRenderer, theme: Theme, sides: tuple[int, int] = FINE) -> None:
        self._renderer, self._theme, self._sides = renderer, theme, sides
        self._arranged: tuple[float, Callable[[float], NDArray[np.float64]]] | None = None
        self._runs = [_Run(renderer, theme, 0, sides)]

    @property
    def actors(self) -> tuple[vtkActor, ...]:
        """What it draws with."""
        return tuple(actor for run in self._runs for actor in run.actors)

    def update(self, part: PathPart | None) -> None:
        """Draw a part."""
        parts = () if part is None else (part, *part.others)
        while len(self._runs) < len(parts):
            run = _Run(self._renderer, self._theme, len(self._runs), self._sides)
            if self._arranged is not None:
                run.arrange(*self._arranged)
            self._runs.append(run)
        for place, run in enumerate(self._runs):
            run.update(parts[place] if place < len(parts) else None)

    def places(self) -> list[NDArray[np.float32]]:
        """Return for each run where its checkpoints are drawn, display coordinates [T, 3]; NaN: not drawn."""
        return [run.places for run in self._runs]

    def arrange(self, scale: float, nearer: Callable[[float], NDArray[np.float64]]) -> None:
        """Bring the paths out of the folds of the surface, toward the eye.

        Args:
            scale: Width of lines.
            nearer: Gives the matrix [4, 4] that moves things toward the eye by a distance.
        """
        self._arranged = scale, nearer
        for run in self._runs:
            run.arrange(scale, nearer)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._theme = theme
        for run in self._runs:
            run.restyle(theme)

    def close(self) -> None:
        """Remove the paths."""
        for run in self._runs:
            run.close()


class _Run:
    """One run: its number says in which colour."""

    def __init__(self, renderer: vtkRenderer, theme: Theme, number: int, sides: tuple[int, int]) -> None:
        self._number, self._renderer = number, renderer
        self._sides, sides_of_bead = sides
        self._stems = vtkActor()
        self._stems.SetMapper(vtkPolyDataMapper())
        self._stems.GetProperty().LightingOff()
        self._stems.PickableOff()
        self._stems.VisibilityOff()
        renderer.AddActor(self._stems)
        self._tube = RimmedMesh(renderer)
        self._beads = GlyphSet(renderer, sphere(sides_of_bead), _BEAD, 0.35)
        self._start = GlyphSet(renderer, ring(), _START, 0.16)
        self._end = GlyphSet(renderer, star(), _END, 0.24)
        self.places = _NO_POINTS
        self._nearer, self._nearest = vtkMatrix4x4(), vtkMatrix4x4()
        for item in (self._tube, self._beads, self._start):
            item.move(self._nearer)
        self._end.move(self._nearest)
        self.restyle(theme)

    @property
    def actors(self) -> tuple[vtkActor, ...]:
        solids = self._tube, self._beads, self._start, self._end
        return self._stems, *(actor for item in solids for actor in item.actors)

    def update(self, part: PathPart | None) -> None:
        visible = part is not None and part.visible
        lines = [raised(line, 0.6 * _RADIUS) for line in part.lines] if part is not None else []
        markers = part.markers if part is not None else _NO_POINTS
        self.places = markers if visible else _NO_POINTS
        mesh = polylines(lines)
        coloured = part is not None and bool(part.shares)
        if part is not None and coloured:
            table = colour_table(_MAP)
            colours = table[np.round(np.concatenate(part.shares) * (len(table) - 1)).astype(np.int64)]
            mesh.GetPointData().SetScalars(vtk_array(np.round(255 * colours).astype(np.uint8)))
        radius = _RADIUS * (_THIN if part is not None and part.thin else 1.0)
        self._tube.colour_points(coloured)
        narrow, wide = (_tube(mesh, r, self._sides) for r in (radius, radius + _RIM * radius / _RADIUS))
        self._tube.show(narrow, wide, visible=visible)
        stems = np.zeros((0, 2, 3), dtype=np.float32) if part is None else part.stems
        self._stems.GetMapper().SetInputDataObject(segments(stems))
        self._stems.SetVisibility(visible and len(stems) > 0)
        inner, first, last = markers[1:-1], markers[:1], markers[1:][-1:]
        for glyphs, places, lift in (
            (self._beads, inner, 0.5 * _BEAD),
            (self._start, first, 0.35 * _START),
            (self._end, last, _END_LIFT),
        ):
            glyphs.place(raised(places[np.isfinite(places).all(axis=1)], lift), visible=visible)

    def arrange(self, scale: float, nearer: Callable[[float], NDArray[np.float64]]) -> None:
        self._stems.GetProperty().SetLineWidth(_STEM * scale)
        self._nearer.DeepCopy(nearer(_NEARER).ravel().tolist())
        self._nearest.DeepCopy(nearer(_NEAREST).ravel().tolist())

    def restyle(self, theme: Theme) -> None:
        colour = getattr(theme, colour_of_run(self._number))
        self._tube.colour(colour, theme.outline)
        self._stems.GetProperty().SetColor(*theme.foreground)
        self._beads.colour(colour, theme.outline)
        self._start.colour(theme.path_start, theme.outline)
        self._end.colour(theme.path_end, theme.outline)

    def close(self) -> None:
        self._renderer.RemoveActor(self._stems)
        for item in (self._tube, self._beads, self._start, self._end):
            item.close()


def colour_of_run(number: int) -> str:
    """Name the theme's colour of a run; the first is that of every single path, further ones repeat from the second."""
    return "path" if number == 0 else f"run_{(number - 1) % 3 + 1}"


def _tube(lines: vtkPolyData, radius: float, sides: int) -> vtkPolyData:
    if not lines.GetNumberOfPoints():
        return vtkPolyData()
    tube = vtkTubeFilter()
    tube.SetInputData(lines)
    tube.SetRadius(radius)
    tube.SetNumberOfSides(sides)
    tube.CappingOn()
    tube.Update()
    result: vtkPolyData = tube.GetOutput()
    return result
