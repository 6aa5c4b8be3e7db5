"""The client with real workers: nothing mocked, processes are killed for real."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from talweg.document import Document
from talweg.work.client import Client
from talweg.work.jobs import document_beside, open_for_job
from talweg.work.process import WorkerCommand
from talweg_compute.messages import (
    Block,
    Event,
    Failed,
    Finished,
    InputError,
    Note,
    Points,
    Ready,
    Trajectory,
    read_job,
)
from tests.conftest import write_job


class Recorder:
    """Keeps events and calls a function at each."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.at_event: Callable[[Event], None] = lambda event: None

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self.at_event(event)

    def of(self, kind: type) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


class Audience:
    """Passes events on to whoever listens at the time."""

    def __init__(self) -> None:
        self.listener: Callable[[Event], None] = lambda event: None

    def __call__(self, event: Event) -> None:
        self.listener(event)


@pytest.fixture(scope="module")
def audience() -> Audience:
    return Audience()


@pytest.fixture(scope="module")
def standing_client(audience: Audience) -> Iterator[Client]:
    """The same for all tests of this file, as in a window: a worker takes seconds to start, and those that it killed
    are replaced.
    """
    client = Client(audience)
    yield client
    client.close()


@pytest.fixture
def client(standing_client: Client, audience: Audience, recorder: Recorder) -> Iterator[Client]:
    audience.listener = recorder
    yield standing_client
    assert not standing_client.busy
    audience.listener = lambda event: None


@pytest.fixture(scope="module")
def undisturbed(standing_client: Client, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    """The loss of a run that nothing disturbed, [27, 25]."""
    document, landscape = document_beside(write_job(tmp_path_factory.mktemp("undisturbed"), grid=25, samples=300))
    with document:
        standing_client.compute(document, landscape)
        assert standing_client.wait(60)
        return document.landscape(landscape).loss


@pytest.mark.slow
def test_a_job_runs_to_its_end(client: Client, recorder: Recorder, job_file: Path) -> None:
    document, landscape = document_beside(job_file)
    with document:
        client.compute(document, landscape)
        assert client.busy
        with pytest.raises(InputError, match="running already"):
            client.compute(document, landscape)
        assert client.wait(60)
        found = document.landscape(landscape)
    assert found.complete
    assert found.loss.shape == (11, 9)
    assert found.path is not None
    assert found.path.loss[-1] == pytest.approx(found.origin["loss"], rel=1e-6)
    assert found.path.residual[-1] == pytest.approx(0, abs=1e-6)
    assert found.provenance is not None
    assert found.provenance.samples == 100
    assert found.loss[5, 4] == pytest.approx(found.origin["loss"], rel=1e-6)  # the middle of this grid is the origin
    assert [type(event) for event in recorder.events if isinstance(event, Ready | Trajectory | Finished)] == [
        Ready,
        Trajectory,
        Finished,
    ]


def test_points_are_committed_before_anyone_sees_them(client: Client, recorder: Recorder, job_file: Path) -> None:
    document, landscape = document_beside(job_file)
    seen: list[bool] = []

    def check(event: Event) -> None:
        if isinstance(event, Points):
            seen.append(bool(document.landscape(landscape).computed.flat[event.index.array()].all()))

    recorder.at_event = check
    with document:
        client.compute(document, landscape)
        assert client.wait(60)
    assert seen
    assert all(seen)


def test_killing_the_worker_loses_nothing(
    client: Client, recorder: Recorder, tmp_path: Path, undisturbed: np.ndarray
) -> None:
    document, landscape = document_beside(write_job(tmp_path, grid=25, samples=300))
    kills = 0

    def kill(event: Event) -> None:
        nonlocal kills
        if isinstance(event, Points) and kills < 2:
            kills += 1
            os.kill(client.worker_pid or 0, signal.SIGKILL)

    recorder.at_event = kill
    with document:
        client.compute(document, landscape)
        assert client.wait(90)
        found = document.landscape(landscape)
    assert kills == 2
    np.testing.assert_array_equal(found.loss, undisturbed)
    assert sum("SIGKILL" in note for note in found.notes) == 2
    assert isinstance(recorder.events[-1], Finished)
    assert found.path is not None


@pytest.mark.slow
def test_killing_the_worker_on_a_ladder_loses_nothing(
    client: Client, recorder: Recorder, tmp_path: Path, undisturbed: np.ndarray
) -> None:
    """It is killed while some points have seen 100 samples and others all 300."""
    path = write_job(tmp_path, grid=25, samples=300)
    path.write_text(path.read_text() + "\n[run]\nladder = [100]\n")
    document, landscape = document_beside(path)
    killed = False

    def kill(event: Event) -> None:
        nonlocal killed
        if isinstance(event, Points) and event.samples is not None and not killed:
            killed = bool((event.samples.array() == 300).any())
            if killed:
                os.kill(client.worker_pid or 0, signal.SIGKILL)

    recorder.at_event = kill
    with document:
        client.compute(document, landscape)
        assert client.wait(90)
        found = document.landscape(landscape)
    assert killed
    assert not found.has_work
    assert (found.samples == 300).all()
    np.testing.assert_allclose(found.loss, undisturbed, rtol=1e-6)


def test_cancel_keeps_what_was_computed_and_resuming_ends_with_the_same_numbers(
    client: Client, recorder: Recorder, tmp_path: Path, undisturbed: np.ndarray
) -> None:
    document, landscape = document_beside(write_job(tmp_path, grid=25, samples=300))
    recorder.at_event = lambda event: client.cancel() if isinstance(event, Points) else None
    with document:
        client.compute(document, landscape)
        assert client.wait(60)
        finished = recorder.events[-1]
        assert isinstance(finished, Finished)
        assert finished.cancelled
        kept = document.landscape(landscape)
        assert 0 < kept.done < kept.computed.size
        pid = client.worker_pid
        assert pid is not None
        client.rest()  # as while it is paused: nothing of the worker is left
        assert client.worker_pid is None
        wait_until_gone(pid)
        recorder.at_event = lambda event: None
        client.compute(document, landscape)
        assert client.wait(60)
        np.testing.assert_array_equal(document.landscape(landscape).loss, undisturbed)


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} is still there")


