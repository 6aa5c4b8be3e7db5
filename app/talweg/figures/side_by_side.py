"""Several views in one figure, each below its letter and name, linked as in the window."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

from talweg.figures.caption import write_caption
from talweg.figures.curves import paint_curves
from talweg.figures.render import FigureOptions, Image, Studio, tell, write_png
from talweg.figures.shots import Shot
from talweg.lettering import TITLE_SIZE, text_scale
from talweg.theme import THEMES
from talweg_compute.messages import InputError

_STRIP = 2.0  # height of the names' strip in heights of their font


def save_side_by_side(
    path: Path, shots: Sequence[Shot], options: FigureOptions, *, linked: bool, columns: int = 0
) -> None:
    """Render views into one PNG file that says what it shows.

    Args:
        path: The file, replaced if it exists.
        shots: The views, row by row.
        options: Size of the whole, colours, background.
        linked: Whether all look from the same place.
        columns: How many stand side by side; 0: up to three, but four two by two.

    Raises:
        InputError: The name is not a PNG's, the size is out of range, or the file cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise InputError(f"{path}: a figure of several views is written as .png; name it so.")
    image = render_side_by_side(shots, options, linked=linked, columns=columns)
    captions = [f"({letter}) {write_caption(shot.landscape, shot.view)}" for letter, shot in _lettered(shots)]
    texts = {**tell(shots[0].landscape, shots[0].view), "Description": " ".join(captions)}
    write_png(path, image, texts, dpi=options.density)


def render_side_by_side(shots: Sequence[Shot], options: FigureOptions, *, linked: bool, columns: int = 0) -> Image:
    """Draw views into one image; the arguments are those of ``save_side_by_side``.

    Returns:
        sRGB uint8 [height, width, 3]; with a transparent background [height, width, 4], the last being the opacity.
    """
    columns = columns or (len(shots) if len(shots) < 4 else 2)
    rows = -(-len(shots) // columns)
    width, height = options.size[0] // columns, options.size[1] // rows
    font = round(TITLE_SIZE * options.text_factor * text_scale((width, height), 1.0))
    strip = round(_STRIP * font)
    tile = replace(options, size=(width, height - strip))
    images = _draw(shots, tile, linked=linked)
    tiles = []
    for (letter, shot), image in zip(_lettered(shots), images, strict=True):
        size = image.shape[1], round(strip * options.scale)
        name = _write(f"({letter}) {shot.landscape.name}", size, round(font * options.scale), options)
        tiles.append(np.concatenate([name, image]))
    empty = np.broadcast_to(_ground(options), tiles[0].shape)
    tiles += [empty] * (rows * columns - len(tiles))
    lines = [np.concatenate(tiles[row * columns : (row + 1) * columns], axis=1) for row in range(rows)]
    return np.ascontiguousarray(np.concatenate(lines))


def _lettered(shots: Sequence[Shot]) -> list[tuple[str, Shot]]:
    return list(zip(ascii_lowercase, shots, strict=False))


def _draw(shots: Sequence[Shot], options: FigureOptions, *, linked: bool) -> list[Image]:
    """Draw each view into an image of one size."""
    with ExitStack() as stack:
        studios = {
            place: stack.enter_context(Studio(options))
            for place, shot in enumerate(shots)
            if shot.landscape.dimensions > 1
        }
        scenes = {place: studio.scene for place, studio in studios.items()}
        for place, scene in scenes.items():
            scene.link([other for number, other in scenes.items() if linked and number != place])
        pictures = {place: shots[place].picture(options.seen(shots[place].view)) for place in studios}
        for place, scene in scenes.items():
            scene.apply(pictures[place])
        for scene in scenes.values():  # each knows now how much room the others need
            scene.fit()
        return [
            studios[place].draw(pictures[place])
            if place in studios
            else paint_curves(shot.landscapes, options.seen(shot.view), options)
            for place, shot in enumerate(shots)
        ]


def _ground(options: FigureOptions) -> Image:
    """A pixel of the background."""
    colour = np.round(255 * np.array(THEMES[options.theme].background)).astype(np.uint8)
    return np.zeros(4, dtype=np.uint8) if options.transparent else colour


def _write(words: str, size: tuple[int, int], font_size: int, options: FigureOptions) -> Image:
    """Write a name into the middle of a strip."""
    from PIL import Image as Images
    from PIL import ImageDraw, ImageFont

    from talweg.scene.overlay import font_file

    ink: Any = tuple(round(255 * part) for part in THEMES[options.theme].foreground)
    ground = tuple(_ground(options).tolist())
    strip = Images.new("RGBA" if options.transparent else "RGB", size, ground)
    font = ImageFont.truetype(font_file(bold=True), font_size)
    drawing = ImageDraw.Draw(strip)
    while drawing.textlength(words, font) > 0.95 * size[0] and len(words) > 8:
        words = f"{words[:-2]}…"
    drawing.text((size[0] / 2, size[1] / 2), words, ink, font, anchor="mm")
    return np.asarray(strip)
