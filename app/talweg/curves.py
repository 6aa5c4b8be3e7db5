"""Landscapes along a line, drawn as curves: what the height shows on the left axis, the accuracy on the right one."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from talweg.export.files import replacing
from talweg.export.metadata import describe, to_json
from talweg.landscape import Landscape, TrainingPath
from talweg.picture import shorten
from talweg.plane_words import name_axes
from talweg.quantities import LOG_LOSS, fit_view, title_of, values_of
from talweg.seeds import compare_seeds
from talweg.theme import THEMES, Theme
from talweg.view_state import ViewState
from talweg_compute.messages import LANDMARKS, InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 150
_LOSS = {"light": "#1f5fa8", "dark": "#7db4ee"}
_ACCURACY = {"light": "#b3261e", "dark": "#ff9a8d"}
_SUFFIXES = (".png", ".svg", ".pdf")
_NEAR_EDGE = 0.15  # of the line's length: names there are written inwards


def draw_curves(figure: "Figure", landscapes: Sequence[Landscape], theme: Theme, view: ViewState | None = None) -> None:
    """Draw lines into a figure, which is cleared before.

    One line is drawn with its loss, or what else the height shows, and its accuracy. Several seeds of one line are
    drawn thin, with the mean of their losses and a band of one standard deviation on either side. A training path is
    drawn twice at each checkpoint: its true loss as a dot, and a thin line from there to the loss on the line. The
    checkpoints that the line was laid through have names.

    Args:
        figure: Where to draw.
        landscapes: Landscapes of one dimension; the first one names the axes.
        theme: The colours of background and text.
        view: Says what the left axis shows, on which scale, where it is capped, and whether the path is drawn.
    """
    first = landscapes[0]
    ink, blue, red = theme.foreground, _LOSS[theme.name], _ACCURACY[theme.name]
    figure.clear()
    figure.set_facecolor(theme.background)
    axes: Any = figure.add_subplot()
    axes.set_facecolor(theme.background)
    axes.grid(color=theme.grid, linewidth=0.6)
    view = fit_view(first, view or ViewState())
    height = "loss" if view.height == LOG_LOSS else view.height
    shows_loss = height == "loss"
    for landscape in landscapes:
        values = values_of(landscape, height)[0]
        axes.plot(landscape.u, values, color=blue, linewidth=1.0 if len(landscapes) > 1 else 2.0, alpha=0.9)
    if shows_loss and len(landscapes) > 1 and all(np.array_equal(each.u, first.u) for each in landscapes):
        _draw_spread(axes, landscapes, ink, blue)
    for path in first.paths if view.trajectory and shows_loss else ():
        _draw_path(axes, path, ink)
    if first.landmarks is not None and view.landmarks and shows_loss:
        _draw_landmarks(axes, first.landmarks, first, theme)
    if view.height == LOG_LOSS or view.height_scale == "log":
        axes.set_yscale("log")
    elif view.height_threshold is not None:
        axes.set_yscale("asinh", linear_width=2.0 * view.height_threshold)  # as ``Scaling`` has it
    if view.height_cap is not None:
        axes.set_ylim(top=view.height_cap)
    axes.set_xlabel(name_axes(first)[0], color=ink)
    axes.set_ylabel(title_of(first, height), color=blue)
    axes.set_xlim(first.u[0], first.u[-1])
    _style(axes, ink)
    accuracies = [values_of(each, "accuracy")[0] for each in landscapes if height != "accuracy"]
    if any(np.isfinite(values).any() for values in accuracies):
        right: Any = axes.twinx()
        for landscape, values in zip(landscapes, accuracies, strict=False):
            right.plot(landscape.u, values, "--", color=red, linewidth=1.0)
        right.set_ylabel(title_of(first, "accuracy"), color=red)
        right.set_ylim(0, 101)
        _style(right, ink)


@dataclass(frozen=True, eq=False)
class CurvePlaces:
    """Where things lie in a drawn figure, in shares of its width and height from the lower left corner.

    Attributes:
        left: Of the line's first point.
        right: Of its last one.
        checkpoints: (run, step) of each checkpoint that is drawn; landmarks have the run ``LANDMARKS``.
        positions: float64 [k, 2], of these.
    """

    left: float
    right: float
    checkpoints: tuple[tuple[int, int], ...]
    positions: NDArray[np.float64]


def locate_curves(figure: "Figure", landscape: Landscape, view: ViewState | None = None) -> CurvePlaces:
    """Find out where a figure shows the ends of a line and its checkpoints.

    Args:
        figure: What ``draw_curves`` drew into, laid out by its canvas.
        landscape: The first of the landscapes.
        view: As it was drawn.

    Returns:
        The places.
    """
    view = view or ViewState()
    axes = figure.axes[0]
    runs = list(enumerate(landscape.paths)) if view.trajectory else []
    if landscape.landmarks is not None and view.landmarks:
        runs.insert(0, (LANDMARKS, landscape.landmarks))
    checkpoints = tuple((run, step) for run, path in runs for step in range(len(path.names)))
    data = [np.column_stack([path.coordinates[:, 0], path.loss]) for _, path in runs]
    ends = np.column_stack([landscape.u[[0, -1]], [axes.get_ylim()[0]] * 2])
    shown = axes.transData.transform(np.concatenate([ends, *data])) / figure.bbox.size
    return CurvePlaces(float(shown[0, 0]), float(shown[1, 0]), checkpoints, shown[2:])


def save_curves(
    path: Path,
    landscapes: Sequence[Landscape],
    *,
    size: tuple[int, int] = (1600, 1200),
    theme: str = "light",
    transparent: bool = False,
    view: ViewState | None = None,
) -> None:
    """Write curves into a figure that says what it shows.

    Args:
        path: A .png, .svg or .pdf file, replaced if it exists.
        landscapes: Landscapes of one dimension.
        size: Width and height in pixels at 150 dots an inch.
        theme: Light or dark.
        transparent: Leave the background transparent.
        view: See ``draw_curves``.

    Raises:
        InputError: The suffix is another, nothing is computed yet, or the file cannot be written.
    """
    from matplotlib.figure import Figure

    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise InputError(f"{path}: a curve is written as {', '.join(_SUFFIXES)}; name it so.")
    if not any(np.isfinite(landscape.loss).any() for landscape in landscapes):
        raise InputError(f"{path}: no point of this landscape has a finite loss, so there is nothing to draw.")
    figure = Figure(figsize=(size[0] / _DPI, size[1] / _DPI), dpi=_DPI, layout="constrained")
    draw_curves(figure, landscapes, THEMES[theme], view)
    note = {".png": "talweg", ".svg": "Description", ".pdf": "Subject"}[suffix]
    program = {".png": "Software", ".svg": "Creator", ".pdf": "Creator"}[suffix]
    metadata = {"Title": landscapes[0].name, program: "Talweg", note: to_json(describe(landscapes[0], path=False))}
    image = BytesIO()
    figure.savefig(image, format=suffix[1:], metadata=metadata, transparent=transparent)
    with replacing(path) as temporary:
        temporary.write_bytes(image.getvalue())


def _draw_spread(axes: Any, landscapes: Sequence[Landscape], ink: Any, blue: str) -> None:
    seeds = compare_seeds(landscapes)
    u, mean, deviation = landscapes[0].u, seeds.mean[0], seeds.deviation[0]
    axes.fill_between(u, mean - deviation, mean + deviation, color=blue, alpha=0.25, linewidth=0)
    label = f"mean of {len(landscapes)} seeds, ± one standard deviation"
    axes.plot(u, mean, color=blue, linewidth=2.4, label=label)
    axes.figure.legend(loc="outside upper center", frameon=False, labelcolor=ink)


def _draw_path(axes: Any, path: TrainingPath, ink: Any) -> None:
    u = path.coordinates[:, 0]
    if path.loss_at_projection.size:
        axes.vlines(u, path.loss_at_projection, path.loss, color=ink, linewidth=0.6, alpha=0.6)
    axes.plot(u, path.loss, "o", color=ink, markersize=3, label=path.title or None)


def _draw_landmarks(axes: Any, landmarks: TrainingPath, line: Landscape, theme: Theme) -> None:
    u = landmarks.coordinates[:, 0]
    inside = (u >= line.u[0]) & (u <= line.u[-1]) & np.isfinite(landmarks.loss)
    style = {"color": theme.landmark, "markeredgecolor": theme.outline, "markeredgewidth": 0.8, "markersize": 7}
    axes.plot(u[inside], landmarks.loss[inside], "s", zorder=4, **style)
    for place, keep in enumerate(inside):
        if not keep:
            continue
        share = (u[place] - line.u[0]) / (line.u[-1] - line.u[0])
        side = "left" if share < _NEAR_EDGE else "right" if share > 1 - _NEAR_EDGE else "center"
        axes.annotate(
            shorten(landmarks.names[place]),
            (u[place], landmarks.loss[place]),
            xytext=(0, 9),
            textcoords="offset points",
            ha=side,
            color=theme.foreground,
            fontsize="small",
            zorder=5,
            bbox={"facecolor": theme.wall, "edgecolor": "none", "pad": 2.0, "alpha": 0.85},
        )


def _style(axes: Any, ink: Any) -> None:
    axes.tick_params(colors=ink)
    for spine in axes.spines.values():
        spine.set_color(ink)
        spine.set_linewidth(0.6)
