"""A scalar field on a grid: in which order to sample it, its interpolation, topology and surface mesh.

A field f is float64 [nv, nu]; a row has one v, a column one u. Non-finite values are results and count as masked.
"""

from talweg_compute.field.adaptive import Refinement, interpolate_again, interpolate_like, refine_adaptively
from talweg_compute.field.basins import basins
from talweg_compute.field.bootstrap import block_size_of, bootstrap_means
from talweg_compute.field.critical_points import (
    CriticalKind,
    CriticalPoints,
    PersistencePairs,
    default_threshold,
    find_critical_points,
)
from talweg_compute.field.cutting import Cut, cut_above
from talweg_compute.field.interpolation import fill, sample_on_triangles
from talweg_compute.field.merge_tree import MergeTree, barrier, lowest_pass, merge_tree
from talweg_compute.field.mesh import triangles, vertex_normals
from talweg_compute.field.patches import Patch, PatchedMesh, fill_halving, lay_border, mesh_normals, patch_triangles
from talweg_compute.field.persistence import TopologyError
from talweg_compute.field.refine import RefinedPositions, refine_positions
from talweg_compute.field.sampling import SamplingOrder, coarse_to_fine, first_lines, lattice_lines
from talweg_compute.field.separatrices import Separatrix, separatrices
from talweg_compute.field.spline import SplineSurface
from talweg_compute.field.talwegs import Talweg, talweg, talwegs
from talweg_compute.field.topology import Topology

__all__ = [
    "CriticalKind",
    "CriticalPoints",
    "Cut",
    "MergeTree",
    "Patch",
    "PatchedMesh",
    "PersistencePairs",
    "RefinedPositions",
    "Refinement",
    "SamplingOrder",
    "Separatrix",
    "SplineSurface",
    "Talweg",
    "Topology",
    "TopologyError",
    "barrier",
    "basins",
    "block_size_of",
    "bootstrap_means",
    "coarse_to_fine",
    "cut_above",
    "default_threshold",
    "fill",
    "fill_halving",
    "find_critical_points",
    "first_lines",
    "interpolate_again",
    "interpolate_like",
    "lattice_lines",
    "lay_border",
    "lowest_pass",
    "merge_tree",
    "mesh_normals",
    "patch_triangles",
    "refine_adaptively",
    "refine_positions",
    "sample_on_triangles",
    "separatrices",
    "talweg",
    "talwegs",
    "triangles",
    "vertex_normals",
]
