"""The menu of saved views: choose one, replace it, or remove it."""

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from talweg.view.eye import SavedView
from talweg.window.store import Store


class SavedViews:
    """Lists the saved views of the document behind the commands of a menu, whenever that opens.

    Args:
        store: Where they are.
        menu: Has the commands already.
        look: Looks from where a saved view does.
    """

    def __init__(self, store: Store, menu: QMenu, look: Callable[[SavedView], None]) -> None:
        self._store, self._menu, self._look = store, menu, look
        self._own: list[QAction] = []
        self._remove = QMenu("&Remove", menu)
        menu.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List the views as they are now."""
        for action in self._own:
            self._menu.removeAction(action)
        self._remove.clear()
        arrangement = self._store.arrangement
        saved = () if arrangement is None else arrangement.saved
        self._own = [self._menu.addSeparator()] if saved else []
        for number, view in enumerate(saved, 1):
            letter = f"&{number} " if number < 10 else ""
            name = view.name.replace("&", "&&")
            action = self._menu.addAction(f"{letter}{name}")
            action.triggered.connect(lambda _=False, chosen=view: self._look(chosen))
            self._own.append(action)
            gone = self._remove.addAction(name)
            gone.triggered.connect(lambda _=False, chosen=view: self._forget(chosen))
        if saved:
            self._own += [self._menu.addSeparator(), self._menu.addMenu(self._remove)]

    def _forget(self, view: SavedView) -> None:
        if self._store.arrangement is not None:
            self._store.arrange(self._store.arrangement.without_saved(view.name), f"remove the view {view.name}")
