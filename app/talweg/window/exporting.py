"""Taking landscapes away: asks for the file, writes it, and says where it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from talweg.commands.command import ExportFormat
from talweg.window.store import Store


class Exporter:
    """Writes what the store shows.

    Args:
        store: Where the landscape and its view are.
        window: Parent of the dialogs.
    """

    def __init__(self, store: Store, window: QWidget) -> None:
        self._store = store
        self._window = window
        self._folder: Path | None = None

    def export(self, form: ExportFormat) -> tuple[Path, ...]:
        """Ask for a name and export the landscape.

        Args:
            form: The format.

        Returns:
            The files that were written; none if the user thought better of it.

        Raises:
            InputError: It cannot be written.
        """
        landscape, view = self._store.landscape, self._store.view
        if landscape is None or view is None:
            return ()
        path = self.ask(f"Export {form.title}", form.suffix, form.title)
        if path is None:
            return ()
        from talweg.export import VOLUMES, export_landscape

        with busy_cursor():
            whole = self._store.volume if path.suffix.lower() in VOLUMES else None
            return export_landscape(path, whole or landscape, view, picture=self._store.picture, flavour=form.flavour)

    def export_points(self) -> tuple[Path, ...]:
        """Ask for a name and write the critical points that are shown.

        Returns:
            The file that was written; none if the user thought better of it.

        Raises:
            InputError: It cannot be written.
        """
        picture = self._store.picture
        path = None if picture is None else self.ask("Export critical points", ".csv", "CSV table")
        if picture is None or path is None:
            return ()
        from talweg.export.csv import write_critical_points

        write_critical_points(path, picture.critical_points)
        return (path,)

    def ask(self, title: str, suffix: str, words: str) -> Path | None:
        """Ask where to write, beginning beside the document.

        Args:
            title: Of the dialog.
            suffix: Of the file, added where it is not typed.
            words: What the file is.

        Returns:
            The path, or None.
        """
        start = self.folder() / f"{self.stem()}{suffix}"
        chosen, _ = QFileDialog.getSaveFileName(self._window, title, str(start), f"{words} (*{suffix})")
        if not chosen:
            return None
        path = Path(chosen)
        self._folder = path.parent
        return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)

    def stem(self) -> str:
        """Name of a file without its suffix: the document's."""
        document = self._store.document
        return "landscape" if document is None else document.path.stem

    def folder(self) -> Path:
        """Where the last file went; else beside the document, unless nobody would look for a file there."""
        if self._folder is not None:
            return self._folder
        home = QStandardPaths.StandardLocation
        hidden = [QStandardPaths.writableLocation(place) for place in (home.TempLocation, home.GenericDataLocation)]
        document = self._store.document
        if document is not None and not any(folder and document.path.is_relative_to(folder) for folder in hidden):
            return document.path.parent
        documents = Path(QStandardPaths.writableLocation(home.DocumentsLocation))
        return documents if documents.is_dir() else Path.home()


@contextmanager
def busy_cursor() -> Iterator[None]:
    """Show that the window is busy for a moment."""
    QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
    try:
        yield
    finally:
        QGuiApplication.restoreOverrideCursor()
