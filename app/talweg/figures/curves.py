"""Landscapes along a line, drawn as curves: what the height shows on the left axis, the accuracy on the right one."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from talweg.analysis.families import group_seeds
from talweg.analysis.plane_words import name_axes
from talweg.analysis.seeds import compare_seeds
from talweg.export.files import replacing
from talweg.export.metadata import describe, to_json
from talweg.figures.curve_places import count_played, place_pins
from talweg.figures.render import FigureOptions, Image, tell
from talweg.landscape import Landscape, TrainingPath
from talweg.picture import label_pins, shorten
from talweg.theme import THEMES, Theme
from talweg.view.quantities import LOG_LOSS, fit_view, title_of, values_of
from talweg.view.state import ViewState
from talweg_compute.messages import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 150
_LOSS = {"light": "#1f5fa8", "dark": "#7db4ee"}
_ACCURACY = {"light": "#b3261e", "dark": "#ff9a8d"}
_SERIES = {
    "light": ("#1f5fa8", "#b3261e", "#2a7d3f", "#8a4fa3", "#a3660a", "#4d5a66"),
    "dark": ("#7db4ee", "#ff9a8d", "#84d69a", "#cfa6e6", "#f0bd6b", "#b7c2cc"),
}
"""Colours of several lines."""
_MARKS = ("o", "s", "^", "D", "v", "P")
_LARGEST = 1e300
_MARKED = 8  # marks on a line
_SUFFIXES = (".png", ".svg", ".pdf")
_NEAR_EDGE = 0.15  # of the line's length: names there are written inwards


def draw_curves(figure: "Figure", landscapes: Sequence[Landscape], theme: Theme, view: ViewState | None = None) -> None:
    """Draw lines into a figure, which is cleared before.

    One line is drawn with its loss, or what else the height shows, and its accuracy, each in its colour. Of several
    lines, each has a colour and a mark, and its accuracy is dashed. Several seeds of one line are drawn thin, with the
    mean of their losses and a band of one standard deviation on either side. A training path of the first line is drawn
    twice at each checkpoint: its true loss as a dot, and a thin line from there to the loss on the line. The
    checkpoints that the line was laid through have names. Pins of the view stand on the first line, with their values.

    Args:
        figure: Where to draw.
        landscapes: Landscapes of one dimension; the first one names the axes.
        theme: The colours of background and text.
        view: Says what the left axis shows, on which scale, where it is capped, and whether the path is drawn.
    """
    first, groups = landscapes[0], group_seeds(landscapes)
    ink, several = theme.foreground, len(groups) > 1
    figure.clear()
    figure.set_facecolor(theme.background)
    axes: Any = figure.add_subplot()
    axes.set_facecolor(theme.background)
    axes.grid(color=theme.grid, linewidth=0.6)
    view = fit_view(first, view or ViewState())
    height = "loss" if view.height == LOG_LOSS else view.height
    shows_loss = height == "loss"
    inks = [_Ink(_SERIES[theme.name][place % len(_SERIES[theme.name])]) for place in range(len(groups))]
    if not several:
        inks = [_Ink(_LOSS[theme.name], _ACCURACY[theme.name])]
    for place, (group, colours) in enumerate(zip(groups, inks, strict=True)):
        _draw_line(axes, group, height, colours, _MARKS[place % len(_MARKS)] if several else "")
    for path in first.paths if view.trajectory and shows_loss else ():
        _draw_path(axes, path, ink, count_played(path, view))
    if first.landmarks is not None and view.landmarks and shows_loss:
        _draw_landmarks(axes, first.landmarks, first, theme)
    _draw_pins(axes, first, view, theme)
    if view.height == LOG_LOSS or view.height_scale == "log":
        axes.set_yscale("log")
    elif view.height_threshold is not None:
        axes.set_yscale("asinh", linear_width=2.0 * view.height_threshold)  # as ``Scaling`` has it
    if view.height_cap is not None:
        axes.set_ylim(top=view.height_cap)
    if view.height_range is not None:
        axes.set_ylim(view.height_range)
    titles = {name_axes(landscape)[0] for landscape in landscapes}
    axes.set_xlabel(name_axes(first)[0] if len(titles) == 1 else "u", color=ink)
    title = title_of(first, height)
    axes.set_ylabel(f"{title}, solid" if several else title, color=ink if several else inks[0].first)
    axes.set_xlim(min(each.u[0] for each in landscapes), max(each.u[-1] for each in landscapes))
    _style(axes, ink)
    accuracies = [values_of(each, "accuracy")[0] for each in landscapes if height != "accuracy"]
    if any(np.isfinite(values).any() for values in accuracies):
        right: Any = axes.twinx()
        for group, colours in zip(groups, inks, strict=True):
            for landscape in group:
                right.plot(
                    landscape.u, values_of(landscape, "accuracy")[0], "--", color=colours.accuracy, linewidth=1.0
                )
        title = title_of(first, "accuracy")
        right.set_ylabel(f"{title}, dashed" if several else title, color=ink if several else inks[0].accuracy)
        right.set_ylim(0, 101)
        _style(right, ink)
    if several or (shows_loss and len(landscapes) > 1):
        figure.legend(loc="outside upper center", frameon=False, labelcolor=ink, ncols=min(len(groups), 3))


@dataclass(frozen=True)
class _Ink:
    """Colours of a line; without a second one, the accuracy has the first."""

    first: str
    second: str = ""

    @property
    def accuracy(self) -> str:
        return self.second or self.first


def _draw_line(axes: Any, group: Sequence[Landscape], height: str, ink: _Ink, mark: str) -> None:
    """Draw a quantity along one line, or along several seeds of it."""
    first, seeds = group[0], len(group)
    look = {"marker": mark or None, "markevery": max(first.u.size // _MARKED, 1), "markersize": 5}
    if seeds == 1:
        values = _drawable(values_of(first, height)[0])
        axes.plot(first.u, values, color=ink.first, linewidth=2.0, alpha=0.9, label=first.name, **look)
        return
    for landscape in group:
        values = _drawable(values_of(landscape, height)[0])
        axes.plot(landscape.u, values, color=ink.first, linewidth=1.0, alpha=0.4 if mark else 0.9)
    if height == "loss" and all(np.array_equal(each.u, first.u) for each in group):
        found = compare_seeds(group)
        mean, deviation = _drawable(found.mean[0]), _drawable(found.deviation[0])
        axes.fill_between(first.u, mean - deviation, mean + deviation, color=ink.first, alpha=0.25, linewidth=0)
        name = f"{first.name.rpartition(', seed')[0] or first.name}: " if mark else ""
        label = f"{name}mean of {seeds} seeds, ± one standard deviation"
        axes.plot(first.u, mean, color=ink.first, linewidth=2.4, label=label, **look)


def _drawable(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave gaps where values are so large that matplotlib's arithmetic with them overflows."""
    return np.where(np.abs(values) < _LARGEST, values, np.nan)


