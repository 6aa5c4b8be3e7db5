"""Movies: even turns, a training along time, every format read back, and nothing left of one that was stopped."""

import math
import subprocess
from pathlib import Path

import imageio_ffmpeg
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from talweg.export.movie import frame_rate
from talweg.figures.movie import Movie, Stopped, save_movie
from talweg.figures.render import FigureOptions, Studio
from talweg.figures.shots import Shot
from talweg.figures.side_by_side import render_side_by_side
from talweg.picture import Company, resolve
from talweg.scene import turned
from talweg.scene.views import standard_view
from talweg.view.state import Camera, Overlay, ViewState
from talweg_compute.messages import InputError
from tests.app.scene.samples import bowl, himmelblau, landscape

SMALL = FigureOptions((160, 120))
SHORT = Movie(0.4, 20)
PLAIN = ViewState(critical_points=False, axes=False, scalar_bar=False, legend=False, contours_on_floor=False)
BOX = (-1.0, 1.0, -1.0, 1.0, 0.0, 1.2)


def folder_frames(folder: Path) -> list[NDArray[np.float64]]:
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [f"{folder.name}_{number:04d}.png" for number in range(len(files))]
    return [np.asarray(Image.open(file)).astype(float) for file in files]


def test_equal_steps_around_the_middle_of_the_box_come_back_to_the_beginning() -> None:
    start = Camera(position=(3.0, -2.0, 2.0), focal_point=(0.2, 0.1, 0.4), up=(0.0, 0.0, 1.0), parallel_scale=1.3)
    places = [turned(start, BOX, 360 * step / 12) for step in range(13)]
    angles = np.unwrap([math.atan2(place.position[1], place.position[0]) for place in places])
    np.testing.assert_allclose(np.diff(angles), math.radians(30), rtol=1e-12)
    np.testing.assert_allclose(places[12].position, start.position, atol=1e-12)
    assert all(
        math.dist(place.position, place.focal_point) == pytest.approx(math.dist(start.position, start.focal_point))
        for place in places
    )
    tilted = turned(msgspec.structs.replace(start, up=(0.6, 0.0, 0.8)), BOX, 90)
    np.testing.assert_allclose(tilted.up, (0.0, 0.6, 0.8), atol=1e-12)


@pytest.mark.parametrize("orthographic", [False, True])
def test_the_box_stays_in_view_all_the_way(orthographic: bool) -> None:
    view = msgspec.structs.replace(PLAIN, orthographic=orthographic)
    picture = resolve(bowl(), view)
    corners = np.stack(np.meshgrid([-1, 1], [-1, 1], [0, 1.2]), axis=-1).reshape(-1, 3)
    with Studio(SMALL) as studio:
        studio.draw(picture)
        start = studio.scene.view("isometric", turning=True)
        near = studio.scene.view("isometric")
        margins = []
        for degrees in range(0, 360, 30):
            studio.scene.look_from(turned(start, BOX, degrees))
            pixels = studio.scene.project(corners) / 2  # drawn twice as large
            assert (pixels > 0).all()
            assert (pixels < (160, 120)).all()
            margins.append(min(pixels.min(), (np.array((160, 120)) - pixels).min()))
    assert min(margins) < 0.2 * 120  # and not far away
    assert math.dist(start.position, start.focal_point) < 1.4 * math.dist(near.position, near.focal_point)


def test_a_parallel_turn_shows_no_less() -> None:
    one, other = (standard_view("isometric", BOX, 1.5, turning=turning) for turning in (False, True))
    assert other.parallel_scale > one.parallel_scale


def test_an_orbit_is_even_and_its_first_frame_follows_on_the_last(tmp_path: Path) -> None:
    """The bowl looks the same after each quarter of a turn, so frames 0, 2, 4 and 6 of 8 have to."""
    out = tmp_path / "turn"
    view = msgspec.structs.replace(PLAIN, camera=standard_view("isometric", BOX, 4 / 3))
    save_movie(out, [Shot((bowl(31),), view)], Movie(0.8, 10), SMALL)
    frames = folder_frames(out)
    assert len(frames) == 8
    for quarter in (2, 4, 6):
        assert np.abs(frames[quarter] - frames[0]).mean() < 1.0
    steps = [np.abs(frames[k] - frames[(k + 1) % 8]).mean() for k in range(8)]
    assert min(steps) > 2.0
    assert max(steps) < 1.3 * min(steps)


def test_a_part_of_a_turn_ends_where_it_should(tmp_path: Path) -> None:
    view = msgspec.structs.replace(PLAIN, camera=standard_view("isometric", BOX, 4 / 3))
    save_movie(tmp_path / "part", [Shot((bowl(31),), view)], Movie(0.5, 10, 90.0), SMALL)
    frames = folder_frames(tmp_path / "part")
    assert len(frames) == 5
    assert np.abs(frames[4] - frames[0]).mean() < 1.0 < np.abs(frames[2] - frames[0]).mean()


