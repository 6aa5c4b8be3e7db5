"""The process that renders beside the window: what it says, and that it stops when nobody listens any more."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from talweg.figures.movie import Movie
from talweg.figures.render import FigureOptions
from talweg.figures.rendering import Order
from talweg.figures.shots import Shot
from talweg.view.state import ViewState
from tests.app.scene.samples import bowl, landscape


def start(order: Order) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "talweg.figures.rendering"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(order.encode())
    process.stdin.flush()
    return process


def test_a_figure_and_what_cannot_be_one(tmp_path: Path) -> None:
    options = FigureOptions((80, 64))
    running = [
        start(Order(path, (Shot((bowl(9),), ViewState()),), options))
        for path in (tmp_path / "a.png", tmp_path / "none" / "a.png")
    ]
    told = []
    for process in running:
        assert process.stdout is not None
        told.append([json.loads(line) for line in process.stdout])
        process.communicate()
    assert told[0] == [{"written": str(tmp_path / "a.png")}]
    assert "cannot be written" in told[1][-1]["error"]
    assert [process.returncode for process in running] == [0, 2]
    with Image.open(tmp_path / "a.png") as image:
        assert np.asarray(image).std() > 20


@pytest.mark.slow
def test_a_movie_that_nobody_wants_any_more_is_not_finished(tmp_path: Path) -> None:
    process = start(Order(tmp_path / "a.gif", (Shot((bowl(9),), ViewState()),), FigureOptions((80, 64)), Movie(60.0)))
    assert process.stdout is not None
    assert process.stdin is not None
    assert json.loads(process.stdout.readline()) == {"done": 1, "of": 2000}
    process.stdin.close()
    frames = [json.loads(line)["done"] for line in process.stdout]
    assert process.wait() == 130
    assert len(frames) < 500
    process.stdout.close()
    if process.stderr is not None:
        assert process.stderr.read() == b""
        process.stderr.close()
    assert not list(tmp_path.iterdir())


def test_several_lines_are_one_figure(tmp_path: Path) -> None:
    from talweg.figures.rendering import carry_out

    lines = tuple(landscape(np.linspace(1, 2, 5)[None, :] * k, v=np.zeros(1)) for k in (1, 2))
    carry_out(Order(tmp_path / "lines.png", (Shot(lines, ViewState()),), FigureOptions((320, 240), scale=2)))
    with Image.open(tmp_path / "lines.png") as image:
        assert image.size == (640, 480)
