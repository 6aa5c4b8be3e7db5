"""Exports through the menu's own commands."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from plyfile import PlyData
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from talweg.commands.file_commands import EXPORTS
from talweg.export import EXPORT_SUFFIXES, FLAVOURS, import_grids
from talweg.figures.movie import Movie
from talweg.figures.render import FigureOptions
from talweg.figures.rendering import Order
from talweg.figures.shots import Shot
from talweg.view.state import ViewState
from talweg.window.exporting import Exporter
from talweg.window.figure_dialog import FigureDialog
from talweg.window.figures import name_screenshot
from talweg.window.main_window import MainWindow
from talweg.window.movie_dialog import MovieDialog
from talweg.window.render_bar import RenderBar
from talweg.window.store import Store
from talweg_compute.messages import InputError
from tests.app.export.landscapes import refined

if TYPE_CHECKING:
    from tests.gui.conftest import Watchdog


@pytest.fixture
def save_as(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    target = tmp_path / "out"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    return target


def test_the_menu_offers_what_the_registry_writes() -> None:
    assert {form.suffix for form in EXPORTS} == set(EXPORT_SUFFIXES)
    for form in EXPORTS:
        assert form.flavour in FLAVOURS.get(form.suffix, ("talweg",))


def test_a_ply_is_exported_and_read_back(window: MainWindow, save_as: Path, qtbot: QtBot) -> None:
    window.actions_by_id["export.ply"].trigger()
    qtbot.waitUntil(lambda: not window.writer.busy)
    assert window.messages.sentence.startswith(f"Wrote {save_as}.ply")
    vertices = PlyData.read(f"{save_as}.ply")["vertex"]
    assert window.store.landscape is not None
    assert np.array(vertices["scalar_loss"]) == pytest.approx(window.store.landscape.loss.ravel(), rel=1e-6)


@pytest.mark.parametrize("form", EXPORTS, ids=lambda form: form.id)
def test_every_format_of_the_menu_is_written(form: object, window: MainWindow, save_as: Path, qtbot: QtBot) -> None:
    window.actions_by_id[form.id].trigger()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: not window.writer.busy, timeout=20_000)
    assert window.messages.kind == "info", window.messages.sentence
    assert save_as.with_suffix(form.suffix).stat().st_size > 0  # type: ignore[attr-defined]


def test_a_figure_is_rendered_at_the_chosen_size(
    window: MainWindow, save_as: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, watchdog: "Watchdog"
) -> None:
    def accept(dialog: FigureDialog) -> QDialog.DialogCode:
        dialog.width_field.setValue(320)
        dialog.height_field.setValue(240)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(FigureDialog, "exec", accept)
    window.actions_by_id["export.figure"].trigger()
    watchdog.start()  # of the rendering: making the dialog took longer
    bar = window.findChild(RenderBar)
    assert bar.isVisible()
    qtbot.waitUntil(lambda: window.messages.sentence != "", timeout=30_000)
    assert window.messages.kind == "info", window.messages.sentence
    assert not bar.isVisible()
    image = QImage(f"{save_as}.png")
    assert (image.width(), image.height()) == (320, 240)
    colours = {image.pixelColor(x, y).name() for x in range(0, 320, 8) for y in range(0, 240, 8)}
    assert len(colours) > 20
    assert watchdog.stalled < 0.05


@pytest.mark.slow
def test_a_screenshot_has_a_new_name_and_a_copy_its_caption(
    window: MainWindow, document_path: Path, qtbot: QtBot
) -> None:
    window.exporter._folder = document_path.parent  # where another file went before
    window.preferences.change(screenshots="{document}-{number:02d}")
    (document_path.parent / "himmelblau-01.png").write_bytes(b"another")
    size = window.scene_view.size() * window.devicePixelRatioF()
    window.actions_by_id["export.clean_screenshot"].trigger()
    window.actions_by_id["edit.copy_figure"].trigger()  # waits for its turn
    assert "1 more waiting" in window.findChild(RenderBar).label.text()
    qtbot.waitUntil(lambda: "clipboard" in window.messages.sentence, timeout=60_000)
    image = QImage(str(document_path.parent / "himmelblau-02.png"))
    assert image.size() == size
    assert image.pixelColor(2, 2).alpha() == 0
    content = QApplication.clipboard().mimeData()
    assert content.hasImage()
    assert QImage(content.imageData()).size() == image.size()
    assert b"talweg landscape" in content.data("image/png").data()
    assert "Himmelblau" in content.text()
    assert "21 × 21 points" in content.text()


@pytest.mark.slow
def test_a_movie_is_rendered_beside_the_window_and_can_be_cancelled(
    window: MainWindow, save_as: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def accept(dialog: MovieDialog) -> QDialog.DialogCode:
        dialog.seconds.setValue(60.0)
        dialog.form_field.show_value(".webp")
        dialog.size_field.show_value("480x360")
        assert dialog.movie == Movie(60.0, 30, 360.0, training=False)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(MovieDialog, "exec", accept)
    window.actions_by_id["export.movie"].trigger()
    bar = window.findChild(RenderBar)
    qtbot.waitUntil(lambda: "frames" in bar.label.text(), timeout=30_000)
    assert "of 1818 frames" in bar.label.text()  # 33 ms each
    qtbot.mouseClick(bar.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Cancelled" in window.messages.sentence, timeout=30_000)
    assert not bar.isVisible()
    assert not [path for path in save_as.parent.iterdir() if "out" in path.name]


def test_closing_the_window_stops_what_is_rendered(window: MainWindow, save_as: Path, qtbot: QtBot) -> None:
    assert window.store.landscape is not None
    assert window.store.view is not None
    shot = Shot((window.store.landscape,), window.store.view)
    order = Order(save_as.with_suffix(".gif"), (shot,), FigureOptions(), Movie())
    window.darkroom.take(order, lambda: None)
    window.close()
    assert window.darkroom.progress is None
    assert not [path for path in save_as.parent.iterdir() if "out" in path.name]


def test_the_dialog_of_figures_speaks_of_pixels_and_of_paper(window: MainWindow, qtbot: QtBot) -> None:
    dialog = FigureDialog(window, (640, 400), "dark")
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.options == FigureOptions((1600, 1200), theme="dark")
    dialog.scale.show_value("2")
    assert dialog.outcome.text() == "3200 × 2400 pixels"
    dialog.preset.show_value("85x64mm")
    dialog.preset.chosen.emit("85x64mm")
    assert not dialog.scale.isVisible()
    assert dialog.options.pixels == (1004, 756)
    assert dialog.options.dpi == 300
    assert dialog.outcome.text() == "1004 × 756 pixels at 300 an inch"
    dialog.dpi.setValue(600)
    assert dialog.options.pixels == (2008, 1512)
    dialog.unit.show_value("px")
    assert dialog.options.pixels == (2008, 1512)
    dialog.scale.show_value("4")
    dialog.width_field.setValue(3000)
    assert dialog.outcome.text().startswith("⚠ 12000 ×")
    assert not dialog.copy.isEnabled()


def test_the_dialog_of_figures_says_where_text_has_no_room_beside_the_scalar_bar(
    window: MainWindow, qtbot: QtBot
) -> None:
    dialog = FigureDialog(window, (640, 400), "light", 2)
    qtbot.addWidget(dialog)
    dialog.preset.show_value("85x64mm")
    dialog.preset.chosen.emit("85x64mm")
    assert dialog.outcome.text() == "⚠ A view is 43 mm wide, where text of this size needs 50 mm beside a scalar bar."
    assert not dialog.copy.isEnabled()
    dialog.all_views.setChecked(False)
    assert dialog.outcome.text() == "1004 × 756 pixels at 300 an inch"
    dialog.all_views.setChecked(True)
    dialog.points.setValue(5.0)
    assert dialog.copy.isEnabled()
    dialog.points.setValue(7.0)
    dialog.overlays.setChecked(False)
    assert dialog.copy.isEnabled()


def test_names_of_screenshots() -> None:
    now, folder = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC), Path("/nowhere")
    assert name_screenshot("{document} {date} {time}", folder, "a", now) == folder / "a 2026-03-04 05-06-07.png"
    assert name_screenshot("{document}-{number:03d}", folder, "a", now) == folder / "a-001.png"
    with pytest.raises(InputError, match="screenshot name"):
        name_screenshot("{who}", folder, "a", now)


def test_the_dialog_says_where_a_format_leaves_the_finer_grids_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    titles: list[str] = []

    def ask(_: object, title: str, *_rest: str) -> tuple[str, str]:
        titles.append(title)
        return str(tmp_path / "a"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    store = SimpleNamespace(landscape=refined(), view=ViewState(), picture=None, volume=None, document=None)
    exporter = Exporter(cast(Store, store), cast(QWidget, None))
    for form in EXPORTS:
        if form.suffix in (".h5", ".npz"):
            writing = exporter.export(form)
            assert writing is not None
            (grid,) = import_grids(writing()[0])
            assert bool(grid.regions) is (form.suffix == ".npz")
            assert ("without the finer grids" in titles[-1]) is (form.suffix == ".h5")


def test_thinking_better_of_it_writes_nothing(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    window.actions_by_id["export.ply"].trigger()
    assert window.messages.sentence == ""


def test_closing_the_window_writes_files_to_their_end(window: MainWindow, save_as: Path) -> None:
    window.actions_by_id["export.ply"].trigger()
    window.actions_by_id["export.csv"].trigger()
    window.close()
    assert len(PlyData.read(f"{save_as}.ply")["vertex"]) == 21 * 21
    assert save_as.with_suffix(".csv").exists()


def test_a_folder_that_cannot_be_written_is_told(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("/proc/out.ply", ""))
    window.actions_by_id["export.ply"].trigger()
    qtbot.waitUntil(lambda: not window.writer.busy)
    assert QApplication.overrideCursor() is None
    assert window.messages.kind == "error"
    assert "/proc/out.ply" in window.messages.sentence