def test_a_training_is_played_from_its_first_checkpoint_to_its_last(tmp_path: Path) -> None:
    sample = himmelblau(21)
    view = msgspec.structs.replace(PLAIN, surface=False, contours_on_surface=False)
    save_movie(tmp_path / "play", [Shot((sample,), view)], Movie(1.0, 10, 0.0, training=True), SMALL)
    frames = folder_frames(tmp_path / "play")
    inked = [(frame < 128).any(axis=2).sum() for frame in frames]
    assert len(frames) == 10
    assert inked[0] < inked[4] < inked[8]
    assert (frames[9] == frames[8]).all()  # its end is seen for a while
    with pytest.raises(InputError, match="no training path"):
        save_movie(tmp_path / "none", [Shot((bowl(5),), view)], Movie(training=True), SMALL)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[NDArray[np.float64]]:
    """The frames as a folder of pictures has them."""
    folder = tmp_path_factory.mktemp("movie") / "frames"
    save_movie(folder, [Shot((himmelblau(21),), ViewState())], SHORT, SMALL)
    return folder_frames(folder)


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_an_animation_has_equally_long_frames_of_the_right_colours(
    suffix: str, expected: list[NDArray[np.float64]], tmp_path: Path
) -> None:
    path = tmp_path / f"turn{suffix}"
    save_movie(path, [Shot((himmelblau(21),), ViewState())], SHORT, SMALL)
    with Image.open(path) as movie:
        assert movie.info.get("loop") == 0
        images = [frame.copy() for frame in ImageSequence.Iterator(movie)]
        assert [frame.info["duration"] for frame in images] == [50] * 8
        told = movie.info.get("comment") or movie.info["xmp"]
    assert b"talweg landscape" in told
    for image, right in zip(images, expected, strict=True):
        assert np.abs(np.asarray(image.convert("RGB")).astype(float) - right).mean() < 6


def test_formats_that_count_time_coarsely_take_a_rate_that_they_can_keep() -> None:
    rates = [
        (".gif", 30, 100 / 3),
        (".gif", 24, 25.0),
        (".gif", 60, 50.0),
        (".webp", 30, 1000 / 33),
        (".mp4", 30, 30.0),
    ]
    for suffix, fps, kept in rates:
        assert frame_rate(Path(f"a{suffix}"), fps) == pytest.approx(kept)


def test_a_video_is_read_back_with_its_frames_and_colours(expected: list[NDArray[np.float64]], tmp_path: Path) -> None:
    path = tmp_path / "turn.mp4"
    save_movie(path, [Shot((himmelblau(21),), ViewState())], SHORT, SMALL)
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    read = subprocess.run(command, capture_output=True, check=True)
    assert all(fact in read.stderr for fact in (b"h264", b"yuv420p", b"bt709", b"160x120", b"20 fps"))
    frames = np.frombuffer(read.stdout, dtype=np.uint8).reshape(-1, 120, 160, 3).astype(float)
    for frame, right in zip(frames, expected, strict=True):
        assert np.abs(frame - right).mean() < 5
    assert b"talweg landscape" in path.read_bytes()


@pytest.mark.parametrize("name", ["a.mp4", "a.gif", "a.webp", "a"])
def test_nothing_is_left_of_a_movie_that_was_stopped(name: str, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        assert total == 8
        if done == 3:
            raise Stopped

    with pytest.raises(Stopped):
        save_movie(tmp_path / name, [Shot((bowl(9),), PLAIN)], Movie(0.8, 10), FigureOptions((64, 64)), stop)
    assert not list(tmp_path.iterdir())


def test_what_cannot_become_a_movie_is_told_before_a_frame_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    clear = FigureOptions((64, 64), transparent=True)
    for name, movie, options, words in (
        ("a.avi", Movie(), SMALL, r"written as \.mp4, \.gif or \.webp"),
        ("a.mp4", Movie(), FigureOptions((161, 120)), "even width"),
        ("a.mp4", Movie(), clear, "knows no opacity"),
        ("full", Movie(), SMALL, "there already"),
        ("a.gif", Movie(fps=0.5), SMALL, "fps: got 0.5"),
        ("a.gif", Movie(seconds=0.01), SMALL, "seconds: got 0.01"),
        ("a.webp", Movie(seconds=1e6), SMALL, "seconds: got 1e"),
    ):
        with pytest.raises(InputError, match=words):
            save_movie(tmp_path / name, [Shot((bowl(5),), PLAIN)], movie, options)
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_a_movie_of_several_views_shows_all_of_them_as_a_figure_does(tmp_path: Path) -> None:
    low, high = bowl(11), himmelblau(21)
    view = msgspec.structs.replace(PLAIN, camera=standard_view("isometric", BOX, 4 / 3), overlay=Overlay(2))
    company = Company((low, high), (low, high), high)
    shots = [Shot((low,), view, company), Shot((high,), view, Company((low, high), (low, high)))]
    options = FigureOptions((241, 121))
    save_movie(tmp_path / "both", shots, Movie(0.4, 10), options)
    frames = folder_frames(tmp_path / "both")
    np.testing.assert_array_equal(frames[0], render_side_by_side(shots, options))
    assert frames[0].shape == (121, 241, 3)
    alone = [Shot((low,), view, Company((low, high), (low, high))), shots[1]]
    assert (render_side_by_side(alone, options) != frames[0]).any()  # the overlay is in the frames
    assert (frames[0][:, :120] != frames[1][:, :120]).any()
    assert (frames[0][:, 121:] != frames[1][:, 121:]).any()


def test_curves_stay_beside_a_surface_that_turns_and_have_no_movie_of_their_own(tmp_path: Path) -> None:
    line = landscape(np.linspace(1, 2, 5)[None, :], v=np.zeros(1))
    shots = [Shot((bowl(9),), PLAIN), Shot((line,), ViewState())]
    save_movie(tmp_path / "both", shots, Movie(0.4, 10), FigureOptions((240, 120)))
    frames = folder_frames(tmp_path / "both")
    assert (frames[0][:, :120] != frames[1][:, :120]).any()
    assert (frames[0][:, 120:] == frames[1][:, 120:]).all()
    assert frames[0][30:, 120:].std() > 5
    with pytest.raises(InputError, match="render a figure instead"):
        save_movie(tmp_path / "line", shots[1:], Movie(), SMALL)
