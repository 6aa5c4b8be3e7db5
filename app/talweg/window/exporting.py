"""Taking landscapes away: asks for the file, and says what is to be written into it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSettings, QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from talweg.analysis.comparison import Measures
from talweg.analysis.side_by_side import write_side_by_side
from talweg.commands.command import ExportFormat
from talweg.window.store import Store
from talweg.window.writer import Writing

_FOLDER = "exportFolder"


class Exporter:
    """Prepares files of what the store shows.

    Args:
        store: Where the landscape and its view are.
        window: Parent of the dialogs.
    """

    def __init__(self, store: Store, window: QWidget) -> None:
        self._store = store
        self._window = window

    def export(self, form: ExportFormat) -> Writing | None:
        """Ask for a name that the landscape is exported under, as it is now.

        Args:
            form: The format.

        Returns:
            Writes it; None if the user thought better of it.
        """
        landscape, view, picture, volume = (
            self._store.landscape, self._store.view, self._store.picture, self._store.volume,
        )  # fmt: skip
        if landscape is None or view is None:
            return None
        from talweg.export import holds_finer_grids

        alone = landscape.regions and not holds_finer_grids(form.suffix, form.flavour)
        title = f"Export {form.title}, without the finer grids inside" if alone else f"Export {form.title}"
        path = self.ask(title, form.suffix, form.title)
        if path is None:
            return None

        def write() -> tuple[Path, ...]:
            from talweg.export import VOLUMES, export_landscape

            whole = volume if path.suffix.lower() in VOLUMES else None
            return export_landscape(path, whole or landscape, view, picture=picture, flavour=form.flavour)

        return write

    def export_points(self) -> Writing | None:
        """Ask for a name that the critical points that are shown are written under.

        Returns:
            Writes them; None if the user thought better of it.
        """
        picture = self._store.picture
        path = None if picture is None else self.ask("Export critical points", ".csv", "CSV table")
        if picture is None or path is None:
            return None

        def write() -> tuple[Path, ...]:
            from talweg.export.csv import write_critical_points

            write_critical_points(path, picture.critical_points)
            return (path,)

        return write

    def export_comparison(self, measured: Sequence[Measures]) -> Writing | None:
        """Ask for a name that the numbers of several landscapes are written under.

        Args:
            measured: A column each.

        Returns:
            Writes them; None if there are none, or the user thought better of it.
        """
        path = self.ask("Export the numbers side by side", ".csv", "CSV table") if measured else None
        if path is None:
            return None

        def write() -> tuple[Path, ...]:
            from talweg.export.files import replacing

            with replacing(path) as part:
                part.write_text(write_side_by_side(measured, ","), encoding="utf-8", newline="")
            return (path,)

        return write

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
        self.keep_folder(path.parent)
        return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)

    def stem(self) -> str:
        """Name of a file without its suffix: the document's."""
        document = self._store.document
        return "landscape" if document is None else document.path.stem

    @staticmethod
    def keep_folder(folder: Path) -> None:
        """Begin in a folder the next time."""
        QSettings().setValue(_FOLDER, str(folder))

    def folder(self) -> Path:
        """Where the last file went, whenever that was; else beside the document, unless nobody would look there."""
        kept = QSettings().value(_FOLDER, "")
        if isinstance(kept, str) and kept and Path(kept).is_dir():
            return Path(kept)
        home = QStandardPaths.StandardLocation
        hidden = [QStandardPaths.writableLocation(place) for place in (home.TempLocation, home.GenericDataLocation)]
        document = self._store.document
        if document is not None and not any(folder and document.path.is_relative_to(folder) for folder in hidden):
            return document.path.parent
        documents = Path(QStandardPaths.writableLocation(home.DocumentsLocation))
        return documents if documents.is_dir() else Path.home()
