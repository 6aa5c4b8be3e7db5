"""What every group of the view panel has: it shows the store's view and asks the store for changes."""

from typing import Any

from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from talweg.window.store import Store
from talweg.window.widgets.controls import TickBox
from talweg.window.widgets.help_mark import with_help
from talweg.window.widgets.section import Section

_LONGEST_LABEL = "Separatrices"


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

    def add_row(self, label: str, field: QWidget, tip: str) -> QLabel:
        """Add a field with its label, whose letter leads to it, and its question mark.

        Args:
            label: With & before its letter.
            field: The input.
            tip: One sentence on what it means, and whose idea it is.
        """
        words = QLabel(label)
        words.setBuddy(field)
        words.setMinimumWidth(self._label_width())
        words.setToolTip(tip)
        field.setAccessibleDescription(tip)
        self.form.addRow(words, with_help(field, label.replace("&", ""), tip))
        return words

    def add_box(self, box: QCheckBox, tip: str, field: QWidget | None = None) -> QWidget:
        """Add a tick box with its question mark; returns what holds the row, or all of it beside the box.

        Args:
            box: With its title.
            tip: One sentence on what it means, and whose idea it is.
            field: What is set where it is ticked, beside it.
        """
        box.setAccessibleDescription(tip)
        title = box.text().replace("&", "")
        if field is None:
            holder = with_help(box, title, tip)
            self.form.addRow(holder)
        else:
            box.setMinimumSize(self._label_width(), field.sizeHint().height())  # so that both are on one line
            holder = with_help(field, title, tip)
            self.form.addRow(box, holder)
        return holder

    def add_toggle(self, title: str, field: str, words: str, tip: str) -> QCheckBox:
        """Add a tick box for one boolean of the view.

        Args:
            title: Beside the box.
            field: The view's field.
            words: What is shown or hidden, for the title of the change.
            tip: One sentence on what it means, and whose idea it is.
        """
        box = TickBox(title)
        box.setAccessibleName(f"Show {words}")

        def change(on: bool) -> None:
            self.ask(f"{'show' if on else 'hide'} {words}", None, **{field: on})

        box.clicked.connect(change)
        self.add_box(box, tip)
        return box

    def _label_width(self) -> int:
        """The same in every section, so that all fields begin at one line."""
        return self.fontMetrics().horizontalAdvance(_LONGEST_LABEL)

    def ask(self, title: str, merge: str | None = None, **changes: Any) -> None:
        """Ask the store for a change of the view."""
        self.store.change(title, merge, **changes)
