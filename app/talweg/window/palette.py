"""The command palette: type a few letters of what is wanted, Enter does it."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRect, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QPainter, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from talweg.commands.command import Command
from talweg.commands.fuzzy import rank
from talweg.window.actions import Actions
from talweg.window.looks import dress
from talweg.window.widgets.layout import EDGE, column

_WIDTH = 560
_ROWS = 12
_SHORTCUT = Qt.ItemDataRole.UserRole + 1
_PLACE = Qt.ItemDataRole.UserRole + 2
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CommandPalette(QDialog):
    """A line to type in over a list of the commands that fit; those that cannot run now are grey.

    Args:
        parent: The window.
        commands: The table.
        actions: What runs them.
    """

    def __init__(self, parent: QWidget, commands: Sequence[Command], actions: Actions) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Commands")
        dress(self, "palette")
        self.setAccessibleName("Command palette")
        self._commands = [command for command in commands if command.id != "help.palette"]
        self._actions = actions
        self.line = QLineEdit()
        self.line.setPlaceholderText("Type what you want to do")
        self.line.setAccessibleName("Command to look for")
        self.line.setClearButtonEnabled(True)
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("Commands that fit")
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys go to the line, which passes the arrows on
        self.list.setItemDelegate(_Row(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._run)
        box = column(self, EDGE)
        box.addWidget(self.line)
        box.addWidget(self.list)
        self._fill("")
        self._place(parent)
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Let the arrows move through the list while the line has the focus, and Enter run what is chosen."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _MOVES:
                QApplication.sendEvent(self.list, event)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                item = self.list.currentItem()
                if item is not None:
                    self._run(item)
                return True
        return super().eventFilter(watched, event)

    def titles(self) -> list[str]:
        """What the list shows, from the top."""
        return [self.list.item(row).text() for row in range(self.list.count())]

    def _fill(self, typed: str) -> None:
        found = rank(typed, self._commands, lambda command: f"{command.menu} {self._title(command)}")
        self.list.clear()
        # what can run stands first; the order among equals stays
        for command in sorted(found, key=lambda command: not self._actions[command.id].isEnabled()):
            action = self._actions[command.id]
            item = QListWidgetItem(self._title(command))
            item.setData(Qt.ItemDataRole.UserRole, command.id)
            item.setData(_SHORTCUT, _keys(action))
            item.setData(_PLACE, command.menu)
            item.setToolTip(command.tip)
            words = f"{item.text()}, {command.menu}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{words}, {_keys(action)}" if _keys(action) else words)
            if not action.isEnabled():
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            self.list.addItem(item)
        if self.list.count() and self.list.item(0).flags() & Qt.ItemFlag.ItemIsEnabled:
            self.list.setCurrentRow(0)

    def _title(self, command: Command) -> str:
        return self._actions[command.id].text().replace("&", "").rstrip("…")

    def _run(self, item: QListWidgetItem) -> None:
        action = self._actions[item.data(Qt.ItemDataRole.UserRole)]
        if action.isEnabled():
            self.close()
            action.trigger()

    def _place(self, parent: QWidget) -> None:
        """Stand below the middle of the window's upper edge, as wide as there is room."""
        width = min(_WIDTH, parent.width() - 4 * EDGE)
        row = self.list.sizeHintForRow(0)
        self.list.setFixedHeight(_ROWS * row + 2 * self.list.frameWidth())
        self.setFixedWidth(width)
        self.adjustSize()
        corner = parent.mapToGlobal(parent.rect().topLeft())
        self.move(corner.x() + (parent.width() - width) // 2, corner.y() + parent.height() // 8)


class _Row(QStyledItemDelegate):
    """A command on the left, its menu beside it, its shortcut on the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # type: ignore[override]  # noqa: N802
        """Leave air around a line of text."""
        return QSize(0, option.fontMetrics.height() + 12)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:  # type: ignore[override]
        """Draw the ground as the style does, then the three texts."""
        self.initStyleOption(option, index)
        palette: QPalette = option.palette
        state: QStyle.StateFlag = option.state
        area: QRect = option.rect.adjusted(EDGE, 0, -EDGE, 0)
        metrics = option.fontMetrics
        option.text = ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        enabled, chosen = bool(state & QStyle.StateFlag.State_Enabled), bool(state & QStyle.StateFlag.State_Selected)
        group = QPalette.ColorGroup.Active if enabled else QPalette.ColorGroup.Disabled
        role = QPalette.ColorRole
        text = palette.color(group, role.HighlightedText if chosen else role.Text)
        quiet = text if chosen or not enabled else palette.color(role.PlaceholderText)
        title, menu, keys = index.data(), index.data(_PLACE), index.data(_SHORTCUT)
        align = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(text)
        painter.drawText(area, align | Qt.AlignmentFlag.AlignLeft, title)
        painter.setPen(quiet)
        beside = area.adjusted(metrics.horizontalAdvance(title) + EDGE, 0, 0, 0)
        painter.drawText(beside, align | Qt.AlignmentFlag.AlignLeft, menu)
        painter.drawText(area, align | Qt.AlignmentFlag.AlignRight, keys)


def _keys(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
