"""Words can be read in both themes, the window follows the system, and what colours say is said otherwise too."""

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QDialog, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from talweg import theme as scene_theme
from talweg.window import theme
from talweg.window.main_window import MainWindow
from talweg.window.widgets.controls import TickBox
from talweg.window.widgets.layout import fill, text_label

WIDGETS, SCENES = (theme.LIGHT, theme.DARK), (scene_theme.LIGHT, scene_theme.DARK)
GROUNDS = ("ground", "raised", "field", "table", "error", "warning", "info")


def luminance(code: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = (QColor(code).redF(), QColor(code).greenF(), QColor(code).blueF())
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def code(colour: tuple[float, float, float]) -> str:
    return QColor.fromRgbF(*colour).name()


def test_the_measure_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the known grey that just fails


@pytest.mark.parametrize("colours", WIDGETS, ids=lambda each: each.name)
def test_words_have_contrast_on_every_ground(colours: theme.WidgetTheme) -> None:
    for ground in GROUNDS:
        assert contrast(colours.text, getattr(colours, ground)) >= 7
        assert contrast(colours.muted, getattr(colours, ground)) >= 4.5, ground
    for ground in ("ground", "raised", "field"):
        assert contrast(colours.fault, getattr(colours, ground)) >= 4.5, ground
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert contrast(colours.accent, colours.ground) >= 3  # the frame around what has the focus


@pytest.mark.parametrize("colours", WIDGETS, ids=lambda each: each.name)
def test_the_palette_has_contrast(colours: theme.WidgetTheme) -> None:
    palette, role = theme.build_palette(colours), QPalette.ColorRole
    pairs = (
        (role.WindowText, role.Window), (role.Text, role.Base), (role.ButtonText, role.Button),
        (role.ToolTipText, role.ToolTipBase), (role.HighlightedText, role.Highlight), (role.PlaceholderText, role.Base),
        (role.Link, role.Window), (role.Text, role.AlternateBase),
    )  # fmt: skip
    for words, ground in pairs:
        assert contrast(palette.color(words).name(), palette.color(ground).name()) >= 4.5, (words, ground)


@pytest.mark.parametrize("colours", SCENES, ids=lambda each: each.name)
def test_words_in_the_picture_have_contrast(colours: scene_theme.Theme) -> None:
    for ground in (colours.background, colours.wall):
        assert contrast(code(colours.foreground), code(ground)) >= 7


@pytest.mark.parametrize("colours", SCENES, ids=lambda each: each.name)
def test_every_glyph_has_a_rim_that_is_seen(colours: scene_theme.Theme) -> None:
    for kind in ("minimum", "saddle", "maximum", "path_start", "path_end"):
        assert contrast(code(getattr(colours, kind)), code(colours.outline)) >= 3


class Hints:
    """A desktop's wish."""

    def __init__(self, scheme: Qt.ColorScheme) -> None:
        self._scheme = scheme

    def colorScheme(self) -> Qt.ColorScheme:  # noqa: N802 (Qt's name)
        return self._scheme


def test_the_system_turns_the_window_dark_and_light_while_it_is_open(
    scene_window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, plotter = scene_window, scene_window.scene_view.plotter
    assert plotter is not None
    assert window.preferences.now.appearance == "system"
    for scheme, name in ((Qt.ColorScheme.Dark, "dark"), (Qt.ColorScheme.Light, "light")):
        hints = QApplication.styleHints()
        with monkeypatch.context() as patch:  # Xvfb has no desktop that could change
            patch.setattr(theme.QApplication, "styleHints", lambda scheme=scheme: Hints(scheme))
            hints.colorSchemeChanged.emit(scheme)
            assert window.theme.name == name
        expected = scene_theme.THEMES[name]
        qtbot.waitUntil(
            lambda expected=expected: code(plotter.renderer.GetBackground()) == code(expected.background)  # type: ignore[misc]  # of this turn
        )
        qtbot.wait(1)
        palette = QApplication.palette()
        assert palette.color(QPalette.ColorRole.Window).name() == window.theme.ground
        corner = window.scene_view.grab().toImage().pixelColor(6, 6).name()
        assert corner == code(expected.background)
        text = luminance(palette.color(QPalette.ColorRole.WindowText).name())
        assert (text > 0.5) == (name == "dark")


def test_a_hollow_glyph_has_the_heart_of_its_theme(scene_window: MainWindow, qtbot: QtBot) -> None:
    for theme_name in ("dark", "light", "dark"):
        scene_window.target.set_appearance(theme_name)
        scene = scene_window.scene_view.scene
        assert scene is not None
        renderer, background = scene._renderer, scene_theme.THEMES[theme_name].background
        qtbot.waitUntil(
            lambda renderer=renderer, background=background: code(renderer.GetBackground()) == code(background)  # type: ignore[misc]  # of this turn
        )
        for glyphs in scene.layers.critical_points._hollow:
            heart = glyphs.actors[2].GetProperty()
            assert code(heart.GetColor()) == code(background)
    scene_window.target.set_appearance("light")


def test_themes_name_the_same_colours() -> None:
    assert [field.name for field in dataclasses.fields(theme.WidgetTheme)]
    assert {each.name for each in WIDGETS} == {each.name for each in SCENES} == {"light", "dark"}


def test_dialogs_have_the_colours_of_their_window(empty_window: MainWindow) -> None:
    for name in ("dark", "light"):
        empty_window.target.set_appearance(name)
        dialog = QDialog(empty_window)
        label, box = text_label("less important", muted=True), TickBox("Axes")
        fill(QVBoxLayout(dialog), label, box)
        dialog.show()
        colours = empty_window.theme
        assert label.palette().color(label.foregroundRole()).name() == colours.muted
        assert colours.muted in drawn(label)
        assert {colours.muted, colours.field} <= drawn(box)
        dialog.close()
        dialog.deleteLater()


def test_what_has_a_look_of_its_own_follows_the_theme_seen_or_not(empty_window: MainWindow, qtbot: QtBot) -> None:
    dressed = [widget for widget in empty_window.findChildren(QWidget) if widget.property("look")]
    assert len(dressed) > 100
    assert any(widget.isVisible() for widget in dressed)
    for name, old in (("dark", theme.LIGHT), ("light", theme.DARK)):
        stale = set(dataclasses.astuple(old))
        empty_window.target.set_appearance(name)
        stale -= set(dataclasses.astuple(empty_window.theme))
        assert any(code in widget.styleSheet() for widget in dressed for code in stale)
        qtbot.waitUntil(
            lambda stale=stale: not any(code in widget.styleSheet() for widget in dressed for code in stale)  # type: ignore[misc]  # of this turn
        )


def drawn(widget: QWidget) -> set[str]:
    """Every colour of a widget's picture."""
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
