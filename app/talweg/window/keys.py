"""Whose a key is: a control that uses it itself comes before the window's commands, and a tool before both.

Qt asks whoever has the focus before a shortcut runs (``ShortcutOverride``). Text fields claim what they type; buttons,
sliders and lists do not, so that Space or Home would go to a command while one of them has the focus.
"""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTabBar,
    QWidget,
)
from shiboken6 import isValid

from talweg.window.probing import Probing
from talweg.window.widgets.plot import Plot

_KEY = Qt.Key
_MODIFIER = Qt.KeyboardModifier
_SPACE = frozenset({_KEY.Key_Space, _KEY.Key_Select})
_MOVES = frozenset(
    {
        _KEY.Key_Left, _KEY.Key_Right, _KEY.Key_Up, _KEY.Key_Down, _KEY.Key_Home, _KEY.Key_End, _KEY.Key_PageUp,
        _KEY.Key_PageDown,
    }
)  # fmt: skip
_TYPED = range(int(_KEY.Key_Space), int(_KEY.Key_Escape))
"""Codes of keys that write something."""


def uses(control: QWidget, key: int, modifiers: Qt.KeyboardModifier) -> bool:
    """Tell whether a control does something itself with a key while it has the focus.

    Args:
        control: Has the focus.
        key: One of ``Qt.Key``.
        modifiers: Keys that are held; with Ctrl, Alt or Meta the key is the window's.
    """
    if modifiers & ~(_MODIFIER.ShiftModifier | _MODIFIER.KeypadModifier):
        return False
    if isinstance(control, QComboBox):
        return key in _MOVES or key in _TYPED or (key == _KEY.Key_Escape and control.isEditable())
    if isinstance(control, QLineEdit | QPlainTextEdit | QAbstractSpinBox):
        return key in _MOVES or key == _KEY.Key_Escape or (key in _TYPED and not control.isReadOnly())
    if isinstance(control, QAbstractButton):
        return key in _SPACE
    if isinstance(control, QAbstractItemView):
        return key in _MOVES or key in _SPACE
    return isinstance(control, QAbstractSlider | QTabBar | Plot) and key in _MOVES


class Keys(QObject):
    """Lets the control that has the focus keep the keys it uses, and Esc put down a tool before it cancels a job.

    Args:
        window: Whose commands have shortcuts.
        probing: Has the tool.
    """

    def __init__(self, window: QMainWindow, probing: Probing) -> None:
        super().__init__(window)
        self._window, self._probing = window, probing
        self._focused: QWidget | None = None
        window.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Claim a key before a shortcut takes it; the widget gets it as an ordinary key then."""
        if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return False
        if event.key() == _KEY.Key_Escape and self._probing.tool is not None:
            self._probing.put_down()
        elif not (isinstance(watched, QWidget) and uses(watched, event.key(), event.modifiers())):
            return False
        event.accept()
        return True

    def _follow(self, _: QWidget | None, now: QWidget | None) -> None:
        """Watch what has the focus, if it is in this window."""
        if self._focused is not None and isValid(self._focused):
            self._focused.removeEventFilter(self)
        inside = now is not None and (now.window() is self._window or isinstance(now.window(), QDockWidget))
        self._focused = now if inside and now is not self._window else None
        if self._focused is not None:
            self._focused.installEventFilter(self)
