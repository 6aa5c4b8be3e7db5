"""The view, as options of the command line; what is not given stays as the document's own view has it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
from cyclopts import Parameter

from talweg.view.eye import VIEW_NAMES, Eye, SavedView, changes_to, read_eye, toggle_flat
from talweg.view.state import (
    MOST_STEPS,
    BarPlace,
    ColourLimits,
    Lighting,
    Scale,
    SeparatrixKind,
    TrajectoryHeight,
    TrajectoryStyle,
    ViewState,
)


@dataclass(frozen=True)
class ViewOptions:
    """Options that change a view.

    Attributes:
        height: What the height shows: loss, log_loss, accuracy, loss_standard_error, gradient_norm, a metric, or any
            other field of the landscape.
        height_scale: Linear, logarithmic, or symlog: linear around zero, logarithmic on both sides of it.
        height_threshold: About up to which value symlog is linear.
        cap: Cut the surface off at this value of the height's quantity; a mesh has a plateau there.
        height_range: Lowest and highest value of the height; what lies beyond is drawn at its ends.
        height_factor: Stretch the height.
        colour: What the colour shows: as for the height, or basin.
        colour_scale: Linear, logarithmic or symlog colour.
        colour_threshold: About up to which value symlog is linear.
        colour_map: Name of the colour map (viridis, cividis, magma, coolwarm, …).
        colour_reversed: Take the colours of the map from high to low.
        colour_steps: In how many colours it is drawn; 0: smooth.
        colour_limits: Let the map span the data, the part between two percentiles, or as far above as below zero.
        colour_percentiles: Which percentiles, such as 2 98; without --colour-limits they are meant, too.
        colour_range: Lowest and highest value of the colour map; values beyond have the colours of its ends.
        contours: Number of contour levels; 0: none.
        contour_levels: The levels themselves, instead of their number.
        contour_labels: Write the value of each level at its line.
        surface: Draw the surface.
        faceted: Draw each triangle of the surface in one shade.
        wireframe: Draw only the edges of its triangles.
        plain: Draw it in one colour.
        opacity: How opaque it is, up to 1.
        lighting: Which light falls on it.
        contours_on_surface: Draw contours on the surface.
        contours_on_floor: Draw contours on the floor.
        critical_points: Draw critical points.
        persistence: Least persistence of the critical points drawn, in units of the loss, or decades on a log scale.
        talwegs: Draw the valley lines between minima.
        separatrices: Draw the lines of steepest descent and ascent from the saddles.
        separatrix_kind: Draw both of them, or only one.
        line_width: Width of talwegs and separatrices.
        trajectory: Draw the training path.
        trajectory_style: As a tube or as a thin line.
        trajectory_colour: In one colour (plain), or by the checkpoints' number (epoch), loss, accuracy or a metric.
        trajectory_at: On the surface, or at the checkpoints' own loss, or whatever the height shows.
        trajectory_until: Draw so many checkpoints.
        landmarks: Draw the checkpoints that the plane was laid through.
        all_lines: Of a line, draw all lines of the document into one plot.
        axes: Draw the axes.
        grid: Draw lines on the floor and the walls.
        centre: Mark the centre of the plane.
        shade_missing: Shade what is not computed yet.
        shade_interpolated: Shade what is interpolated.
        scalar_bar: Draw the scalar bar.
        bar_place: Where it stands: at the right, below, or where it leaves more room.
        legend: Draw the legend of glyphs and lines.
        orthographic: Parallel instead of perspective projection.
        flat: A map from straight above.
        camera: A standard view, a saved one of the document by its name, or the text of "Copy the camera".
    """

    height: str | None = None
    height_scale: Scale | None = None
    height_threshold: float | None = None
    cap: float | None = None
    height_range: tuple[float, float] | None = None
    height_factor: float | None = None
    colour: Annotated[str | None, Parameter(alias="--color")] = None
    colour_scale: Annotated[Scale | None, Parameter(alias="--color-scale")] = None
    colour_threshold: Annotated[float | None, Parameter(alias="--color-threshold")] = None
    colour_map: Annotated[str | None, Parameter(alias="--color-map")] = None
    colour_reversed: Annotated[bool | None, Parameter(alias="--color-reversed")] = None
    colour_steps: Annotated[int | None, Parameter(alias="--color-steps")] = None
    colour_limits: Annotated[ColourLimits | None, Parameter(alias="--color-limits")] = None
    colour_percentiles: Annotated[tuple[float, float] | None, Parameter(alias="--color-percentiles")] = None
    colour_range: Annotated[tuple[float, float] | None, Parameter(alias="--color-range")] = None
    contours: int | None = None
    contour_levels: tuple[float, ...] | None = None
    contour_labels: bool | None = None
    surface: bool | None = None
    faceted: bool | None = None
    wireframe: bool | None = None
    plain: bool | None = None
    opacity: float | None = None
    lighting: Lighting | None = None
    contours_on_surface: bool | None = None
    contours_on_floor: bool | None = None
    critical_points: bool | None = None
    persistence: float | None = None
    talwegs: bool | None = None
    separatrices: bool | None = None
    separatrix_kind: SeparatrixKind | None = None
    line_width: float | None = None
    trajectory: bool | None = None
    trajectory_style: TrajectoryStyle | None = None
    trajectory_colour: Annotated[str | None, Parameter(alias="--trajectory-color")] = None
    trajectory_at: TrajectoryHeight | None = None
    trajectory_until: int | None = None
    landmarks: bool | None = None
    all_lines: bool | None = None
    axes: bool | None = None
    grid: bool | None = None
    centre: bool | None = None
    shade_missing: bool | None = None
    shade_interpolated: bool | None = None
    scalar_bar: bool | None = None
    bar_place: BarPlace | None = None
    legend: bool | None = None
    orthographic: bool | None = None
    flat: bool | None = None
    camera: Annotated[str | None, Parameter(alias="--view")] = None

    @property
    def standard_view(self) -> str | None:
        """The standard view that was asked for, which depends on what is drawn."""
        name = "isometric" if self.camera == "iso" else self.camera
        return name if name in VIEW_NAMES else None

    def apply(self, view: ViewState, saved: Sequence[SavedView] = ()) -> ViewState:
        """Change a view by the options that were given; a standard camera is applied where the picture is drawn.

        Args:
            view: The view before.
            saved: Views of the document that have names.

        Returns:
            The view after.

        Raises:
            InputError: A value is out of range.
        """
        renamed = {"cap": "height_cap", "contours": "contour_count", "persistence": "persistence_threshold"}
        changes: dict[str, Any] = {}
        for name, value in vars(self).items():
            if value is not None and name not in ("camera", "flat"):
                changes[renamed.get(name, name)] = value
        if self.colour_percentiles is not None:
            changes.setdefault("colour_limits", "percentile")
        if "colour_limits" in changes:
            changes.setdefault("colour_range", None)  # the one of the document goes before
        if self.flat is not None and self.flat != view.flat:
            changes |= toggle_flat(view)
        if self.camera is not None:
            changes |= changes_to(self._eye(view, saved))
        return check_view(msgspec.structs.replace(view, **changes))

    def _eye(self, view: ViewState, saved: Sequence[SavedView]) -> Eye:
        """From where it is looked."""
        from talweg_compute.messages import InputError

        text, orthographic = self.camera or "", view.orthographic if self.orthographic is None else self.orthographic
        if self.standard_view is not None:
            flat = self.standard_view == "top" and (view.flat if self.flat is None else self.flat)
            return Eye(None, orthographic, flat)
        if text.lstrip().startswith("{"):
            found = read_eye(text)
        else:
            named = {each.name: each.eye for each in saved}
            if text not in named:
                known = "".join(f', "{name}"' for name in named)
                raise InputError(
                    f'camera: got "{text}"; expected one of {", ".join(VIEW_NAMES)}{known}, or a copied camera as text.'
                )
            found = named[text]
        return found if self.orthographic is None else msgspec.structs.replace(found, orthographic=orthographic)


def check_view(view: ViewState) -> ViewState:
    """Return the view if every value of it is possible.

    Raises:
        InputError: One is not; the sentence names it.
    """
    from matplotlib import colormaps

    from talweg_compute.messages import InputError

    if view.height_factor <= 0:
        raise InputError(f"height-factor: got {view.height_factor:g}; expected a positive number.")
    for name, threshold in (("height", view.height_threshold), ("colour", view.colour_threshold)):
        if threshold is not None and not 0 < threshold < np.inf:
            raise InputError(f"{name}-threshold: got {threshold:g}; expected a positive number.")
    if not 0 < view.line_width <= 10:
        raise InputError(f"line-width: got {view.line_width:g}; expected a positive number up to 10.")
    if view.trajectory_until is not None and view.trajectory_until < 1:
        raise InputError(f"trajectory-until: got {view.trajectory_until}; expected a number of checkpoints from 1 on.")
    if not 0 < view.opacity <= 1:
        raise InputError(f"opacity: got {view.opacity:g}; expected a number above 0, at most 1.")
    if not 0 <= view.contour_count <= 200:
        raise InputError(f"contours: got {view.contour_count}; expected a number from 0 to 200.")
    if view.colour_map not in colormaps:
        raise InputError(f'colour-map: got "{view.colour_map}"; expected a colour map of matplotlib, such as viridis.')
    if not 0 <= view.colour_steps <= MOST_STEPS or view.colour_steps == 1:
        raise InputError(f"colour-steps: got {view.colour_steps}; expected 0 for smooth colours, or 2 to {MOST_STEPS}.")
    if not 0 <= view.colour_percentiles[0] < view.colour_percentiles[1] <= 100:
        got = " ".join(f"{share:g}" for share in view.colour_percentiles)
        raise InputError(f"colour-percentiles: got {got}; expected two rising numbers from 0 to 100, such as 2 98.")
    if view.colour_range is not None and not view.colour_range[0] < view.colour_range[1]:
        raise InputError(f"colour-range: got {list(view.colour_range)}; expected the lowest value, then the highest.")
    if view.height_range is not None and not view.height_range[0] < view.height_range[1]:
        raise InputError(f"height-range: got {list(view.height_range)}; expected the lowest value, then the highest.")
    return view
