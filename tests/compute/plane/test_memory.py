"""A long trajectory of a large network is projected, and decomposed, without being held."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from talweg_compute.problem.models import build_model

SIZES = [64, 3000, 3000, 256, 10]  # 9.96 million weights, and 6266 biases
FILES = 4  # really written; the other names are links to them
UNIT = 2.0**-10  # all weights are multiples of it, up to 256, which bfloat16 holds exactly
PLACES = np.array([(40, 0), (-30, 20), (10, -60), (0, 0)])  # of the files, along two orthogonal patterns of ±1
LIMIT = 2 * 2**30

PROGRAM = """
import json, resource, sys, time
import numpy as np, torch
from talweg_compute.messages import Plane, Problem
from talweg_compute.plane import open_plane, project
from talweg_compute.problem.problem import open_problem

folder, kind, sizes = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
problem = open_problem(
    Problem("mlp", "digits", model_args={"sizes": sizes}, trajectory=f"{folder}/*.safetensors", samples=10)
)
start = time.monotonic()
plane = open_plane(Plane(kind=kind), problem)
found = time.monotonic()
paths, size = problem.trajectory, problem.layout.parameter_size
projection = project(plane.directions, plane.origin, lambda step: problem.read_flat(paths[step]), len(paths), size)
print(json.dumps({
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    "parameters": problem.layout.parameter_count,
    "found": found - start,
    "projected": time.monotonic() - found,
    "coordinates": projection.coordinates.tolist(),
    "residual": projection.residual.tolist(),
    "shares": plane.explained_variance,
    "products": (plane.directions.double() @ plane.directions.double().T).tolist(),
}))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkpoints of 10 million parameters at known places of a plane."""
    folder = tmp_path_factory.mktemp("run")
    generator = torch.Generator().manual_seed(3)
    shapes = {name: value.shape for name, value in build_model("mlp", {"sizes": SIZES}).state_dict().items()}
    base = {name: torch.randint(-100, 100, shape, generator=generator) for name, shape in shapes.items()}
    for number, (along, across) in enumerate(PLACES.tolist()):
        state = {}
        for name, value in base.items():
            alternating = 1 - 2 * (torch.arange(value.numel()).view(value.shape) % 2)
            moved = value + along + across * alternating if value.ndim > 1 else value
            state[name] = (UNIT * moved).bfloat16()
            assert torch.equal(state[name].double(), UNIT * moved.double())
        save_file(state, folder / f"file_{number}")
    return folder


def link(run: Path, folder: Path, count: int) -> NDArray[np.float64]:
    """Make a trajectory of so many checkpoints; returns where they lie, from the last one, [T, 2]."""
    order = [(step - count) % FILES for step in range(count)]  # the last one is the last file
    for step, number in enumerate(order):
        (folder / f"epoch_{step}.safetensors").symlink_to(run / f"file_{number}")
    return np.asarray(UNIT * (PLACES[order] - PLACES[-1]))


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("kind", "count"), [("random", 500), ("pca", 120)])
def test_checkpoints_of_10_million_parameters_in_2_gb(run: Path, tmp_path: Path, kind: str, count: int) -> None:
    places = link(run, tmp_path, count)
    arguments = [sys.executable, "-c", PROGRAM, str(tmp_path), kind, json.dumps(SIZES)]
    answer = json.loads(subprocess.run(arguments, check=True, capture_output=True, text=True).stdout)
    weights = sum(before * after for before, after in pairwise(SIZES))
    assert (len(answer["residual"]), answer["parameters"]) == (count, weights + sum(SIZES[1:]))
    exact = places * np.sqrt(weights)  # in units of distance
    if kind == "random":  # what lies on the axes of a random plane is a thousandth of the whole
        np.testing.assert_allclose(answer["residual"], np.linalg.norm(exact, axis=1), rtol=1e-2)
    else:
        _, singular, axes = np.linalg.svd(exact - exact.mean(axis=0), full_matrices=False)
        np.testing.assert_allclose(answer["shares"], singular**2 / (singular**2).sum(), rtol=1e-9)
        np.testing.assert_allclose(answer["products"], np.eye(2), atol=1e-6)
        expected = exact @ axes.T
        expected *= np.where(expected[0] < 0, -1, 1)
        np.testing.assert_allclose(answer["coordinates"], expected, atol=1e-5 * singular[0])
        np.testing.assert_allclose(answer["residual"], 0, atol=1e-3)
    spent = f"found in {answer['found']:.0f} s, projected in {answer['projected']:.0f} s"
    print(f"{answer['peak'] / 2**20:.0f} MiB, {spent}")  # noqa: T201
    assert answer["peak"] < LIMIT
