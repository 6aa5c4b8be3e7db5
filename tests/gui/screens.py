"""Takes the screenshots that are compared: ``python -m tests.gui.screens FOLDER SCALE [--damaged NAME …]``.

A process of its own, since the scale and the fonts must be known before Qt starts. Nothing in the pictures depends on
the machine: the fonts are those that come with matplotlib, whatever the desktop has; the renderer's name is left out.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np

_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
  <match target="font">
    <edit name="antialias" mode="assign"><bool>true</bool></edit>
    <edit name="hinting" mode="assign"><bool>false</bool></edit>
    <edit name="rgba" mode="assign"><const>none</const></edit>
  </match>
</fontconfig>
"""
THEMES = ("light", "dark")
DAMAGES: dict[str, dict[str, object]] = {
    "surface": {"surface": False},
    "contours": {"contours_on_surface": False, "contours_on_floor": False},
    "floor": {"contours_on_floor": False},
    "points": {"critical_points": False},
    "trajectory": {"trajectory": False},
    "axes": {"axes": False},
    "scalar bar": {"scalar_bar": False},
    "colours": {"colour_map": "magma"},
    "wires": {"wireframe": True},
}
"""Changes of the view that take something away; each must be seen."""

FIRST_DAMAGES = ("contours", "points", "panel")
"""A few of them, and of the window's, that are looked at every time."""

FURTHER_DAMAGES = tuple(name for name in (*DAMAGES, "camera", "panel") if name not in FIRST_DAMAGES)


_STAGES = {1.0: ("landscape", "topology", "start", "new", "curve"), 1.5: ("landscape",), 2.0: ("landscape", "new")}


def screen_names(scale: float) -> list[str]:
    """Return the names of the pictures at a scale, without suffix."""
    stages = _STAGES[scale]
    return [f"{stage}-{theme}-{scale:g}x" for theme in THEMES for stage in stages]


def choose_fonts(folder: Path) -> None:
    """Let fontconfig know the fonts of matplotlib only."""
    from matplotlib import get_data_path

    fonts = Path(get_data_path()) / "fonts" / "ttf"
    file = folder / "fonts.conf"
    file.write_text(_FONTS.format(fonts=fonts, cache=folder / "font cache"))
    os.environ["FONTCONFIG_FILE"] = str(file)


