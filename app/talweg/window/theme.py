"""Light and dark colours of the widgets; the scene has its own theme of the same name."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

APPEARANCES = ("system", "light", "dark")


@dataclass(frozen=True)
class WidgetTheme:
    """Colours of the widgets as HTML codes. Text reaches 4.5 : 1 on every ground it stands on.

    Attributes:
        name: "light" or "dark", as the scene's theme.
        ground: Behind panels.
        raised: Buttons, headings, bars.
        field: Inputs.
        table: Every other row of a table.
        text: Words.
        muted: Less important words.
        border: Lines between things.
        accent: What is chosen or under way.
        on_accent: Text on the accent.
        error: Ground of an error.
        warning: Ground of a notice that matters.
        info: Ground of a notice.
        fault: Words that say what is wrong.
    """

    name: str
    ground: str
    raised: str
    field: str
    table: str
    text: str
    muted: str
    border: str
    accent: str
    on_accent: str
    error: str
    warning: str
    info: str
    fault: str


LIGHT = WidgetTheme(
    name="light",
    ground="#f6f7f8",
    raised="#ffffff",
    field="#ffffff",
    table="#eceef0",
    text="#1b1f24",
    muted="#59636e",
    border="#d4d9de",
    accent="#1f6fb2",
    on_accent="#ffffff",
    error="#fde7e7",
    warning="#fdf2d8",
    info="#e4f0fa",
    fault="#a3211b",
)

DARK = WidgetTheme(
    name="dark",
    ground="#1b1f24",
    raised="#2f363d",
    field="#2a3037",
    table="#22272d",
    text="#e8eaed",
    muted="#9aa4af",
    border="#3d454e",
    accent="#57a3e0",
    on_accent="#0b0d10",
    error="#4a2226",
    warning="#453716",
    info="#1c3448",
    fault="#ff9d95",
)


def choose_theme(appearance: str) -> WidgetTheme:
    """Return the theme for "light", "dark", or "system", which asks the desktop."""
    if appearance == "system":
        hints = QApplication.styleHints()
        return DARK if hints.colorScheme() == Qt.ColorScheme.Dark else LIGHT
    return DARK if appearance == "dark" else LIGHT


def build_palette(theme: WidgetTheme) -> QPalette:
    """Make Qt's palette of a theme."""
    role = QPalette.ColorRole
    palette = QPalette()
    colours = {
        role.Window: theme.ground,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.table,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.fault,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: theme.raised,
        role.Midlight: theme.border,
        role.Mid: theme.border,
        role.Dark: theme.muted,
        role.Shadow: theme.border,
    }
    for name, code in colours.items():
        palette.setColor(name, QColor(code))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, _mix(theme.muted, theme.ground, 0.35))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.border))
    return palette


def _mix(first: str, second: str, share: float) -> QColor:
    a, b = QColor(first), QColor(second)
    pairs = ((a.redF(), b.redF()), (a.greenF(), b.greenF()), (a.blueF(), b.blueF()))
    return QColor.fromRgbF(*(x + share * (y - x) for x, y in pairs))
