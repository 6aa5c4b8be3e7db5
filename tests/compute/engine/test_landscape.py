"""Ladders of samples and adaptive refinement: what is emitted, and that runs resume to the same bits."""

import msgspec
import numpy as np
import pytest
import torch

from talweg_compute.engine import Cancelled, Evaluator, compute_landscape, landscape
from talweg_compute.engine.passes import Pass
from talweg_compute.messages import (
    Axis,
    Block,
    Compute,
    Event,
    Grid,
    InputError,
    Job,
    Known,
    Measured,
    Note,
    Points,
    Progress,
    Provenance,
    Ready,
    Run,
    Trajectory,
    read_job,
)
from talweg_compute.plane.plane import open_plane
from talweg_compute.problem.data import read_data
from talweg_compute.problem.problem import open_problem
from talweg_compute.problem.sample_order import fair_order, open_ordered
from tests.conftest import write_job

SAMPLES = 300


def never() -> bool:
    return False


class Committed:
    """Keeps what a document would keep of the events, and asks for the rest."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.count = job.grid.u.count * job.grid.v.count
        self.loss = np.full(self.count, np.nan)
        self.error = np.full(self.count, np.nan)
        self.samples = np.zeros(self.count, dtype=np.int64)
        self.interpolated = np.zeros(self.count, dtype=bool)
        self.sums: dict[int, np.ndarray] = {}
        self.events: list[Event] = []
        self.order: Block | None = None

    def take(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, Ready):
            self.order = event.sample_order
        if isinstance(event, Points):
            index = event.index.array()
            self.loss[index] = event.fields["loss"].array()
            self.error[index] = event.fields["loss_standard_error"].array()
            self.interpolated[index] = event.interpolated
            if event.samples is not None and event.sums is not None:
                self.samples[index] = event.samples.array()
                self.sums.update(zip(index.tolist(), event.sums.array(), strict=True))

    def request(self) -> Compute:
        index = np.flatnonzero(self.samples)
        sums = np.full((index.size, 100), np.nan)
        for row, k in enumerate(index.tolist()):
            sums[row, : len(self.sums[k])] = self.sums[k]
        known = Known(
            Block.of(index),
            Block.of(np.where(self.samples[index] == SAMPLES, 0, self.samples[index])),
            {"loss": Block.of(self.loss[index])},
            Block.of(sums),
        )
        placed = tuple(event.names for event in self.events if isinstance(event, Trajectory))
        return Compute("1", self.job, known, self.order, placed=placed)

    def run(self, batches: int | None = None) -> bool:
        """Compute, for so many mini-batches; returns whether it came to its end."""
        left = batches

        def should_stop() -> bool:
            nonlocal left
            if left is not None:
                left -= 1
            return left is not None and left < 0

        try:
            compute_landscape(self.request(), self.take, should_stop)
        except Cancelled:
            return False
        return True


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    return read_job(write_job(tmp_path_factory.mktemp("job"), grid=9, samples=SAMPLES))


def with_run(job: Job, **changes: object) -> Job:
    """The size of a batch is given, since another one, which a trial may choose, rounds in another way."""
    return msgspec.structs.replace(job, run=Run(device="cpu", **({"batch_size": 64} | changes)))


def computed(job: Job, batches: int | None = None) -> Committed:
    committed = Committed(job)
    assert committed.run(batches) == (batches is None)
    return committed


@pytest.fixture(scope="module")
def plain(job: Job) -> Committed:
    return computed(with_run(job))


@pytest.fixture(scope="module")
def climbed(job: Job) -> Committed:
    return computed(with_run(job, ladder=(50, 128)))


def test_the_last_rung_gives_the_numbers_of_the_plain_run(plain: Committed, climbed: Committed) -> None:
    assert (climbed.samples == SAMPLES).all()
    np.testing.assert_allclose(climbed.loss, plain.loss, rtol=1e-6)
    np.testing.assert_allclose(climbed.error, plain.error, rtol=1e-6)
    assert plain.order is None
    assert len({len(sums) for sums in climbed.sums.values()}) == 1


def test_each_rung_covers_the_grid_on_a_prefix_of_one_order(job: Job, climbed: Committed) -> None:
    points = [event for event in climbed.events if isinstance(event, Points) and event.samples is not None]
    seen = [int(n) for event in points for n in event.samples.array()]
    assert seen == [50] * 99 + [128] * 99 + [300] * 99
    phases = [event.phase for event in climbed.events if isinstance(event, Progress)]
    assert "evaluating points on 50 of 300 samples" in phases
    order = fair_order(read_data("digits", SAMPLES))
    assert climbed.order is not None
    np.testing.assert_array_equal(climbed.order.array(), order)
    problem = open_ordered(job.problem, order)
    evaluator, plane = Evaluator(problem, torch.device("cpu")), open_plane(job.plane, problem)
    first = next(event for event in points)
    index = int(first.index.array()[0])
    u, v = job.grid.u.coordinates()[index % 9], job.grid.v.coordinates()[index // 9]
    record = evaluator.at_coordinates(plane, (u, v), lambda: False, range(50))
    assert float(first.fields["loss"].array()[0]) == record.loss
    assert float(first.fields["loss_standard_error"].array()[0]) == record.loss_standard_error


def test_a_rung_is_about_as_far_off_as_it_says(plain: Committed, climbed: Committed) -> None:
    event = [event for event in climbed.events if isinstance(event, Points)]
    first = np.full(99, np.nan)
    error = np.full(99, np.nan)
    for each in event:
        index = each.index.array()[each.samples.array() == 50]
        first[index] = each.fields["loss"].array()[each.samples.array() == 50]
        error[index] = each.fields["loss_standard_error"].array()[each.samples.array() == 50]
    off = (first - plain.loss) / error
    assert 0.2 < np.sqrt(np.mean(off**2)) < 2


@pytest.mark.parametrize("batches", [8, 130, 290, 520])
def test_a_ladder_resumes_to_the_same_bits(job: Job, climbed: Committed, batches: int) -> None:
    committed = computed(with_run(job, ladder=(50, 128)), batches)
    assert committed.samples.min() < SAMPLES
    assert committed.run()
    np.testing.assert_array_equal(committed.loss, climbed.loss)
    np.testing.assert_array_equal(committed.error, climbed.error)


def test_points_on_a_rung_are_finished_without_the_ladder(job: Job, climbed: Committed) -> None:
    """The ladder was taken out of the job meanwhile: the stored order still says which samples are missing."""
    committed = computed(with_run(job, ladder=(50, 128)), 130)
    committed.job = with_run(job)
    assert committed.run()
    assert (committed.samples == SAMPLES).all()
    np.testing.assert_allclose(committed.loss, climbed.loss, rtol=1e-6)


@pytest.fixture(scope="module")
def smooth(job: Job) -> Job:
    """A finer grid around the checkpoint, where the loss is smooth."""
    grid = Grid(Axis(-0.5, 0.5, 33), Axis(-0.5, 0.5, 27))
    return msgspec.structs.replace(with_run(job, adaptive=True), grid=grid)


@pytest.fixture(scope="module")
def refined(smooth: Job) -> Committed:
    return computed(smooth)


def test_an_adaptive_run_keeps_its_tolerance(smooth: Job, refined: Committed) -> None:
    whole = computed(with_run(smooth))
    evaluated = refined.samples > 0
    assert evaluated.mean() < 0.5
    np.testing.assert_array_equal(refined.interpolated, ~evaluated)
    np.testing.assert_array_equal(refined.loss[evaluated], whole.loss[evaluated])
    off = np.abs(refined.loss - whole.loss) / whole.loss
    assert off.max() < 0.02
    assert np.isfinite(refined.error).all()
    measured = next(event for event in refined.events if isinstance(event, Measured))
    assert measured.topic == "interpolation"
    assert measured.values["evaluated"] == evaluated.sum()
    assert measured.values["saved"] == (~evaluated).sum()
    assert measured.values["held_out"] == 48
    assert 0 < measured.values["largest_deviation"] <= 0.01
    note = next(event for event in refined.events if isinstance(event, Note) and "interpolated" in event.text)
    assert f"{evaluated.sum()} of 891 points were evaluated" in note.text
    assert sum(isinstance(event, Trajectory) for event in refined.events) == 1


@pytest.mark.parametrize("batches", [100, 700, 1300])
def test_an_adaptive_run_resumes_to_the_same_bits(smooth: Job, refined: Committed, batches: int) -> None:
    committed = computed(smooth, batches)
    assert not committed.interpolated.any()
    assert committed.run()
    np.testing.assert_array_equal(committed.loss, refined.loss)
    np.testing.assert_array_equal(committed.interpolated, refined.interpolated)


def test_an_order_of_other_data_is_refused(job: Job) -> None:
    problem = open_problem(job.problem)
    assert len(problem.samples) == SAMPLES
    with pytest.raises(InputError, match="saw samples out of 7"):
        open_ordered(job.problem, np.arange(7))


def test_a_batch_that_was_halved_is_told_and_another_device_chooses_its_own(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, measure = msgspec.structs.replace(job, run=Run(device="cpu", precision="float32")), Pass.measure

    def last_told(request: Compute) -> Provenance:
        told: list[Provenance] = []
        compute_landscape(
            request, lambda event: told.append(event.provenance) if isinstance(event, Ready) else None, never
        )
        return told[-1]

    def run_out(self: Pass, start: int, stop: int) -> torch.Tensor:
        if stop - start > 16:
            raise torch.OutOfMemoryError("out of memory")
        return measure(self, start, stop)

    monkeypatch.setattr(Pass, "measure", run_out)
    told = last_told(Compute("1", wanted))
    assert (told.batch_size, told.batch_norm) == (16, "frozen")
    monkeypatch.setattr(Pass, "measure", measure)
    known = Known(Block.of([0]), Block.of([0]), {"loss": Block.of([1.0])}, Block.of(np.zeros((1, 0))))
    for device, size in ((told.device, 16), ("cuda (NVIDIA H200)", 64)):
        expected = msgspec.structs.replace(told, device=device)
        assert last_told(Compute("1", wanted, known, expected=expected)).batch_size == size


def test_a_note_is_told_once(job: Job) -> None:
    """Lanes find what the first process found."""
    events: list[Event] = []
    run = landscape._Run(Compute("1", job), events.append, never)
    for text in ("One.", "Two.", "One."):
        run._points._note(text)
    assert [event.text for event in events if isinstance(event, Note)] == ["One.", "Two."]
