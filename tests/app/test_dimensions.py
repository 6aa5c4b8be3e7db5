"""Lines and volumes, seeds and several runs: from the job through the document to what is told and written."""

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
import pyvista as pv
import torch

from talweg.analysis.families import list_seeds
from talweg.analysis.seeds import compare_seeds
from talweg.cli import main
from talweg.document import Document
from talweg.work.jobs import find_job_of, open_for_job
from talweg_compute.engine import compute_landscape
from talweg_compute.messages import Compute, InputError, read_job
from tests.conftest import write_job


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_job(tmp_path_factory.mktemp("source"))


def job_file(source: Path, tmp_path: Path, plane: str, grid: str, problem: str = "") -> Path:
    """Write a job of the small problem with another plane and grid."""
    shutil.copytree(source.parent, tmp_path, dirs_exist_ok=True)
    head = source.read_text().split("[grid]")[0].replace("        ", "")
    path = tmp_path / "job.toml"
    path.write_text(f"{head}{problem}\n[plane]\n{plane}\n[grid]\n{grid}\n")
    return path


def compute(job: Path) -> Path:
    """Compute a job's landscapes in this process."""
    output = job.with_suffix(".talweg")
    document, landscape = open_for_job(read_job(job), output, "job")
    with document:
        for number in list_seeds(document, landscape):
            one = document.remaining_job(number)
            compute_landscape(Compute("1", one), lambda event, n=number: document.commit(n, event), lambda: False)  # type: ignore[misc]
    return output


def talweg(*arguments: object) -> int:
    with pytest.raises(SystemExit) as exit_:
        main([str(argument) for argument in arguments])
    return int(exit_.value.code or 0)


