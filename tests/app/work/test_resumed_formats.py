"""Runs in a coarse number format that are killed anywhere go on, from what the document has, to the same numbers."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from talweg.document import Document
from talweg.work.missing_points import request_points
from talweg_compute.engine import Evaluator, compute_landscape, format_choice, noise, reporter
from talweg_compute.engine import precision as precision_module
from talweg_compute.engine.record import Record
from talweg_compute.messages import Axis, Event, Grid, Job, Result, Run, read_job
from tests.conftest import write_job


class Killed(Exception):  # noqa: N818 (as Cancelled is called)
    """The process is gone."""


@dataclass
class Outcome:
    """What a document has in the end, and the events of the last process."""

    loss: np.ndarray
    precision: np.ndarray
    computed: np.ndarray
    settled: bool
    events: list[Event]


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let bf16 pay for itself on a small network."""
    monkeypatch.setattr(format_choice, "SECONDS_THAT_PAY_FOR_TRIALS", 0.0)
    monkeypatch.setattr(format_choice, "faster_formats", lambda device: ("bf16",))
    monkeypatch.setattr(precision_module, "_WORTHWHILE", 0.0)
    monkeypatch.setattr(noise, "FLOORS_OF_RANGE", 10)
    monkeypatch.setattr(reporter, "_SECONDS_BETWEEN_EVENTS", 0.0)
    at_many = Evaluator.at_many

    def roughly(
        self: Evaluator, plane: Any, places: Any, stop: Any, part: Any = None, precision: Any = None
    ) -> list[Record]:
        """Coarser than bf16: decisions would come out otherwise with other numbers."""
        records = at_many(self, plane, places, stop, part, precision)
        factors = [1 + 0.01 * math.sin(1e4 * sum(place)) * (precision == "bf16") for place in places]
        return [
            replace(record, loss_sum=record.loss_sum * factor) for record, factor in zip(records, factors, strict=True)
        ]

    monkeypatch.setattr(Evaluator, "at_many", roughly)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("job")


def job_in(folder: Path, half: float, **run: Any) -> Job:
    """A job around a checkpoint whose loss is high, so that bf16 is coarse in some places and not in others."""
    job = read_job(write_job(folder, samples=150))
    grid = Grid(Axis(-half, half, 25), Axis(-half, half, 21))
    return msgspec.structs.replace(job, grid=grid, run=Run(device="cpu", batch_size=64, **run))


def compute(path: Path, job: Job, kills: Iterator[int]) -> Outcome:
    """Compute a job in one process after the other, each of which is killed after so many events, or ends."""
    with Document.create(path) as document:
        axes = job.grid.u.coordinates(), job.grid.v.coordinates()
        number = document.add_landscape("x", *axes, job=job)
        while True:
            left, events = next(kills, None), list[Event]()

            def emit(event: Event, left: int | None = left, events: list[Event] = events) -> None:
                if left is not None and len(events) >= left:
                    raise Killed
                events.append(event)
                if isinstance(event, Result):
                    document.commit(number, event)

            try:
                compute_landscape(request_points("1", document, number), emit, lambda: False)
            except Killed:
                continue
            state = document.landscape(number)
            settled = bool(state.measured.get("precision", {}).get("settled"))
            return Outcome(state.loss, state.precision, state.computed, settled, events)


RUNS: tuple[dict[str, Any], ...] = ({"adaptive": True, "tolerance": 0.02}, {}, {"ladder": (40, 80)})


@pytest.mark.parametrize(
    ("run", "seed"),
    [
        pytest.param(run, seed, marks=[pytest.mark.slow] if seed or run != RUNS[0] else [])
        for run in RUNS
        for seed in range(2)
    ],
)
def test_a_run_that_is_killed_resumes_to_the_same_numbers(
    folder: Path, tmp_path: Path, run: dict[str, Any], seed: int
) -> None:
    job = job_in(folder, 1.0, **run)
    whole = compute(tmp_path / "whole.talweg", job, iter(()))
    assert whole.settled
    assert 20 < (whole.precision == "bf16").sum() < whole.computed.sum() - 20
    random = np.random.default_rng(seed)
    kills = [int(len(whole.events) * random.uniform(0.02, 0.4)) for _ in range(8)]
    resumed = compute(tmp_path / "resumed.talweg", job, iter(kills))
    np.testing.assert_array_equal(resumed.computed, whole.computed)
    np.testing.assert_array_equal(resumed.precision, whole.precision)
    np.testing.assert_array_equal(resumed.loss, whole.loss)
    assert resumed.settled
