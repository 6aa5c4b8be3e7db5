"""What is known of a point, by name: what every evaluation gives, and the metrics that a job asks for besides."""

import difflib
import re
from collections.abc import Sequence

from talweg_compute.messages.errors import InputError
from talweg_compute.messages.specifications import split_specification

FIELDS = ("loss", "accuracy", "loss_standard_error")
"""What is known of each point at least: the mean loss, the accuracy in percent, the standard error of the mean loss."""

COARSE_FIELDS = ("coarse_loss", "coarse_standard_error")
"""Loss and standard error that a point had in a coarse number format, before it was evaluated anew in float32.

Kept so that a run that resumes comes to the same decisions; not shown.
"""

METRICS: dict[str, str] = {
    "top5_accuracy": "top-5 accuracy (%)",
    "error": "error (%)",
    "negative_log_likelihood": "negative log likelihood",
    "brier_score": "Brier score",
    "confidence": "confidence",
    "entropy": "entropy of the prediction",
    "margin": "margin",
    "expected_calibration_error": "expected calibration error",
    "mean_absolute_error": "mean absolute error",
    "mean_squared_error": "mean squared error",
}
"""Metrics that a job can ask for by name, with what they are called; ``problem.metrics`` of the worker defines them."""

NO_FIELDS = (
    "landscape",
    "k",
    "samples",
    "precision",
    "interpolated",
    "computed",
    "provenance",
    "description",
    "height",
    "u",
    "v",
    "w",
)
"""What else stands beside the fields in documents and files, so that no field can be called so."""

_TAKEN = (*FIELDS, *COARSE_FIELDS, "log_loss", "basin", "gradient_u", "gradient_v", "gradient_norm")
"""Names that mean something else already."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


def can_name_field(name: str) -> bool:
    """Tell whether a field of the points may be called so: small letters, digits and underscores."""
    return _NAME.fullmatch(name) is not None and name not in NO_FIELDS


def name_metric(specification: str) -> str:
    """Return the name of a metric's field: its own, or that of its function in small letters."""
    split = split_specification(specification)
    return specification if split is None else split[1].lower()


def check_metrics(metrics: Sequence[str]) -> None:
    """Check that every metric is known, or a function, and that no two share a name.

    Raises:
        InputError: One is not; the sentence begins with the key.
    """
    for number, metric in enumerate(metrics):
        split, name = split_specification(metric), name_metric(metric)
        if metric in FIELDS:
            raise InputError(f'metrics: got "{metric}", which every point has anyway: leave it out.')
        if metric not in METRICS and (split is None or not split[1]):
            close = difflib.get_close_matches(metric, METRICS, 1)
            hint = f'did you mean "{close[0]}"? ' if close else ""
            names = ", ".join(f'"{each}"' for each in METRICS)
            raise InputError(f'metrics: got "{metric}"; {hint}expected {names} or "path/to/file.py:function".')
        if split is not None and (name in (*METRICS, *_TAKEN) or not can_name_field(name)):
            raise InputError(
                f'metrics: got "{metric}", whose function cannot give its name to a field of the points; expected a '
                "name in letters, digits and underscores that begins with a letter and means nothing else yet: rename "
                "the function."
            )
        if name in map(name_metric, metrics[:number]):
            raise InputError(f'metrics: got "{name}" twice; expected each metric once: leave one out, or rename it.')
