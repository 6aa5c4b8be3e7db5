"""A group of settings under a heading that folds it away."""

from PySide6.QtCore import QSettings, QSize, Qt
from PySide6.QtWidgets import QFormLayout, QSizePolicy, QToolButton, QWidget

from talweg.window.looks import dress
from talweg.window.widgets.layout import EDGE, column, form

_KEPT = "sections"


class FoldHeading(QToolButton):
    """A heading that folds away what stands below it; it is as the user left it the last time.

    Args:
        title: Its words, by which it is remembered.
        folded: Whether it is folded as long as nobody chose otherwise.
    """

    def __init__(self, title: str, *, folded: bool = False) -> None:
        super().__init__()
        self._title, self._folded = title, folded
        self._key = f"{_KEPT}/{title}"
        self.setText(title)
        dress(self, "section")
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(10, 10))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        self.setAccessibleDescription("Shows or hides the settings below it")
        self.toggled.connect(self._show_arrow)
        self.setChecked(bool(QSettings().value(self._key, not folded, type=bool)))
        self._show_arrow(self.isChecked())
        self.clicked.connect(lambda unfolded: QSettings().setValue(self._key, unfolded))

    def sum_up(self, words: str) -> None:
        """Say beside the title what is set below it."""
        self.setText(f"{self._title}: {words}" if words else self._title)

    def reset(self) -> None:
        """Fold it, or unfold it, as it is at first."""
        QSettings().remove(self._key)
        self.setChecked(not self._folded)

    def _show_arrow(self, unfolded: bool) -> None:
        self.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)


class Section(QWidget):
    """A heading and, under it, a form that the heading shows or hides.

    Args:
        title: The heading.
        folded: Whether it starts folded, as long as nobody unfolded it.
    """

    def __init__(self, title: str, *, folded: bool = False) -> None:
        super().__init__()
        self._heading = FoldHeading(title, folded=folded)
        self._body = QWidget()
        self.form: QFormLayout = form()
        self._body.setLayout(self.form)
        self.form.setContentsMargins(EDGE + 2, 2, EDGE + 2, EDGE)
        box = column(self, gap=0)
        box.addWidget(self._heading)
        box.addWidget(self._body)
        self._heading.toggled.connect(self._body.setVisible)
        self._body.setVisible(self._heading.isChecked())

    @property
    def unfolded(self) -> bool:
        """Whether the settings are visible."""
        return self._heading.isChecked()

    def set_unfolded(self, unfolded: bool) -> None:
        """Show or hide the settings."""
        self._heading.setChecked(unfolded)
