"""What importing and starting the window brings in, and what must be there."""

import os
import subprocess
import sys

import pytest

from talweg.window import preflight
from talweg_compute.messages import InputError


def test_importing_the_window_brings_in_neither_torch_nor_vtk() -> None:
    code = (
        "import sys, talweg.window, talweg.window.main_window; "
        "print([name for name in ('torch', 'vtkmodules', 'pyvista', 'pyvistaqt', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_scene_brings_in_no_torch() -> None:
    code = "import sys, talweg.window.interactor; print('torch' in sys.modules)"
    environment = {**os.environ, "QT_API": "pyside6"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays are optional on Linux only")
def test_without_a_display_the_way_without_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match=r"no display.*talweg demo --headless"):
        preflight.check_display()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="xcb is of Linux")
def test_a_missing_xcb_library_is_told_with_the_line_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("QT_QPA_PLATFORM", raising=False)
    monkeypatch.setattr(preflight.ctypes.util, "find_library", lambda _: None)
    with pytest.raises(InputError, match=r"apt-get install -y libxcb-cursor0"):
        preflight.check_display()