def save_curves(
    path: Path, landscapes: Sequence[Landscape], view: ViewState | None = None, options: FigureOptions | None = None
) -> None:
    """Write curves into a figure that says what it shows.

    Args:
        path: A .png, .svg or .pdf file, replaced if it exists.
        landscapes: Landscapes of one dimension.
        view: See ``draw_curves``.
        options: Size, colours, background; at text factor 1, 150 pixels are an inch.

    Raises:
        InputError: The suffix is another, nothing is computed yet, or the file cannot be written.
    """
    from matplotlib.figure import Figure

    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise InputError(f"{path}: a curve is written as {', '.join(_SUFFIXES)}; name it so.")
    if not any(np.isfinite(landscape.loss).any() for landscape in landscapes):
        raise InputError(f"{path}: no point of this landscape has a finite loss, so there is nothing to draw.")
    options = options or FigureOptions()
    width, height = options.pixels
    dpi = _DPI * options.scale * options.text_factor
    figure = Figure(figsize=(width / dpi, height / dpi), dpi=dpi, layout="constrained")
    draw_curves(figure, landscapes, THEMES[options.theme], view)
    if suffix == ".png":
        metadata = tell(landscapes[0], view or ViewState())
    else:
        note = {".svg": "Description", ".pdf": "Subject"}[suffix]
        provenance = to_json(describe(landscapes[0], path=False))
        metadata = {"Title": landscapes[0].name, "Creator": "Talweg", note: provenance}
    image = BytesIO()
    figure.savefig(image, format=suffix[1:], metadata=metadata, transparent=options.transparent)
    with replacing(path) as temporary:
        temporary.write_bytes(image.getvalue())


