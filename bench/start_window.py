"""Starts one of the two windows and tells when it was painted and when a frame with the surface was on the screen.

``python -m bench.start_window talweg|plain DOCUMENT TIME``: the last line on stdout is both, in seconds after TIME.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any


def main(kind: str, document: Path, begun: float) -> None:
    painted, shown = start_talweg(document) if kind == "talweg" else start_plain(document)
    print(json.dumps([painted - begun, shown - begun]))


def start_talweg(document: Path) -> tuple[float, float]:
    from PySide6.QtCore import QStandardPaths

    from talweg.window.application import make_application, make_window

    application = make_application()
    QStandardPaths.setTestModeEnabled(True)
    window = make_window([document])
    times: list[float] = []
    window.views.painted.connect(lambda: times.append(time.time()))

    def look() -> None:
        """Note the first frame on the screen that shows the landscape."""
        scene = window.scene_view.scene
        if scene is not None and scene.picture is not None:
            times.append(time.time())
            window.close()
            application.quit()

    def watch() -> None:
        plotter: Any = window.scene_view.plotter
        plotter.frameSwapped.connect(look)

    window.views.started.connect(watch)
    window.show()
    application.exec()
    return times[0], times[1]


def start_plain(document: Path) -> tuple[float, float]:
    from PySide6.QtWidgets import QApplication, QMainWindow
    from pyvistaqt import QtInteractor

    from bench.window import fill_plain

    application = QApplication(sys.argv[:1])
    window = QMainWindow()
    widget = QtInteractor(window)
    window.setCentralWidget(widget)
    window.resize(1280, 800)
    window.show()
    application.processEvents()
    painted = time.time()
    frames: list[float] = []
    widget.frameSwapped.connect(lambda: frames.append(time.time()))
    fill_plain(widget, document.with_suffix(".npz"))
    application.processEvents()
    widget.close()
    window.close()
    return painted, frames[-1]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
