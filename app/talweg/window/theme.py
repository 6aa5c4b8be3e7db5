"""Light and dark colours of the widgets; the scene has its own theme of the same name."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from talweg_compute.assets import asset

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


def apply_theme(window: QWidget, theme: WidgetTheme) -> None:
    """Give a window, its dialogs and its tool tips the colours of a theme.

    The style sheet is the window's: one of the application has every widget polished several times, which takes
    three times as long.
    """
    QApplication.setPalette(build_palette(theme))
    window.setStyleSheet(_style_sheet(theme))


def build_palette(theme: WidgetTheme) -> QPalette:
    """Make Qt's palette of a theme."""
    role = QPalette.ColorRole
    palette = QPalette()
    colours = {
        role.Window: theme.ground,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.ground,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.text,
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


def _style_sheet(theme: WidgetTheme) -> str:
    """The few things that a palette cannot say."""
    check = asset(f"check-{theme.name}.svg").as_posix()
    return f"""
    QToolTip {{ color: {theme.text}; background: {theme.raised}; border: 1px solid {theme.border}; padding: 4px; }}
    QMainWindow::separator {{ background: {theme.border}; width: 1px; height: 1px; }}
    QToolBar {{ background: {theme.ground}; border: none; border-bottom: 1px solid {theme.border};
                padding: 3px 6px; spacing: 2px; }}
    QStatusBar {{ background: {theme.ground}; border-top: 1px solid {theme.border}; }}
    QStatusBar::item {{ border: none; }}
    QDockWidget::title {{ background: {theme.ground}; padding: 7px 10px; }}
    QDockWidget {{ font-weight: 600; color: {theme.text}; }}
    QLabel[muted="true"] {{ color: {theme.muted}; }}
    QLabel[heading="true"] {{ font-weight: 600; }}
    QToolButton[section="true"] {{ border: none; font-weight: 600; padding: 6px 8px; text-align: left; }}
    QToolButton[section="true"]:hover {{ background: {theme.raised}; }}
    QToolButton[section="true"]:focus {{ border: 1px solid {theme.accent}; border-radius: 3px; }}
    QCheckBox::indicator {{ width: 14px; height: 14px; border: 1px solid {theme.muted}; border-radius: 3px;
                            background: {theme.field}; }}
    QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent}; image: url({check}); }}
    QCheckBox::indicator:disabled {{ border-color: {theme.border}; background: {theme.ground}; }}
    QCheckBox::indicator:checked:disabled {{ background: {theme.muted}; border-color: {theme.muted}; }}
    QCheckBox::indicator:focus {{ border: 2px solid {theme.text}; width: 12px; height: 12px; }}
    QToolButton[menu="true"]::menu-indicator {{ image: none; }}
    QToolButton[switch="true"] {{ border: 1px solid {theme.border}; border-radius: 3px; padding: 3px 8px;
                                 background: {theme.raised}; }}
    QToolButton[switch="true"]:checked {{ background: {theme.accent}; color: {theme.on_accent};
                                         border-color: {theme.accent}; }}
    QToolButton[switch="true"]:focus {{ border-color: {theme.text}; }}
    QToolButton[switch="true"]:disabled {{ color: {theme.muted}; background: {theme.ground};
                                          border-color: {theme.border}; }}
    QToolButton[switch="true"][tight="true"] {{ padding: 3px 2px; }}
    QFrame[mark="none"] {{ border: none; }}
    QFrame[mark="active"] {{ border: 2px solid {theme.accent}; }}
    QFrame[mark="other"] {{ border: 2px solid {theme.border}; }}
    QFrame[viewHeading="true"] {{ background: {theme.ground}; border: none; }}
    QLabel[viewMark="true"] {{ color: {theme.muted}; border: 1px solid {theme.muted}; border-radius: 10px; }}
    QLabel[viewMark="true"][active="true"] {{ background: {theme.accent}; color: {theme.on_accent};
                                             border-color: {theme.accent}; font-weight: 600; }}
    QHeaderView::section {{ background: {theme.ground}; color: {theme.muted}; border: none; padding: 3px 4px;
                            border-bottom: 1px solid {theme.border}; }}
    QHeaderView::down-arrow, QHeaderView::up-arrow {{ image: none; width: 0; height: 0; }}
    QTableView {{ background: {theme.ground}; alternate-background-color: {theme.table}; }}
    QLabel[fault="true"] {{ color: {theme.fault}; }}
    QLineEdit[fault="true"] {{ border: 2px solid {theme.fault}; border-radius: 3px; background: {theme.field}; }}
    QToolButton[help="true"] {{ border: 1px solid {theme.border}; border-radius: 9px; min-width: 16px; max-width: 16px;
                               min-height: 16px; max-height: 16px; padding: 0; color: {theme.muted}; }}
    QToolButton[help="true"]:hover, QToolButton[help="true"]:focus {{ color: {theme.text};
                                                                    border-color: {theme.accent}; }}
    QPushButton[link="true"] {{ border: 1px solid transparent; border-radius: 4px; background: transparent; }}
    QPushButton[link="true"]:hover {{ background: {theme.raised}; border-color: {theme.border}; }}
    QPushButton[link="true"]:focus {{ border-color: {theme.accent}; }}
    QFrame[drop="true"] {{ border: 1px dashed {theme.border}; border-radius: 8px; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QDialog#palette {{ border: 1px solid {theme.muted}; }}
    QFrame[rule="true"] {{ background: {theme.border}; max-height: 1px; border: none; }}
    QFrame[message="error"] {{ background: {theme.error}; border-bottom: 1px solid {theme.border}; }}
    QFrame[message="warning"] {{ background: {theme.warning}; border-bottom: 1px solid {theme.border}; }}
    QFrame[message="info"] {{ background: {theme.info}; border-bottom: 1px solid {theme.border}; }}
    """
