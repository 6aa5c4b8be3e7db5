"""The published ResNet-56 of Li et al.: a surface with its number formats chosen, against all of it in float32."""

from pathlib import Path

import numpy as np
import pytest

from talweg_compute.engine import compute_landscape, format_choice
from talweg_compute.engine import precision as precision_module
from talweg_compute.engine.noise import critical_vertices, order_flips
from talweg_compute.messages import Compute, Event, Measured, Points, build_job

SIDE = 11


def compute(shared_data: Path, precision: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Event]]:
    checkpoint = shared_data / "checkpoints" / "li2018" / "resnet56_sgd_lr=0.1_bs=128_wd=0.0005" / "model_300.t7"
    problem = {
        "model": "resnet56",
        "checkpoint": str(checkpoint),
        "data": str(shared_data / "images" / "cifar10_test.npz"),
        "normalize": {"mean": [0.4914, 0.4824, 0.4467], "std": [0.2471, 0.2435, 0.2616]},
        "samples": 64,
    }
    axis = [-1.0, 1.0, SIDE]
    run = {"device": "cpu", "precision": precision}
    job = build_job({"problem": problem, "grid": {"u": axis, "v": axis}, "run": run}, "published")
    events: list[Event] = []
    compute_landscape(Compute("1", job), events.append, lambda: False)
    loss, error, kind = np.full(SIDE**2, np.nan), np.full(SIDE**2, np.nan), np.full(SIDE**2, "", dtype="U8")
    for event in events:
        if isinstance(event, Points):
            index = event.index.array()
            loss[index], kind[index] = event.fields["loss"].array(), event.precision.array()
            error[index] = event.fields["loss_standard_error"].array()
    return loss, error, kind, events


@pytest.mark.slow
@pytest.mark.shared
def test_a_surface_with_chosen_formats_is_that_in_float32(shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(format_choice, "SECONDS_THAT_PAY_FOR_TRIALS", 0.0)
    monkeypatch.setattr(format_choice, "faster_formats", lambda device: ("bf16",))
    monkeypatch.setattr(precision_module, "_WORTHWHILE", 0.0)
    exact, error, _, _ = compute(shared_data, "float32")
    loss, _, kind, events = compute(shared_data, "auto")
    coarse = kind == "bf16"
    assert 0.3 < coarse.mean() < 1
    off = np.abs(loss - exact) / np.maximum(exact, 1)
    assert (off[~coarse] == 0).all()
    assert np.median(off[coarse]) < 0.01
    assert off.max() < 0.05
    measured = [event.values for event in events if isinstance(event, Measured)][-1]
    assert measured["settled"]
    assert 0.2 < np.median(np.abs(loss - exact)[coarse]) / measured["median"] < 5  # it is told as it is
    shape = SIDE, SIDE
    index, _ = critical_vertices(exact.reshape(shape), error.reshape(shape))
    found, _ = critical_vertices(loss.reshape(shape), error.reshape(shape))
    assert sorted(found.tolist()) == sorted(index.tolist())
    assert not order_flips(loss[index].tolist(), exact[index].tolist())
