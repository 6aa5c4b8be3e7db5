"""What importing and starting the window brings in, and what must be there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from talweg.__main__ import names_files
from talweg.window import preflight
from talweg_compute.messages import InputError


def test_importing_the_window_brings_in_neither_torch_nor_vtk() -> None:
    code = (
        "import sys, talweg.__main__, talweg.window, talweg.window.main_window; "
        "heavy = ('torch', 'vtkmodules', 'pyvista', 'pyvistaqt', 'matplotlib', 'cyclopts', 'rich'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_scene_brings_in_nothing_of_matplotlib_that_draws() -> None:
    code = (
        "import sys, talweg.window, talweg.scene, talweg.window.interactor; "
        "heavy = ('pyplot', 'figure', 'backend_bases', 'backends.backend_agg'); "
        "print([name for name in heavy if f'matplotlib.{name}' in sys.modules])"
    )
    environment = {**os.environ, "QT_API": "pyside6"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_importing_the_window_reads_no_sources() -> None:
    code = (
        "import linecache, sys, talweg.window.main_window as main, numpy; "
        "print([module.__file__ for module in (main, numpy) if module.__file__ in linecache.cache])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_start_brings_in_no_vtk_before_the_first_paint_and_searches_for_garbage_once_the_scene_is_there(
    document_path: Path, tmp_path: Path
) -> None:
    code = (
        "import gc, sys; from pathlib import Path\n"
        "from talweg.window.application import make_application, make_window\n"
        "application = make_application()\n"
        "window = make_window([Path(sys.argv[1])])\n"
        "heavy = {'torch', 'vtkmodules', 'pyvista', 'matplotlib'}\n"
        "window.views.painted.connect(lambda: print(gc.isenabled(), *(heavy & set(sys.modules))))\n"
        "window.views.started.connect(lambda: print(gc.isenabled(), gc.get_freeze_count() > 10_000))\n"
        "window.views.started.connect(window.close)\n"
        "window.show()\n"
        "application.exec()\n"
    )
    folders = {f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "CACHE")}
    command = [sys.executable, "-c", code, str(document_path)]
    done = subprocess.run(command, env={**os.environ, **folders}, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False", "True True"]


def test_files_alone_open_the_window_and_all_else_is_a_command(tmp_path: Path) -> None:
    document, job = tmp_path / "a.talweg", tmp_path / "b.toml"
    document.touch()
    job.touch()
    assert names_files([])
    assert names_files([str(document), str(job)])
    for arguments in (["info", str(document)], ["--help"], ["demo"], [str(tmp_path / "gone.talweg")], [str(tmp_path)]):
        assert not names_files(arguments)


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
