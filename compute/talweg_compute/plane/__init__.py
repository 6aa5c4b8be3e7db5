"""WHERE: directions, their normalization, PCA of a trajectory, direction files, planes, projection."""

from talweg_compute.plane.direction_file import FileDirections, read_direction_file, write_direction_file
from talweg_compute.plane.directions import normalize_directions, random_directions
from talweg_compute.plane.li2018 import Axis2018, draw_li2018
from talweg_compute.plane.loss_fitting import FittedPlane, fit_plane, fitting_error
from talweg_compute.plane.pca import PrincipalDirections, principal_directions, random_walk_ratios
from talweg_compute.plane.plane import OpenPlane, open_plane, span_plane
from talweg_compute.plane.projection import Projection, project
from talweg_compute.plane.restriction import restrict_directions
from talweg_compute.plane.through_checkpoints import CheckpointPlane, initial_to_final, line_between, plane_through

__all__ = [
    "Axis2018",
    "CheckpointPlane",
    "FileDirections",
    "FittedPlane",
    "OpenPlane",
    "PrincipalDirections",
    "Projection",
    "draw_li2018",
    "fit_plane",
    "fitting_error",
    "initial_to_final",
    "line_between",
    "normalize_directions",
    "open_plane",
    "plane_through",
    "principal_directions",
    "project",
    "random_directions",
    "random_walk_ratios",
    "read_direction_file",
    "restrict_directions",
    "span_plane",
    "write_direction_file",
]
