"""The training path: a tube on the surface, a bead for each checkpoint, a ring at its start, a star at its end."""

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkFiltersCore import vtkTubeFilter
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.picture import PathPart
from talweg.scene.glyphs import GlyphSet, RimmedMesh, ring, sphere, star
from talweg.scene.meshes import polylines
from talweg.scene.theme import Theme

_RADIUS = 0.0062  # of the tube, display units
_RIM = 0.0036
_BEAD, _START, _END = 0.0115, 0.030, 0.030
_NO_POINTS = np.zeros((0, 3), dtype=np.float32)


class TrajectoryLayer:
    """Draws a PathPart, or nothing."""

    def __init__(self, renderer: vtkRenderer, theme: Theme) -> None:
        self._tube = RimmedMesh(renderer)
        self._beads = GlyphSet(renderer, sphere(), _BEAD, 0.35)
        self._start = GlyphSet(renderer, ring(), _START, 0.16)
        self._end = GlyphSet(renderer, star(), _END, 0.24)
        self.restyle(theme)

    def update(self, part: PathPart | None) -> None:
        """Draw a part."""
        visible = part is not None and part.visible
        lines = [_raised(line, 0.6 * _RADIUS) for line in part.lines] if part is not None else []
        markers = part.markers if part is not None else _NO_POINTS
        mesh = polylines([line for line in lines if len(line) > 1])
        self._tube.show(_tube(mesh, _RADIUS), _tube(mesh, _RADIUS + _RIM), visible=visible)
        inner, first, last = markers[1:-1], markers[:1], markers[1:][-1:]
        for glyphs, places, lift in (
            (self._beads, inner, 0.5 * _BEAD),
            (self._start, first, 0.35 * _START),
            (self._end, last, 0.55 * _END),
        ):
            glyphs.place(_raised(places[np.isfinite(places).all(axis=1)], lift), visible=visible)

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        self._tube.colour(theme.path, theme.outline)
        self._beads.colour(theme.path, theme.outline)
        self._start.colour(theme.path_start, theme.outline)
        self._end.colour(theme.path_end, theme.outline)

    def close(self) -> None:
        """Remove the path."""
        for item in (self._tube, self._beads, self._start, self._end):
            item.close()


def _raised(points: NDArray[np.float32], lift: float) -> NDArray[np.float32]:
    return points + np.float32([0.0, 0.0, lift])


def _tube(lines: vtkPolyData, radius: float) -> vtkPolyData:
    if not lines.GetNumberOfPoints():
        return vtkPolyData()
    tube = vtkTubeFilter()
    tube.SetInputData(lines)
    tube.SetRadius(radius)
    tube.SetNumberOfSides(12)
    tube.CappingOn()
    tube.Update()
    return tube.GetOutput()
