"""Studies of a landscape, built from planes, derivatives and the engine."""

from talweg_compute.studies.certification import certify

__all__ = ["certify"]
