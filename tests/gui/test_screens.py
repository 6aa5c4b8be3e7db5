"""The window looks as it is kept in ``baselines``; ``make baselines`` keeps it as it looks now."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from pyvirtualdisplay.display import Display

from tests.gui.likeness import LEAST, load, show_misfits, shrink, unlikeness
from tests.gui.screens import FIRST_DAMAGES, FURTHER_DAMAGES, screen_names

pytestmark = pytest.mark.timeout(600)
BASELINES = Path(__file__).with_name("baselines")
FAILED = Path(__file__).resolve().parents[2] / "build" / "screens"
"""Where pictures that differ are put, beside what was expected."""
_LARGEST = 150_000
_WHOLE = (1.0, 2.0)
_BETWEEN = 1.5
_PATIENCE = 500  # seconds, on a machine that is busy otherwise


def take_screens(folder: Path, scales: tuple[float, ...], damaged: tuple[str, ...] = ()) -> None:
    """Take every screenshot, at all scales at once."""
    running = []
    for scale in scales:
        size = round(1400 * scale), round(900 * scale)
        display = Display(backend="xvfb", size=size, color_depth=24, manage_global_env=False)
        display.start()
        command = [sys.executable, "-m", "tests.gui.screens", str(folder), f"{scale:g}"]
        if damaged and scale == 1:
            command += ["--damaged", *damaged]
        running.append((display, subprocess.Popen(command, env=display.env(), cwd=BASELINES.parents[2])))
    try:
        for _, process in running:
            assert process.wait(_PATIENCE) == 0
    finally:
        for display, process in running:
            process.kill()
            process.wait()
            display.stop()


def names(*scales: float) -> list[str]:
    return [name for scale in scales for name in screen_names(scale)]


def keep_baselines() -> None:
    """Make the window's looks those that are expected from now on."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        take_screens(folder, (*_WHOLE, _BETWEEN))
        BASELINES.mkdir(exist_ok=True)
        for old in BASELINES.glob("*.png"):
            old.unlink()
        for name in names(*_WHOLE, _BETWEEN):
            shrink(load(folder / f"{name}.png")).save(BASELINES / f"{name}.png", optimize=True)


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("screens")
    take_screens(folder, _WHOLE, FIRST_DAMAGES)
    return folder


@pytest.fixture(scope="module")
def landscape(screens: Path) -> Image.Image:
    return load(screens / "landscape-light-1x.png")


def looks_as_kept(name: str, folder: Path) -> None:
    actual, expected = load(folder / f"{name}.png"), load(BASELINES / f"{name}.png")
    scale = float(name.rpartition("-")[2].rstrip("x"))
    assert actual.size == (1280 * scale, 800 * scale)
    found = unlikeness(actual, expected)
    if found >= LEAST:
        FAILED.mkdir(parents=True, exist_ok=True)
        actual.save(FAILED / f"{name}.png")
        show_misfits(actual, expected).save(FAILED / f"{name}-beside-expected.png")
    assert found < LEAST, f"{name}: see {FAILED}; if it is meant to look so: make baselines"


@pytest.mark.parametrize("name", names(*_WHOLE))
def test_the_window_looks_as_it_did(name: str, screens: Path) -> None:
    looks_as_kept(name, screens)


def test_the_pictures_that_are_kept_are_few_and_small() -> None:
    kept = {path.stem: path.stat().st_size for path in BASELINES.glob("*.png")}
    assert sorted(kept) == sorted(names(*_WHOLE, _BETWEEN))
    assert max(kept.values()) < _LARGEST


@pytest.fixture(scope="module")
def further_screens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("further screens")
    take_screens(folder, (1.0,), FURTHER_DAMAGES)
    return folder


def is_seen(damage: str, folder: Path) -> None:
    expected = load(BASELINES / "landscape-light-1x.png")
    assert unlikeness(load(folder / "damaged" / f"{damage}.png"), expected) >= LEAST


@pytest.mark.parametrize("damage", FIRST_DAMAGES)
def test_what_is_missing_is_seen(damage: str, screens: Path) -> None:
    is_seen(damage, screens)


@pytest.mark.slow
@pytest.mark.parametrize("damage", FURTHER_DAMAGES)
def test_what_else_is_missing_is_seen(damage: str, further_screens: Path) -> None:
    is_seen(damage, further_screens)


