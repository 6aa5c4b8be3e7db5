"""Boxes and labels with the distances that the whole window keeps."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon, QPalette
from PySide6.QtWidgets import (
    QBoxLayout,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from talweg.window.looks import mute

GAP = 6
EDGE = 10


def tight(layout: QLayout, edge: int = 0, gap: int = GAP) -> None:
    """Set a layout's margins and spacing."""
    layout.setContentsMargins(edge, edge, edge, edge)
    layout.setSpacing(gap)


def column(parent: QWidget | None = None, edge: int = 0, gap: int = GAP) -> QVBoxLayout:
    """Make a column."""
    box = QVBoxLayout() if parent is None else QVBoxLayout(parent)
    tight(box, edge, gap)
    return box


def row(*items: QWidget | None, gap: int = GAP) -> QHBoxLayout:
    """Make a row of widgets; None takes the space that is left."""
    box = QHBoxLayout()
    tight(box, 0, gap)
    fill(box, *items)
    return box


def fill(box: QBoxLayout, *items: QWidget | None) -> None:
    """Add widgets to a box; None takes the space that is left."""
    for item in items:
        if item is None:
            box.addStretch(1)
        else:
            box.addWidget(item)


def form() -> QFormLayout:
    """Make a form: labels on the left, fields on the right, as wide as there is room."""
    layout = QFormLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setHorizontalSpacing(EDGE)
    layout.setVerticalSpacing(GAP)
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return layout


def text_label(text: str = "", *, muted: bool = False, name: str = "") -> QLabel:
    """Make a label for sentences: it wraps and its text can be selected."""
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if muted:
        mute(label)
    if name:
        label.setAccessibleName(name)
    return label


def rule() -> QFrame:
    """Make a thin line."""
    line = QFrame()
    line.setAutoFillBackground(True)
    line.setBackgroundRole(QPalette.ColorRole.Mid)
    line.setFixedHeight(1)
    return line


def without_icons(buttons: QDialogButtonBox | QMessageBox) -> None:
    """Leave the words on the buttons of a dialog and take the style's icons off."""
    for button in buttons.buttons():
        button.setIcon(QIcon())
