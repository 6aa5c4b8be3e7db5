"""What is said before a run, against the run."""

import time
from pathlib import Path

import pytest

from talweg_compute.engine import compute_landscape
from talweg_compute.engine.resources import available_cores
from talweg_compute.messages import (
    Compute,
    Estimate,
    Estimated,
    Event,
    InputError,
    Inspect,
    Inspected,
    Origin,
    Ready,
    Trajectory,
    decode_event,
    encode_event,
    read_job,
)
from talweg_compute.studies import estimate, inspect


def estimated(job_file: Path) -> Estimated:
    events: list[Event] = []
    estimate(Estimate("5", read_job(job_file)), events.append, lambda: False)
    (answer,) = [event for event in events if isinstance(event, Estimated)]
    assert all(event.id == "5" for event in events)
    return answer


def test_an_estimate_agrees_with_the_run(job_file: Path) -> None:
    answer = estimated(job_file)
    events: list[Event] = []
    start = time.perf_counter()
    compute_landscape(Compute("1", read_job(job_file)), events.append, lambda: False)
    seconds = time.perf_counter() - start
    (ready,) = [event for event in events if isinstance(event, Ready)]
    (origin,) = [event for event in events if isinstance(event, Origin)]
    assert answer.points == 9 * 11
    assert answer.samples == ready.provenance.samples == 100
    assert answer.parameters == ready.provenance.parameters == 64 * 16 + 16 + 16 * 10 + 10
    assert answer.device == ready.provenance.device
    assert float(answer.loss.array()) == pytest.approx(float(origin.fields["loss"].array()), rel=1e-6)
    assert answer.accuracy == pytest.approx(float(origin.fields["accuracy"].array()), rel=1e-6)
    (path,) = [event for event in events if isinstance(event, Trajectory)]
    coordinates = path.coordinates.array()
    assert answer.extents == tuple((axis.min(), axis.max()) for axis in coordinates.T)
    assert answer.processes == 1
    assert answer.others == 1 + 2 * 3  # the origin, and three checkpoints on and off the plane
    assert answer.seconds == pytest.approx(answer.opening + (answer.points + 7) * answer.seconds_a_point)
    assert answer.seconds < 4 * seconds
    assert answer.memory > 50e6  # torch alone needs that


def test_a_slow_point_is_extrapolated_from_some_of_its_samples(job_file: Path) -> None:
    code = "import time\ndef loss(outputs, targets):\n    time.sleep(0.01 * len(outputs))\n    return outputs.sum(1)\n"
    (job_file.parent / "user.py").write_text(code)
    text = job_file.read_text().replace('data = "digits"', 'data = "digits"\nloss = "user.py:loss"')
    job_file.write_text(text.replace("samples = 100", "samples = 0"))
    start = time.perf_counter()
    answer = estimated(job_file)
    assert time.perf_counter() - start < 6
    assert answer.samples == 1347
    assert answer.seconds_a_point == pytest.approx(13.47, rel=0.3)
    shared = (answer.points + 6) * answer.seconds_a_point / answer.processes
    assert answer.seconds == pytest.approx(answer.opening + answer.seconds_a_point + shared)
    assert answer.processes == available_cores()


def test_what_does_not_fit_is_said_with_its_key(job_file: Path) -> None:
    job_file.write_text(job_file.read_text().replace("[64, 16, 10]", "[64, 8, 10]"))
    with pytest.raises(InputError, match=r"does not fit the model.*check problem\.model"):
        estimated(job_file)
    job_file.write_text(job_file.read_text().replace("samples = 100", "samples = 999999"))
    with pytest.raises(InputError, match=r"does not fit|problem\.samples"):
        estimated(job_file)


def test_a_checkpoint_is_inspected_without_its_code(job_file: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    inspect(Inspect("2", str(job_file.parent / "epoch_2.pt")), events.append)
    (answer,) = events
    assert isinstance(answer, Inspected)
    assert decode_event(encode_event(answer)) == answer
    assert (answer.tensors, answer.numbers) == (4, 64 * 16 + 16 + 16 * 10 + 10)
    assert answer.names[0] == "fc1.weight [16, 64]"
    assert [(guess.model, guess.arguments) for guess in answer.guesses] == [("mlp", {"sizes": [64, 16, 10]})]
    (tmp_path / "none.pt").write_bytes(b"no checkpoint")
    with pytest.raises(InputError, match="damaged or no checkpoint"):
        inspect(Inspect("3", str(tmp_path / "none.pt")), events.append)
