"""How a landscape is looked at: one frozen value, free of Qt, VTK and numbers of the landscape itself.

Undo, sessions, figures and tests all replace a ViewState by another; nobody changes one.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Scale = Literal["linear", "log", "symlog"]
TrajectoryStyle = Literal["tube", "line"]
TrajectoryHeight = Literal["surface", "loss"]
Lighting = Literal["soft", "shiny", "none"]
SeparatrixKind = Literal["both", "descending", "ascending"]
ColourLimits = Literal["data", "percentile", "symmetric"]
BarPlace = Literal["automatic", "right", "below"]

LIGHTINGS: dict[Lighting, str] = {"soft": "soft", "shiny": "shiny", "none": "none"}
"""Presets of the light with what they are called."""

BAR_PLACES: dict[BarPlace, str] = {"automatic": "automatic", "right": "at the right", "below": "below"}
"""Where the scalar bar can stand, with what that is called."""

MOST_STEPS = 64
"""In how many colours a map can be drawn, if not smooth."""


class Camera(msgspec.Struct, frozen=True):
    """Where the eye is, in display coordinates (see ``picture``)."""

    position: tuple[float, float, float]
    focal_point: tuple[float, float, float]
    up: tuple[float, float, float]
    parallel_scale: float = 1.0


class Overlay(msgspec.Struct, frozen=True):
    """A second landscape in the axes of the first.

    Attributes:
        landscape: Its number in the document.
        opacity: Above 0, at most 1.
        paint: One of ``OVERLAY_PAINTS``, or the name of a colour map, which has the range of the first one's colours.
    """

    landscape: int
    opacity: Annotated[float, Meta(gt=0, le=1)] = 0.5
    paint: str = "orange"


OVERLAY_PAINTS: dict[str, tuple[float, float, float]] = {
    "orange": (0.90, 0.42, 0.05),
    "magenta": (0.78, 0.18, 0.55),
    "blue": (0.16, 0.42, 0.78),
    "grey": (0.55, 0.57, 0.60),
}
"""What a second landscape can be painted in, as sRGB in [0, 1]; any colour map as well."""


class ViewState(msgspec.Struct, frozen=True):
    """Everything that a user can choose about the picture.

    Attributes:
        height: What z shows: the name of a field of the landscape, or "log_loss". ``quantities`` says what of a view a
            landscape has.
        height_scale: Linear, logarithmic, or symlog: linear around zero and logarithmic on both sides of it.
        height_threshold: About up to which value symlog is linear; None: chosen from the data.
        height_cap: Values above it are drawn at it, in units of the quantity; None: nothing is cut.
        height_range: Lowest and highest value of the height, in units of the quantity; values beyond are drawn at its
            ends; None: the range of the finite values.
        height_factor: Height of the whole surface in units of its default, which is 0.6 of the wider side.
        colour: The same for the colour, or "basin": which minimum a point drains to.
        colour_scale: As that of the height.
        colour_threshold: As that of the height.
        colour_map: Name of the map.
        own_colour_map: The map that comes back after one that a display mode is about.
        colour_reversed: Whether the map goes from high to low.
        colour_steps: In how many colours it is drawn; 0: smooth.
        colour_limits: Which range the map spans: that of the finite values ("data"), the part of it between two
            percentiles, or one that is "symmetric" about zero, on a logarithmic scale about one.
        colour_percentiles: Which percentiles.
        colour_range: Lowest and highest value, in units of the quantity; None: as ``colour_limits`` says. Values beyond
            have the colours of the ends.
        contour_count: Number of contour levels, evenly spaced in the height's scale.
        contour_levels: The levels themselves, in units of the height's quantity, instead of a number of them.
        contour_labels: Whether the value of each level stands at its line.
        surface: Whether the surface is drawn.
        faceted: Each triangle in one shade, instead of smooth.
        wireframe: Only the edges of the triangles.
        plain: In one colour, whatever the colour shows.
        opacity: Of the surface, above 0, at most 1.
        lighting: Which light falls on it.
        contours_on_surface: Whether contours lie on the surface.
        contours_on_floor: Whether contours lie on the floor.
        critical_points: Whether critical points are drawn.
        persistence_threshold: Least persistence of what is drawn, in units of the loss, or in decades where the height
            is the logarithm of a positive loss; None: chosen from the data.
        talwegs: Whether the valley lines between minima are drawn.
        separatrices: Whether the lines of steepest descent and ascent from the saddles are drawn.
        separatrix_kind: Which of these: both, those down to minima, or those up to maxima, which part the basins.
        line_width: Width of talwegs and separatrices in units of the usual one.
        trajectory: Whether the training path is drawn.
        trajectory_style: As a tube or as a thin line.
        trajectory_colour: "plain", or from dark to bright: "epoch" by the number of the checkpoint, or a quantity of
            the checkpoints themselves, such as "loss".
        trajectory_at: On the surface, or ("loss") at the checkpoints' own value of what the height shows, which is not
            the plane's where they lie off it.
        trajectory_until: So many checkpoints are drawn; None: all.
        landmarks: Whether the checkpoints that the plane was laid through are drawn, with their names.
        all_lines: Whether all lines of the document are drawn into the plot of one, instead of its other seeds only.
        axes: Whether the axes and the frame are drawn.
        grid: Whether the frame's floor and walls are, with lines at the ticks.
        centre: Whether the centre of the plane is marked.
        shade_missing: Whether the surface is pale where nothing is known of a point yet.
        shade_interpolated: Whether it is pale where the job's tolerance let the neighbours stand for a point.
        scalar_bar: Whether the scalar bar is drawn.
        bar_place: On which side of the picture; automatic: where it leaves more room.
        legend: Whether the legend of the glyphs and lines is drawn.
        orthographic: Parallel instead of perspective projection.
        flat: A map from straight above, in parallel projection; the eye moves over it but does not turn.
        camera_before: Of a map, where the eye was before, and comes back to.
        pins: Places (u, v) whose values stand beside them.
        profile: (u, v) of both ends of a line that is drawn on the surface; None: there is none.
        profile_fields: What is plotted along that line: names of fields, a plot for each.
        overlay: A second landscape in the same axes; None: there is none.
        w: Of a volume, where it is cut: the sheet nearest to this coordinate is shown.
        camera: Where the eye is; None: the isometric view that shows everything, or that from above of a map.
    """

    height: str = "loss"
    height_scale: Scale = "linear"
    height_threshold: Annotated[float, Meta(gt=0)] | None = None
    height_cap: float | None = None
    height_range: tuple[float, float] | None = None
    height_factor: Annotated[float, Meta(gt=0)] = 1.0
    colour: str = "loss"
    colour_scale: Scale = "log"
    colour_threshold: Annotated[float, Meta(gt=0)] | None = None
    colour_map: str = "viridis"
    own_colour_map: str = "viridis"
    colour_reversed: bool = False
    colour_steps: Annotated[int, Meta(ge=0, le=MOST_STEPS)] = 0
    colour_limits: ColourLimits = "data"
    colour_percentiles: tuple[float, float] = (2.0, 98.0)
    colour_range: tuple[float, float] | None = None
    contour_count: Annotated[int, Meta(ge=0, le=200)] = 12
    contour_levels: tuple[float, ...] | None = None
    contour_labels: bool = False
    surface: bool = True
    faceted: bool = False
    wireframe: bool = False
    plain: bool = False
    opacity: Annotated[float, Meta(gt=0, le=1)] = 1.0
    lighting: Lighting = "soft"
    contours_on_surface: bool = True
    contours_on_floor: bool = True
    critical_points: bool = True
    persistence_threshold: float | None = None
    talwegs: bool = False
    separatrices: bool = False
    separatrix_kind: SeparatrixKind = "both"
    line_width: Annotated[float, Meta(gt=0, le=10)] = 1.0
    trajectory: bool = True
    trajectory_style: TrajectoryStyle = "tube"
    trajectory_colour: str = "plain"
    trajectory_at: TrajectoryHeight = "surface"
    trajectory_until: Annotated[int, Meta(ge=1)] | None = None
    landmarks: bool = True
    all_lines: bool = False
    axes: bool = True
    grid: bool = True
    centre: bool = False
    shade_missing: bool = True
    shade_interpolated: bool = False
    scalar_bar: bool = True
    bar_place: BarPlace = "automatic"
    legend: bool = True
    orthographic: bool = False
    flat: bool = False
    camera: Camera | None = None
    camera_before: Camera | None = None
    pins: tuple[tuple[float, float], ...] = ()
    profile: tuple[float, float, float, float] | None = None
    profile_fields: tuple[str, str] = ("loss", "accuracy")
    overlay: Overlay | None = None
    w: float = 0.0


def height_is_log_loss(view: ViewState) -> bool:
    """Tell whether the height is the logarithm of the loss, so that differences of height are ratios of losses."""
    return view.height == "log_loss" or (view.height == "loss" and view.height_scale == "log")


def reads_floor(view: ViewState) -> bool:
    """Tell whether neither the surface nor contours on it are drawn, so that the floor is what one points at."""
    return not (view.surface or view.contours_on_surface)


def view_with(view: ViewState, **changes: Any) -> ViewState:
    """Return a view with other fields; a threshold of persistence whose unit has changed is chosen anew.

    Args:
        view: How things are looked at.
        changes: New values by field.
    """
    other = msgspec.structs.replace(view, **changes)
    if height_is_log_loss(other) != height_is_log_loss(view) and "persistence_threshold" not in changes:
        other = msgspec.structs.replace(other, persistence_threshold=None)
    return other


def without_overlays(view: ViewState) -> ViewState:
    """Return a view of the landscape alone: without axes, scalar bar and legend."""
    return msgspec.structs.replace(view, axes=False, scalar_bar=False, legend=False)


def encode_view(view: ViewState) -> str:
    """Write a view as JSON."""
    return msgspec.json.encode(view).decode()


def decode_view(text: str) -> ViewState:
    """Read a view from JSON; what an older Talweg did not know takes its default."""
    return msgspec.json.decode(text, type=ViewState)
