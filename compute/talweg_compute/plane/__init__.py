"""WHERE: directions, their normalization, PCA of a trajectory, direction files, planes, projection."""

from talweg_compute.plane.direction_file import (
    FileDirections,
    read_direction_file,
    read_directions,
    write_direction_file,
)
from talweg_compute.plane.directions import normalize_directions, random_directions
from talweg_compute.plane.li2018 import Axis2018, draw_li2018, target_directions
from talweg_compute.plane.loss_fitting import FittedPlane, fit_plane, fit_to_trajectory, fitting_error
from talweg_compute.plane.origin import move_origin
from talweg_compute.plane.pca import PrincipalDirections, principal_directions, random_walk_ratios
from talweg_compute.plane.plane import open_plane
from talweg_compute.plane.projection import Projection, project
from talweg_compute.plane.restriction import restrict_layout
from talweg_compute.plane.span import OpenPlane, span_plane
from talweg_compute.plane.through_checkpoints import (
    CheckpointPlane,
    directions_through,
    initial_to_final,
    line_between,
    plane_through,
)

__all__ = [
    "Axis2018",
    "CheckpointPlane",
    "FileDirections",
    "FittedPlane",
    "OpenPlane",
    "PrincipalDirections",
    "Projection",
    "directions_through",
    "draw_li2018",
    "fit_plane",
    "fit_to_trajectory",
    "fitting_error",
    "initial_to_final",
    "line_between",
    "move_origin",
    "normalize_directions",
    "open_plane",
    "plane_through",
    "principal_directions",
    "project",
    "random_directions",
    "random_walk_ratios",
    "read_direction_file",
    "read_directions",
    "restrict_layout",
    "span_plane",
    "target_directions",
    "write_direction_file",
]
