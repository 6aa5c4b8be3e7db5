"""Pictures without a window: off-screen rendering, and figures on disk. Needs no display and no Qt."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from talweg.export.files import replacing
from talweg.export.metadata import describe, to_json
from talweg.landscape import Landscape
from talweg.picture import Picture, resolve
from talweg.view_state import ViewState, encode_view
from talweg_compute.messages import InputError

if TYPE_CHECKING:
    import pyvista as pv

ThemeName = Literal["light", "dark"]
Image = NDArray[np.uint8]

SIZES = (64, 8192)
"""Least and largest width and height of a figure in pixels."""

_LARGEST_WINDOW = 8192  # pixels, which every driver of the last ten years renders
_SUPERSAMPLING = 2


def render(
    picture: Picture,
    size: tuple[int, int] = (1600, 1200),
    theme: ThemeName = "light",
    *,
    camera: str | None = None,
    transparent: bool = False,
    text_factor: float = 1.0,
) -> Image:
    """Draw a picture into an image.

    It is drawn at twice the size, where the graphics allow that, and averaged, so that text and lines are as smooth as
    the surface. Text keeps its size relative to the image.

    Args:
        picture: What is drawn.
        size: Width and height in pixels.
        theme: Light or dark.
        camera: A standard view (``talweg.scene.VIEW_NAMES``) instead of the picture's own camera.
        transparent: Leave the background transparent.
        text_factor: Size of text and lines in units of the usual one.

    Returns:
        sRGB uint8 [height, width, 3]; with ``transparent`` [height, width, 4], the last being the opacity.

    Raises:
        InputError: The size is out of range, or there is no view of that name.
    """
    _check_size(size)
    _choose_window_class()
    import pyvista as pv

    from talweg.scene import THEMES, VIEW_NAMES, Scene

    if camera is not None and camera not in VIEW_NAMES:
        raise InputError(f"camera: there is no view {camera!r}; expected one of {', '.join(VIEW_NAMES)}.")
    finer = _SUPERSAMPLING if _SUPERSAMPLING * max(size) <= _LARGEST_WINDOW else 1
    plotter = pv.Plotter(off_screen=True, window_size=[finer * size[0], finer * size[1]], lighting="none")
    try:
        scene = Scene(plotter, THEMES[theme], pixel_ratio=finer, text_factor=text_factor, filled_walls=not transparent)
        scene.apply(picture)
        if camera is not None:
            scene.look_from(scene.view(camera))
        if transparent:
            on_black, on_white = (_averaged(_grab(plotter, shade), finer) for shade in (0.0, 1.0))
            image = _without_background(on_black, on_white)
        else:
            image = _averaged(_grab(plotter), finer)
        scene.close()
        return _bytes(image)
    finally:
        plotter.close()


def save_figure(
    path: Path,
    landscape: Landscape,
    view: ViewState,
    *,
    size: tuple[int, int] = (1600, 1200),
    theme: ThemeName = "light",
    camera: str | None = None,
    transparent: bool = False,
    text_factor: float = 1.0,
) -> None:
    """Render a landscape into a PNG file that says what it shows.

    Args:
        path: The file, replaced if it exists.
        landscape: The numbers.
        view: How they are looked at.
        size: Width and height in pixels.
        theme: Light or dark.
        camera: A standard view instead of the view's own camera.
        transparent: Leave the background transparent.
        text_factor: Size of text and lines in units of the usual one.

    Raises:
        InputError: The name is not a PNG's, the size is out of range, or the file cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise InputError(f"{path}: a figure is written as .png; name it so.")
    image = render(
        resolve(landscape, view), size, theme, camera=camera, transparent=transparent, text_factor=text_factor
    )
    texts = {
        "Title": landscape.name,
        "Software": "Talweg",
        "talweg": to_json(describe(landscape, path=False)),
        "talweg-view": encode_view(view),
    }
    write_png(path, image, texts)


def write_png(path: Path, image: Image, texts: Mapping[str, str]) -> None:
    """Write an image with texts beside the pixels, in UTF-8.

    Args:
        path: The file, replaced if it exists.
        image: uint8 [height, width, 3 or 4].
        texts: By keyword; of at most 79 Latin letters.

    Raises:
        InputError: The file cannot be written.
    """
    from PIL import Image as Images
    from PIL.PngImagePlugin import PngInfo

    chunks = PngInfo()
    for keyword, text in texts.items():
        chunks.add_itxt(keyword, text, zip=len(text) > 1000)
    with replacing(path) as temporary:
        Images.fromarray(image).save(temporary, format="PNG", pnginfo=chunks)


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
