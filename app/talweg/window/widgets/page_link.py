"""A link of a page: a picture, and a title with a sentence below it."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy

from talweg.window.looks import dress, heading, mute
from talweg.window.sketches import SIZE, sketch
from talweg.window.theme import WidgetTheme
from talweg.window.widgets.layout import EDGE, column

_GAP = 12  # pixels between a picture and its words
_ROUND = 4  # pixels of radius at the corners of a picture


class PageLink(QPushButton):
    """A picture, and a title with a sentence below it, which opens something.

    Args:
        title: What it opens.
        sentence: What that is.
        sketch: Name of its picture.
        size: Of the picture, in logical pixels.
    """

    def __init__(self, title: str, sentence: str, sketch: str, size: tuple[int, int] = SIZE) -> None:
        super().__init__()
        self._sketch, self._size = sketch, size
        self._thumbnail: QImage | None = None
        self._picture = QLabel()
        self._picture.setFixedSize(*size)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture.setAccessibleName(f"Picture of {title}")
        self._picture.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        dress(self, "link")
        self.setAccessibleName(title)
        self.setAccessibleDescription(sentence)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._title, self._sentence = heading(title), mute(QLabel(sentence))
        self._words = title, sentence
        words = column(gap=2)
        words.addStretch(1)
        for label in (self._title, self._sentence):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            words.addWidget(label)
        words.addStretch(1)
        box = QHBoxLayout(self)
        box.setContentsMargins(EDGE // 2, EDGE // 2, EDGE, EDGE // 2)
        box.setSpacing(_GAP)
        box.addWidget(self._picture)
        box.addLayout(words, 1)
        self.setMinimumHeight(size[1] + EDGE)

    def draw(self, theme: WidgetTheme) -> None:
        """Draw the picture in the colours of a theme; a thumbnail has its own."""
        if self._thumbnail is None:
            factor = max(1.0, 0.75 * self._size[1] / SIZE[1])  # a sketch needs less room than a thumbnail
            self._picture.setPixmap(sketch(self._sketch, theme, self.devicePixelRatioF(), factor))

    def show_thumbnail(self, image: QImage) -> None:
        """Show an image instead of the sketch."""
        self._thumbnail = image
        self._picture.setPixmap(_rounded(image, self._size, self.devicePixelRatioF()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        """Leave out the middle of words, such as a path, that are longer than the link."""
        super().resizeEvent(event)
        room = self.width() - self._size[0] - _GAP - 2 * EDGE
        for label, words in zip((self._title, self._sentence), self._words, strict=True):
            label.ensurePolished()  # its letters are those of the style
            label.setText(label.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, room))

    def setEnabled(self, enabled: bool) -> None:  # noqa: N802 (Qt's name)
        """Allow it, or grey it with its words."""
        super().setEnabled(enabled)
        self._title.setEnabled(enabled)
        self._sentence.setEnabled(enabled)


def _rounded(image: QImage, size: tuple[int, int], ratio: float) -> QPixmap:
    """Fit an image of the same shape into a size in logical pixels, with round corners."""
    small = image.scaled(
        QSize(*size) * ratio, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    picture = QPixmap(small.size())
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QPainterPath()
    outline.addRoundedRect(QRectF(small.rect()), _ROUND * ratio, _ROUND * ratio)
    painter.setClipPath(outline)
    painter.drawImage(0, 0, small)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture
