"""The main job in the real window with a real worker: points arrive, the worker is killed, the mesh is read back."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest
from plyfile import PlyData
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow
from tests.conftest import write_job


@pytest.mark.slow
def test_a_job_survives_the_death_of_its_worker_and_becomes_a_mesh(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, mesh = write_job(tmp_path, grid=25, samples=500), tmp_path / "mesh.ply"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(mesh), ""))
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    try:
        assert window.open_path(job)

        def done() -> int:
            return 0 if window.store.landscape is None else window.store.landscape.done

        qtbot.waitUntil(lambda: done() > 0, timeout=60_000)
        pid = window.runner.worker_pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        qtbot.waitUntil(lambda: done() == 25 * 27 and not window.runner.busy, timeout=60_000)
        landscape = window.store.landscape
        assert landscape is not None
        assert any("SIGKILL" in note for note in landscape.notes)
        window.actions_by_id["export.ply"].trigger()
        qtbot.waitUntil(lambda: not window.writer.busy, timeout=20_000)
        vertices = PlyData.read(str(mesh))["vertex"]
        assert np.asarray(vertices["scalar_loss"]) == pytest.approx(landscape.loss.ravel(), rel=1e-6)
    finally:
        window.close()
