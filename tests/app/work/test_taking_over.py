"""An unfinished surface of Li et al.'s code, completed by a job to the numbers of the finished one."""

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from talweg.cli import main
from talweg.document import Document
from talweg.work.taking_over import take_over
from talweg_compute.messages import Block, InputError, Points, read_job

GOLDEN = Path(__file__).parents[2] / "data" / "golden_reference"
STEM = "m.t7_weights_xignore=biasbn_xnorm=filter_yignore=biasbn_ynorm=filter"

CODE = """
import torch
from torch import nn
from torch.utils.data import TensorDataset


class Golden(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1)
        self.bn = nn.BatchNorm2d(3)
        self.fc = nn.Linear(48, 4)

    def forward(self, x):
        return self.fc(torch.relu(self.bn(self.conv(x))).flatten(1))


def data():
    generator = torch.Generator().manual_seed(7)
    images = torch.randn(50, 1, 4, 4, generator=generator)
    return TensorDataset(images, torch.randint(0, 4, (50,), generator=generator))
"""


def write_case(folder: Path, missing: list[int], nudge: float = 0.0) -> Path:
    """The golden surface with some points not computed, and the job that it was computed by."""
    for name in ("m.t7", f"{STEM}.h5"):
        shutil.copy(GOLDEN / name, folder)
    (folder / "golden.py").write_text(CODE)
    (folder / "job.toml").write_text(
        f"""
        [problem]
        model = "golden.py:Golden"
        checkpoint = "m.t7"
        data = "golden.py:data"
        [plane]
        kind = "file"
        file = "{STEM}.h5"
        [grid]
        u = [-1.0, 1.0, 5]
        v = [-1.0, 1.0, 3]
        [run]
        device = "cpu"
        """
    )
    surface = folder / "unfinished.h5"
    shutil.copy(GOLDEN / f"{STEM}.h5_[-1.0,1.0,5]x[-1.0,1.0,3].h5", surface)
    with h5py.File(surface, "r+") as file:
        for name in ("train_loss", "train_acc"):
            values = file[name][()].ravel()
            values[missing] = -1
            file[name][...] = values.reshape(file[name].shape)
        file["train_loss"][...] += nudge * (file["train_loss"][()] != -1)
    return surface


def compute(folder: Path, surface: Path) -> int:
    with pytest.raises(SystemExit) as stopped:
        main(["compute", f"{folder / 'job.toml'}", "-o", f"{folder / 'x.talweg'}", "--resume-from", f"{surface}"])
    return int(stopped.value.code or 0)


def test_an_unfinished_surface_is_completed_to_the_finished_one(tmp_path, capfd):
    missing = [1, 4, 6, 7, 8, 9, 10, 11, 13]
    surface = write_case(tmp_path, missing)
    assert compute(tmp_path, surface) == 0
    with Document.open(tmp_path / "x.talweg") as document:
        landscape = document.newest_landscape()
    with h5py.File(GOLDEN / f"{STEM}.h5_[-1.0,1.0,5]x[-1.0,1.0,3].h5") as file:
        loss, accuracy = (file[name][()].ravel() for name in ("train_loss", "train_acc"))
    ours = landscape.loss.ravel()
    kept = np.setdiff1d(np.arange(15), missing)
    assert landscape.complete
    assert np.array_equal(ours[kept], loss[kept])  # theirs, to the last bit
    assert np.abs(ours - loss).max() < 1e-6
    assert np.array_equal(landscape.fields["accuracy"].ravel(), accuracy)
    assert np.isnan(landscape.fields["loss_standard_error"].ravel()[kept]).all()
    assert np.isfinite(landscape.fields["loss_standard_error"].ravel()[missing]).all()
    assert landscape.provenance is not None
    assert "6 of 15 points are from" in landscape.notes[0]
    assert "5 of them were computed again" in landscape.notes[0]
    assert compute(tmp_path, surface) == 0
    assert "complete already" in capfd.readouterr().err


def test_a_surface_of_another_network_is_refused(tmp_path):
    surface = write_case(tmp_path, [3], nudge=0.01)

    def answer(document: Document, landscape: int) -> int:
        """Give the losses of the job as the worker would."""
        with h5py.File(GOLDEN / f"{STEM}.h5_[-1.0,1.0,5]x[-1.0,1.0,3].h5") as file:
            loss = file["train_loss"][()].ravel()
        missing = np.flatnonzero(~document.landscape(landscape).computed)
        assert missing.tolist() == [0, 4, 7, 11, 14]
        document.commit(landscape, Points("", Block.of(missing), {"loss": Block.of(loss[missing])}))
        return 0

    with pytest.raises(InputError, match=r"u = -1, v = -1 the file has .* \(5 of 5 points that were checked deviate\)"):
        take_over(surface, read_job(tmp_path / "job.toml"), answer)
    assert take_over(surface, read_job(tmp_path / "job.toml"), lambda *_: 130) == 130


def test_another_grid_is_refused_before_anything_is_computed(tmp_path, capfd):
    surface = write_case(tmp_path, [3])
    job = tmp_path / "job.toml"
    job.write_text(job.read_text().replace("v = [-1.0, 1.0, 3]", "v = [-1.0, 2.0, 3]"))
    assert compute(tmp_path, surface) == 2
    assert "v: the file has 3 points from -1 to 1, the job 3 from -1 to 2; set grid.v" in capfd.readouterr().err


@pytest.mark.shared
@pytest.mark.slow
def test_a_surface_of_others_is_completed(tmp_path, shared_data):
    """Twenty points of a finished surface over 60,000 samples are taken out and computed again."""
    name = "small_dense_entropy"
    stem = "model_10_states_xignore=biasbn_xnorm=filter_yignore=biasbn_ynorm=filter.h5"
    folder = shared_data / "surfaces" / "mbrar8_mnist" / name
    (tmp_path / "job.toml").write_text(
        f"""
        [problem]
        model = "mlp"
        model_args = {{ sizes = [784, 128, 10] }}
        checkpoint = "{shared_data / "checkpoints" / "mbrar8_mnist" / name / "model_10.pt"}"
        data = "{shared_data / "images" / "mnist_train.npz"}"
        normalize = {{ mean = [0.5], std = [0.5] }}
        [plane]
        kind = "file"
        file = "{folder / stem}"
        [grid]
        u = [-1.0, 1.0, 15]
        v = [-1.0, 1.0, 15]
        """
    )
    surface = tmp_path / "unfinished.h5"
    shutil.copy(folder / f"{stem}_[-1.0,1.0,15]x[-1.0,1.0,15].h5", surface)
    missing = np.arange(3, 225, 11)[:20]
    with h5py.File(surface, "r+") as file:
        finished = file["train_loss"][()].ravel()
        file["train_loss"][...] = np.where(np.isin(np.arange(225), missing), -1, finished).reshape(15, 15)
    assert compute(tmp_path, surface) == 0
    with Document.open(tmp_path / "x.talweg") as document:
        landscape = document.newest_landscape()
    assert landscape.complete
    assert np.allclose(landscape.loss.ravel(), finished, rtol=2e-6, atol=0)
