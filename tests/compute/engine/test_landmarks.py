"""The checkpoints that a plane was laid through: where they lie, and that their losses are the plane's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from talweg_compute.engine import compute_landscape
from talweg_compute.messages import LANDMARKS, Compute, Event, Job, Note, Trajectory, build_job

MODEL = """
from torch import nn

def net():
    return nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three checkpoints, in folders of their own, with other running statistics each."""
    (tmp_path / "model.py").write_text(MODEL)
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(40, 6, generator=generator)
    np.savez(tmp_path / "data.npz", inputs=inputs.numpy(), targets=np.arange(40) % 3)
    state = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3)).state_dict()
    for name in "abc":
        (tmp_path / name).mkdir()
        moved = {
            key: value + torch.rand(value.shape, generator=generator) if value.is_floating_point() else value
            for key, value in state.items()
        }
        torch.save(moved, tmp_path / name / "last.pt")
    return tmp_path


def job(folder: Path, through: str, **problem: Any) -> Job:
    paths = [str(folder / name / "last.pt") for name in through]
    table = {
        "problem": {
            "model": f"{folder}/model.py:net",
            "data": f"{folder}/data.npz",
            "checkpoint": str(folder / "a" / "last.pt"),
            **problem,
        },
        "plane": {"kind": "checkpoints", "through": paths, "directions": len(paths)},
        "grid": {axis: [0.0, 1.0, 2] for axis in "uv"[: len(paths)]},
        "run": {"device": "cpu"},
    }
    return build_job(table, "job")


def compute(job: Job) -> list[Event]:
    events: list[Event] = []
    compute_landscape(Compute("1", job), events.append, lambda: False)
    return events


@pytest.mark.parametrize("through", ["b", "bc"])
def test_they_lie_on_the_plane_and_cost_what_it_costs_there(folder: Path, through: str) -> None:
    events = compute(job(folder, through))
    (landmarks,) = (event for event in events if isinstance(event, Trajectory))
    assert landmarks.run == LANDMARKS
    assert landmarks.names == tuple(f"{name}/last.pt" for name in f"a{through}")
    places = landmarks.coordinates.array()
    distances = [0.0]
    first = torch.load(folder / "a" / "last.pt", weights_only=True)
    for name in through:
        other = torch.load(folder / name / "last.pt", weights_only=True)
        keys = [key for key in first if key.endswith(("weight", "bias"))]
        distances.append(float(torch.sqrt(sum(((other[key] - first[key]) ** 2).sum() for key in keys))))
    if through == "b":
        np.testing.assert_allclose(places[:, 0], [0, 1], atol=1e-6)
    else:  # distances on the plane are those between the weights
        np.testing.assert_allclose(np.linalg.norm(places, axis=1), distances, rtol=1e-5)
    np.testing.assert_allclose(landmarks.residual.array(), 0, atol=1e-5)
    assert landmarks.loss_at_projection is not None
    np.testing.assert_allclose(landmarks.loss_at_projection.array(), landmarks.loss.array(), rtol=1e-5)
    assert np.ptp(landmarks.loss.array()) > 1e-3
    (note,) = (event for event in events if isinstance(event, Note))
    assert not note.warning  # it tells how the plane was found, and nothing is wrong


def test_their_own_losses_are_told_where_the_statistics_stay(folder: Path) -> None:
    (landmarks,) = (event for event in compute(job(folder, "b", batch_norm="frozen")) if isinstance(event, Trajectory))
    assert landmarks.loss_at_projection is not None
    differences = np.abs(landmarks.loss_at_projection.array() - landmarks.loss.array())
    assert differences[0] < 1e-6
    assert differences[1] > 1e-3


def test_a_trajectory_keeps_its_own_number(folder: Path) -> None:
    found = compute(job(folder, "b", trajectory=str(folder / "c" / "*.pt")))
    assert [event.run for event in found if isinstance(event, Trajectory)] == [LANDMARKS, 0]
