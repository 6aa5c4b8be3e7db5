"""Figures and movies of what the window shows: into files, at once or after a few questions, and to the clipboard."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, QObject
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from talweg.export.movie import check_movie
from talweg.figures.movie import Movie
from talweg.figures.render import FigureOptions
from talweg.figures.rendering import Order
from talweg.figures.shots import Shot, take_shots
from talweg.figures.side_by_side import write_captions
from talweg.window.darkroom import Darkroom
from talweg.window.exporting import Exporter
from talweg.window.figure_dialog import COPY, FigureDialog
from talweg.window.movie_dialog import MovieDialog
from talweg.window.store import Store
from talweg_compute.messages import InputError


class Figures(QObject):
    """Has what is shown rendered beside the window.

    Args:
        store: What is shown.
        exporter: Asks for files, and knows where the last one went.
        darkroom: Renders.
        template: Says how screenshots are called; see ``name_screenshot``.
        say: Tells the user where a file is.
        window: Parent of the dialogs.
    """

    def __init__(
        self,
        store: Store,
        exporter: Exporter,
        darkroom: Darkroom,
        template: Callable[[], str],
        say: Callable[[str], None],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._store, self._exporter, self._darkroom, self._window = store, exporter, darkroom, window
        self._template, self._say = template, say
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def take_screenshot(self, options: FigureOptions, columns: int, *, clean: bool) -> None:
        """Write the picture as the window shows it, without a question; the file's name is a new one.

        Args:
            options: Size and colours of the picture in the window.
            columns: How many views stand side by side there.
            clean: Only the landscape: no background, no axes, no scalar bar, no legend.
        """
        document = self._store.document
        if document is None:
            return
        if clean:
            options = replace(options, transparent=True, overlays=False)
        path = name_screenshot(
            self._template(), self._exporter.folder(), self._exporter.stem(), datetime.now().astimezone()
        )
        self._order(path, options, None, lambda: self._say(f"Wrote {path}."), columns)

    def copy(self, options: FigureOptions, columns: int = 0, *, alone: bool = False) -> None:
        """Put the picture on the clipboard, with a caption for whoever pastes text.

        Args:
            options: Size and colours.
            columns: How many views stand side by side; 0: as is usual in figures.
            alone: The active view only.
        """
        shots = self._shots(alone=alone)
        if not shots:
            return
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="talweg-")
        path, caption = Path(self._folder.name) / "figure.png", write_captions(shots)

        def hand_over() -> None:
            content = path.read_bytes()
            path.unlink()
            mime = QMimeData()
            mime.setImageData(QImage.fromData(content))
            mime.setData("image/png", QByteArray(content))  # with its provenance
            mime.setText(caption)
            QGuiApplication.clipboard().setMimeData(mime)
            self._say("The figure is on the clipboard, with its caption as text.")

        self._order(path, options, None, hand_over, columns, alone=alone)

    def export(self, window_size: tuple[int, int], theme: str) -> None:
        """Ask for size, colours and a name, and render a figure.

        Args:
            window_size: Of the picture in the window, in device pixels.
            theme: That of the window.
        """
        if self._store.landscape is None:
            return
        shots = self._shots(alone=False)
        bars = any(shot.view.scalar_bar and shot.landscape.dimensions > 1 for shot in shots)
        dialog = FigureDialog(self._window, window_size, theme, len(self._store.viewings), bars=bars)
        answer, options, alone = dialog.exec(), dialog.options, not dialog.all_views.isChecked()
        dialog.deleteLater()
        if answer == COPY:
            self.copy(options, alone=alone)
        path = (
            self._exporter.ask("Export a figure", ".png", "PNG picture")
            if answer == QDialog.DialogCode.Accepted
            else None
        )
        if path is not None:
            self._order(path, options, None, lambda: self._say(f"Wrote {path}."), alone=alone)

    def export_movie(self, theme: str) -> None:
        """Ask for way, length, size and a name, and render a movie.

        Args:
            theme: That of the window.

        Raises:
            InputError: The movie cannot go where it was put.
        """
        landscape = self._store.landscape
        if landscape is None:
            return
        has_path = landscape.path is not None and len(landscape.path.names) > 1
        dialog = MovieDialog(self._window, theme, has_path=has_path, views=len(self._store.viewings))
        answer, movie, options, suffix = dialog.exec(), dialog.movie, dialog.options, dialog.suffix
        alone = not dialog.all_views.isChecked()
        dialog.deleteLater()
        if answer != QDialog.DialogCode.Accepted:
            return
        path = self._ask_folder() if suffix == "" else self._exporter.ask("Export a movie", suffix, "Movie")
        if path is not None:
            check_movie(path, options.pixels, transparent=options.transparent)
            self._order(path, options, movie, lambda: self._say(f"Wrote {path}."), alone=alone)

    def close(self) -> None:
        """Leave nothing behind."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def _order(
        self,
        path: Path,
        options: FigureOptions,
        movie: Movie | None,
        developed: Callable[[], None],
        columns: int = 0,
        *,
        alone: bool = False,
    ) -> None:
        shots, arrangement = self._shots(alone=alone), self._store.arrangement
        if shots and arrangement is not None:
            bare = tuple(shot.bare() for shot in shots)
            linked = arrangement.has("camera")
            self._darkroom.take(Order(path, bare, options, movie, linked=linked, columns=columns), developed)

    def _shots(self, *, alone: bool) -> tuple[Shot, ...]:
        """What all views show, or the active one alone; none while that is nothing yet."""
        store = self._store
        if store.document is None or store.arrangement is None or store.landscape is None:
            return ()
        landscapes = [viewing.landscape for viewing in store.viewings]
        shots = take_shots(store.arrangement, landscapes, store.document)
        if not alone:
            return shots
        place = sum(each is not None for each in landscapes[: store.arrangement.active])
        return shots[place : place + 1]  # with the scales that it shares with the others

    def _ask_folder(self) -> Path | None:
        start = self._exporter.folder() / f"{self._exporter.stem()} frames"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Export a movie", str(start), "New folder (*)")
        if not chosen:
            return None
        self._exporter.keep_folder(Path(chosen).parent)
        return Path(chosen)


def name_screenshot(template: str, folder: Path, document: str, now: datetime) -> Path:
    """Choose a name that no file has yet.

    Args:
        template: With {document}, {date}, {time} and {number} in it, or some of them.
        folder: Where the file goes.
        document: Name of the document.
        now: Local time.

    Returns:
        The path of a .png file.

    Raises:
        InputError: The template has something else in braces.
    """
    words = {"document": document, "date": f"{now:%Y-%m-%d}", "time": f"{now:%H-%M-%S}"}
    number = 0
    while True:
        number += 1
        try:
            name = template.format(**words, number=number)
        except (KeyError, IndexError, ValueError):
            raise InputError(
                f'screenshot name: got "{template}"; expected text with {{document}}, {{date}}, {{time}}, {{number}}.'
            ) from None
        if "{number" not in template and number > 1:
            name += f" {number}"
        path = folder / f"{name}.png"
        if not path.exists():
            return path