def test_a_black_view_a_shift_and_other_colours_are_seen(landscape: Image.Image, screens: Path) -> None:
    black = landscape.copy()
    ImageDraw.Draw(black).rectangle((400, 200, 800, 600), fill="black")
    aside = landscape.copy()
    aside.paste(landscape.crop((0, 100, 290, 780)), (10, 100))
    lower = landscape.copy()
    lower.paste(landscape.crop((940, 60, 1280, 760)), (940, 68))
    for damaged in (black, aside, lower, load(screens / "landscape-dark-1x.png")):
        assert unlikeness(damaged, landscape) >= LEAST


def test_what_another_machine_draws_otherwise_passes(landscape: Image.Image) -> None:
    """A pixel aside, softer edges, slightly other shades, the few colours of a picture that is kept."""
    soft = landscape.resize((640, 400), Image.Resampling.BOX).resize(landscape.size, Image.Resampling.BICUBIC)
    shades = landscape.point(lambda value: min(255, round(1.02 * value + 2)))
    for other in (aside(landscape, 1.0), aside(landscape, 0.6), soft, shades, aside(shrink(landscape), 1.4)):
        assert unlikeness(other, landscape) < 0.75 * LEAST


def aside(image: Image.Image, by: float) -> Image.Image:
    """Move a picture to the right and down; its edge is repeated."""
    pixels = np.pad(np.asarray(image.convert("RGB"), dtype=np.float64), ((2, 0), (2, 0), (0, 0)), mode="edge")
    for axis in (0, 1):
        whole, share = int(by), by % 1
        pixels = (1 - share) * np.roll(pixels, whole, axis) + share * np.roll(pixels, whole + 1, axis)
    return Image.fromarray(pixels[2:, 2:].round().astype(np.uint8))


def same_at(scale: float, one: Path, other: Path) -> None:
    """Compare what is under the mouse, and how wide lines are, with that at scale 1."""
    usual, dense = (
        json.loads((one / "facts-1.json").read_text()),
        json.loads((other / f"facts-{scale:g}.json").read_text()),
    )
    assert (usual["ratio"], dense["ratio"]) == (1.0, scale)
    assert dense["size"] == pytest.approx(usual["size"], abs=4)
    assert dense["pixels"] == pytest.approx([scale * side for side in dense["size"]], abs=1)
    assert dense["text height"] == pytest.approx(usual["text height"], abs=1)  # logical pixels
    for width in usual["line widths"]:  # those below one pixel are one there
        assert any(other == pytest.approx(scale * width, rel=0.05) for other in dense["line widths"])
    for there, here in zip(dense["places"], usual["places"], strict=True):
        assert there == pytest.approx(here, abs=0.06)  # of 14, the width of the plane


def test_at_twice_the_density_the_same_is_under_the_mouse(screens: Path) -> None:
    same_at(2.0, screens, screens)


@pytest.mark.slow
def test_at_one_and_a_half_times_the_density_everything_is_in_place(screens: Path, tmp_path: Path) -> None:
    take_screens(tmp_path, (_BETWEEN,))
    same_at(_BETWEEN, screens, tmp_path)
    for name in names(_BETWEEN):
        looks_as_kept(name, tmp_path)


@pytest.mark.parametrize(
    ("name", "box"),
    [("landscape", (0.3, 0.15, 0.7, 0.9)), ("landscape", (0.0, 0.1, 0.2, 0.9)), ("new", (0.0, 0.1, 0.6, 0.9))],
)
def test_at_twice_the_density_pictures_are_sharp(name: str, box: tuple[float, ...], screens: Path) -> None:
    """They have twice as fine details as half of their pixels could hold."""
    image = load(screens / f"{name}-light-2x.png")
    left, top, right, bottom = (round(share * side) for share, side in zip(box, 2 * image.size, strict=True))
    part = image.crop((left, top, right, bottom))
    coarse = part.reduce(2).resize(part.size, Image.Resampling.BICUBIC)
    lost = np.abs(np.asarray(part, dtype=float) - np.asarray(coarse, dtype=float))
    assert np.quantile(lost, 0.995) > 20


if __name__ == "__main__":
    keep_baselines()
