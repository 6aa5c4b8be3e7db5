"""Asks what something is to be called."""

from PySide6.QtWidgets import QDialogButtonBox, QInputDialog, QWidget

from talweg.window.widgets.layout import without_icons


def ask_name(parent: QWidget, title: str, label: str, name: str) -> str | None:
    """Ask for a name.

    Args:
        parent: The window.
        title: Of the dialog.
        label: Of the field, with & before its letter.
        name: What stands in it at first.

    Returns:
        The name; None where the user rather leaves it.
    """
    dialog = QInputDialog(parent)
    dialog.setWindowTitle(title)
    dialog.setLabelText(label)
    dialog.setTextValue(name)
    dialog.sizeHint()  # makes its buttons
    for buttons in dialog.findChildren(QDialogButtonBox):
        without_icons(buttons)
    accepted = dialog.exec()
    dialog.deleteLater()
    return dialog.textValue() if accepted else None
