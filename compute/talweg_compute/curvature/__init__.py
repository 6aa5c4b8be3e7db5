"""The calculus of the loss along a plane: derivatives, and what finds and tells critical points."""

from talweg_compute.curvature.certifier import Certifier, Verdict
from talweg_compute.curvature.plane_derivatives import Derivatives, Floats, PlaneDerivatives
from talweg_compute.curvature.polish import TOLERANCE, Polished, polish, slope_scale
from talweg_compute.curvature.rings import Ring, kind_of_rings, measure_ring, settle

__all__ = [
    "TOLERANCE",
    "Certifier",
    "Derivatives",
    "Floats",
    "PlaneDerivatives",
    "Polished",
    "Ring",
    "Verdict",
    "kind_of_rings",
    "measure_ring",
    "polish",
    "settle",
    "slope_scale",
]
