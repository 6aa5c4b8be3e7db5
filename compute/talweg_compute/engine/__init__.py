"""HOW: evaluates many points of a plane fast."""

from talweg_compute.engine.device import choose_device
from talweg_compute.engine.evaluator import Cancelled, Evaluator
from talweg_compute.engine.landscape import compute_landscape
from talweg_compute.engine.open_job import OpenJob, open_job
from talweg_compute.engine.record import Record

__all__ = ["Cancelled", "Evaluator", "OpenJob", "Record", "choose_device", "compute_landscape", "open_job"]
