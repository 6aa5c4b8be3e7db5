"""QActions from the table of commands: the same objects stand in menus, tool bar, panels and behind the keys."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from talweg.commands.command import INSIDE, MENUS, Command, Situation, Target
from talweg.window.icons import icon


class Actions(QObject):
    """One action for each command, kept in step with the situation.

    Args:
        commands: The table.
        target: What they act on.
        owner: The window, in which the keys work.
        picture: The part of it in which keys of the picture work.
    """

    def __init__(self, commands: Sequence[Command], target: Target, owner: QWidget, picture: QWidget) -> None:
        super().__init__(owner)
        self._commands = {command.id: command for command in commands}
        self._target = target
        self._actions = {command.id: self._make(command, owner, picture) for command in commands}
        colours = QActionGroup(self)  # one of them holds, so they are shown as such
        for command in commands:
            if command.group == "appearance":
                colours.addAction(self._actions[command.id])
        self._situation: Situation | None = None
        self.update_to(Situation())

    def __getitem__(self, name: str) -> QAction:
        """The action of a command's id."""
        return self._actions[name]

    def update_to(self, situation: Situation) -> None:
        """Enable, tick and name every action as the situation has it."""
        known, self._situation = self._situation == situation, situation
        for name, action in self._actions.items():
            command = self._commands[name]
            if command.checked is not None:  # a click has ticked it, whatever came of that
                action.setChecked(command.checked(situation))
            if known:
                continue
            action.setEnabled(command.enabled(situation))
            if command.label is not None:
                action.setText(command.label(situation))

    def fill_menu_bar(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus; returns them by title."""
        menus: dict[str, QMenu] = {}
        for title in MENUS:
            menus[title] = QMenu(f"&{title}", bar) if title in INSIDE else bar.addMenu(f"&{title}")
        for title, menu in menus.items():
            group = None
            for command in (command for command in self._commands.values() if command.menu == title):
                if group is not None and command.group != group:
                    menu.addSeparator()
                group = command.group
                menu.addAction(self._actions[command.id])
        for title, (outer, before) in INSIDE.items():
            menus[outer].insertMenu(self._actions[before], menus[title])
        menus["File"].insertSeparator(self._actions["file.close"])
        return menus

    def _make(self, command: Command, owner: QWidget, picture: QWidget) -> QAction:
        action = QAction(icon(command.icon), command.title, owner)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setCheckable(command.checked is not None)
        keys = f" ({command.keys[0]})" if command.keys else ""
        action.setToolTip(f"{command.tip or command.title.rstrip('…')}{keys}")
        action.triggered.connect(lambda: command.run(self._target))
        if command.over_picture:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        (picture if command.over_picture else owner).addAction(action)
        return action
