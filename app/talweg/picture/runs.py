"""Training runs: on the drawn surface or at their true loss, as far as they are played, coloured along the way."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from talweg.landscape import Landscape, TrainingPath
from talweg.number_text import format_value
from talweg.picture.frame import Frame
from talweg.picture.parts import PathPart
from talweg.picture.relief import Relief
from talweg.view.quantities import LOG_LOSS, name_quantity
from talweg.view.state import ViewState

Float = NDArray[np.float64]
Float32 = NDArray[np.float32]


def place_runs(
    landscape: Landscape, view: ViewState, frame: Frame, relief: Relief, key: tuple[object, ...]
) -> PathPart | None:
    """Place the runs of a landscape.

    Args:
        landscape: The numbers.
        view: How the runs are looked at.
        frame: Maps to display coordinates.
        relief: Heights of the surface.
        key: Of the part.

    Returns:
        The first run, which brings the others; None where there is none.
    """
    if not landscape.paths:
        return None
    colours = _Colours(landscape, view)
    first, *others = (_place_run(path, colours, landscape, view, frame, relief, key) for path in landscape.paths)
    return replace(first, others=tuple(others))


class _Colours:
    """Where checkpoints stand in the colours, the same for all runs: by their number, or by a value of their own."""

    def __init__(self, landscape: Landscape, view: ViewState) -> None:
        self._name = view.trajectory_colour
        self._ends = 0.0, 1.0
        self.words = ""
        if self._name == "epoch":
            self._ends = 0.0, float(max(len(path.names) for path in landscape.paths) - 1)
            self.words = "checkpoint, dark to bright"
        elif self._name != "plain":
            found = [self._values(path) for path in landscape.paths]
            values = np.concatenate(found)
            finite = values[np.isfinite(values)]
            if finite.size:  # otherwise nothing is known of any
                self._ends = float(finite.min()), float(finite.max())
                low, high = (format_value(10**end if self._name == "loss" else end, 3) for end in self._ends)
                self.words = f"{name_quantity(landscape, self._name)}, {low} dark to {high} bright"

    def shares(self, path: TrainingPath) -> Float:
        """Return float64 [T] in [0, 1]; 0 where a value is not known, 1 where it is infinite."""
        low, high = self._ends
        share = (self._values(path) - low) / max(high - low, 1e-12)
        return np.clip(np.nan_to_num(share, nan=0.0, posinf=1.0), 0.0, 1.0)

    def _values(self, path: TrainingPath) -> Float:
        if self._name == "epoch":
            return np.arange(len(path.names), dtype=np.float64)
        values = path.values("log_loss" if self._name == "loss" else self._name)  # a loss falls by decades
        return np.full(len(path.names), np.nan) if values is None else values


def _place_run(
    whole: TrainingPath,
    colours: _Colours,
    landscape: Landscape,
    view: ViewState,
    frame: Frame,
    relief: Relief,
    key: tuple[object, ...],
) -> PathPart:
    played = slice(None) if view.trajectory_until is None else slice(max(view.trajectory_until, 1))
    places = whole.coordinates[played]
    known = np.asarray(np.isfinite(places).all(axis=1))
    inside = np.where(known[:, None], places, landscape.u[0] - 1.0)
    on_surface = np.where(known, relief.at(inside), np.nan)
    markers = np.column_stack([*frame.to_display(*places.T), on_surface])
    shares = colours.shares(whole)[played]
    own = whole.values(view.height) if view.trajectory_at == "loss" else None
    stems = np.zeros((0, 2, 3))
    if own is not None:
        foot = markers
        markers = np.column_stack([foot[:, :2], _height_of(own[played], frame)])
        both = np.isfinite(markers).all(axis=1) & np.isfinite(foot).all(axis=1)
        stems = np.stack([foot, markers], axis=1)[both]
        lines = [(markers, shares)]
    elif not colours.words:
        laid = relief.lay(places)
        lines = [(_displayed(frame, line), np.zeros(len(line))) for line in laid]
    else:
        lines = _laid_by_segment(places, shares, frame, relief)
    lines = [piece for line in lines for piece in _unbroken(*line)]
    markers[~np.isfinite(markers).all(axis=1)] = np.nan
    return PathPart(
        key=key,
        lines=tuple(_frozen(line) for line, _ in lines),
        markers=_frozen(markers),
        names=whole.names,
        residual=whole.residual,
        visible=view.trajectory,
        title=whole.title,
        shares=tuple(_frozen(share) for _, share in lines) if colours.words else (),
        coloured_by=colours.words,
        thin=view.trajectory_style == "line",
        stems=_frozen(stems),
        standing_at=name_quantity(landscape, "loss" if view.height == LOG_LOSS else view.height),
    )


def _height_of(values: Float, frame: Frame) -> Float:
    """Display heights of the checkpoints' own values; NaN where one is not finite."""
    return np.where(np.isfinite(values), frame.height_to_z(np.where(np.isfinite(values), values, 1.0)), np.nan)


def _laid_by_segment(places: Float, shares: Float, frame: Frame, relief: Relief) -> list[tuple[Float, Float]]:
    """Lay one segment after the other, so that each point knows how far along it is."""
    lines = []
    for index in range(len(places) - 1):
        start, end = places[index : index + 2]
        for line in relief.lay(places[index : index + 2]):
            part = np.linalg.norm(line[:, :2] - start, axis=1) / max(float(np.linalg.norm(end - start)), 1e-300)
            lines.append((_displayed(frame, line), shares[index] + part * (shares[index + 1] - shares[index])))
    return lines


def _unbroken(line: Float, shares: Float) -> list[tuple[Float, Float]]:
    """Cut a line where a point is not finite; pieces have at least two points."""
    gaps = np.flatnonzero(~np.isfinite(line).all(axis=1))
    pieces = zip(np.split(line, gaps), np.split(shares, gaps), strict=True)
    kept = ((piece[~np.isnan(piece).any(axis=1)], share[~np.isnan(piece).any(axis=1)]) for piece, share in pieces)
    return [(piece, share) for piece, share in kept if len(piece) > 1]


def _displayed(frame: Frame, line: Float) -> Float:
    return np.column_stack([*frame.to_display(line[:, 0], line[:, 1]), line[:, 2]])


def _frozen(values: Float) -> Float32:
    array = np.asarray(values).astype(np.float32)
    array.flags.writeable = False
    return array
