"""Surfaces that others computed with Li et al.'s code, evaluated again from checkpoint, directions and data."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torch

from talweg_compute.engine import Evaluator
from talweg_compute.messages import Normalize, Plane, Problem
from talweg_compute.plane import open_plane
from talweg_compute.problem.problem import open_problem

NETWORKS: dict[str, dict[str, Any]] = {
    "dense_entropy": {"model": "mlp", "model_args": {"sizes": [784, 64, 64, 64, 10]}},
    "cnn_margin": {"model": "small_cnn", "loss": "multi_margin"},
    "small_dense_entropy": {"model": "mlp", "model_args": {"sizes": [784, 128, 10]}},
}


def recompute(shared_data: Path, name: str, points: slice) -> tuple[np.ndarray, np.ndarray]:
    """Evaluate points of a published surface; returns our losses and theirs."""
    folder = shared_data / "surfaces" / "mbrar8_mnist" / name
    directions = min(folder.glob("*.h5"), key=lambda path: len(path.name))
    # of two surfaces the finished one
    surface = max(folder.glob("*.h5"), key=lambda path: ("15]x" in path.name, len(path.name)))
    (checkpoint,) = (shared_data / "checkpoints" / "mbrar8_mnist" / name).glob("*_10.pt")
    problem = open_problem(
        Problem(
            data=str(shared_data / "images" / "mnist_train.npz"),
            checkpoint=str(checkpoint),
            normalize=Normalize((0.5,), (0.5,)),
            **NETWORKS[name],
        )
    )
    plane = open_plane(Plane(kind="file", file=str(directions)), problem)
    with h5py.File(surface) as file:
        u, v = np.meshgrid(file["xcoordinates"][()], file["ycoordinates"][()])
        theirs = file["train_loss"][()].ravel()[points]
    evaluator = Evaluator(problem, torch.device("cpu"))
    places = np.column_stack([u.ravel(), v.ravel()])[points]
    ours = [evaluator.at_coordinates(plane, place, lambda: False).loss for place in places.tolist()]
    return np.array(ours), theirs


@pytest.mark.shared
@pytest.mark.parametrize("name", NETWORKS)
def test_points_of_published_surfaces(shared_data: Path, name: str) -> None:
    ours, theirs = recompute(shared_data, name, slice(12, None, 300))
    assert (theirs != -1).all()
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", NETWORKS)
def test_published_surfaces(shared_data: Path, name: str) -> None:
    ours, theirs = recompute(shared_data, name, slice(None))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    print(f"{name}: {theirs.size} points, off by {np.abs(ours / theirs - 1).max():.2g} at most")  # noqa: T201