class Stage:
    """The window, brought into known states one after the other."""

    def __init__(self, folder: Path) -> None:
        from PySide6.QtCore import QSettings, QStandardPaths
        from PySide6.QtWidgets import QApplication

        from talweg.window.application import make_application

        self._folder = folder
        self._application: QApplication = make_application()
        QStandardPaths.setTestModeEnabled(True)
        for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
            QSettings.setPath(kind, QSettings.Scope.UserScope, str(folder / "settings"))
        self._application.setCursorFlashTime(0)
        from talweg.window.main_window import MainWindow

        self.window = MainWindow()
        self.window.resize(1280, 800)
        self.window.begin([])
        self.window.show()
        self.pump_until(lambda: self.window.scene_view.scene is not None)
        self.pump_until(lambda: self.window.store.picture is not None)
        self.window.status.show_renderer("software")  # whatever it is here
        self.settle()

    def pump(self, seconds: float) -> None:
        """Let the window work for a while."""
        end = time.monotonic() + seconds
        self.pump_until(lambda: time.monotonic() > end)

    def pump_until(self, done: Callable[[], bool], seconds: float = 200.0) -> None:
        """Let the window work until something is so."""
        end = time.monotonic() + seconds
        while not done():
            self._application.processEvents()
            if time.monotonic() > end:
                sys.exit("the window does not come to rest")

    def settle(self) -> None:
        """Wait until everything is worked out, laid out and drawn."""
        from PySide6.QtCore import QThreadPool

        window = self.window
        for _ in range(2):
            self.pump_until(lambda: window.store.settled)
            QThreadPool.globalInstance().waitForDone()
            self.pump(0.15)
        window.store.save()  # which the window says it did
        window.messages.dismiss()
        self._application.processEvents()

    def paint_in(self, theme: str) -> None:
        """Choose light or dark colours and wait for the scene, which has them last."""
        from talweg.theme import THEMES

        plotter = self.window.scene_view.plotter
        assert plotter is not None
        self.window.target.set_appearance(theme)
        self.pump_until(lambda: np.allclose(plotter.renderer.GetBackground(), THEMES[theme].background))

    def take(self, path: Path) -> None:
        """Save a picture of the whole window."""
        self.settle()
        path.parent.mkdir(parents=True, exist_ok=True)
        if not self.window.grab().save(str(path)):
            sys.exit(f"{path}: cannot be written")

    def facts(self) -> dict[str, Any]:
        """What must be the same at every scale: places in units of the window, and what is found there."""
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent
        from PySide6.QtWidgets import QApplication

        window, plotter = self.window, self.window.scene_view.plotter
        assert plotter is not None
        readouts = []
        for x, y in ((0.3, 0.42), (0.45, 0.46), (0.6, 0.45)):
            position = QPointF(round(x * plotter.width()), round(y * plotter.height()))
            places: list[Any] = []
            window.scene_view.hovered.connect(places.append)
            move = QMouseEvent(
                QEvent.Type.MouseMove,
                position,
                plotter.mapToGlobal(position),
                Qt.MouseButton.NoButton,
                Qt.MouseButton.NoButton,
                Qt.KeyboardModifier.NoModifier,
            )
            QApplication.sendEvent(plotter, move)
            self.pump_until(lambda places=places: bool(places))  # type: ignore[misc]  # of this turn
            window.scene_view.hovered.disconnect(places.append)
            readouts.append(places[-1])
        actors = plotter.renderer.GetActors()
        actors.InitTraversal()
        drawn = [actor for actor in iter(actors.GetNextActor, None) if actor.GetVisibility()]
        return {
            "ratio": window.devicePixelRatioF(),
            "size": [plotter.width(), plotter.height()],
            "pixels": list(plotter.render_window.GetSize()),
            "places": readouts,
            "text height": window.fontMetrics().height(),
            "line widths": sorted({actor.GetProperty().GetLineWidth() for actor in drawn} - {1.0}),  # 1 is no line's
        }

    def stages(self, wanted: Collection[str]) -> Iterator[str]:
        """Go from state to state; each is named when it is reached."""
        window = self.window
        window.docks["view"].raise_()
        yield "landscape"
        if "topology" in wanted:
            window.docks["topology"].raise_()
            yield "topology"
        window.docks["view"].raise_()
        window.pages.show_start()
        yield "start"
        window.pages.show_new()
        yield "new"
        window.pages.show_landscape()
        if "curve" not in wanted:
            return
        window.open_path(self._curve(), recent=False)
        self.pump_until(lambda: not window.curve_view.image.isNull())
        yield "curve"
        window.target.open_example()
        self.pump_until(lambda: window.store.picture is not None)

    def _curve(self) -> Path:
        from talweg.document import Document

        path = self._folder / "line.talweg"
        if not path.exists():
            u = np.linspace(-0.5, 1.5, 101)
            loss = 0.05 + 4.0 * u**2 * (1 - u) ** 2 + 0.4 * np.clip(u - 1, 0, None)
            with Document.create(path) as document:
                fields = {"loss": loss, "accuracy": 99 - 60 * np.clip(loss, 0, 1)}
                document.add_landscape("Between two models", u, fields=fields, source="line.npz")
        return path


def main() -> None:
    reading = argparse.ArgumentParser()
    reading.add_argument("folder", type=Path)
    reading.add_argument("scale", type=float)
    reading.add_argument("--damaged", nargs="*", default=[], help="also with each of these taken away")
    options = reading.parse_args()
    folder: Path = options.folder
    work = folder / f"work-{options.scale:g}"
    work.mkdir(parents=True, exist_ok=True)
    choose_fonts(work)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        os.environ[name] = str(work / name)
    os.environ |= {"QT_SCALE_FACTOR": f"{options.scale:g}", "QT_FONT_DPI": "96", "LC_ALL": "C.UTF-8"}
    wanted = screen_names(options.scale)
    stage = Stage(work)
    for theme in THEMES:
        stage.paint_in(theme)
        for name in stage.stages(_STAGES[options.scale]):
            if (whole := f"{name}-{theme}-{options.scale:g}x") in wanted:
                stage.take(folder / f"{whole}.png")
    (folder / f"facts-{options.scale:g}.json").write_text(json.dumps(stage.facts()))
    if options.damaged:
        _damage(stage, folder / "damaged", options.damaged)
    stage.window.close()


def _damage(stage: Stage, folder: Path, wanted: Collection[str]) -> None:
    """Take one thing away after the other; each is put back."""
    window = stage.window
    stage.paint_in("light")
    for name, changes in ((name, DAMAGES[name]) for name in wanted if name in DAMAGES):
        window.target.change_view(name, **changes)
        stage.take(folder / f"{name}.png")
        window.target.undo()
    if "camera" in wanted:
        window.target.look_from("front")
        stage.take(folder / "camera.png")
        window.target.undo()
    if "panel" in wanted:
        window.docks["numbers"].hide()
        stage.take(folder / "panel.png")
        window.docks["numbers"].show()


if __name__ == "__main__":
    main()
