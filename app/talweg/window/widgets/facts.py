"""A list of named facts."""

import re
from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from talweg.window.looks import mute
from talweg.window.widgets.layout import EDGE

_BREAKS = re.compile(r"([_/\\])(?=\S)")
"""Where a long name may be broken."""

Fact = tuple[str, str, str]
"""Name, value, and a longer form of the value for the tool tip."""


class Facts(QWidget):
    """Names on the left, values on the right; a value too long for its place is wrapped."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(EDGE)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._facts: tuple[Fact, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What is shown."""
        return self._facts

    def show_facts(self, facts: Iterable[Fact]) -> None:
        """Show facts; labels are used again."""
        self._facts = tuple(facts)
        hidden = self.isHidden()
        self.hide()  # each label that is shown in something visible would have the whole window laid out
        while len(self._rows) < len(self._facts):
            self._add_row()
        for index, (name, value) in enumerate(self._rows):
            used = index < len(self._facts)
            name.setVisible(used)
            value.setVisible(used)
            if used:
                title, text, tip = self._facts[index]
                name.setText(title)
                value.setText(_BREAKS.sub("\\1\N{ZERO WIDTH SPACE}", text))
                value.setToolTip(tip if tip != text else "")
                value.setAccessibleName(f"{title}: {text}")
        self.setHidden(hidden)

    def _add_row(self) -> None:
        name, value = mute(QLabel()), QLabel()
        name.setAlignment(Qt.AlignmentFlag.AlignTop)
        value.setWordWrap(True)
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # no word makes the panel wider
        row = len(self._rows)
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(value, row, 1)
        self._rows.append((name, value))
