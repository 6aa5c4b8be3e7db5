"""The number format of a job, from its choice to the points that are evaluated anew."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from talweg_compute.engine import Evaluator, compute_landscape, format_choice, number_format
from talweg_compute.engine import precision as precision_module
from talweg_compute.engine.noise import within_noise
from talweg_compute.messages import (
    Block,
    Compute,
    Event,
    Job,
    Known,
    Measured,
    Note,
    Points,
    Progress,
    Provenance,
    Ready,
)
from talweg_compute.messages.job import Axis, Grid, Problem, Run


def never() -> bool:
    return False


def job(folder: Path, **run: Any) -> Job:
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(8, 40), nn.ReLU(), nn.Linear(40, 5))
    (folder / "net.py").write_text(
        "from torch import nn\ndef net():\n    return nn.Sequential(nn.Linear(8, 40), nn.ReLU(), nn.Linear(40, 5))\n"
    )
    torch.save(net.state_dict(), folder / "net.pt")
    np.savez(folder / "data.npz", inputs=np.random.default_rng(0).normal(size=(64, 8)), targets=np.arange(64) % 5)
    problem = Problem(
        model=f"{folder / 'net.py'}:net", data=str(folder / "data.npz"), checkpoint=str(folder / "net.pt")
    )
    grid = Grid(Axis(-1.0, 1.0, 17), Axis(-1.0, 1.0, 17))
    return Job(problem=problem, grid=grid, run=Run(device="cpu", **run))


def compute(
    job: Job, expected: Provenance | None = None, known: Known | None = None
) -> tuple[dict[int, tuple[float, str]], list[Event]]:
    events: list[Event] = []
    compute_landscape(Compute("1", job, known, expected=expected), events.append, never)
    points: dict[int, tuple[float, str]] = {}
    for event in events:
        if isinstance(event, Points):
            columns = event.index.array(), event.fields["loss"].array(), event.precision.array()
            points |= {
                k: (loss, precision) for k, loss, precision in zip(*(each.tolist() for each in columns), strict=True)
            }
    return points, events


def points_as_they_came(events: list[Event]) -> dict[int, tuple[float, str]]:
    points: dict[int, tuple[float, str]] = {}
    for event in events:
        if isinstance(event, Points):
            columns = event.index.array(), event.fields["loss"].array(), event.precision.array()
            for k, loss, precision in zip(*(each.tolist() for each in columns), strict=True):
                points.setdefault(k, (loss, precision))
    return points


def last_provenance(events: list[Event]) -> Provenance:
    return [event.provenance for event in events if isinstance(event, Ready)][-1]


def test_a_short_run_stays_in_float32(tmp_path: Path) -> None:
    points, events = compute(job(tmp_path))
    assert {precision for _, precision in points.values()} == {"float32"}
    assert not [event for event in events if isinstance(event, Measured)]
    assert last_provenance(events).precision == "float32"


def test_auto_mixes_formats_and_ends_with_float32_where_it_is_flat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact, _ = compute(job(tmp_path, precision="float32"))
    monkeypatch.setattr(format_choice, "SECONDS_THAT_PAY_FOR_TRIALS", 0.0)
    monkeypatch.setattr(format_choice, "faster_formats", lambda device: ("bf16",))
    monkeypatch.setattr(precision_module, "_WORTHWHILE", 0.0)
    points, events = compute(job(tmp_path))
    assert len(points) == 17 * 17
    measured = [event.values for event in events if isinstance(event, Measured) and event.topic == "precision"]
    assert [(values["chosen"], values.get("settled")) for values in measured] == [("bf16", None), ("bf16", True)]
    assert last_provenance(events).precision == "bf16"
    assert {precision for _, precision in points.values()} == {"bf16", "float32"}
    progress = [event for event in events if isinstance(event, Progress)]
    assert "evaluating the flat parts in float32" in {event.phase for event in progress}
    assert all(event.done <= event.total and (event.remaining or 0) >= 0 for event in progress)
    loss = np.array([points[k][0] for k in range(17 * 17)]).reshape(17, 17)
    coarse = np.array([points[k][1] == "bf16" for k in range(17 * 17)]).reshape(17, 17)
    assert not (within_noise(loss, np.ones_like(coarse), measured[0]["floor"], measured[0]["relative"]) & coarse).any()
    for k, (value, precision) in points.items():
        if precision == "float32":
            assert value == pytest.approx(exact[k][0], rel=1e-6)
        else:
            assert value == pytest.approx(exact[k][0], rel=0.05)

    # a run that dies, before its last point or before it settles, goes on to the same numbers in the same formats
    came = points_as_they_came(events)
    assert came != points
    provenance = last_provenance(events)
    for committed in (dict(list(came.items())[:150]), came):
        known = Known(
            index=Block.of(list(committed)),
            samples=Block.of([0] * len(committed)),
            fields={"loss": Block.of([loss for loss, _ in committed.values()])},
            sums=Block.of(np.zeros((len(committed), 0))),
            precision=Block.of([precision for _, precision in committed.values()]),
        )
        rest, events = compute(job(tmp_path), provenance, known)
        assert last_provenance(events).precision == "bf16"
        assert committed | rest == points


@pytest.mark.parametrize("run", [{}, {"adaptive": True}])
def test_an_order_that_flips_gives_the_format_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: dict[str, Any]
) -> None:
    monkeypatch.setattr(format_choice, "SECONDS_THAT_PAY_FOR_TRIALS", 0.0)
    monkeypatch.setattr(format_choice, "faster_formats", lambda device: ("bf16",))
    monkeypatch.setattr(precision_module, "_WORTHWHILE", 0.0)
    monkeypatch.setattr(format_choice, "order_flips", lambda coarse, exact: True)
    points, events = compute(job(tmp_path, **run))
    assert {precision for _, precision in points.values()} == {"float32"}
    assert any("another order" in event.text for event in events if isinstance(event, Note))
    assert last_provenance(events).precision == "float32"


def test_a_format_that_was_asked_for_is_taken_with_its_deviations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number_format, "_cpu_has_bf16", lambda: True)
    points, events = compute(job(tmp_path, precision="bf16", tolerance=1e-6))
    formats = [precision for _, precision in points.values()]
    assert formats.count("float32") == precision_module.TRIAL_POINTS
    assert formats.count("bf16") == 17 * 17 - precision_module.TRIAL_POINTS
    assert [event.values["chosen"] for event in events if isinstance(event, Measured)] == ["bf16"]
    assert any("more than the tolerance: bf16 differs" in event.text for event in events if isinstance(event, Note))


@pytest.mark.parametrize("precision", ["float16", "bf16", "tf32"])
def test_a_format_that_the_device_lacks_gives_way_to_float32_before_it_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    monkeypatch.setattr(number_format, "_cpu_has_bf16", lambda: False)
    points, events = compute(job(tmp_path, precision=precision))
    assert {kind for _, kind in points.values()} == {"float32"}
    assert last_provenance(events).precision == "float32"
    assert [event.text for event in events if isinstance(event, Note)] == [
        f"This device has no {precision} in hardware, so that float32 is faster; the rest is evaluated in it."
    ]
    assert not [event for event in events if isinstance(event, Measured)]


def test_what_overflows_is_evaluated_in_float32(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_format, "_cpu_has_bf16", lambda: True)
    exact, _ = compute(job(tmp_path, precision="float32"))
    at_many = Evaluator.at_many

    def overflow(
        self: Evaluator, plane: Any, coordinates: Any, stop: Any, part: Any = None, precision: Any = None
    ) -> Any:
        records = at_many(self, plane, coordinates, stop, part, precision)
        return [
            replace(record, loss_sum=math.inf) if precision == "bf16" and where[0] > 0.8 else record
            for where, record in zip(coordinates, records, strict=True)
        ]

    monkeypatch.setattr(Evaluator, "at_many", overflow)
    points, events = compute(job(tmp_path, precision="bf16", tolerance=0.5))
    assert all(math.isfinite(loss) for loss, _ in points.values())
    for k, (loss, precision) in points.items():
        assert precision == ("float32" if k % 17 >= 15 else points_as_they_came(events)[k][1])
        assert loss == pytest.approx(exact[k][0], rel=0.05)
    assert any(
        "points are not finite in bf16; they are evaluated" in event.text for event in events if isinstance(event, Note)
    )
