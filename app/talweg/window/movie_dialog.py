"""How a movie shall go."""

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QDoubleSpinBox, QLabel, QSpinBox, QWidget

from talweg.figures.movie import Movie
from talweg.figures.render import FigureOptions, ThemeName
from talweg.window.looks import dress
from talweg.window.remembered import Field, keep_fields, restore_fields
from talweg.window.widgets.controls import Choice, TickBox
from talweg.window.widgets.help_mark import with_help
from talweg.window.widgets.layout import EDGE, column, form, row, text_label, without_icons

_KEPT = "movie"
_WAYS = [
    ("orbit", "Once around the landscape"),
    ("training", "The training along time"),
    ("both", "The training, while the eye goes around"),
]
_FORMATS = [
    (".mp4", "Video (.mp4)"),
    (".gif", "Animation in 256 colours (.gif)"),
    (".webp", "Animation (.webp)"),
    ("", "Folder of pictures (.png)"),
]
_SIZES = [
    ("1280x720", "1280 × 720"),
    ("1920x1080", "1920 × 1080"),
    ("800x600", "800 × 600"),
    ("480x360", "480 × 360, for a README"),
    ("3840x2160", "3840 × 2160"),
]
_HELP = {
    "Movie": "The eye goes once around the landscape, the training path grows with its epochs, or both at once.",
    "Format": "A video is the smallest and plays nearly everywhere; an animation plays on a web page without a player.",
    "Length": "How many seconds the movie takes from its first to its last picture.",
    "Frames a second": "More are smoother, and take longer to draw; 30 are usual, and 15 do for an animation.",
    "Size": "Width and height in pixels.",
    "Colours": "Light for paper, dark for slides; the landscape keeps its colour map.",
    "Axes, scalar bar and legend": "Everything that tells what is drawn; without, only the landscape itself is there.",
    "All views": "The views side by side, each with its name; else the active one alone.",
    "Transparent background": "Leaves out the background; of the formats only .webp and pictures can be without one.",
}


class MovieDialog(QDialog):
    """Asks for the way, the time and the size of a movie; it says at first what it was told the last time.

    Args:
        parent: The window.
        theme: That of the window.
        has_path: Whether there is a training to play.
        views: How many views there are.
    """

    def __init__(self, parent: QWidget, theme: str, *, has_path: bool, views: int = 1) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export a movie")
        self.way = Choice(_WAYS, "What the movie shows")
        self.way.setMinimumContentsLength(34)  # its longest title
        refused = {} if has_path else dict.fromkeys(("training", "both"), "This landscape has no training path")
        self.way.refuse_values(refused)
        self.form_field = Choice(_FORMATS, "Format of the movie")
        self.seconds = dress(QDoubleSpinBox(), "spin box")
        self.seconds.setRange(0.5, 120.0)
        self.seconds.setDecimals(1)
        self.seconds.setValue(8.0)
        self.seconds.setSuffix(" s")
        self.seconds.setAccessibleName("Seconds that the movie takes")
        self.fps = dress(QSpinBox(), "spin box")
        self.fps.setRange(5, 60)
        self.fps.setValue(30)
        self.fps.setAccessibleName("Frames a second")
        self.size_field = Choice(_SIZES, "Size of the movie")
        self.colours = Choice([("light", "Light"), ("dark", "Dark")], "Colours of the movie")
        self.colours.show_value(theme)
        self.overlays = TickBox("&Axes, scalar bar and legend")
        self.overlays.setChecked(True)
        self.transparent = TickBox("&Transparent background")
        self.all_views = TickBox("All &views")
        self.all_views.setChecked(views > 1)
        self.outcome = text_label(muted=True, name="What comes out")
        fields = form()
        for words, field in (
            ("&Movie", self.way),
            ("&Format", self.form_field),
            ("&Length", self.seconds),
            ("Frames a &second", self.fps),
            ("Si&ze", self.size_field),
            ("C&olours", self.colours),
        ):
            label = QLabel(words)
            label.setBuddy(field)
            name = words.replace("&", "")
            short = field in (self.seconds, self.fps)
            fields.addRow(label, with_help(row(field, None) if short else field, name, _HELP[name]))
        for switch in (self.overlays, self.transparent, *([self.all_views] if views > 1 else [])):
            name = switch.text().replace("&", "")
            fields.addRow(with_help(switch, name, _HELP[name]))
        fields.addRow(self.outcome)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        without_icons(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        box = column(self, 2 * EDGE, 2 * EDGE)
        box.addLayout(fields)
        box.addWidget(buttons)
        for choice in (self.way, self.form_field, self.size_field):
            choice.currentIndexChanged.connect(self._show_outcome)
        for number in (self.seconds, self.fps):
            number.valueChanged.connect(self._show_outcome)
        self._kept: dict[str, Field] = {
            "way": self.way,
            "format": self.form_field,
            "seconds": self.seconds,
            "fps": self.fps,
            "size": self.size_field,
            "colours": self.colours,
            "overlays": self.overlays,
            "transparent": self.transparent,
        }
        if views > 1:
            self._kept["views"] = self.all_views
        restore_fields(_KEPT, self._kept)
        self._show_outcome()

    def done(self, result: int) -> None:
        """Close, and keep what was chosen unless the user thought better of it."""
        if result != QDialog.DialogCode.Rejected:
            keep_fields(_KEPT, self._kept)
        super().done(result)

    @property
    def suffix(self) -> str:
        """Of the file; none for a folder."""
        return str(self.form_field.currentData())

    @property
    def movie(self) -> Movie:
        """How it goes."""
        way = str(self.way.currentData())
        return Movie(self.seconds.value(), self.fps.value(), 0.0 if way == "training" else 360.0, way != "orbit")

    @property
    def options(self) -> FigureOptions:
        """What it is drawn into."""
        width, _, height = str(self.size_field.currentData()).partition("x")
        theme: ThemeName = "dark" if self.colours.currentData() == "dark" else "light"
        transparent = self.transparent.isEnabled() and self.transparent.isChecked()
        return FigureOptions(
            (int(width), int(height)), theme=theme, transparent=transparent, overlays=self.overlays.isChecked()
        )

    def _show_outcome(self) -> None:
        """Say what comes out."""
        from pathlib import Path

        from talweg.export.movie import frame_rate

        movie = self.movie
        fps = frame_rate(Path("x" + self.suffix), movie.fps)
        words = f"{round(movie.seconds * fps)} frames, {fps:.3g} a second."
        if movie.degrees and not movie.training:
            words += " The first one follows on the last."
        self.outcome.setText(words)
        self.transparent.setEnabled(self.suffix in (".webp", ""))