def test_a_line(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = compute(job_file(source, tmp_path, "directions = 1", "u = [-1, 1, 11]"))
    with Document.open(document) as opened:
        landscape = opened.newest_landscape()
    assert landscape.dimensions == 1
    assert landscape.loss.shape == (1, 11)
    assert landscape.complete
    assert landscape.loss[0, 5] == pytest.approx(landscape.origin["loss"], rel=1e-6)
    assert talweg("info", document, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["shape"] == [1, 11]
    assert summary["grid"] == {"u": [-1.0, 1.0]}
    assert len(summary["loss"]["min_at"]) == 1
    assert talweg("info", document) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "u -1 to 1 in 11 points" in text
    assert "v " not in text.split("points")[0].split("grid")[1]
    assert talweg("render", document, "-o", tmp_path / "line.png", "--size", 300, 200) == 0
    assert pv.read(tmp_path / "line.png").dimensions[:2] == (300, 200)
    assert talweg("export", document, "-o", tmp_path / "line.h5") == 0
    with h5py.File(tmp_path / "line.h5") as file:
        assert file["train_loss"].shape == (11,)
        assert "ycoordinates" not in file
        np.testing.assert_array_equal(file["train_loss"][()], landscape.loss[0])
    assert talweg("export", document, "-o", tmp_path / "line.csv") == 0
    assert talweg("export", document, "-o", tmp_path / "line.npz") == 0
    assert talweg("export", document, "-o", tmp_path / "line.svg") == 0
    assert "accuracy" in (tmp_path / "line.svg").read_text()
    assert talweg("export", document, "-o", tmp_path / "line.ply") == 2
    assert "is a line" in capsys.readouterr().err


def test_a_volume(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid = "u = [-1, 1, 5]\nv = [-1, 1, 4]\nw = [-0.5, 0.5, 3]"
    document = compute(job_file(source, tmp_path, "directions = 3\nseed = 4", grid))
    flat = compute(job_file(source, tmp_path / "flat", "directions = 2\nseed = 4", "u = [-1, 1, 5]\nv = [-1, 1, 4]"))
    with Document.open(document) as opened, Document.open(flat) as other:
        landscape, plane = opened.newest_landscape(), other.newest_landscape()
    assert landscape.dimensions == 3
    assert landscape.loss.shape == (3, 4, 5)
    assert landscape.path is not None
    assert landscape.path.w.shape == (3,)
    np.testing.assert_allclose(landscape.loss[1], plane.loss, rtol=1e-6)  # w = 0 is the plane of the first two
    assert landscape.sheet(1).dimensions == 2
    np.testing.assert_array_equal(landscape.sheet(1).loss, landscape.loss[1])
    assert landscape.sheet(1).topology is not None
    assert talweg("info", document) == 0
    assert "w -0.5 to 0.5 in 3 points" in " ".join(capsys.readouterr().out.split())
    for suffix in ("npz", "csv", "vti"):
        assert talweg("export", document, "-o", tmp_path / f"volume.{suffix}") == 0
    with np.load(tmp_path / "volume.npz") as arrays:
        np.testing.assert_array_equal(arrays["loss"], landscape.loss)
        np.testing.assert_array_equal(arrays["w"], landscape.w)
    rows = [line for line in (tmp_path / "volume.csv").read_text().splitlines() if not line.startswith("#")]
    assert rows[0].startswith("u,v,w,loss")
    assert [float(cell) for cell in rows[-1].split(",")[:4]] == [1.0, 1.0, 0.5, landscape.loss[-1, -1, -1]]
    image = pv.read(tmp_path / "volume.vti")
    assert image.dimensions == (5, 4, 3)
    place = image.find_closest_point((1.0, -1.0, 0.5))
    assert image["loss"][place] == landscape.loss[2, 0, 4]
    assert talweg("export", document, "-o", tmp_path / "sheet.ply") == 2
    assert "name a sheet" in capsys.readouterr().err
    assert talweg("export", document, "-o", tmp_path / "sheet.ply", "--w", 0.4) == 0
    assert talweg("render", document, "-o", tmp_path / "sheet.png", "--size", 200, 150) == 0


def test_seeds_are_landscapes_that_are_compared(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job = job_file(source, tmp_path, "seeds = [3, 1, 2]\ndirections = 1", "u = [-1, 1, 7]")
    document = compute(job)
    single = compute(job_file(source, tmp_path / "one", "seed = 2\ndirections = 1", "u = [-1, 1, 7]"))
    with Document.open(document) as opened, Document.open(single) as other:
        numbers = list_seeds(opened, opened.newest_landscape().id)
        family = [opened.landscape(number) for number in numbers]
        assert opened.newest_landscape().name == "job, seed 3"
        np.testing.assert_array_equal(family[1].loss, other.newest_landscape().loss)
    assert [each.job.plane.seed for each in family if each.job is not None] == [1, 2, 3]
    seeds = compare_seeds(family)
    losses = np.stack([each.loss for each in family])
    np.testing.assert_allclose(seeds.deviation, losses.std(axis=0, ddof=1))
    assert seeds.spread == pytest.approx(np.median(seeds.deviation / losses.mean(axis=0)))
    assert talweg("info", document) == 0
    assert "seeds 1, 2, 3: the losses spread by" in " ".join(capsys.readouterr().out.split())
    assert talweg("render", document, "-o", tmp_path / "seeds.svg", "--size", 600, 400) == 0
    assert "mean of 3 seeds" in (tmp_path / "seeds.svg").read_text()
    with pytest.raises(InputError, match="landscapes of other jobs"):
        open_for_job(read_job(job_file(source, tmp_path, "seed = 9", "u = [-1, 1, 7]")), document, "other")


def test_several_runs_on_one_surface(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for step in range(2):
        state = torch.load(source.parent / f"epoch_{step}.pt", weights_only=True)["state_dict"]
        (tmp_path / "adam").mkdir(exist_ok=True)
        torch.save({name: 1.1 * value for name, value in state.items()}, tmp_path / "adam" / f"{step}.pt")
    job = job_file(source, tmp_path, "", "u = [-1, 1, 3]\nv = [-1, 1, 3]", 'other_trajectories = ["adam/*.pt"]')
    document = compute(job)
    with Document.open(document) as opened:
        landscape = opened.newest_landscape()
    first, second = landscape.paths
    assert second.title == "adam"
    assert second.names == ("0.pt", "1.pt")
    assert (second.residual > 0).all()
    # the plane's loss where a checkpoint is projected to is not the checkpoint's, unless it is on the plane
    assert first.loss_at_projection[-1] == pytest.approx(first.loss[-1], rel=1e-6)
    assert (np.abs(second.loss_at_projection - second.loss) > 1e-3).all()
    assert talweg("info", document) == 0
    text = capsys.readouterr().out
    assert "trajectory adam" in text
    assert "loss on the plane" in text


def test_the_job_of_a_folder(source: Path, tmp_path: Path) -> None:
    job = job_file(source, tmp_path, "", "u = [-1, 1, 3]")
    assert find_job_of(job) == job
    assert find_job_of(tmp_path) == job
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="expected one job file"):
        find_job_of(tmp_path / "empty")
