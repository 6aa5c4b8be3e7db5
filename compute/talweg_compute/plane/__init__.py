"""WHERE: directions, their normalization, PCA of a trajectory, direction files, planes, projection."""

from talweg_compute.plane.direction_file import FileDirections, read_direction_file, write_direction_file
from talweg_compute.plane.directions import normalize_directions, random_directions
from talweg_compute.plane.pca import PrincipalDirections, principal_directions, random_walk_ratios
from talweg_compute.plane.plane import OpenPlane, open_plane, span_plane
from talweg_compute.plane.projection import Projection, project

__all__ = [
    "FileDirections",
    "OpenPlane",
    "PrincipalDirections",
    "Projection",
    "normalize_directions",
    "open_plane",
    "principal_directions",
    "project",
    "random_directions",
    "random_walk_ratios",
    "read_direction_file",
    "span_plane",
    "write_direction_file",
]
