"""Text, lines and filled shapes over the 3D view, in device pixels from the lower left corner."""

from functools import lru_cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkCommonDataModel import vtkPolyData
from vtkmodules.vtkRenderingCore import (
    vtkActor2D,
    vtkPolyDataMapper2D,
    vtkRenderer,
    vtkTextActor,
    vtkTextProperty,
    vtkTextRenderer,
)

from talweg.scene.meshes import cells, segments, vtk_array, vtk_points
from talweg.theme import Colour

_FREETYPE_FONT_FILE = 4  # VTK_FONT_FILE
_DPI = 72  # at which a point is a pixel


class Labels:
    """Texts that are laid out anew for each frame; actors are used again."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._actors: list[vtkTextActor] = []
        self._used = 0

    def begin(self) -> None:
        """Start a new layout."""
        self._used = 0

    def put(
        self,
        text: str,
        centre: tuple[float, float],
        size: int,
        colour: Colour,
        *,
        angle: float = 0.0,
        bold: bool = False,
    ) -> None:
        """Write a text.

        Args:
            text: One line.
            centre: Of the text's box, pixels.
            size: Of the font, pixels.
            colour: Of the text.
            angle: Counter-clockwise, degrees.
            bold: Whether the text is bold.
        """
        if self._used == len(self._actors):
            actor = vtkTextActor()
            actor.SetTextScaleModeToNone()
            actor.PickableOff()
            _style(actor.GetTextProperty())
            self._actors.append(actor)
            self._renderer.AddViewProp(actor)
        actor = self._actors[self._used]
        self._used += 1
        look = actor.GetTextProperty()
        look.SetFontFile(font_file(bold=bold))
        look.SetFontSize(_points(self._renderer, size))
        look.SetColor(*colour)
        look.SetOrientation(angle)
        actor.SetInput(text)
        actor.SetPosition(*centre)
        actor.VisibilityOn()

    def end(self) -> None:
        """Hide what the new layout does not use."""
        for actor in self._actors[self._used :]:
            actor.VisibilityOff()

    def close(self) -> None:
        """Remove the texts."""
        for actor in self._actors:
            self._renderer.RemoveViewProp(actor)
        self._actors.clear()


class Shapes:
    """Something that is drawn of one mesh.

    Args:
        renderer: What it is drawn with.
    """

    def __init__(self, renderer: vtkRenderer) -> None:
        self._renderer = renderer
        self._mapper = vtkPolyDataMapper2D()
        self._mapper.SetInputData(vtkPolyData())
        self._actor = vtkActor2D()
        self._actor.SetMapper(self._mapper)
        self._actor.PickableOff()
        renderer.AddViewProp(self._actor)

    def close(self) -> None:
        """Remove what is drawn."""
        self._renderer.RemoveViewProp(self._actor)


class Strokes(Shapes):
    """Line segments of one colour."""

    def draw(self, ends: list[NDArray[np.float64]], colour: Colour, width: float) -> None:
        """Draw segments [2, 2] each, in pixels."""
        flat = np.zeros((len(ends), 2, 3))
        if ends:
            flat[:, :, :2] = np.array(ends)
        self._mapper.SetInputData(segments(flat))
        self._actor.GetProperty().SetColor(*colour)
        self._actor.GetProperty().SetLineWidth(width)
        self._actor.SetVisibility(len(ends) > 0)


class Rectangles(Shapes):
    """Filled rectangles, each with a colour of its own."""

    def draw(self, boxes: NDArray[np.float64], colours: NDArray[np.float64]) -> None:
        """Draw boxes (x0, y0, x1, y1) [m, 4], in pixels, with colours [m, 3]."""
        x0, y0, x1, y1 = boxes.T
        corners = np.zeros((len(boxes), 4, 3), dtype=np.float32)
        corners[:, :, 0] = np.column_stack([x0, x1, x1, x0])
        corners[:, :, 1] = np.column_stack([y0, y0, y1, y1])
        mesh = vtkPolyData()
        mesh.SetPoints(vtk_points(corners.reshape(-1, 3)))
        mesh.SetPolys(cells(np.arange(4 * len(boxes)).reshape(-1, 4)))
        mesh.GetCellData().SetScalars(vtk_array(np.round(colours * 255).astype(np.uint8)))
        self._mapper.SetInputData(mesh)
        self._actor.SetVisibility(len(boxes) > 0)


@lru_cache(maxsize=4)
def font_file(*, bold: bool = False) -> str:
    """Return the path of DejaVu Sans, which has sub- and superscripts; VTK's own fonts have not."""
    return str(Path(mpl.get_data_path()) / "fonts" / "ttf" / f"DejaVuSans{'-Bold' if bold else ''}.ttf")


@lru_cache(maxsize=4096)
def text_size(text: str, size: int) -> tuple[int, int]:
    """Return width and height of a text in pixels at a font size in pixels."""
    look = vtkTextProperty()
    _style(look)
    look.SetFontSize(size)
    box = [0, 0, 0, 0]
    vtkTextRenderer.GetInstance().GetBoundingBox(look, text, box, _DPI)
    return box[1] - box[0] + 1, box[3] - box[2] + 1


def _style(look: vtkTextProperty) -> None:
    look.SetFontFamily(_FREETYPE_FONT_FILE)
    look.SetFontFile(font_file())
    look.SetJustificationToCentered()
    look.SetVerticalJustificationToCentered()


def _points(renderer: vtkRenderer, pixels: int) -> int:
    """Font size in points for a height in pixels: VTK scales fonts with the window's resolution."""
    window = renderer.GetRenderWindow()
    return max(1, round(pixels * _DPI / (window.GetDPI() if window is not None else _DPI)))
