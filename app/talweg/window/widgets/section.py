"""A group of settings under a heading that folds it away."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFormLayout, QSizePolicy, QToolButton, QWidget

from talweg.window.widgets.layout import EDGE, column, form


class Section(QWidget):
    """A heading and, under it, a form that the heading shows or hides.

    Args:
        title: The heading.
        folded: Whether it starts folded.
    """

    def __init__(self, title: str, *, folded: bool = False) -> None:
        super().__init__()
        self._heading = QToolButton()
        self._heading.setText(title)
        self._heading.setProperty("section", True)
        self._heading.setCheckable(True)
        self._heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._heading.setIconSize(QSize(10, 10))
        self._heading.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._heading.setAccessibleName(title)
        self._heading.setAccessibleDescription("Shows or hides the settings below it")
        self._body = QWidget()
        self.form: QFormLayout = form()
        self._body.setLayout(self.form)
        self.form.setContentsMargins(EDGE + 2, 2, EDGE + 2, EDGE)
        box = column(self, gap=0)
        box.addWidget(self._heading)
        box.addWidget(self._body)
        self._heading.toggled.connect(self._unfold)
        self._heading.setChecked(not folded)
        self._unfold(not folded)

    @property
    def unfolded(self) -> bool:
        """Whether the settings are visible."""
        return self._heading.isChecked()

    def set_unfolded(self, unfolded: bool) -> None:
        """Show or hide the settings."""
        self._heading.setChecked(unfolded)

    def _unfold(self, unfolded: bool) -> None:
        self._body.setVisible(unfolded)
        self._heading.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
