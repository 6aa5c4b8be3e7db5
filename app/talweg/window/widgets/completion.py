"""Completion of the last of several names in a line, separated by commas."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QCompleter, QLineEdit


class _ListCompleter(QCompleter):
    """Completes what stands behind the last comma and keeps what stands before it."""

    def splitPath(self, path: str) -> list[str]:  # noqa: N802 (Qt's name)
        """What is completed."""
        return [path.rpartition(",")[2].strip()]

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:  # noqa: N802 (Qt's name)
        """The whole line with a completion."""
        line = self.widget()
        before = line.text().rpartition(",")[0] if isinstance(line, QLineEdit) else ""
        name = str(index.data())
        return f"{before}, {name}" if before else name


def complete_list(line: QLineEdit, names: tuple[str, ...]) -> None:
    """Offer names while a list of them is typed.

    Args:
        line: Where it is typed.
        names: What may stand in it, among other things.
    """
    completer = _ListCompleter(list(names), line)
    completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
    completer.setFilterMode(Qt.MatchFlag.MatchContains)
    line.setCompleter(completer)
