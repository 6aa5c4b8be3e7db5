"""Small landscapes with everything that a file can get wrong."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from talweg.document.regions import refine_axes
from talweg.export import ImportedGrid, ImportedPath, import_file
from talweg.landscape import Landscape, Region, TrainingPath
from talweg_compute.field import Patch
from talweg_compute.messages import Job, Plane, Problem, Provenance

JOB = Job(
    problem=Problem(model="mlp", data="digits", checkpoint="/runs/größe 1/epoch_3.pt", model_args={"sizes": [64, 10]}),
    plane=Plane(seed=7),
)

PROVENANCE = Provenance(
    checkpoint="epoch_3.pt",
    checkpoint_sha256="a" * 64,
    data_sha256="b" * 64,
    directions_sha256="c" * 64,
    direction_norms=(1.5, 1.25),
    cosine=0.01,
    parameters=650,
    samples=100,
    batch_norm="frozen",
    device="CPU",
    precision="float32",
    batch_size=100,
    versions={"torch": "2.9"},
)

PATH = TrainingPath(
    names=("epoch_0.pt", "epoch_1.pt", "epoch_2.pt", "epoch_3.pt"),
    coordinates=np.array([[3.0, 0.25], [0.9, 0.8], [0.3, 0.1 + 0.2], [0.0, 0.0]]),
    residual=np.array([0.4, 0.3, 0.2, 0.0]),
    loss=np.array([2.5, 1.25, 0.75, 0.5]),
    accuracy=np.array([10.0, 50.0, 80.0, 90.0]),
    explained_variance=(0.8, 0.15),
    metrics={"brier_score": np.array([0.9, 0.6, 0.25, 0.1])},
)


PATCHES = (Patch(2, 1, 4, 3, 2), Patch(3, 2, 2, 2, 8))
SHAPES = ((7, 9), (17, 17))
"""Where the finer grids of ``refined`` lie, and their rows and columns."""


def bowl(nu: int = 11, nv: int = 9, *, holes: bool = True, computed: bool = True, full: bool = True) -> Landscape:
    """A landscape with two minima.

    Args:
        nu: Columns.
        nv: Rows.
        holes: Whether one point is NaN and one is infinite.
        computed: Whether all points are computed.
        full: Whether it has a job, a path and everything else.
    """
    u, v = np.linspace(-1.0, 1.0, nu), np.linspace(-2.0, 1.5, nv)
    x, y = np.meshgrid(u, v)
    loss = x**2 + 0.5 * y**2 + 0.3 * np.cos(4 * x) + 0.1 * x + 0.5
    if holes:
        loss[2, 3], loss[0, 0] = np.nan, np.inf
    done = np.ones(loss.shape, dtype=bool)
    fields = {"loss": loss}
    if full:
        fields |= {"accuracy": 90 - np.abs(x) * 20, "loss_standard_error": np.sqrt(np.abs(loss)) / 30}
    if not computed:
        done[1::2, :] = False
        done[:, 1::2] = False
        fields = {name: np.where(done, values, np.nan) for name, values in fields.items()}
    extra = (
        {"job": JOB, "provenance": PROVENANCE, "paths": (PATH,), "origin": {"loss": 0.5, "accuracy": 90.0}}
        if full
        else {}
    )
    return Landscape(
        id=1, revision=0, name="Bögen", u=u, v=v, fields=fields, computed=done, notes=("A note.",), **extra
    )


def refined(*, complete: bool = True, holes: bool = False, full: bool = True) -> Landscape:
    """A landscape with a finer grid inside, and a much finer one inside that."""
    whole = bowl(holes=holes, full=full)
    regions = []
    for number, patch in enumerate(PATCHES, 2):
        u, v = refine_axes(whole.u, whole.v, patch)
        x, y = np.meshgrid(u, v)
        loss = x**2 + 0.5 * y**2 + 0.3 * np.cos(4 * x) + 0.1 * x + 0.5 + 0.05 * np.sin(9 * x) * np.sin(9 * y)
        loss[:: patch.factor, :: patch.factor] = whole.loss[
            patch.row : patch.row + patch.rows + 1, patch.column : patch.column + patch.columns + 1
        ]
        fields = {"loss": loss} | ({"accuracy": 90 - np.abs(x) * 20, "loss_standard_error": 0.1 * loss} if full else {})
        done = np.ones(loss.shape, dtype=bool)
        if not complete:
            done[1::2, 1::2] = False
            fields = {name: np.where(done, values, np.nan) for name, values in fields.items()}
        part = Landscape(number, 0, f"{patch.factor} times finer", u, v, fields, done)
        regions.append(Region(part, patch))
    return replace(whole, regions=tuple(regions))


def only_grid(path: Path) -> ImportedGrid:
    """The one landscape of a file."""
    read = import_file(path)
    assert not isinstance(read, ImportedPath)
    (grid,) = read
    return grid


def same_to_the_last_digit(ours: bytes, theirs: bytes) -> bool:
    """Tell whether two texts are equal but for the last bit of numbers: logarithms differ in it between CPUs."""
    texts, numbers = zip(*(_split(text) for text in (ours, theirs)), strict=True)
    return texts[0] == texts[1] and np.allclose(*numbers, rtol=1e-15, atol=1e-15, equal_nan=True)


def _split(text: bytes) -> tuple[list[bytes], list[float]]:
    parts = re.split(rb"(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)", text)
    return parts[::2], [float(part) for part in parts[1::2]]
