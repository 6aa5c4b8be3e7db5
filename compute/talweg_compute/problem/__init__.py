"""WHAT is evaluated: model, data, loss, checkpoints; the zoo and the user's own files."""

from talweg_compute.problem.checkpoint import read_checkpoint, sha256_of
from talweg_compute.problem.data import Samples, load_samples, read_data
from talweg_compute.problem.fit import fit_checkpoint
from talweg_compute.problem.layout import Entry, Layout, named_tensors
from talweg_compute.problem.losses import LossFunction, build_loss
from talweg_compute.problem.models import build_model
from talweg_compute.problem.problem import OpenProblem, open_problem
from talweg_compute.problem.training import EpochResult, train
from talweg_compute.problem.user_code import fixed_randomness

__all__ = [
    "Entry",
    "EpochResult",
    "Layout",
    "LossFunction",
    "OpenProblem",
    "Samples",
    "build_loss",
    "build_model",
    "fit_checkpoint",
    "fixed_randomness",
    "load_samples",
    "named_tensors",
    "open_problem",
    "read_checkpoint",
    "read_data",
    "sha256_of",
    "train",
]
