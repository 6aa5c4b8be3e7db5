"""Exports through the menu's own commands."""

from pathlib import Path

import numpy as np
import pytest
from plyfile import PlyData
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QDialog, QFileDialog

from talweg.commands import EXPORTS
from talweg.export import EXPORT_SUFFIXES, FLAVOURS
from talweg.window.figure_dialog import FigureDialog
from talweg.window.main_window import MainWindow


@pytest.fixture
def save_as(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    target = tmp_path / "out"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    return target


def test_the_menu_offers_what_the_registry_writes() -> None:
    assert {form.suffix for form in EXPORTS} == set(EXPORT_SUFFIXES)
    for form in EXPORTS:
        assert form.flavour in FLAVOURS.get(form.suffix, ("talweg",))


def test_a_ply_is_exported_and_read_back(window: MainWindow, save_as: Path) -> None:
    window.actions_by_id["export.ply"].trigger()
    assert window.messages.sentence.startswith(f"Wrote {save_as}.ply")
    vertices = PlyData.read(f"{save_as}.ply")["vertex"]
    assert window.store.landscape is not None
    assert np.array(vertices["scalar_loss"]) == pytest.approx(window.store.landscape.loss.ravel(), rel=1e-6)


@pytest.mark.parametrize("form", EXPORTS, ids=lambda form: form.id)
def test_every_format_of_the_menu_is_written(form: object, window: MainWindow, save_as: Path) -> None:
    window.actions_by_id[form.id].trigger()  # type: ignore[attr-defined]
    assert window.messages.kind == "info", window.messages.sentence
    assert save_as.with_suffix(form.suffix).stat().st_size > 0  # type: ignore[attr-defined]


def test_a_figure_is_rendered_at_the_chosen_size(
    window: MainWindow, save_as: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def accept(dialog: FigureDialog) -> QDialog.DialogCode:
        dialog.width_field.setValue(320)
        dialog.height_field.setValue(240)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(FigureDialog, "exec", accept)
    window.actions_by_id["export.figure"].trigger()
    assert window.messages.kind == "info", window.messages.sentence
    image = QImage(f"{save_as}.png")
    assert (image.width(), image.height()) == (320, 240)
    colours = {image.pixelColor(x, y).name() for x in range(0, 320, 8) for y in range(0, 240, 8)}
    assert len(colours) > 20


def test_thinking_better_of_it_writes_nothing(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    window.actions_by_id["export.ply"].trigger()
    assert window.messages.sentence == ""


def test_a_folder_that_cannot_be_written_is_told(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("/proc/out.ply", ""))
    window.actions_by_id["export.ply"].trigger()
    assert window.messages.kind == "error"
    assert "/proc/out.ply" in window.messages.sentence
