"""Studies of a landscape, built from planes, derivatives and the engine."""

from talweg_compute.studies.certification import certify
from talweg_compute.studies.estimation import estimate, inspect
from talweg_compute.studies.gradients import differentiate

__all__ = ["certify", "differentiate", "estimate", "inspect"]
