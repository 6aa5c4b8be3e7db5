"""The menu of recent files."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QMenu, QWidget

from talweg.window.recent import forget_all, pinned_files, recent_files


class RecentMenu(QMenu):
    """Files that were opened last, made anew whenever it opens; missing ones are grey.

    Args:
        open_path: Opens one.
        parent: The menu it stands in.
    """

    def __init__(self, open_path: Callable[[Path], object], parent: QWidget) -> None:
        super().__init__("Open &recent", parent)
        self._open_path = open_path
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List the files as they are now."""
        self.clear()
        files, pinned = recent_files(), pinned_files()
        for path in files:
            if pinned and path not in pinned and path == files[len(pinned)]:
                self.addSeparator()
            action = self.addAction(path.name)
            action.setToolTip(str(path))
            action.setStatusTip(str(path))
            action.setEnabled(path.exists())
            action.triggered.connect(lambda _=False, chosen=path: self._open_path(chosen))
        self.setToolTipsVisible(True)
        if files:
            self.addSeparator()
        clear = self.addAction("Clear the list")
        clear.setEnabled(bool(files))
        clear.triggered.connect(forget_all)