def paint_curves(landscapes: Sequence[Landscape], view: ViewState, options: FigureOptions) -> Image:
    """Draw curves into an image; the arguments are those of ``save_curves``.

    Returns:
        sRGB uint8 [height, width, 3]; with a transparent background [height, width, 4], the last being the opacity.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width, height = options.pixels
    dpi = _DPI * options.scale * options.text_factor
    figure = Figure(figsize=(width / dpi, height / dpi), dpi=dpi, layout="constrained")
    draw_curves(figure, landscapes, THEMES[options.theme], view)
    if options.transparent:
        figure.patch.set_alpha(0.0)
        for axes in figure.axes:
            axes.patch.set_alpha(0.0)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]  # matplotlib has no types here
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]  # nor here
    return pixels[:height, :width, : 4 if options.transparent else 3].copy()


def _draw_path(axes: Any, path: TrainingPath, ink: Any, count: int) -> None:
    """Draw the first checkpoints of a path, with room for all of them: the axes stand still while it is played."""
    u, loss = path.coordinates[:, 0], path.loss
    seen = np.isfinite(loss)
    axes.update_datalim(np.column_stack([u[seen], loss[seen]]))
    if path.loss_at_projection.size:
        low = path.loss_at_projection[:count]
        axes.vlines(u[:count], low, loss[:count], color=ink, linewidth=0.6, alpha=0.6)
    axes.plot(u[:count], loss[:count], "o", color=ink, markersize=3, label=path.title or None)
    axes.autoscale_view()


def _draw_pins(axes: Any, line: Landscape, view: ViewState, theme: Theme) -> None:
    """Draw the pins of a view with their values."""
    if not view.pins:
        return
    words = label_pins(line, view, np.array(view.pins, dtype=np.float64))
    for (u, value), text in zip(place_pins(line, view), words, strict=True):
        if np.isfinite(value):
            axes.plot(u, value, "o", color=theme.mark, markeredgecolor=theme.outline, markersize=7, zorder=6)
            _annotate(axes, text, (u, value), line, theme, below=True)


def _draw_landmarks(axes: Any, landmarks: TrainingPath, line: Landscape, theme: Theme) -> None:
    u = landmarks.coordinates[:, 0]
    inside = (u >= line.u[0]) & (u <= line.u[-1]) & np.isfinite(landmarks.loss)
    style = {"color": theme.landmark, "markeredgecolor": theme.outline, "markeredgewidth": 0.8, "markersize": 7}
    axes.plot(u[inside], landmarks.loss[inside], "s", zorder=4, **style)
    for place, keep in enumerate(inside):
        if not keep:
            continue
        _annotate(axes, shorten(landmarks.names[place]), (u[place], landmarks.loss[place]), line, theme)


def _annotate(
    axes: Any, words: str, place: tuple[float, float], line: Landscape, theme: Theme, *, below: bool = False
) -> None:
    """Write words above or below a place of a line, inside the plot."""
    share = (place[0] - line.u[0]) / (line.u[-1] - line.u[0])
    axes.annotate(
        words,
        place,
        xytext=(0, -9 if below else 9),
        textcoords="offset points",
        ha="left" if share < _NEAR_EDGE else "right" if share > 1 - _NEAR_EDGE else "center",
        va="top" if below else "baseline",
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