def test_force_stop_ends_user_code_that_hangs(client: Client, recorder: Recorder, tmp_path: Path) -> None:
    job = write_job(tmp_path)
    (tmp_path / "slow.py").write_text(
        "import time\nimport torch\n\ndef loss(outputs, targets):\n    time.sleep(60)\n    return outputs.sum(1)\n"
    )
    job.write_text(job.read_text().replace('data = "digits"', 'data = "digits"\nloss = "slow.py:loss"'))
    document, landscape = document_beside(job)
    with document:
        client.compute(document, landscape)
        deadline = time.monotonic() + 30
        while not recorder.events and time.monotonic() < deadline:
            time.sleep(0.05)
        client.cancel()
        assert not client.wait(0.5)
        client.force_stop()
        assert client.wait(10)
    finished = recorder.events[-1]
    assert isinstance(finished, Finished)
    assert finished.cancelled


def test_bad_input_is_one_sentence(client: Client, recorder: Recorder, job_file: Path) -> None:
    job_file.write_text(job_file.read_text().replace("[64, 16, 10]", "[64, 17, 10]"))
    document, landscape = document_beside(job_file)
    with document:
        client.compute(document, landscape)
        assert client.wait(60)
    failed = recorder.events[-1]
    assert isinstance(failed, Failed)
    assert "epoch_2.pt" in failed.message
    assert "\n" not in failed.message
    assert not failed.details


