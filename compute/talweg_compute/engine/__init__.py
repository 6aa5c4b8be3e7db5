"""HOW: evaluates many points of a plane fast."""

from talweg_compute.engine.device import choose_device
from talweg_compute.engine.evaluator import Cancelled, Evaluator
from talweg_compute.engine.landscape import compute_landscape
from talweg_compute.engine.record import Record

__all__ = ["Cancelled", "Evaluator", "Record", "choose_device", "compute_landscape"]
