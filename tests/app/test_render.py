import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from talweg.picture import resolve
from talweg.render import render, save_figure, write_png
from talweg.view_state import ViewState, decode_view
from talweg_compute.messages import InputError
from tests.app.scene.samples import bowl, himmelblau

LOG = ViewState(height_scale="log")


def test_a_picture_becomes_an_image_of_its_size() -> None:
    image = render(resolve(himmelblau(), LOG), (400, 300))
    assert image.shape == (300, 400, 3)
    assert image.dtype == np.uint8
    assert image.std() > 20
    np.testing.assert_array_equal(image[-1, -1], [255, 255, 255])
    np.testing.assert_array_equal(image, render(resolve(himmelblau(), LOG), (400, 300)))


def test_a_standard_view_and_a_theme_replace_the_usual_ones() -> None:
    picture = resolve(himmelblau(), LOG)
    top = render(picture, (320, 240), "dark", camera="top")
    np.testing.assert_array_equal(top[-1, -1], [0x15, 0x18, 0x1C])
    assert np.abs(top.astype(int) - render(picture, (320, 240), "dark")).mean() > 5


def test_a_transparent_figure_lies_on_any_background() -> None:
    picture = resolve(himmelblau(), LOG)
    image = render(picture, (400, 300), transparent=True).astype(float)
    assert image.shape == (300, 400, 4)
    assert image[-1, -1, 3] == 0
    assert (image[:, :, 3] == 255).mean() > 0.1
    opacity = image[:, :, 3:] / 255
    on_white = image[:, :, :3] * opacity + 255 * (1 - opacity)
    assert np.abs(on_white - render(picture, (400, 300))).mean() < 3  # there, the walls are filled in light grey


def test_text_can_be_larger() -> None:
    picture = resolve(bowl(), msgspec.structs.replace(LOG, surface=False, contours_on_floor=False))
    small, large = (render(picture, (400, 300), text_factor=factor) for factor in (1.0, 1.8))
    assert (large < 100).sum() > 1.5 * (small < 100).sum()


@pytest.mark.parametrize("size", [(10, 300), (300, 9000)])
def test_a_size_out_of_range_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="expected a width and a height of 64 to 8192 pixels"):
        render(resolve(bowl(5), LOG), size)


def test_an_unknown_view_is_refused() -> None:
    with pytest.raises(InputError, match="camera: there is no view 'sideways'"):
        render(resolve(bowl(5), LOG), (64, 64), camera="sideways")


def test_a_figure_says_what_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "figure.png"
    save_figure(path, bowl(), LOG, size=(200, 150))
    with Image.open(path) as image:
        assert (image.size, image.mode) == ((200, 150), "RGB")
        texts = {key: str(text) for key, text in image.text.items()}  # type: ignore[attr-defined]
    assert decode_view(texts["talweg-view"]) == LOG
    assert msgspec.json.decode(texts["talweg"])["shape"] == [21, 21]
    assert texts["Title"] == "sample"


def test_texts_beside_the_pixels_may_be_in_any_language(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    write_png(path, np.zeros((4, 4, 4), dtype=np.uint8), {"note": "Θ → 最小" * 300})
    with Image.open(path) as image:
        assert image.text == {"note": "Θ → 最小" * 300}  # type: ignore[attr-defined]


def test_a_wrong_name_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a figure is written as \.png"):
        save_figure(tmp_path / "figure.bmp", bowl(5), LOG)
    with pytest.raises(InputError, match="cannot be written"):
        write_png(tmp_path / "none" / "a.png", np.zeros((4, 4, 3), dtype=np.uint8), {})


def test_no_display_is_needed_and_nothing_is_printed(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from talweg.render import save_figure
from talweg.view_state import ViewState
from tests.app.scene.samples import bowl
save_figure(Path(sys.argv[1]), bowl(9), ViewState(), size=(120, 90))
assert not {"torch", "PySide6", "pyvistaqt"} & set(sys.modules)
"""
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.pop("VTK_DEFAULT_OPENGL_WINDOW", None)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a.png")],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with Image.open(tmp_path / "a.png") as image:
        assert np.asarray(image).std() > 20
