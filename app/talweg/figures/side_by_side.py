"""One view, or several in one picture, each below its letter and name, linked as in the window."""

import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

from talweg.export.metadata import describe, to_json
from talweg.figures.curves import paint_curves
from talweg.figures.render import FigureOptions, Image, Studio, tell, write_png
from talweg.figures.shots import Shot
from talweg.lettering import MM_AN_INCH, TITLE_SIZE, text_scale
from talweg.picture import Picture
from talweg.theme import THEMES
from talweg.view.state import Camera, encode_view
from talweg_compute.messages import InputError

_STRIP = 2.0  # height of the names' strip in heights of their font
_BESIDE_BAR = 300.0  # width of a view with a scalar bar, in pixels at scale 1, below which the bar covers the landscape


def save_figure(
    path: Path, shots: Sequence[Shot], options: FigureOptions, *, linked: bool = True, columns: int = 0
) -> None:
    """Render one view, or several, into one PNG file that says what it shows.

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
        raise InputError(f"{path}: a figure is written as .png; name it so.")
    image = render_side_by_side(shots, options, linked=linked, columns=columns)
    write_png(path, image, tell_all(shots), dpi=options.density)


def render_side_by_side(
    shots: Sequence[Shot], options: FigureOptions, *, linked: bool = True, columns: int = 0
) -> Image:
    """Draw views into one image; the arguments are those of ``save_figure``.

    Returns:
        sRGB uint8 [height, width, 3]; with a transparent background [height, width, 4], the last being the opacity.
    """
    with stage(shots, options, linked=linked, columns=columns) as tableau:
        return tableau.draw(tableau.pictures)


def tell_all(shots: Sequence[Shot]) -> dict[str, str]:
    """Say what a picture of several views shows, for the texts beside its pixels.

    Args:
        shots: The views.

    Returns:
        The texts of ``tell`` for the first view, with the names and captions of all, each after its letter. The
        provenance of the others is in ``talweg-b``, ``talweg-view-b`` and so on, that of what lies over the first one
        in ``talweg-overlay``.
    """
    texts = tell(shots[0].landscape, shots[0].view)
    texts["Title"] = ", ".join(dict.fromkeys(shot.landscape.name for shot in shots))
    texts["Description"] = write_captions(shots)
    for letter, shot in _lettered(shots)[1:]:
        texts[f"talweg-{letter}"] = to_json(describe(shot.landscape, path=False))
        texts[f"talweg-view-{letter}"] = encode_view(shot.view)
    if shots[0].overlay is not None:
        texts["talweg-overlay"] = to_json(describe(shots[0].overlay, path=False))
    return texts


def write_captions(shots: Sequence[Shot]) -> str:
    """Write the captions of views; of several each after its letter."""
    if len(shots) == 1:
        return shots[0].caption
    return " ".join(f"({letter}) {shot.caption}" for letter, shot in _lettered(shots))


@dataclass(frozen=True)
class _Layout:
    """Where views stand in a picture.

    Attributes:
        tile: Size of one view without its name, colours, background.
        places: Left and upper edge of each view with its name, in pixels.
        font: Height of the letters of a name at scale 1; 0: there are no names.
        strip: Height of the strip that a name stands in, in pixels.
    """

    tile: FigureOptions
    places: tuple[tuple[int, int], ...]
    font: int
    strip: int


class Tableau:
    """Views side by side, drawn again and again into images of one size; made by ``stage``.

    Args:
        shots: The views, row by row.
        studios: Where the surfaces among them are drawn.
        layout: Where they stand.
        options: Size of the whole, colours, background.
        linked: Whether all look from the same place.
    """

    def __init__(
        self,
        shots: Sequence[Shot],
        studios: Sequence[Studio | None],
        layout: _Layout,
        options: FigureOptions,
        *,
        linked: bool,
    ) -> None:
        self._studios, self._layout = studios, layout
        width, height = options.pixels
        ground = _ground(options)
        self._empty = np.broadcast_to(ground, (height, width, ground.size)).copy()
        self.pictures = [
            None if studio is None else shot.picture(options.seen(shot.view))
            for shot, studio in zip(shots, studios, strict=True)
        ]
        """What the surfaces show at first; a line has none, since its curves stay as they are."""
        for shot, studio, place in zip(_lettered(shots), studios, layout.places, strict=True):
            self._prepare(*shot, studio, place, options)
        scenes = [studio.scene for studio in studios if studio is not None]
        for scene in scenes:
            scene.link([other for other in scenes if linked and other is not scene])
        for studio, picture in zip(studios, self.pictures, strict=True):
            if studio is not None and picture is not None:
                studio.scene.apply(picture)
        for scene in scenes:  # each knows now how much room the others need
            scene.fit()

    def standard(self, place: int, name: str, *, turning: bool) -> Camera:
        """Return the standard view of a surface that suits those that are linked with it, see ``Scene.view``.

        Args:
            place: Which one.
            name: Of the view.
            turning: Leave so much room that the box fits all the way around.
        """
        studio = self._studios[place]
        assert studio is not None  # noqa: S101 (the caller has its picture)
        return studio.scene.view(name, turning=turning)

    def draw(self, pictures: Sequence[Picture | None]) -> Image:
        """Draw all views.

        Args:
            pictures: Of the surfaces, as ``pictures`` has them, or changed.

        Returns:
            sRGB uint8 [height, width, 3]; with a transparent background [height, width, 4].
        """
        whole = self._empty.copy()
        for studio, picture, (left, top) in zip(self._studios, pictures, self._layout.places, strict=True):
            if studio is not None and picture is not None:
                _paste(whole, studio.draw(picture), left, top + self._layout.strip)
        return whole

    def _prepare(
        self, letter: str, shot: Shot, studio: Studio | None, place: tuple[int, int], options: FigureOptions
    ) -> None:
        """Draw what is the same in all pictures: the name of a view, and the curves of a line."""
        left, top = place
        tile = self._layout.tile
        if self._layout.font:
            size = tile.pixels[0], self._layout.strip
            words = f"({letter}) {shot.title}"
            _paste(self._empty, _write(words, size, round(self._layout.font * options.scale), options), left, top)
        if studio is None:
            curves = paint_curves(shot.landscapes, options.seen(shot.view), tile)
            _paste(self._empty, curves, left, top + self._layout.strip)


@contextmanager
def stage(shots: Sequence[Shot], options: FigureOptions, *, linked: bool = True, columns: int = 0) -> Iterator[Tableau]:
    """Set up views side by side, so that they can be drawn; the arguments are those of ``save_figure``.

    Yields:
        What draws them.

    Raises:
        InputError: The size is out of range or too small for the text, or there is no view of the name in the options.
    """
    layout = _lay_out(len(shots), options, columns)
    bars = any(shot.view.scalar_bar for shot in shots if shot.landscape.dimensions > 1)
    if bars and (lack := tell_lack_of_room(options, len(shots), columns)):
        raise InputError(f"size: {lack}; make the figure wider or the text smaller, or leave the scalar bar out.")
    with ExitStack() as stack:
        studios = [
            stack.enter_context(Studio(layout.tile)) if shot.landscape.dimensions > 1 else None for shot in shots
        ]
        yield Tableau(shots, studios, layout, options, linked=linked)


def _lay_out(count: int, options: FigureOptions, columns: int) -> _Layout:
    if count == 1:
        return _Layout(options, ((0, 0),), 0, 0)
    columns = columns or (count if count < 4 else 2)
    width, height = options.size[0] // columns, options.size[1] // -(-count // columns)
    font = round(TITLE_SIZE * options.text_factor * text_scale((width, height), 1.0))
    strip = round(_STRIP * font)
    corners = [(index % columns * width, index // columns * height) for index in range(count)]
    places = tuple((round(left * options.scale), round(top * options.scale)) for left, top in corners)
    return _Layout(replace(options, size=(width, height - strip)), places, font, round(strip * options.scale))


def tell_lack_of_room(options: FigureOptions, count: int, columns: int = 0) -> str:
    """Say what is wrong where views with scalar bars are so narrow on paper that the bars would lie over them.

    On screens this cannot be, since text shrinks with the picture.

    Args:
        options: Size of the whole, and of its text.
        count: How many views there are.
        columns: How many stand side by side; 0: as is usual.

    Returns:
        A sentence without its end; empty where there is room.
    """
    tile = _lay_out(count, options, columns).tile
    needed = _BESIDE_BAR * tile.text_factor * text_scale(tile.size, 1.0)
    if tile.dpi is None or not tile.overlays or tile.size[0] >= needed:
        return ""
    wide, least = (math.ceil(MM_AN_INCH * pixels / tile.dpi) for pixels in (tile.size[0], needed))
    return f"a view is {wide} mm wide, where text of this size needs {least} mm beside a scalar bar"


def _lettered(shots: Sequence[Shot]) -> list[tuple[str, Shot]]:
    return list(zip(ascii_lowercase, shots, strict=False))


def _paste(whole: Image, part: Image, left: int, top: int) -> None:
    """Put a part in its place; rounding may have made it a pixel too large."""
    room = whole[top : top + part.shape[0], left : left + part.shape[1]]
    room[:] = part[: room.shape[0], : room.shape[1]]


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
