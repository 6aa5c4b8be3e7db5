"""A landscape as a movie: the eye goes around it, the training is played along time, or both."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from talweg.export.movie import MOST_FRAMES, Image, check_movie, frame_rate, write_movie
from talweg.figures.render import FigureOptions, Studio, tell
from talweg.landscape import Landscape
from talweg.picture import Picture, resolve
from talweg.view.state import ViewState
from talweg_compute.messages import InputError

_SAMPLES = 5  # frames of which a GIF takes its colours
_HELD = 0.12  # of a played training: how long its end is seen


@dataclass(frozen=True)
class Movie:
    """How a movie goes.

    Attributes:
        seconds: How long it takes.
        fps: Frames a second; a GIF and a WebP take the nearest rate at which all frames are equally long.
        degrees: How far the eye goes around, counter-clockwise as seen from above; 0: it stays.
        training: Whether the checkpoints join the path one after the other.
    """

    seconds: float = 8.0
    fps: float = 30.0
    degrees: float = 360.0
    training: bool = False


class Stopped(Exception):  # noqa: N818 (nothing went wrong)
    """Whoever asked for a movie does not want it any more."""


def save_movie(
    path: Path,
    landscape: Landscape,
    view: ViewState,
    movie: Movie,
    options: FigureOptions,
    on_frame: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Render a movie into a file, or into a folder of pictures; a part of one is never left.

    Args:
        path: An .mp4, .gif or .webp file, or a folder.
        landscape: A plane.
        view: How it is looked at, and from where the way begins.
        movie: How it goes.
        options: Size, colours, background.
        on_frame: Told of each frame that was drawn: how many, and of how many. What it raises ends the work.

    Raises:
        InputError: Something cannot be, or the file cannot be written.
    """
    check_movie(path, options.pixels, transparent=options.transparent)
    fps = frame_rate(path, movie.fps)
    count = count_frames(movie, fps)
    if movie.training and (landscape.path is None or len(landscape.path.names) < 2):
        raise InputError("training: this landscape has no training path of several checkpoints to play.")
    view = options.seen(view)
    with Studio(replace(options, camera=None)) as studio:
        shots = _Shots(studio, landscape, view, movie, options.camera, count)
        samples = [shots.draw(index) for index in shots.samples()] if path.suffix.lower() == ".gif" else []

        def frames() -> Iterator[Image]:
            for index in range(count):
                image = shots.draw(index)
                on_frame(index + 1, count)
                yield image

        write_movie(path, frames(), count, fps, tell(landscape, view), samples)


def count_frames(movie: Movie, fps: float) -> int:
    """Return how many frames a movie has.

    Args:
        movie: How it goes.
        fps: Frames a second.

    Raises:
        InputError: None, or far too many.
    """
    count = round(movie.seconds * fps)
    if not 2 <= count <= MOST_FRAMES:
        raise InputError(
            f"seconds: got {movie.seconds:g} at {fps:g} frames a second; expected 2 to {MOST_FRAMES} frames in all."
        )
    return count


class _Shots:
    """The frames of a movie, in any order."""

    def __init__(
        self, studio: Studio, landscape: Landscape, view: ViewState, movie: Movie, camera: str | None, count: int
    ) -> None:
        self._studio, self._landscape, self._view, self._movie = studio, landscape, view, movie
        self._count = count
        self._picture: Picture = resolve(landscape, view)
        studio.scene.apply(self._picture)
        if view.camera is None or camera is not None:
            self._start = studio.scene.view(camera or "isometric", turning=movie.degrees != 0)
        else:
            self._start = view.camera

    def samples(self) -> list[int]:
        """Indices of frames that together show every colour."""
        return [index * (self._count - 1) // (_SAMPLES - 1) for index in range(_SAMPLES)]

    def draw(self, index: int) -> Image:
        from talweg.scene import turned

        if self._movie.training:
            view = msgspec.structs.replace(self._view, trajectory=True, trajectory_until=self._checkpoints(index))
            self._picture = resolve(self._landscape, view, self._picture)
        camera = turned(self._start, self._picture.axes.bounds, self._degrees(index))
        return self._studio.draw(replace(self._picture, camera=camera))

    def _degrees(self, index: int) -> float:
        """How far the eye has gone: after whole turns the first frame follows on the last; else the last is the end."""
        whole = self._movie.degrees % 360 == 0
        return self._movie.degrees * index / (self._count if whole else self._count - 1)

    def _checkpoints(self, index: int) -> int:
        assert self._landscape.path is not None  # noqa: S101 (checked before)
        total = max(len(path.names) for path in self._landscape.paths)
        share = min(1.0, index / max(1.0, (1 - _HELD) * (self._count - 1)))
        return min(total, 1 + int(share * (total - 1) + 1e-9))
