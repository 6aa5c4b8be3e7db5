"""The dialogs in which files for a new landscape are chosen."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from talweg.work.draft_files import name_network, name_samples
from talweg_compute.messages.reading import CHECKPOINT_SUFFIXES

if TYPE_CHECKING:
    from talweg.window.draft_form import DraftForm

_CHECKPOINTS = f"Checkpoints ({' '.join(f'*{suffix}' for suffix in CHECKPOINT_SUFFIXES)});;All files (*)"


class DraftFiles:
    """Asks for files and fills them into a form.

    Args:
        form: Has the fields.
    """

    def __init__(self, form: "DraftForm") -> None:
        self._form = form

    def ask_checkpoint(self) -> None:
        """Ask for the checkpoint."""
        if chosen := self._ask("Checkpoint", _CHECKPOINTS):
            self._form.take_path(Path(chosen))

    def ask_folder(self) -> None:
        """Ask for the folder of a training path."""
        if chosen := QFileDialog.getExistingDirectory(self._form, "Folder of checkpoints", self._folder()):
            self._form.take_path(Path(chosen))

    def ask_model(self) -> None:
        """Ask for a file that builds the model."""
        if chosen := self._ask("Model", "Models (*.py *.pt2);;All files (*)"):
            self._form.change(model=name_network(Path(chosen)))

    def ask_samples(self) -> None:
        """Ask for a file of samples."""
        if chosen := self._ask("Data", "Data (*.npz *.py);;All files (*)"):
            self._form.change(data=name_samples(Path(chosen)))

    def ask_data_folder(self) -> None:
        """Ask for the folder that a data set lies in."""
        start = self._form.data_root.text()
        if chosen := QFileDialog.getExistingDirectory(self._form, "Folder of the data", start):
            self._form.change(data_root=chosen)

    def ask_others(self) -> None:
        """Ask for further checkpoints, which join those that are named already, or for a file of directions."""
        draft = self._form.draft
        if draft.plane == "file":
            chosen = self._ask("Directions", "All files (*)")
            names = [chosen] if chosen else []
        else:
            names, _ = QFileDialog.getOpenFileNames(self._form, "Other checkpoints", self._folder(), _CHECKPOINTS)
            names = [*draft.others, *names] if names else []
        if names:
            self._form.change(other="; ".join(names))

    def _ask(self, title: str, kinds: str) -> str:
        chosen, _ = QFileDialog.getOpenFileName(self._form, title, self._folder(), kinds)
        return chosen

    def _folder(self) -> str:
        folder = self._form.draft.folder
        return "" if folder is None else str(folder)
