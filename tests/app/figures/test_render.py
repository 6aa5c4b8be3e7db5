import os
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from talweg.figures.render import FigureOptions, render, write_png
from talweg.figures.shots import Shot
from talweg.figures.side_by_side import save_figure
from talweg.lettering import TICK_SIZE, text_scale
from talweg.picture import resolve
from talweg.terminal.pixel_options import PixelOptions
from talweg.view.state import ViewState, decode_view
from talweg_compute.messages import InputError
from tests.app.scene.samples import bowl, himmelblau

LOG = ViewState(height_scale="log")


def test_a_picture_becomes_an_image_of_its_size() -> None:
    image = render(resolve(himmelblau(), LOG), FigureOptions((400, 300)))
    assert image.shape == (300, 400, 3)
    assert image.dtype == np.uint8
    assert image.std() > 20
    np.testing.assert_array_equal(image[-1, -1], [255, 255, 255])
    np.testing.assert_array_equal(image, render(resolve(himmelblau(), LOG), FigureOptions((400, 300))))


def test_a_standard_view_and_a_theme_replace_the_usual_ones() -> None:
    picture = resolve(himmelblau(), LOG)
    top = render(picture, FigureOptions((320, 240), theme="dark", camera="top"))
    np.testing.assert_array_equal(top[-1, -1], [0x15, 0x18, 0x1C])
    assert np.abs(top.astype(int) - render(picture, FigureOptions((320, 240), theme="dark"))).mean() > 5


def test_a_transparent_figure_lies_on_any_background() -> None:
    picture = resolve(himmelblau(), LOG)
    image = render(picture, FigureOptions((400, 300), transparent=True)).astype(float)
    assert image.shape == (300, 400, 4)
    assert image[-1, -1, 3] == 0
    assert (image[:, :, 3] == 255).mean() > 0.1
    opacity = image[:, :, 3:] / 255
    on_white = image[:, :, :3] * opacity + 255 * (1 - opacity)
    assert (
        np.abs(on_white - render(picture, FigureOptions((400, 300)))).mean() < 3
    )  # there, the walls are filled in light grey


def test_text_can_be_larger() -> None:
    picture = resolve(bowl(), msgspec.structs.replace(LOG, surface=False, contours_on_floor=False))
    small, large = (render(picture, FigureOptions((400, 300), text_factor=factor)) for factor in (1.0, 1.8))
    assert (large < 100).sum() > 1.4 * (small < 100).sum()


def test_twice_the_scale_is_the_same_figure_with_finer_pixels() -> None:
    view = msgspec.structs.replace(LOG, contour_labels=True)
    picture = resolve(himmelblau(), view)
    once, twice = (render(picture, FigureOptions((400, 300), scale=scale)).astype(float) for scale in (1.0, 2.0))
    assert twice.shape == (600, 800, 3)
    averaged = twice.reshape(300, 2, 400, 2, 3).mean(axis=(1, 3))
    assert np.abs(averaged - once).mean() < 8
    shifted = np.roll(averaged, 6, axis=1)  # what a text or a line elsewhere would make of it
    assert np.abs(shifted - once).mean() > 1.5 * np.abs(averaged - once).mean()


def test_without_overlays_only_the_landscape_is_drawn() -> None:
    sample = himmelblau()
    picture = resolve(sample, FigureOptions(overlays=False).seen(LOG))
    image = render(picture, FigureOptions((400, 300), transparent=True))
    assert not image[:12, :, 3].any()  # no legend
    assert not image[:, -12:, 3].any()  # no scalar bar
    assert (image[:, :, 3] == 255).mean() > 0.2
    whole = resolve(sample, LOG, picture)
    assert whole.surface.points is picture.surface.points
    assert render(whole, FigureOptions((400, 300), transparent=True))[:12, :, 3].any()


def test_a_figure_for_paper_tells_its_density_and_has_letters_of_a_height(tmp_path: Path) -> None:
    path = tmp_path / "paper.png"
    options = PixelOptions(mm=(50.8, 38.1), dpi=200).figure()
    assert options.pixels == (400, 300)
    assert TICK_SIZE * options.text_factor * text_scale(options.size, 1.0) == pytest.approx(7 / 72 * 200)
    save_figure(path, [Shot((bowl(),), LOG)], options)
    with Image.open(path) as image:
        assert image.info["dpi"] == pytest.approx((200, 200), abs=0.1)
        assert "Description" in image.info
    with pytest.raises(InputError, match="size: got --size and --mm"):
        PixelOptions(mm=(50, 40), size=(100, 100)).figure()
    with pytest.raises(InputError, match="scale: got 0"):
        PixelOptions(scale=0).figure()


@pytest.mark.parametrize("size", [(10, 300), (300, 9000)])
def test_a_size_out_of_range_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="expected a width and a height of 64 to 8192 pixels"):
        render(resolve(bowl(5), LOG), FigureOptions(size))


def test_an_unknown_view_is_refused() -> None:
    with pytest.raises(InputError, match="camera: there is no view 'sideways'"):
        render(resolve(bowl(5), LOG), FigureOptions((64, 64), camera="sideways"))


def test_a_figure_says_what_it_shows(tmp_path: Path) -> None:
    path = tmp_path / "figure.png"
    save_figure(path, [Shot((bowl(),), LOG)], FigureOptions((200, 150)))
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
        save_figure(tmp_path / "figure.bmp", [Shot((bowl(5),), LOG)], FigureOptions())
    with pytest.raises(InputError, match="cannot be written"):
        write_png(tmp_path / "none" / "a.png", np.zeros((4, 4, 3), dtype=np.uint8), {})


def test_no_display_is_needed_and_nothing_is_printed(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from talweg.figures.render import FigureOptions
from talweg.figures.shots import Shot
from talweg.figures.side_by_side import save_figure
from talweg.view.state import ViewState
from tests.app.scene.samples import bowl
save_figure(Path(sys.argv[1]), [Shot((bowl(9),), ViewState())], FigureOptions((120, 90)))
assert not {"torch", "PySide6", "pyvistaqt"} & set(sys.modules)
"""
    environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment.pop("VTK_DEFAULT_OPENGL_WINDOW", None)
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "a.png")],
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with Image.open(tmp_path / "a.png") as image:
        assert np.asarray(image).std() > 20
