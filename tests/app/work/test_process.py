"""Workers in an interpreter of another environment, for real."""

import site
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from talweg.work.client import Client
from talweg.work.jobs import document_beside
from talweg.work.process import worker_command
from talweg_compute.messages import Event, Failed, Finished, InputError
from tests.conftest import write_job


def other_environment(folder: Path) -> Path:
    """Make an environment with nothing in it; returns its interpreter."""
    venv.create(folder, with_pip=False, symlinks=True)
    return folder / "bin" / "python"


def job_for(folder: Path, python: Path) -> Path:
    job = write_job(folder, grid=3, samples=20)
    job.write_text(f'[worker]\npython = "{python}"\n{job.read_text()}')
    return job


def run(job: Path) -> tuple[list[Event], int]:
    events: list[Event] = []
    client = Client(events.append)
    document, landscape = document_beside(job)
    with document:
        client.compute(document, landscape)
        assert client.wait(90)
        done = document.landscape(landscape).done
    client.close()
    return events, done


def test_another_environment_sees_nothing_of_this_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    python = other_environment(tmp_path / "other")
    command = worker_command(str(python))
    assert command.environment is not None

    script = "import sys, importlib.util as u; print(*[u.find_spec(n) is not None for n in sys.argv[1:]])"
    names = ["talweg_compute", "talweg", "numpy", "msgspec"]
    found = subprocess.run([python, "-c", script, *names], env=command.environment, capture_output=True, text=True)

    assert found.stdout.split() == ["True", "False", "False", "False"]
    assert str(tmp_path / "other" / "bin") == command.environment["PATH"].split(":")[0]


def test_what_is_missing_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    python = other_environment(tmp_path / "other")

    events, done = run(job_for(tmp_path, python))

    assert done == 0
    assert isinstance(failed := events[-1], Failed)
    assert failed.message.startswith(f"worker.python: {python} lacks torch, torchvision, numpy, scipy, msgspec,")
    assert failed.message.endswith("-m pip install torch torchvision numpy scipy msgspec safetensors h5py")
    with pytest.raises(InputError, match=r'worker\.python: got ".*none"; there is no such file'):
        worker_command(str(tmp_path / "none"))


def test_the_users_own_packages_are_there(tmp_path: Path) -> None:
    python = other_environment(tmp_path / "other")
    packages = tmp_path / "other" / "lib" / f"python3.{sys.version_info[1]}" / "site-packages"
    (packages / "these.pth").write_text("\n".join(site.getsitepackages()))
    (packages / "only_there.py").write_text("SIZES = [64, 16, 10]")
    (tmp_path / "model.py").write_text(
        "import only_there\nfrom talweg_compute.problem import build_model\n"
        "def net():\n    return build_model('mlp', {'sizes': only_there.SIZES})\n"
    )
    job = job_for(tmp_path, python)
    text = job.read_text().replace('model = "mlp"', 'model = "model.py:net"')
    job.write_text(text.replace("model_args = { sizes = [64, 16, 10] }", ""))

    events, done = run(job)

    assert isinstance(events[-1], Finished), events[-1]
    assert done == 15
