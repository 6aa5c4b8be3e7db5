"""What dialogs, exports and folds were told the last time."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from talweg.figures.movie import Movie
from talweg.figures.render import FigureOptions
from talweg.window.exporting import Exporter
from talweg.window.figure_dialog import COPY, FigureDialog
from talweg.window.main_window import MainWindow
from talweg.window.movie_dialog import MovieDialog
from talweg.window.store import Store
from talweg.window.widgets.section import FoldHeading


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def figure_dialog(parent: QWidget, views: int = 1, size: tuple[int, int] = (640, 400)) -> FigureDialog:
    return FigureDialog(parent, size, "light", views)


@pytest.mark.parametrize("how", ["save", "copy"])
def test_the_dialog_of_figures_says_what_it_was_told_the_last_time(how: str, parent: QWidget) -> None:
    dialog = figure_dialog(parent, 2)
    dialog.preset.show_value("170x110mm")
    dialog.preset.chosen.emit("170x110mm")
    dialog.width_field.setValue(122.5)
    dialog.width_field.editingFinished.emit()
    dialog.dpi.setValue(600)
    dialog.points.setValue(8.5)
    dialog.colours.show_value("dark")
    dialog.transparent.setChecked(True)
    dialog.all_views.setChecked(False)
    chosen = dialog.options
    dialog.done(COPY) if how == "copy" else dialog.accept()
    again = figure_dialog(parent, 2)
    assert again.options == chosen
    assert again.preset.currentData() == "own"
    assert again.width_field.value() == 122.5
    assert not again.all_views.isChecked()
    assert figure_dialog(parent, 1).options == chosen


def test_a_figure_as_in_the_window_follows_the_window(parent: QWidget) -> None:
    dialog = figure_dialog(parent)
    dialog.preset.show_value("640x400px")
    dialog.preset.chosen.emit("640x400px")
    dialog.scale.show_value("2")
    dialog.accept()
    assert figure_dialog(parent, size=(800, 500)).options.pixels == (1600, 1000)


def test_thinking_better_of_it_is_not_remembered(parent: QWidget) -> None:
    dialog = figure_dialog(parent)
    dialog.overlays.setChecked(False)
    dialog.reject()
    assert figure_dialog(parent).options == FigureOptions((1600, 1200), theme="light")


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "no JSON",
        "[1]",
        '{"size": "0x0xpx", "dpi": "many", "scale": "9", "overlays": 3, "points": true}',
        '{"a": {}}',
    ],
)
def test_what_nobody_wrote_there_is_left_alone(kept: str, parent: QWidget) -> None:
    QSettings().setValue("dialogs/figure", kept)
    dialog = figure_dialog(parent)
    assert dialog.options == FigureOptions((1600, 1200), theme="light")
    assert dialog.dpi.value() == 300
    assert dialog.points.value() == 7.0


def test_the_dialog_of_movies_says_what_it_was_told_the_last_time(parent: QWidget) -> None:
    dialog = MovieDialog(parent, "light", has_path=True)
    dialog.way.show_value("training")
    dialog.form_field.show_value(".webp")
    dialog.seconds.setValue(4.5)
    dialog.fps.setValue(15)
    dialog.size_field.show_value("480x360")
    dialog.colours.show_value("dark")
    dialog.transparent.setChecked(True)
    dialog.overlays.setChecked(False)
    movie, options = dialog.movie, dialog.options
    dialog.accept()
    again = MovieDialog(parent, "light", has_path=True)
    assert (again.movie, again.options, again.suffix) == (movie, options, ".webp")
    assert options.transparent
    without = MovieDialog(parent, "light", has_path=False)
    assert without.movie == Movie(4.5, 15, 360.0, False)  # there is no training to show


def test_exports_begin_where_the_last_one_went(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    store = cast(Store, SimpleNamespace(document=SimpleNamespace(path=tmp_path / "a.talweg")))
    monkeypatch.setattr("talweg.window.exporting.QStandardPaths.writableLocation", lambda _place: "")
    exporter = Exporter(store, cast(QWidget, None))
    assert exporter.folder() == tmp_path
    figures = tmp_path / "figures"
    figures.mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(figures / "b"), ""))
    assert exporter.ask("Export", ".ply", "Mesh") == figures / "b.ply"
    assert Exporter(store, cast(QWidget, None)).folder() == figures  # as after another start
    figures.rmdir()
    assert exporter.folder() == tmp_path


def test_the_layout_as_it_was_at_first_has_its_folds_too(window: MainWindow) -> None:
    headings = window.view_panel.findChildren(FoldHeading)
    before = [heading.isChecked() for heading in headings]
    assert True in before
    for heading in headings:
        heading.click()
    assert [heading.isChecked() for heading in headings] != before
    window.actions_by_id["panel.reset"].trigger()
    assert [heading.isChecked() for heading in headings] == before
