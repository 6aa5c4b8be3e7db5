"""Studies of a landscape, built from planes, derivatives and the engine."""

from talweg_compute.studies.certification import certify
from talweg_compute.studies.estimation import estimate, inspect

__all__ = ["certify", "estimate", "inspect"]
