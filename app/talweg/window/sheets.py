"""Windows that only tell: the sheet of shortcuts, and what this is and runs on."""

import platform
import sys
from collections.abc import Sequence

import PySide6
from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QFont, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from talweg import __version__
from talweg.commands.command import Command
from talweg.window.looks import heading, mute
from talweg.window.widgets.layout import EDGE, column, text_label, without_icons

_COLUMNS = 3


class Sheet(QDialog):
    """A window that stays beside the main one until it is closed."""

    def __init__(self, parent: QWidget, title: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.body = column(self, 2 * EDGE, EDGE)

    def finish(self, *buttons: QPushButton) -> None:
        """Add the buttons at the end."""
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        without_icons(box)
        for button in buttons:
            box.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        box.rejected.connect(self.close)
        self.body.addWidget(box)


class ShortcutSheet(Sheet):
    """Every command that has a shortcut, by menu.

    Args:
        parent: The window.
        commands: The table.
    """

    def __init__(self, parent: QWidget, commands: Sequence[Command]) -> None:
        super().__init__(parent, "Shortcuts")
        groups: dict[str, list[Command]] = {}
        for command in commands:
            if command.keys:
                title = "Camera" if command.group == "camera" else command.menu
                groups.setdefault(title, []).append(command)
        parts = QHBoxLayout()
        parts.setSpacing(4 * EDGE)
        heights = [0] * _COLUMNS
        stacks = [column(gap=2 * EDGE) for _ in range(_COLUMNS)]
        for title, members in groups.items():
            shortest = heights.index(min(heights))
            stacks[shortest].addLayout(_group(title, members))
            heights[shortest] += len(members) + 2
        for stack in stacks:
            stack.addStretch(1)
            parts.addLayout(stack)
        self.body.addLayout(parts)
        words = "drag turns, Shift and drag moves, the wheel zooms; a click pins a point or removes its pin"
        focus = "The keys to turn and move work while the picture has the focus."
        self.body.addWidget(text_label(f"Mouse: {words}. {focus}", muted=True))
        self.finish()


class AboutSheet(Sheet):
    """What this is, and what it runs on, to be copied into a report.

    Args:
        parent: The window.
        renderer: What draws.
    """

    def __init__(self, parent: QWidget, renderer: str) -> None:
        super().__init__(parent, "About Talweg")
        title = QLabel(f"Talweg {__version__}")
        font = title.font()
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        words = text_label(
            "Loss landscapes of neural networks. A talweg is the line of lowest points along a valley: "
            "the way water, or SGD, would take.\nGPL-3.0-or-later. The example shows the UCI optical digits, CC BY 4.0."
        )
        self.facts = "\n".join(
            (
                f"Talweg {__version__}",
                f"Python {platform.python_version()} on {platform.platform()}",
                f"Qt {qVersion()}, PySide6 {PySide6.__version__}, platform {QGuiApplication.platformName()}",
                f"VTK {_vtk_version()}, {renderer or 'no renderer'}",
            )
        )
        facts = text_label(self.facts, muted=True)
        copy = QPushButton("Copy")
        copy.clicked.connect(self._copy)
        for widget in (title, words, facts):
            widget.setFixedWidth(440)
            self.body.addWidget(widget)
        self.finish(copy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.facts)


def _group(title: str, commands: Sequence[Command]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * EDGE)
    grid.setVerticalSpacing(4)
    grid.addWidget(heading(title), 0, 0, 1, 2)
    for row, command in enumerate(commands, start=1):
        grid.addWidget(QLabel(command.title.rstrip("…")), row, 0)
        keys = QLabel(
            " or ".join(QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) for key in command.keys)
        )
        mute(keys)
        keys.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(keys, row, 1)
    return grid


def _vtk_version() -> str:
    """The version of VTK, without loading it for that."""
    module = sys.modules.get("vtkmodules.vtkCommonCore")
    return "not loaded" if module is None else str(module.vtkVersion.GetVTKVersion())
