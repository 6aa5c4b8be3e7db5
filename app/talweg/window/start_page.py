"""What the window shows while nothing is open: where to begin."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFont, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QToolButton, QWidget

from talweg.window.looks import dress, mute
from talweg.window.recent import pin, pinned_files, recent_files
from talweg.window.sketches import SIZE, sketch
from talweg.window.theme import WidgetTheme
from talweg.window.thumbnails import read_thumbnail
from talweg.window.widgets.layout import EDGE, column, row, text_label
from talweg.window.widgets.page_link import PageLink
from talweg.window.words import ago
from talweg.work.draft_files import is_checkpoint
from talweg.work.presets import PRESETS

_WIDTH = 1040
_RECENT = 8
_FEW, _LARGE = 5, (128, 88)
"""So many documents have room for pictures of this size."""


class StartPage(QWidget):
    """Recent documents, the ways to open one, and the figures that a new landscape can be made for.

    Args:
        open_path: Opens a file.
        action: Gives the action of a command, by its id.
        begin: Opens the page of a new landscape for the preset of a name.
        back: Shows the landscape that is open.
    """

    def __init__(
        self,
        open_path: Callable[[Path], object],
        action: Callable[[str], QAction],
        begin: Callable[[str], None],
        back: Callable[[], None],
    ) -> None:
        super().__init__()
        self.setAccessibleName("Start page")
        self._open_path = open_path
        self._theme: WidgetTheme | None = None
        self.recent: list[PageLink] = []
        self.pins: list[QToolButton] = []
        self._lines: list[QWidget] = []
        self.links = {
            name: self._link(title, sentence, action(name).trigger, picture)
            for name, title, sentence, picture in (
                ("file.new", "New landscape…", "From a checkpoint of yours, or a folder of them", "new"),
                ("file.open", "Open…", "A document, a job file, or a surface of another program", "open"),
                (
                    "help.example",
                    "Open the example",
                    "A small ResNet on handwritten digits, with its training path",
                    "document",
                ),
            )
        }
        self.presets = {
            preset.name: self._link(preset.title, preset.sentence, partial(begin, preset.name), preset.name)
            for preset in PRESETS
        }
        self._recent_box = column(gap=2)
        self.nothing = DropArea()
        left, right = column(gap=2), column(gap=2)
        self.back = self._link("Back to the landscape", "As you left it", back, "undo")
        left.addWidget(mute(QLabel("Begin")))
        left.addWidget(self.back)
        for link in self.links.values():
            left.addWidget(link)
        left.addSpacing(2 * EDGE)
        left.addWidget(mute(QLabel("Figures of the papers")))
        for link in self.presets.values():
            left.addWidget(link)
        left.addStretch(1)
        right.addWidget(mute(QLabel("Recent")))
        right.addSpacing(EDGE // 2)
        right.addLayout(self._recent_box)
        right.addStretch(1)
        title = QLabel("Talweg")
        font = title.font()
        font.setPointSizeF(2.2 * font.pointSizeF())
        font.setWeight(QFont.Weight.DemiBold)
        title.setFont(font)
        page = QWidget()
        page.setMaximumWidth(_WIDTH)
        grid = QGridLayout(page)
        grid.setContentsMargins(3 * EDGE, 4 * EDGE, 3 * EDGE, 3 * EDGE)
        grid.setHorizontalSpacing(5 * EDGE)
        grid.setVerticalSpacing(EDGE)
        grid.addWidget(title, 0, 0, 1, 2)
        words = "See the loss landscape of a network. Drop a checkpoint, a folder of them, or a document here."
        grid.addWidget(text_label(words, muted=True), 1, 0, 1, 2)
        grid.setRowMinimumHeight(2, EDGE)
        grid.addLayout(left, 3, 0)
        grid.addLayout(right, 3, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        middle = QWidget()
        centred = QHBoxLayout(middle)
        centred.addStretch(1)
        centred.addWidget(page, 1000)  # it takes what there is, up to its width
        centred.addStretch(1)
        area = QScrollArea()
        area.setWidget(middle)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column(self).addWidget(area)
        self.fill()

    def fill(self, *, can_leave: bool = False) -> None:
        """List the recent files as they are now, missing ones grey.

        Args:
            can_leave: Whether there is a landscape to go back to.
        """
        self.back.setVisible(can_leave)
        for line in self._lines:
            self._recent_box.removeWidget(line)
            line.hide()
            line.deleteLater()
        self.recent, self.pins, self._lines = [], [], []
        self._recent_box.removeWidget(self.nothing)
        pinned = pinned_files()
        paths = recent_files()[: max(_RECENT, len(pinned))]
        size = _LARGE if len(paths) <= _FEW else SIZE
        for path in paths:
            there = path.exists()
            place = f"{ago(path.stat().st_mtime)}, {path.parent}" if there else f"{path.parent} (missing)"
            picture = "path" if path.is_dir() else "surface" if is_checkpoint(path) else "document"
            link = self._link(path.name, place, partial(self._open_path, path), picture, size)
            link.setToolTip(str(path))
            link.setEnabled(there)
            mark = self._pin(path, path in pinned)
            line = QWidget()
            box = row(link, mark, gap=2)
            line.setLayout(box)
            box.setStretch(0, 1)
            self._recent_box.addWidget(line)
            self._lines.append(line)
            self.recent.append(link)
            self.pins.append(mark)
        self.nothing.setVisible(not self.recent)
        if not self.recent:
            self._recent_box.addWidget(self.nothing)
        self._draw_pictures()

    def set_theme(self, theme: WidgetTheme) -> None:
        """Draw the pictures in the colours of a theme."""
        self._theme = theme
        self._draw_pictures()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 (Qt's name)
        """Draw the pictures, which nobody sees before."""
        super().showEvent(event)
        self._draw_pictures()

    def _draw_pictures(self) -> None:
        if self._theme is None or not self.isVisible():
            return
        self.nothing.draw(self._theme)
        for link in (self.back, *self.links.values(), *self.presets.values(), *self.recent):
            link.draw(self._theme)
        for link in self.recent:
            image = read_thumbnail(Path(link.toolTip()))
            if image is not None:
                link.show_thumbnail(image)

    def _pin(self, path: Path, pinned: bool) -> QToolButton:
        """A star that keeps a file at the top of the list."""
        mark = QToolButton()
        mark.setText("★" if pinned else "☆")
        mark.setCheckable(True)
        mark.setChecked(pinned)
        mark.setAutoRaise(True)
        mark.setToolTip("Let it go with the others" if pinned else "Keep it at the top")
        mark.setAccessibleName(f"Pin {path.name}")

        def toggle(on: bool) -> None:
            pin(path, on)
            self.fill(can_leave=self.back.isVisible())
            names = [link.toolTip() for link in self.recent]
            if str(path) in names:
                self.pins[names.index(str(path))].setFocus()

        mark.clicked.connect(toggle)
        return mark

    @staticmethod
    def _link(
        title: str, sentence: str, act: Callable[[], object], picture: str, size: tuple[int, int] = SIZE
    ) -> PageLink:
        link = PageLink(title, sentence, picture, size)
        link.clicked.connect(lambda: act())
        return link


class DropArea(QFrame):
    """Stands where recent documents will be, and says what can be dropped."""

    def __init__(self) -> None:
        super().__init__()
        dress(self, "drop")
        self._picture = QLabel()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setAccessibleName("Picture of a landscape")
        words = text_label(
            "Documents that you open are listed here.\nDrop one anywhere in this window, or a checkpoint.", muted=True
        )
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        box = column(self, 3 * EDGE, EDGE)
        box.addWidget(self._picture)
        box.addWidget(words)

    def draw(self, theme: WidgetTheme) -> None:
        """Draw the picture in the colours of a theme."""
        self._picture.setPixmap(sketch("document", theme, self.devicePixelRatioF(), 2.0))
