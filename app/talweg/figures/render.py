"""Pictures without a window: off-screen rendering, and figures on disk. Needs no display and no Qt."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from talweg.export.files import replacing
from talweg.export.metadata import describe, to_json
from talweg.figures.caption import write_caption
from talweg.landscape import Landscape
from talweg.picture import Picture
from talweg.view.eye import VIEW_NAMES
from talweg.view.state import ViewState, encode_view, without_overlays
from talweg_compute.messages import InputError

if TYPE_CHECKING:
    import pyvista as pv

ThemeName = Literal["light", "dark"]
Image = NDArray[np.uint8]

SIZES = (64, 8192)
"""Least and largest width and height of a figure in pixels."""

_LARGEST_WINDOW = 8192  # pixels, which every driver of the last ten years renders
_SUPERSAMPLING = 2


@dataclass(frozen=True)
class FigureOptions:
    """How a picture becomes pixels.

    Attributes:
        size: Width and height, in pixels at scale 1.
        scale: Pixels for each of these: 2 gives the same figure with twice the pixels each way.
        theme: Light or dark.
        transparent: Leave the background transparent.
        overlays: Draw axes, scalar bar and legend as the view has them; without, only the landscape is seen.
        text_factor: Size of text and lines in units of the usual one, which is relative to the figure.
        dpi: Pixels of ``size`` an inch on paper, which the file then tells; None: it tells nothing.
        camera: A standard view (``talweg.view.eye.VIEW_NAMES``) instead of the view's own camera.
    """

    size: tuple[int, int] = (1600, 1200)
    scale: float = 1.0
    theme: ThemeName = "light"
    transparent: bool = False
    overlays: bool = True
    text_factor: float = 1.0
    dpi: float | None = None
    camera: str | None = None

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the image."""
        return round(self.size[0] * self.scale), round(self.size[1] * self.scale)

    @property
    def density(self) -> float | None:
        """Pixels of the image an inch on paper."""
        return None if self.dpi is None else self.dpi * self.scale

    def seen(self, view: ViewState) -> ViewState:
        """Return a view as these options leave it: without overlays where none are wanted."""
        return view if self.overlays else without_overlays(view)


