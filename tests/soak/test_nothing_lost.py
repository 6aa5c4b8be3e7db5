"""Nothing computed is lost: processes are killed at random moments, disks run full, and the numbers stay the same."""

import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from talweg.document import Document
from talweg.work.jobs import open_for_job
from talweg_compute.engine import compute_landscape
from talweg_compute.messages import Compute, Event, Origin, Points, Trajectory, read_job
from tests.conftest import write_job
from tests.soak.commands import (
    TALWEG,
    WRITER,
    check_document,
    descendants,
    finish_compute,
    kill,
    points_done,
    start_compute,
    wait_for_end,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


def undisturbed(job_file: Path) -> list[Event]:
    """Compute a job in this process, without client, document or lanes."""
    events: list[Event] = []
    compute_landscape(Compute("1", read_job(job_file)), events.append, lambda: False)
    return events


def assert_same_numbers(document: Path, events: list[Event]) -> None:
    """Every number of the document is, bit for bit, one of the undisturbed run, and none is missing."""
    with Document.open(document) as opened:
        found = opened.newest_landscape()
    assert found.complete
    for event in events:
        match event:
            case Points():
                index = event.index.array()
                for name in ("loss", "accuracy", "loss_standard_error"):
                    np.testing.assert_array_equal(found.fields[name].flat[index], event.fields[name].array())
            case Trajectory():
                assert found.path is not None
                np.testing.assert_array_equal(found.path.coordinates, event.coordinates.array())
                np.testing.assert_array_equal(found.path.loss, event.loss.array())
            case Origin():
                assert found.origin["loss"] == float(event.fields["loss"].array())


@pytest.mark.slow
def test_killing_the_command_line_loses_nothing(tmp_path: Path) -> None:
    job, document = write_job(tmp_path, grid=41, samples=400), tmp_path / "x.talweg"
    events = undisturbed(job)
    with start_compute(job, document) as process:
        while points_done(document) < 20:
            assert process.poll() is None
            time.sleep(0.02)
        below = descendants(process.pid)
        kill(process.pid)
    assert below
    assert not wait_for_end(below), "the worker outlived the one that it works for"
    kept = check_document(document)
    assert 20 <= kept.sum() < kept.size
    finish_compute(job, document)
    assert_same_numbers(document, events)


def run_writer_until_killed(path: Path, side: int, chance: random.Random) -> set[int]:
    """Kill the writer at a random moment after some commits; returns the points whose commit it had announced."""
    command = [sys.executable, "-c", WRITER, str(path), str(side)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(chance.randrange(60))]
        time.sleep(chance.expovariate(1 / 0.005))
        kill(writer.pid)
        lines += writer.stdout.read().split("\n")[:-1]
    return {int(k) for line in lines if line[:1].isdigit() for k in line.split()}


def check_writer(path: Path, announced: set[int]) -> int:
    """Check that what was announced is there with its numbers; returns how many points there are."""
    computed = check_document(path)
    if not computed.size:
        assert not announced
        return 0
    assert announced <= set(np.flatnonzero(computed).tolist())
    with Document.open(path) as document:
        fields = document.newest_landscape().fields
    expected = np.sqrt(np.arange(computed.size).reshape(computed.shape) + 1.0)
    np.testing.assert_array_equal(fields["loss"][computed], expected[computed])
    np.testing.assert_array_equal(fields["accuracy"][computed], -expected[computed])
    return int(computed.sum())


def test_a_commit_is_whole_or_absent_whenever_the_writer_is_killed(tmp_path: Path) -> None:
    announced: set[int] = set()
    chance = random.Random(5)  # noqa: S311 (only when to kill)
    for _ in range(3):
        announced |= run_writer_until_killed(tmp_path / "x.talweg", 301, chance)
        check_writer(tmp_path / "x.talweg", announced)
    assert announced


def run_limited(job: Path, document: Path, kilobytes: int) -> "subprocess.CompletedProcess[str]":
    """Run ``talweg compute`` where no file may grow beyond a limit, which SQLite sees as a full disk."""
    line = f'ulimit -f {kilobytes}; exec "$@"'
    command = ["bash", "-c", line, "-", *TALWEG, "compute", str(job), "-o", str(document)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_no_room_for_the_document_is_one_sentence(tmp_path: Path) -> None:
    job, document = write_job(tmp_path), tmp_path / "x.talweg"
    result = run_limited(job, document, kilobytes=4)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr
    assert f"{document}: the document cannot be created" in result.stderr.replace("\n", "")
    assert list(tmp_path.glob("*x.talweg*")) == []


def test_a_document_whose_creation_was_cut_short_is_gone_on_with(tmp_path: Path) -> None:
    job, path = read_job(write_job(tmp_path)), tmp_path / "x.talweg"
    Document.create(path).close()  # killed before its landscape was added
    (tmp_path / ".y.talweg.part").write_bytes(b"half")  # killed before its tables were there
    for document in (path, tmp_path / "y.talweg"):
        opened, landscape = open_for_job(job, document, "x")
        assert opened.landscape(landscape).job is not None
        opened.close()
    assert not (tmp_path / ".y.talweg.part").exists()


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_many_commits_are_whole_or_absent(tmp_path: Path) -> None:
    """A hundred and fifty kills, document after document as they fill up."""
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)  # noqa: S311 (only when to kill)
    path, announced, number = tmp_path / "0.talweg", set[int](), 0
    for _ in range(150):
        announced |= run_writer_until_killed(path, 61, chance)
        done = check_writer(path, announced)
        if done == 61 * 61:
            number += 1
            path, announced = tmp_path / f"{number}.talweg", set()


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_job_ends_with_the_same_numbers_however_often_it_is_killed(tmp_path: Path) -> None:
    """Worker, lanes and command line are killed at random moments, those of starting and of ending among them."""
    seed = random.SystemRandom().randrange(2**32)
    chance = random.Random(seed)  # noqa: S311 (only when to kill)
    job = write_digits_job(tmp_path)
    events = undisturbed(job)
    longest = 2.5 * seconds_to_first_points(job, tmp_path / "0.talweg")  # kills fall into starting, computing, ending
    kills = {"command line": 0, "worker": 0, "lane": 0}
    deadline, number = time.monotonic() + 1500, 0
    while min(kills["command line"] - 5, kills["worker"] - 3) < 0 and time.monotonic() < deadline:
        document, complete = tmp_path / f"{number}.talweg", False
        while not complete and time.monotonic() < deadline:
            kill_at_random(job, document, longest, chance, kills)
            kept = check_document(document)
            complete = bool(kept.size) and bool(kept.all())
        finish_compute(job, document)
        assert_same_numbers(document, events)
        number += 1
    assert min(kills["command line"] - 5, kills["worker"] - 3) >= 0, (seed, kills)


def kill_at_random(job: Path, document: Path, longest: float, chance: random.Random, kills: dict[str, int]) -> None:
    """Run the command line until it is killed or at its end, killing what works for it meanwhile; counts the kills."""
    with start_compute(job, document) as process:
        below: list[int] = []
        while process.poll() is None:
            time.sleep(chance.uniform(0.0, longest))
            below = descendants(process.pid)
            choices = {"command line": process.pid}
            if below:
                choices |= {"worker": below[0], "lane": below[-1]} if below[1:] else {"worker": below[0]}
            victim = chance.choice(list(choices))
            if process.poll() is None:
                kills[victim] += 1
                kill(choices[victim])
            if victim == "command line":
                break
        process.communicate(timeout=60)
    assert not wait_for_end(below), "a process outlived the one that it works for"


def seconds_to_first_points(job: Path, document: Path) -> float:
    """Compute until the first points are there, then kill; returns how long that takes on this machine today."""
    start = time.monotonic()
    with start_compute(job, document) as process:
        while points_done(document) == 0:
            assert process.poll() is None
            time.sleep(0.05)
        kill(process.pid)
    return time.monotonic() - start


def write_digits_job(folder: Path) -> Path:
    """Write a job of about a minute: the embedded network, long enough that lanes are started.

    What a run chooses by its own timing is fixed, since the undisturbed run may choose otherwise.
    """
    from talweg_compute.assets import asset

    job = folder / "digits.toml"
    job.write_text(
        f"""
        [problem]
        model = "digits_resnet"
        checkpoint = "{asset("example/digits_resnet/epoch_020.pt")}"
        data = "digits"
        samples = 500

        [grid]
        u = [-1.0, 1.0, 33]
        v = [-1.0, 1.0, 33]

        [run]
        precision = "float32"
        batch_size = 64
        """
    )
    return job


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_full_disk_at_any_moment_leaves_a_document_that_goes_on(tmp_path: Path) -> None:
    job = write_job(tmp_path, grid=41, samples=300)
    events = undisturbed(job)
    kept = []
    for kilobytes in (40, 64, 90, 120, 160, 220, 300, 400):
        document = tmp_path / f"{kilobytes}.talweg"
        result = run_limited(job, document, kilobytes)
        assert result.returncode in (0, 2), result.stderr
        assert "Traceback" not in result.stderr
        if result.returncode:
            sentences = [line for line in result.stderr.splitlines() if "cannot be" in line]
            assert len(sentences) == 1, result.stderr
        kept.append(int(check_document(document).sum()))
        finish_compute(job, document)
        assert_same_numbers(document, events)
    assert kept[-1] > kept[0]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("keys", ["ladder = [100, 250]", "adaptive = true"])
def test_every_way_of_running_survives_random_kills(tmp_path: Path, keys: str) -> None:
    chance = random.Random(11)  # noqa: S311 (only when to kill)
    job, document = write_job(tmp_path, grid=41, samples=600), tmp_path / "x.talweg"
    job.write_text(f"{job.read_text()}\n[run]\n{keys}\n")
    expected: dict[int, tuple[float, bool]] = {}
    for event in undisturbed(job):
        if isinstance(event, Points):
            loss = event.fields["loss"].array().tolist()
            expected |= {k: (value, event.interpolated) for k, value in zip(event.index.array(), loss, strict=True)}
    interrupted = 0
    for _ in range(5):
        with start_compute(job, document) as process:
            before = points_done(document)
            while points_done(document) == before and process.poll() is None:
                time.sleep(0.02)
            time.sleep(chance.expovariate(3))
            kill(process.pid)
        check_document(document)
        with Document.open(document) as opened:
            interrupted += opened.newest_landscape().has_work
    assert interrupted
    finish_compute(job, document)
    with Document.open(document) as opened:
        found = opened.newest_landscape()
    assert not found.has_work
    for k, (value, interpolated) in expected.items():
        assert found.loss.flat[k] == value
        assert found.interpolated.flat[k] == interpolated
    assert len(expected) == found.loss.size
