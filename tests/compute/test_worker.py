"""The worker as a process: its streams, its end, and what user code can do to it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from talweg_compute.messages import (
    Cancel,
    Compute,
    Epoch,
    Event,
    Failed,
    Finished,
    Points,
    Train,
    Training,
    decode_event,
    encode_request,
    read_job,
)

Worker = subprocess.Popen[bytes]


@pytest.fixture
def worker() -> Iterator[Worker]:
    command = [sys.executable, "-m", "talweg_compute"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        yield process
        process.kill()


def send(worker: Worker, request: Compute | Train | Cancel) -> None:
    assert worker.stdin is not None
    worker.stdin.write(encode_request(request))
    worker.stdin.flush()


def until_the_end(worker: Worker) -> list[Event]:
    assert worker.stdout is not None
    events: list[Event] = []
    while not events or not isinstance(events[-1], Finished | Failed):
        events.append(decode_event(worker.stdout.readline()))
    return events


def use_loss(job_file: Path, code: str) -> None:
    (job_file.parent / "user.py").write_text(code)
    job_file.write_text(job_file.read_text().replace('data = "digits"', 'data = "digits"\nloss = "user.py:loss"'))


def test_prints_of_user_code_do_not_break_the_stream(worker: Worker, job_file: Path) -> None:
    use_loss(
        job_file,
        "import os, sys\nimport torch\n"
        "def loss(outputs, targets):\n"
        "    print('from Python'); os.write(1, b'from C'); sys.stdin.read()\n"
        "    return torch.nn.functional.cross_entropy(outputs, targets, reduction='none')\n",
    )
    send(worker, Compute("7", read_job(job_file)))
    events = until_the_end(worker)
    assert isinstance(events[-1], Finished)
    assert all(event.id == "7" for event in events)
    assert sum(len(event.index.array()) for event in events if isinstance(event, Points)) == 99


def test_an_exception_of_user_code_is_reported_and_the_worker_lives_on(worker: Worker, job_file: Path) -> None:
    good = read_job(job_file)
    use_loss(
        job_file,
        "calls = 0\n"
        "def loss(outputs, targets):\n"
        "    global calls\n    calls += 1\n"
        "    if calls > 20:\n        raise KeyError('lost')\n"
        "    return outputs.sum(1)\n",
    )
    send(worker, Compute("1", read_job(job_file)))
    failed = until_the_end(worker)[-1]
    assert isinstance(failed, Failed)
    assert "KeyError" in failed.message
    assert "user.py" in failed.details
    send(worker, Compute("2", good))
    assert isinstance(until_the_end(worker)[-1], Finished)


def test_closed_stdin_ends_it_even_in_the_middle_of_a_job(worker: Worker, job_file: Path) -> None:
    use_loss(job_file, "import time\ndef loss(outputs, targets):\n    time.sleep(60)\n    return outputs.sum(1)\n")
    send(worker, Compute("1", read_job(job_file)))
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(timeout=30) == 0


def test_training_reports_each_epoch(worker: Worker, tmp_path: Path) -> None:
    training = Training(model="mlp", model_args={"sizes": [64, 8, 10]}, folder=str(tmp_path / "run"), epochs=2)
    send(worker, Train("1", training))
    events = until_the_end(worker)
    assert isinstance(events[-1], Finished)
    epochs = [event for event in events if isinstance(event, Epoch)]
    assert [event.epoch for event in epochs] == [0, 1, 2]
    assert all(Path(event.checkpoint).is_file() for event in epochs)


def test_training_is_cancelled_between_mini_batches(worker: Worker, tmp_path: Path) -> None:
    send(worker, Train("1", Training(folder=str(tmp_path / "run"), epochs=500)))
    send(worker, Cancel("1"))
    finished = until_the_end(worker)[-1]
    assert isinstance(finished, Finished)
    assert finished.cancelled


def test_the_computation_brings_in_neither_qt_nor_vtk() -> None:
    code = (
        "import sys, talweg_compute.worker, talweg_compute.engine, talweg_compute.problem.training\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'PySide6', 'vtkmodules', 'pyvista', 'talweg'}))"
    )
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert found.stdout.strip() == "[]"