class Studio:
    """Draws one picture after the other off-screen, into images of one size; a context manager.

    They are drawn at twice the size, where the graphics allow that, and averaged, so that text and lines are as smooth
    as the surface. Text keeps its size relative to the image.

    Args:
        options: Size, colours, background.

    Raises:
        InputError: The size is out of range, or there is no view of that name.
    """

    def __init__(self, options: FigureOptions) -> None:
        width, height = options.pixels
        _check_size((width, height))
        _choose_window_class()
        import pyvista as pv

        from talweg.scene import THEMES, Scene

        if options.camera is not None and options.camera not in VIEW_NAMES:
            names = ", ".join(VIEW_NAMES)
            raise InputError(f"camera: there is no view {options.camera!r}; expected one of {names}.")
        self._options = options
        self._finer = _SUPERSAMPLING if _SUPERSAMPLING * max(width, height) <= _LARGEST_WINDOW else 1
        self._plotter = pv.Plotter(
            off_screen=True, window_size=[self._finer * width, self._finer * height], lighting="none"
        )
        self.scene = Scene(
            self._plotter,
            THEMES[options.theme],
            pixel_ratio=self._finer * options.scale,
            text_factor=options.text_factor,
            filled_walls=not options.transparent,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.scene.close()
        self._plotter.close()

    def draw(self, picture: Picture) -> Image:
        """Draw a picture.

        Args:
            picture: What is drawn; what did not change since the last one is not built anew.

        Returns:
            sRGB uint8 [height, width, 3]; with a transparent background [height, width, 4], the last being the opacity.
        """
        self.scene.apply(picture)
        if self._options.camera is not None:
            self.scene.look_from(self.scene.view(self._options.camera))
        if self._options.transparent:
            on_black, on_white = (_averaged(_grab(self._plotter, shade), self._finer) for shade in (0.0, 1.0))
            return _bytes(_without_background(on_black, on_white))
        return _bytes(_averaged(_grab(self._plotter), self._finer))


def render(picture: Picture, options: FigureOptions | None = None) -> Image:
    """Draw one picture into an image; see ``Studio``."""
    with Studio(options or FigureOptions()) as studio:
        return studio.draw(picture)


def tell(landscape: Landscape, view: ViewState) -> dict[str, str]:
    """Say what a figure or a movie shows, for the texts beside its pixels.

    Args:
        landscape: The numbers.
        view: How they are looked at.

    Returns:
        ``Title``, ``Description`` (a caption), ``Software``, and JSON: ``talweg`` (the provenance), ``talweg-view``.
    """
    return {
        "Title": landscape.name,
        "Description": write_caption(landscape, view),
        "Software": "Talweg",
        "talweg": to_json(describe(landscape, path=False)),
        "talweg-view": encode_view(view),
    }


def write_png(path: Path, image: Image, texts: Mapping[str, str], *, dpi: float | None = None) -> None:
    """Write an image with texts beside the pixels, in UTF-8.

    Args:
        path: The file, replaced if it exists.
        image: uint8 [height, width, 3 or 4].
        texts: By keyword; of at most 79 Latin letters.
        dpi: Pixels an inch on paper; None: the file does not tell.

    Raises:
        InputError: The file cannot be written.
    """
    from PIL import Image as Images
    from PIL.PngImagePlugin import PngInfo

    chunks = PngInfo()
    for keyword, text in texts.items():
        chunks.add_itxt(keyword, text, zip=len(text) > 1000)
    density = {} if dpi is None else {"dpi": (dpi, dpi)}
    with replacing(path) as temporary:
        Images.fromarray(image).save(temporary, format="PNG", pnginfo=chunks, **density)


def _check_size(size: tuple[int, int]) -> None:
    low, high = SIZES
    if not all(low <= side <= high for side in size):
        raise InputError(f"size: got {size[0]} x {size[1]}; expected a width and a height of {low} to {high} pixels.")


def _choose_window_class() -> None:
    """Take EGL where there is no X server; VTK finds it by itself as well, but warns about the missing server first."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")


def _grab(plotter: "pv.Plotter", shade: float | None = None) -> Image:
    """Return the pixels [height, width, 3] of the last frame, or of a new one on a grey of that shade."""
    from vtkmodules.util.numpy_support import vtk_to_numpy
    from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

    window: Any = plotter.render_window
    if shade is not None:
        plotter.renderer.SetBackground(shade, shade, shade)
        window.Render()
    width, height = window.GetSize()
    pixels = vtkUnsignedCharArray()
    window.GetPixelData(0, 0, width - 1, height - 1, 0, pixels, 0)
    convert: Any = vtk_to_numpy  # has no type information
    return np.array(convert(pixels), dtype=np.uint8).reshape(height, width, -1)[::-1, :, :3]


def _averaged(image: Image, factor: int) -> NDArray[np.float32]:
    """Average squares of factor x factor pixels."""
    total = np.zeros((image.shape[0] // factor, image.shape[1] // factor, image.shape[2]), dtype=np.float32)
    for row in range(factor):
        for column in range(factor):
            total += image[row::factor, column::factor]
    total /= factor * factor
    return total


def _without_background(on_black: NDArray[np.float32], on_white: NDArray[np.float32]) -> NDArray[np.float32]:
    """Colours and opacity [height, width, 4] of what was drawn on both: exact also for text and smooth edges."""
    opacity = np.clip(255.0 - (on_white - on_black).mean(axis=2, keepdims=True), 0.0, 255.0)
    result = np.empty((*opacity.shape[:2], 4), dtype=np.float32)
    colour = np.divide(255.0 * on_black, opacity, out=np.zeros_like(on_black), where=opacity > 0.5)
    result[:, :, :3], result[:, :, 3:] = np.clip(colour, 0.0, 255.0), opacity
    return result


def _bytes(image: NDArray[np.float32]) -> Image:
    return np.round(image).astype(np.uint8)
