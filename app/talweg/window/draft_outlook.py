"""What stands beside the fields of a new landscape: what it takes, the job file, and the buttons that begin it."""

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from talweg.window.looks import heading, mute, show_fault
from talweg.window.widgets.controls import TickBox
from talweg.window.widgets.help_mark import with_help
from talweg.window.widgets.layout import EDGE, GAP, column, row, text_label
from talweg.window.widgets.message_bar import Details

_WIDTH = 370
_SAVE = "The document that the points are written to as they are computed; the job file lies beside it"
_INTO = (
    "A further landscape beside those of the document, to be compared with them: in two views with one camera and one "
    "range, as a difference, by numbers"
)


class DraftOutlook(QWidget):
    """Shows what it is told; the page does what its buttons ask."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(_WIDTH)
        self.estimate = text_label(name="What it takes")
        self.details = Details()
        self.allow = QPushButton("Allow its code and estimate…")
        self.preview = QPlainTextEdit()
        self.preview.setReadOnly(True)
        self.preview.setAccessibleName("Job file")
        self.preview.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.preview.setTabChangesFocus(True)
        self.save_line = QLineEdit()
        self.save_line.setAccessibleName("Document that is written")
        self.save_note = text_label(muted=True, name="About the document that is written")
        self.copy = QPushButton("Cop&y")
        self.copy.setToolTip("Put the job file on the clipboard")
        self.copy.setAccessibleName("Copy the job file")
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.preview.toPlainText()))
        beside = mute(QLabel("written beside the document"))
        save = QLabel("&Save as")
        save.setBuddy(self.save_line)
        self.into = TickBox()
        self.into.toggled.connect(lambda on: save.setText("N&ame" if on else "&Save as"))
        self._into = with_help(self.into, "Into this document", _INTO)
        self.back = QPushButton("Back")
        self.quick = QPushButton("&Quick look")
        self.quick.setToolTip("9 × 9 points on 200 samples: the shape within seconds")
        self.compute = QPushButton("&Compute")
        self.compute.setToolTip("All points; the surface grows while it is computed")
        self.compute.setDefault(True)
        box = column(self, 2 * EDGE, GAP)
        box.addWidget(heading("What it takes"))
        box.addWidget(self.estimate)
        box.addWidget(self.details)
        box.addLayout(row(self.allow, None))
        box.addSpacing(EDGE)
        box.addLayout(row(heading("Job file"), beside, None, self.copy))
        box.addWidget(self.preview, 1)
        box.addWidget(save)
        box.addWidget(with_help(self.save_line, "Save as", _SAVE))
        box.addWidget(self.save_note)
        box.addWidget(self._into)
        self.offer_document("")
        box.addSpacing(EDGE)
        box.addLayout(row(self.back, None, self.quick, self.compute))

    def offer_document(self, name: str, *, chosen: bool = False) -> None:
        """Offer to put the landscape into the document that is open.

        Args:
            name: Of the document; nothing where none can take it.
            chosen: Whether this is what the user came for.
        """
        self.into.setText(f"Into {name}, which is open")
        self.into.setAccessibleName("Into the document that is open")
        self.into.setChecked(chosen and bool(name))
        self._into.setVisible(bool(name))

    def say(self, sentences: str, *, wrong: bool) -> None:
        """Say what it takes, or what is in the way.

        Args:
            sentences: One a line.
            wrong: Whether the user has to do something about it.
        """
        self.estimate.setText(sentences)
        show_fault(self.estimate, wrong=wrong, muted=False)

    def say_place(self, fault: str, note: str) -> None:
        """Say below the name of the document what is wrong with it, or else what is to be said about it."""
        self.save_note.setText(f"⚠ {fault}" if fault else note)
        show_fault(self.save_note, wrong=bool(fault))
        self.save_note.setVisible(bool(fault or note))
