"""Inputs that tell a change by the user from one by the program: only the first emits."""

import math
from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QHBoxLayout, QSlider, QToolButton, QWidget

from talweg.picture import format_value
from talweg.window.looks import dress
from talweg.window.widgets.judged_line import JudgedLine
from talweg.window.widgets.layout import tight
from talweg.window.words import parse_number, quote

_ROOM = 14  # pixels beside the text of a switch


class TickBox(QCheckBox):
    """A box to tick."""

    def __init__(self, title: str = "") -> None:
        super().__init__(title)
        dress(self, "tick")


class Choice(QComboBox):
    """One of several values, each with a title."""

    chosen = Signal(str)

    def __init__(self, options: list[tuple[str, str]], name: str) -> None:
        super().__init__()
        for value, title in options:
            self.addItem(title, value)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel scrolls the panel, it changes nothing by accident
        self.activated.connect(lambda index: self.chosen.emit(self.itemData(index)))

    def show_value(self, value: str) -> None:
        """Show a value; an unknown one is added under its own name."""
        index = self.findData(value)
        if index < 0:
            self.addItem(value, value)
            index = self.count() - 1
        self.setCurrentIndex(index)

    def offer(self, options: list[tuple[str, str]]) -> None:
        """Have these values with their titles, in this order; what is there already stays."""
        for index in reversed(range(self.count())):
            if self.itemData(index) not in dict(options):
                self.removeItem(index)
        for index, (value, title) in enumerate(options):
            found = self.findData(value)
            if found != index:
                if found >= 0:
                    self.removeItem(found)
                self.insertItem(index, title, value)
            elif self.itemText(index) != title:
                self.setItemText(index, title)

    def add_icons(self, icons: list[QIcon]) -> None:
        """Put an icon beside each value."""
        for index, icon in enumerate(icons):
            self.setItemIcon(index, icon)

    def explain_values(self, words: Mapping[str, str]) -> None:
        """Give values a tool tip."""
        for index in range(self.count()):
            self.setItemData(index, words.get(self.itemData(index), ""), Qt.ItemDataRole.ToolTipRole)

    def refuse_values(self, reasons: Mapping[str, str]) -> None:
        """Allow all values but some, each of which says as its tool tip why it cannot be chosen."""
        for index in range(self.count()):
            item = self.model().item(index)  # type: ignore[attr-defined]  # QComboBox's own model is a QStandardItemModel
            reason = reasons.get(self.itemData(index), "")
            item.setEnabled(not reason)
            item.setToolTip(reason)
            item.setAccessibleDescription(reason)

    def wheelEvent(self, event: object) -> None:  # noqa: N802 (Qt's name)
        """Leave the wheel to the panel."""
        event.ignore()  # type: ignore[attr-defined]  # a QWheelEvent; the stub's name differs between Qt versions


class Switch(QWidget):
    """Two or three values side by side, one of which is pressed."""

    chosen = Signal(str)

    def __init__(self, options: list[tuple[str, str]], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._values = [value for value, _ in options]
        box = QHBoxLayout(self)
        tight(box, gap=4)
        for index, (_, title) in enumerate(options):
            button = QToolButton()
            button.setText(title)
            button.setCheckable(True)
            button.setAccessibleName(f"{name}: {title}")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            dress(button, "tight switch" if len(options) > 2 else "switch")
            button.setMinimumWidth(max(40, button.fontMetrics().horizontalAdvance(title) + _ROOM))  # never cut off
            self._group.addButton(button, index)
            box.addWidget(button)
        box.addStretch(1)
        self.setFocusProxy(self._group.button(0))
        self._group.idToggled.connect(self._pass_focus)
        self._group.idClicked.connect(lambda index: self.chosen.emit(self._values[index]))

    def show_value(self, value: str) -> None:
        """Show a value."""
        self._group.button(self._values.index(value)).setChecked(True)

    def enable_values(self, enabled: dict[str, bool], reason: str) -> None:
        """Allow some of the values only; the others say why."""
        for value, allowed in enabled.items():
            button = self._group.button(self._values.index(value))
            button.setEnabled(allowed)
            button.setToolTip("" if allowed else reason)

    def _pass_focus(self, index: int, on: bool) -> None:
        """Let the tabulator come to the one that is pressed, as in every exclusive group."""
        if on:
            self.setFocusProxy(self._group.button(index))

    def press(self, value: str) -> None:
        """Choose a value as a click does."""
        self._group.button(self._values.index(value)).click()


class NumberField(JudgedLine):
    """A number, typed in any notation; what is not one stays and says so."""

    entered = Signal(float)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.setMinimumWidth(56)
        self.typed.connect(self._read)

    def show_value(self, value: float | None) -> None:
        """Show a number, unless the user is typing one."""
        self.show_text("" if value is None or not math.isfinite(value) else format_value(value))

    def _read(self, text: str) -> None:
        value = parse_number(text)
        if value is None:
            self.refuse(f"A number is expected here, such as 0.5 or 1e-3, not {quote(text)}.")
        else:
            self.entered.emit(value)


class LogSlider(QSlider):
    """A slider over a range of positive numbers, even in their logarithm; its left end may stand for zero."""

    moved = Signal(float)
    let_go = Signal()

    _STEPS = 400

    def __init__(self, name: str, low: float, high: float, *, zero: bool = False) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setAccessibleName(name)
        self.setRange(0, self._STEPS)
        self.setSingleStep(5)
        self.setPageStep(40)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._zero = zero
        self._low, self._high = low, high
        self.valueChanged.connect(lambda _: self.moved.emit(self.number()))
        self.sliderReleased.connect(self.let_go.emit)

    def set_limits(self, low: float, high: float) -> None:
        """Set the range; ``low`` is positive and below ``high``."""
        self._low, self._high = low, high

    def number(self) -> float:
        """The number at the handle."""
        if self._zero and self.value() == 0:
            return 0.0
        share = self.value() / self._STEPS
        return float(self._low * (self._high / self._low) ** share)

    def show_value(self, number: float) -> None:
        """Put the handle at a number; one outside the range stands at its end."""
        share = 0.0 if number <= self._low else math.log(number / self._low) / math.log(self._high / self._low)
        if not self.isSliderDown():
            blocker = QSignalBlocker(self)
            self.setValue(round(min(share, 1.0) * self._STEPS))
            blocker.unblock()

    def wheelEvent(self, event: object) -> None:  # noqa: N802 (Qt's name)
        """Leave the wheel to the panel."""
        event.ignore()  # type: ignore[attr-defined]  # a QWheelEvent; the stub's name differs between Qt versions
