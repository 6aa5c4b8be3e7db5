"""What a palette cannot say: the looks of a few widgets, each of which has a style sheet of its own.

A style sheet of the window would have Qt match every widget in it whenever one is shown or the theme changes.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from string import Template
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from shiboken6 import isValid

from talweg.window.theme import DARK, LIGHT, WidgetTheme, build_palette
from talweg_compute.assets import asset

_W = TypeVar("_W", bound=QWidget)

_LOOK = "look"
_AT_ONCE = 25
"""Widgets that get other colours in one turn of the event loop: each takes about a tenth of a millisecond."""

_SWITCH = """
    QToolButton { border: 1px solid $border; border-radius: 3px; padding: 3px 8px; background: $raised; }
    QToolButton:checked { background: $accent; color: $on_accent; border-color: $accent; }
    QToolButton:focus { border-color: $text; }
    QToolButton:disabled { color: $muted; background: $ground; border-color: $border; }
"""
_LOOKS = {
    "tool bar": """
        QToolBar { background: $ground; border: none; border-bottom: 1px solid $border; padding: 3px 6px;
                   spacing: 2px; }
    """,
    "status bar": """
        QStatusBar { background: $ground; border-top: 1px solid $border; }
        QStatusBar::item { border: none; }
    """,
    "section": """
        QToolButton { border: none; font-weight: 600; padding: 6px 8px; text-align: left; }
        QToolButton:hover { background: $raised; }
        QToolButton:focus { border: 1px solid $accent; border-radius: 3px; }
    """,
    "tick": """
        QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $muted; border-radius: 3px;
                               background: $field; }
        QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($check); }
        QCheckBox::indicator:disabled { border-color: $border; background: $ground; }
        QCheckBox::indicator:checked:disabled { background: $muted; border-color: $muted; }
        QCheckBox::indicator:focus { border: 2px solid $text; width: 12px; height: 12px; }
    """,
    "menu": "QToolButton::menu-indicator { image: none; }",
    "switch": _SWITCH,
    "tight switch": f"{_SWITCH} QToolButton {{ padding: 3px 2px; }}",
    "mark": "QLabel { color: $muted; border: 1px solid $muted; border-radius: 10px; }",
    "active mark": """
        QLabel { background: $accent; color: $on_accent; border: 1px solid $accent; border-radius: 10px;
                 font-weight: 600; }
    """,
    "spin box": "QAbstractSpinBox {}",  # as every style sheet has it: its buttons are not higher than its text
    "fault": "QLineEdit { border: 2px solid $fault; border-radius: 3px; background: $field; }",
    "help": """
        QToolButton { border: 1px solid $border; border-radius: 9px; min-width: 16px; max-width: 16px;
                      min-height: 16px; max-height: 16px; padding: 0; color: $muted; }
        QToolButton:hover, QToolButton:focus { color: $text; border-color: $accent; }
    """,
    "link": """
        PageLink { border: 1px solid transparent; border-radius: 4px; background: transparent; }
        PageLink:hover { background: $raised; border-color: $border; }
        PageLink:focus { border-color: $accent; }
    """,
    "drop": "DropArea { border: 1px dashed $border; border-radius: 8px; }",
    "palette": "CommandPalette { border: 1px solid $muted; }",
    "error": "MessageBar { background: $error; border-bottom: 1px solid $border; }",
    "warning": "MessageBar { background: $warning; border-bottom: 1px solid $border; }",
    "info": "MessageBar { background: $info; border-bottom: 1px solid $border; }",
}


def dress(widget: _W, look: str) -> _W:
    """Give a widget a look, which it keeps in every theme.

    Args:
        widget: What its look is for.
        look: One of those above; nothing: that of the style.

    Returns:
        The widget.
    """
    if widget.property(_LOOK) != look:
        widget.setProperty(_LOOK, look)
        widget.setStyleSheet(_style_sheet(look, _theme_now()) if look else "")
    return widget


def change_theme(theme: WidgetTheme, owner: QObject, then: Callable[[], None]) -> None:
    """Give every window, its dialogs and its tool tips the colours of a theme.

    Widgets that have a look follow in the next turns of the event loop, a few in each, those that are seen first.

    Args:
        theme: The colours.
        owner: Nothing more is done once it is gone.
        then: What is to be done once all have them.
    """
    QApplication.setPalette(build_palette(theme))
    QTimer.singleShot(0, owner, lambda: _redress(_dressed(), owner, then))


def _dressed() -> list[QWidget]:
    """All widgets that have a look, last those that are seen."""
    return sorted((each for each in QApplication.allWidgets() if each.property(_LOOK)), key=QWidget.isVisible)


def _redress(waiting: list[QWidget], owner: QObject, then: Callable[[], None]) -> None:
    """Give the last few of these widgets the colours of the palette, later the others."""
    theme = _theme_now()
    for widget in waiting[-_AT_ONCE:]:
        if isValid(widget) and (look := widget.property(_LOOK)):
            widget.setStyleSheet(_style_sheet(look, theme))
    del waiting[-_AT_ONCE:]
    QTimer.singleShot(0, owner, (lambda: _redress(waiting, owner, then)) if waiting else then)


def mute(label: QLabel) -> QLabel:
    """Write less important words in their colour; returns the label."""
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def show_fault(label: QLabel, *, wrong: bool, muted: bool = True) -> None:
    """Write in the colour of words that say what is wrong, or in the usual one of the label."""
    usual = QPalette.ColorRole.PlaceholderText if muted else QPalette.ColorRole.WindowText
    label.setForegroundRole(QPalette.ColorRole.BrightText if wrong else usual)


def heading(words: str) -> QLabel:
    """Make a label for what stands above something."""
    label = QLabel(words)
    font = label.font()
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label


def _theme_now() -> WidgetTheme:
    """The theme whose palette the application has."""
    ground = QApplication.palette().color(QPalette.ColorRole.Window).name()
    return DARK if ground == DARK.ground else LIGHT


@cache
def _style_sheet(look: str, theme: WidgetTheme) -> str:
    check = asset(f"check-{theme.name}.svg").as_posix()
    return Template(_LOOKS[look]).substitute(asdict(theme), check=check)
