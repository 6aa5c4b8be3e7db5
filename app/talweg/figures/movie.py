"""Landscapes as a movie: the eye goes around them, the training is played along time, or both."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from talweg.export.movie import MOST_FRAMES, Image, check_movie, frame_rate, write_movie
from talweg.figures.render import FigureOptions
from talweg.figures.shots import Shot
from talweg.figures.side_by_side import Tableau, stage, tell_all
from talweg.landscape import Landscape
from talweg.picture import Picture
from talweg.view.state import Camera
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
    shots: Sequence[Shot],
    movie: Movie,
    options: FigureOptions,
    on_frame: Callable[[int, int], None] = lambda done, total: None,
    *,
    linked: bool = True,
    columns: int = 0,
) -> None:
    """Render a movie into a file, or into a folder of pictures; a part of one is never left.

    Args:
        path: An .mp4, .gif or .webp file, or a folder.
        shots: What is seen, one view or several side by side, and from where the way begins. Curves of lines stay.
        movie: How it goes.
        options: Size, colours, background.
        on_frame: Told of each frame that was drawn: how many, and of how many. What it raises ends the work.
        linked: Whether all views look from the same place.
        columns: How many stand side by side; 0: up to three, but four two by two.

    Raises:
        InputError: Something cannot be, or the file cannot be written.
    """
    check_movie(path, options.pixels, transparent=options.transparent)
    fps = frame_rate(path, movie.fps)
    count = count_frames(movie, fps)
    if all(shot.landscape.dimensions == 1 for shot in shots):
        raise InputError(f"{path}: a line stays as it is, so there is no movie of it; render a figure instead.")
    if movie.training and not any(map(_has_path, shots)):
        raise InputError("training: this landscape has no training path of several checkpoints to play.")
    with stage(shots, replace(options, camera=None), linked=linked, columns=columns) as tableau:
        reel = _Reel(tableau, shots, movie, options, count)
        samples = [reel.draw(index) for index in reel.samples()] if path.suffix.lower() == ".gif" else []

        def frames() -> Iterator[Image]:
            for index in range(count):
                image = reel.draw(index)
                on_frame(index + 1, count)
                yield image

        write_movie(path, frames(), count, fps, tell_all(shots), samples)


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


class _Reel:
    """The frames of a movie, in any order."""

    def __init__(
        self, tableau: Tableau, shots: Sequence[Shot], movie: Movie, options: FigureOptions, count: int
    ) -> None:
        self._tableau, self._shots, self._movie, self._count = tableau, shots, movie, count
        self._views = [options.seen(shot.view) for shot in shots]
        self._pictures = list(tableau.pictures)
        self._starts: dict[int, Camera] = {}
        for place, (view, picture) in enumerate(zip(self._views, self._pictures, strict=True)):
            if picture is None:
                continue
            if view.camera is None or options.camera is not None:
                name = options.camera or ("top" if view.flat else "isometric")
                self._starts[place] = tableau.standard(place, name, turning=movie.degrees != 0)
            else:
                self._starts[place] = view.camera

    def samples(self) -> list[int]:
        """Indices of frames that together show every colour."""
        return [index * (self._count - 1) // (_SAMPLES - 1) for index in range(_SAMPLES)]

    def draw(self, index: int) -> Image:
        from talweg.scene import turned

        seen: list[Picture | None] = [None] * len(self._shots)
        for place, start in self._starts.items():
            shot, picture = self._shots[place], self._pictures[place]
            if self._movie.training and _has_path(shot):
                until = self._checkpoints(shot.landscape, index)
                view = msgspec.structs.replace(self._views[place], trajectory=True, trajectory_until=until)
                picture = self._pictures[place] = shot.picture(view, picture)
            if picture is not None:
                camera = turned(start, picture.axes.bounds, self._degrees(index))
                seen[place] = replace(picture, camera=camera)
        return self._tableau.draw(seen)

    def _degrees(self, index: int) -> float:
        """How far the eye has gone: after whole turns the first frame follows on the last; else the last is the end."""
        whole = self._movie.degrees % 360 == 0
        return self._movie.degrees * index / (self._count if whole else self._count - 1)

    def _checkpoints(self, landscape: Landscape, index: int) -> int:
        total = max(len(path.names) for path in landscape.paths)
        share = min(1.0, index / max(1.0, (1 - _HELD) * (self._count - 1)))
        return min(total, 1 + int(share * (total - 1) + 1e-9))


def _has_path(shot: Shot) -> bool:
    """Whether a view has a training to play."""
    path = shot.landscape.path
    return shot.landscape.dimensions > 1 and path is not None and len(path.names) > 1
