import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from talweg_compute.messages import find_checkpoints
from talweg_compute.problem.checkpoint import read_checkpoint
from talweg_compute.recorder import record


def test_a_run_is_a_folder_in_natural_order(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    written = []
    for step in range(12):
        nn.init.constant_(model[0].weight, step)
        written.append(record(model, tmp_path / "runs" / "sgd"))
    found = find_checkpoints(str(tmp_path / "runs" / "sgd"))
    assert found == written
    assert [float(read_checkpoint(path)["0.weight"][0, 0]) for path in found] == list(range(12))
    assert read_checkpoint(found[0]).keys() == model.state_dict().keys()
    replaced = record(model, tmp_path / "runs" / "sgd", 3)
    assert float(read_checkpoint(replaced)["0.weight"][0, 0]) == 11
    assert len(list((tmp_path / "runs" / "sgd").iterdir())) == 12


def test_what_was_recorded_does_not_follow_the_model(tmp_path: Path) -> None:
    model = nn.Linear(2, 2)
    before = model.weight.detach().clone()
    path = record(model, tmp_path)
    nn.init.zeros_(model.weight)
    assert torch.equal(read_checkpoint(path)["weight"], before)


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(torch, "save", interrupted)
    with pytest.raises(OSError, match="full"):
        record(nn.Linear(2, 2), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_needs_nothing_but_torch() -> None:
    code = (
        "import sys, talweg_compute.recorder\n"
        "own = {name.split('.')[0] for name in sys.modules}\n"
        "assert not own & {'msgspec', 'h5py', 'lightning', 'pytorch_lightning', 'safetensors', 'scipy'}, own"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
