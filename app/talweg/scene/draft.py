"""What is drawn while the eye moves: the same heights and colours with fewer triangles and without smoothed edges."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkActor, vtkRenderer

from talweg.picture import OverlayPart, PathPart, Picture, SurfacePart
from talweg.picture.cap import cut_surface
from talweg.scene.second_surface import SecondSurfaceLayer
from talweg.scene.surface import SurfaceLayer
from talweg.scene.trajectory import COARSE, TrajectoryLayer
from talweg.theme import Theme
from talweg_compute.field import triangles

_MOST_POINTS = 10_000  # of the coarse surface


class Draft:
    """Stands in for the surface and the paths from ``begin`` to ``end``.

    Its meshes are made when they are first needed and kept as long as the picture's parts stay the same.
    """

    def __init__(
        self,
        renderer: vtkRenderer,
        theme: Theme,
        surface: SurfaceLayer,
        trajectory: TrajectoryLayer,
        second: SecondSurfaceLayer,
    ) -> None:
        self._renderer = renderer
        self._whole = surface, trajectory, second
        self.surface = SurfaceLayer(renderer, theme)
        """Every k-th row and column."""
        self.trajectory = TrajectoryLayer(renderer, theme, COARSE)
        """Tubes and beads of few sides."""
        self.second = SecondSurfaceLayer(renderer, theme, coarsen)
        self._own = self.surface, self.trajectory, self.second
        self._second_part: OverlayPart | None = None
        self._surface_part: SurfacePart | None = None
        self._path_part: PathPart | None = None
        self._samples: int | None = None  # of the whole, while the draft is shown
        self._hidden = _conceal(self._own)
        """What is to be drawn again when the draft comes or goes."""

    @property
    def shown(self) -> bool:
        """Whether it is drawn in place of the whole."""
        return self._samples is not None

    def begin(self, picture: Picture) -> None:
        """Draw the draft of a picture from the next frame on."""
        window = self._renderer.GetRenderWindow()
        if self.shown or window is None:
            return
        for actor in self._hidden:
            actor.VisibilityOn()
        if self._surface_part is not picture.surface:
            self._surface_part = picture.surface
            self.surface.update(coarsen(picture.surface))
        if self._path_part is not picture.path:
            self._path_part = picture.path
            self.trajectory.update(picture.path)
        if self._second_part is not picture.overlay:
            self._second_part = picture.overlay
            self.second.update(picture.overlay)
        self._hidden = _conceal(self._whole)
        self._samples = window.GetMultiSamples()
        window.SetMultiSamples(0)
        self._renderer.SetUseOIT(False)  # one pass less; lines look the same without

    def end(self) -> None:
        """Draw everything from the next frame on."""
        if self._samples is None:
            return
        draft = _conceal(self._own)
        for actor in self._hidden:
            actor.VisibilityOn()
        self._hidden = draft
        self._renderer.GetRenderWindow().SetMultiSamples(self._samples)
        self._renderer.SetUseOIT(True)
        self._samples = None

    def restyle(self, theme: Theme) -> None:
        """Take the colours of another theme."""
        for layer in self._own:
            layer.restyle(theme)

    def close(self) -> None:
        """Remove the draft."""
        for layer in self._own:
            layer.close()
        self._hidden = []


def _conceal(layers: Sequence[SurfaceLayer | TrajectoryLayer | SecondSurfaceLayer]) -> list[vtkActor]:
    """Hide what layers draw, and return it."""
    seen = [actor for layer in layers for actor in layer.actors if actor.GetVisibility()]
    for actor in seen:
        actor.VisibilityOff()
    return seen


def coarsen(part: SurfacePart, most: int = _MOST_POINTS) -> SurfacePart:
    """Leave out rows and columns of a surface evenly; the frame stays.

    Args:
        part: A surface; what its finer grids add is left out first, and what is cut off is cut anew.
        most: About how many points may be left.

    Returns:
        The surface of the points that are left, each where it was, in its colour and with its normal.
    """
    if len(part.points) <= most:
        return part
    part = part.grid_alone()
    columns = _columns(part.points)
    rows = len(part.points) // columns
    step = int(np.ceil(np.sqrt(rows * columns / most)))
    chosen = (_every(rows, step)[:, None] * columns + _every(columns, step)).ravel()
    heights = part.points[chosen, 2].reshape(len(_every(rows, step)), -1)
    coarse = replace(
        part,
        points=part.points[chosen],
        triangles=triangles(heights).astype(np.int32),
        normals=part.normals[chosen],
        scalars=part.scalars[chosen],
        interpolated=part.interpolated[chosen],
        basins=None if part.basins is None else replace(part.basins, rank=part.basins.rank[chosen]),
    )
    return cut_surface(coarse)


def _columns(points: NDArray[np.float32]) -> int:
    """How many points are in a row of a grid that is stored row by row."""
    elsewhere = points[:, 1] != points[0, 1]
    return int(np.argmax(elsewhere)) if elsewhere.any() else len(points)


def _every(count: int, step: int) -> NDArray[np.int64]:
    """Every so many of the indices up to count, and the last one."""
    return np.unique(np.append(np.arange(0, count, step), count - 1))
