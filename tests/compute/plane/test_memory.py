"""A long trajectory of a large network is projected without being held."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

CHECKPOINTS = 500
FILES = 3  # really written; the other names are links to them
SIZES = [64, 3000, 3000, 256, 10]  # 9.97 million parameters
LIMIT = 2 * 2**30

PROGRAM = """
import resource, sys, time
import torch
from talweg_compute.messages import Plane, Problem
from talweg_compute.plane import open_plane, project
from talweg_compute.problem.problem import open_problem

folder, sizes = sys.argv[1], [int(size) for size in sys.argv[2].split(",")]
problem = open_problem(
    Problem("mlp", "digits", model_args={"sizes": sizes}, trajectory=f"{folder}/*.pt", samples=10)
)
plane = open_plane(Plane(seed=1), problem)
start = time.monotonic()
paths = problem.trajectory

def read(step):
    return problem.read_flat(paths[step])

projection = project(plane.directions, plane.origin, read, len(paths), problem.layout.parameter_size)
spent = time.monotonic() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(peak, len(paths), problem.layout.parameter_count, spent, *projection.residual[:4].tolist())
"""


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_500_checkpoints_of_10_million_parameters_in_2_gb(tmp_path: Path) -> None:
    import torch

    from talweg_compute.problem.models import build_model

    state = build_model("mlp", {"sizes": SIZES}).state_dict()
    for number in range(FILES):
        moved = {name: value + 0.001 * (FILES - 1 - number) for name, value in state.items()}
        torch.save(moved, tmp_path / f"file_{number}")
    for step in range(CHECKPOINTS):
        (tmp_path / f"epoch_{step}.pt").symlink_to(tmp_path / f"file_{(step + 1) % FILES}")
    arguments = [sys.executable, "-c", PROGRAM, str(tmp_path), ",".join(map(str, SIZES))]
    answer = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.split()
    peak, count, parameters = (int(value) for value in answer[:3])
    residuals = np.array(answer[4:], dtype=np.float64)
    assert (count, parameters > 9_900_000) == (CHECKPOINTS, True)
    distance = 0.001 * np.sqrt(parameters)
    # epoch_499 is file_2, the origin; a constant shift lies off a random plane
    np.testing.assert_allclose(residuals, [distance, 0, 2 * distance, distance], rtol=1e-2, atol=1e-3)
    print(f"{peak / 2**20:.0f} MiB at the peak, {float(answer[3]):.0f} s")  # noqa: T201
    assert peak < LIMIT