@pytest.mark.slow
def test_a_changed_checkpoint_is_refused_not_mixed(client: Client, recorder: Recorder, job_file: Path) -> None:
    document, landscape = document_beside(job_file)
    recorder.at_event = lambda event: client.cancel() if isinstance(event, Points) else None
    with document:
        client.compute(document, landscape)
        assert client.wait(60)
        before = document.landscape(landscape).loss
        (job_file.parent / "epoch_1.pt").replace(job_file.parent / "epoch_2.pt")
        (job_file.parent / "epoch_0.pt").rename(job_file.parent / "epoch_1.pt")
        client.compute(document, landscape)
        assert client.wait(60)
        np.testing.assert_array_equal(document.landscape(landscape).loss, before)
    failed = recorder.events[-1]
    assert isinstance(failed, Failed)
    assert "another checkpoint" in failed.message


def test_a_worker_that_always_dies_is_given_up(recorder: Recorder, job_file: Path) -> None:
    command = WorkerCommand((sys.executable, "-c", "import sys; sys.stderr.write('no torch here\\n'); sys.exit(3)"))
    client = Client(recorder, command)
    document, landscape = document_beside(job_file)
    with document:
        client.compute(document, landscape)
        assert client.wait(30)
    failed = recorder.events[-1]
    assert isinstance(failed, Failed)
    assert "exit status 3" in failed.message
    assert "no torch here" in failed.details
    assert len(recorder.of(Note)) == 3
    client.close()


def test_nobody_waits_for_a_worker_that_reads_nothing_yet(recorder: Recorder, job_file: Path) -> None:
    """What is known of many points is far more than a pipe holds."""
    job_file.write_text(job_file.read_text().replace("-1.0, 1.0, 9", "-1.0, 1.0, 151"))
    client = Client(recorder, WorkerCommand((sys.executable, "-c", "import time; time.sleep(60)")))
    document, landscape = document_beside(job_file)
    with document:
        index = np.arange(151 * 10)
        values = {name: Block.of(index / 7) for name in ("loss", "accuracy", "loss_standard_error")}
        document.commit(landscape, Points("", Block.of(index), values))
        client.compute(document, landscape)
        client.cancel()
        client.force_stop()
        assert client.wait(10)
    assert isinstance(recorder.events[-1], Finished)
    client.close()


def test_closing_the_client_ends_the_worker(recorder: Recorder, job_file: Path) -> None:
    before = set(threading.enumerate())
    client = Client(recorder)
    document, landscape = document_beside(job_file)
    with document:
        client.compute(document, landscape)
        pid = client.worker_pid
        assert pid is not None
        client.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    deadline = time.monotonic() + 5
    while (left := set(threading.enumerate()) - before) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


def test_one_document_a_job(job_file: Path) -> None:
    job = read_job(job_file)
    document, _ = document_beside(job_file)
    document.close()
    again, landscape = document_beside(job_file)
    assert again.path == job_file.with_suffix(".talweg")
    assert len(again.landscape_ids()) == 1
    again.close()
    job_file.write_text(job_file.read_text() + "[plane]\nseed = 9\n")
    other, _ = document_beside(job_file)
    assert other.path.name == "job-2.talweg"
    other.close()
    with pytest.raises(InputError, match="landscapes of other jobs"):
        open_for_job(read_job(job_file), job_file.with_suffix(".talweg"), "x")
    same, found = open_for_job(job, job_file.with_suffix(".talweg"), "x")
    assert found == landscape
    same.close()


@pytest.mark.slow
def test_a_full_disk_ends_the_run_with_a_sentence(client: Client, recorder: Recorder, tmp_path: Path) -> None:
    document, landscape = document_beside(write_job(tmp_path, grid=25, samples=300))
    with document:
        pages = document._connection.execute("PRAGMA page_count").fetchone()[0]
        document._connection.execute(f"PRAGMA max_page_count={pages + 1}")
        client.compute(document, landscape)
        assert client.wait(60)
    failed = next(event for event in recorder.events if isinstance(event, Failed))
    assert "cannot be written" in failed.message
    with Document.open(document.path) as again:
        assert again.landscape(landscape).loss.shape == (27, 25)
