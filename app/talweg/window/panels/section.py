"""What every group of the view panel has: it shows the store's view and asks the store for changes."""

from typing import Any

from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from talweg.window.store import Store
from talweg.window.widgets.section import Section


class ViewSection(Section):
    """A group of settings of the view.

    Args:
        title: Its heading.
        store: Where the view is.
        folded: Whether it starts folded.
    """

    def __init__(self, title: str, store: Store, *, folded: bool = False) -> None:
        super().__init__(title, folded=folded)
        self.store = store

    def show_state(self) -> None:
        """Show what the store holds, without asking for a change."""
        raise NotImplementedError

    def add_row(self, label: str, field: QWidget, tip: str = "") -> QLabel:
        """Add a field with its label; the label's letter leads to it.

        Args:
            label: With & before its letter.
            field: The input.
            tip: One sentence on what it means.
        """
        words = QLabel(label)
        words.setBuddy(field)
        for widget in (words, field):
            widget.setToolTip(tip)
        if tip:
            field.setAccessibleDescription(tip)
        self.form.addRow(words, field)
        return words

    def add_toggle(self, title: str, field: str, words: str) -> QCheckBox:
        """Add a tick box for one boolean of the view.

        Args:
            title: Beside the box.
            field: The view's field.
            words: What is shown or hidden, for the title of the change.
        """
        box = QCheckBox(title)
        box.setAccessibleName(f"Show {words}")

        def change(on: bool) -> None:
            self.ask(f"{'show' if on else 'hide'} {words}", None, **{field: on})

        box.clicked.connect(change)
        self.form.addRow(box)
        return box

    def ask(self, title: str, merge: str | None = None, **changes: Any) -> None:
        """Ask the store for a change of the view."""
        self.store.change(title, merge, **changes)
