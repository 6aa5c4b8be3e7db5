"""A job while it is typed: what is said beside each field, and the file it becomes."""

from dataclasses import replace
from pathlib import Path

import pytest

from talweg.work.draft import Draft
from talweg.work.faults import find_faults
from talweg.work.job_text import write_toml
from talweg_compute.messages import read_job


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    """A draft that is a job."""
    for number in range(3):
        (tmp_path / f"epoch_{number}.pt").write_bytes(b"x")
    (tmp_path / "other.py").write_text("class Net: ...\n")
    return Draft(weights=str(tmp_path / "epoch_2.pt"), model="mlp", model_args="sizes = [64, 16, 10]", data="digits")


def test_an_empty_draft_says_what_is_needed() -> None:
    faults = find_faults(Draft())
    assert set(faults) == {"weights", "model", "data"}
    assert all(sentence.endswith(".") for sentence in faults.values())


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"weights": "/nowhere/x.pt"}, "weights", "there is no such file"),
        ({"model": "resnt20"}, "model", 'did you mean "resnet20"'),
        ({"model": "model.py"}, "model", 'There is no "model.py" beside the checkpoint, in '),
        ({"model": "other.py"}, "model", "add a colon and one of Net"),
        ({"model": "/nowhere/model.py:net"}, "model", "there is no such file"),
        ({"model_args": "sizes = [64"}, "model_args", "expected name = value"),
        ({"data": "didgits"}, "data", 'did you mean "digits"'),
        ({"data": "cifar10", "data_root": "/nowhere"}, "data_root", "no such folder"),
        ({"normalize": "0.5, 0.5"}, "normalize", "expected mean ="),
        ({"normalize": "mean = [0.5], std = [0.0]"}, "normalize", "every std positive"),
        ({"samples": "-3"}, "samples", "an integer of at least 0"),
        ({"samples": "many"}, "samples", "an integer of at least 0"),
        ({"metrics": "entropy, brier"}, "metrics", 'did you mean "brier_score"'),
        ({"metrics": "entropy, mine.py:score"}, "metrics", 'There is no "mine.py" beside'),
        ({"metrics": "entropy, /mine.py:score"}, "metrics", "there is no such file"),
        ({"plane": "pca"}, "plane", "needs a training path"),
        ({"plane": "checkpoints"}, "other", "Choose the other checkpoint"),
        ({"plane": "checkpoints", "other": "/nowhere/a.pt"}, "other", "there is no such file"),
        ({"plane": "checkpoints", "other": "a.pt"}, "other", "nor in the folder that Talweg was started in"),
        ({"plane": "checkpoints", "other": "epoch_0.pt; epoch_1.pt; epoch_2.pt"}, "plane", "at most as many"),
        ({"seed": "one"}, "seed", "an integer of at least 0"),
        ({"seed": "1, two"}, "seed", "a list of different integers"),
        ({"seed": "1, 2, 1"}, "seed", "seeds that are all different"),
        ({"seed": ""}, "seed", "an integer of at least 0"),
        ({"refine": "adaptive", "directions": "1"}, "refine", "Only a surface is refined adaptively"),
        ({"refine": "given"}, "ladder", "Say on how many samples to begin"),
        ({"refine": "given", "ladder": "many"}, "ladder", "ascending numbers of samples"),
        ({"refine": "given", "ladder": "500, 100"}, "ladder", "a ladder of ascending numbers"),
        ({"tolerance": "2"}, "tolerance", "a number between 0 and 1"),
        ({"device": "gpu"}, "device", '"auto", "cpu", "cuda"'),
        ({"processes": "-1"}, "processes", "an integer of 0 to 1024"),
        ({"directions": "3", "w": ("0", "1", "")}, "w", "[from, to, count]"),
        ({"u": ("1", "-1", "51")}, "u", "from < to"),
        ({"v": ("-1", "1", "1")}, "v", "a count of 2 to"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    draft: Draft, changes: dict[str, str], field: str, words: str
) -> None:
    assert find_faults(draft) == {}
    faults = find_faults(replace(draft, **changes))  # type: ignore[arg-type]  # a field of each kind
    assert list(faults) == [field]
    assert words in faults[field]
    assert not faults[field].startswith(("job", "problem", "plane", "grid"))


def test_several_faults_are_all_said(draft: Draft) -> None:
    faults = find_faults(replace(draft, samples="x", seed="y", u=("a", "b", "c")))
    assert set(faults) == {"samples", "seed", "u"}


def test_a_folder_is_a_trajectory(draft: Draft, tmp_path: Path) -> None:
    folder = replace(draft, weights=str(tmp_path), plane="pca", seed="7")
    assert find_faults(folder) == {}
    assert folder.table()["problem"]["trajectory"] == str(tmp_path)
    assert folder.table()["plane"] == {"kind": "pca"}  # a seed is no key of this kind
    (tmp_path / "one").mkdir()
    assert "fewer than two" in find_faults(replace(draft, weights=str(tmp_path / "one")))["weights"]


@pytest.mark.parametrize(
    ("plane", "directions", "other", "draws"),
    [
        ("random", "1", "", True), ("gradient", "1", "", False), ("gradient", "2", "", True),
        ("checkpoints", "1", "a.pt", False), ("checkpoints", "2", "a.pt", True),
        ("checkpoints", "2", "a.pt; b.pt", False),        ("initial_to_final", "2", "", False), ("pca", "2", "", False),
    ],
)  # fmt: skip
def test_a_seed_is_asked_for_where_it_draws_something(plane: str, directions: str, other: str, draws: bool) -> None:
    draft = Draft(plane=plane, directions=directions, other=other, seed="5")
    assert draft.draws == draws
    assert draft.table()["plane"].get("seed") == (5 if draws else None)


def test_several_seeds_and_how_the_job_is_run_are_written(draft: Draft) -> None:
    whole = replace(
        draft, seed="1, 2;3 4", subset="balanced", batch_norm="recalibrated", ignore="none", refine="given",
        ladder="50, 100", tolerance="0,02", device="cpu", processes="2", directions="3", w=("-0.5", "0.5", "5"),
    )  # fmt: skip
    assert find_faults(whole) == {}
    job = whole.job()
    assert job.plane.seeds == (1, 2, 3, 4)
    assert (job.problem.subset, job.problem.batch_norm, job.plane.ignore) == ("balanced", "recalibrated", "none")
    assert (job.run.ladder, job.run.tolerance, job.run.device, job.run.processes) == ((50, 100), 0.02, "cpu", 2)
    assert [axis.count for axis in job.axes] == [51, 51, 5]
    quick = whole.quick().job()
    assert (quick.plane.seeds, quick.plane.seed, quick.run.ladder) == ((), 1, "off")
    assert [axis.count for axis in quick.axes] == [9, 9, 9]
    assert replace(whole, plane="file").table()["plane"].get("ignore") is None
    assert draft.table()["plane"] == {"kind": "random"}
    assert "run" not in draft.table()


def test_the_job_file_reads_back_as_the_job(draft: Draft, tmp_path: Path) -> None:
    whole = replace(
        draft,
        plane="checkpoints",
        other=f"{tmp_path}/epoch_0.pt",
        normalization="layer",
        normalize="mean = [0.5], std = [0.25]",
        samples="500",
        metrics=" entropy,brier_score, ",
        u=("-0,5", "1.5", "31"),
        seed="12",
    )
    path = tmp_path / 'a "strange" name.toml'
    path.write_text(write_toml(whole.table()))
    job = read_job(path)
    assert job == whole.job()
    assert job.plane.through == (f"{tmp_path}/epoch_0.pt",)
    assert (job.plane.normalization, job.plane.seed) == ("layer", 12)
    assert (job.grid.u.start, job.grid.u.stop, job.grid.u.count) == (-0.5, 1.5, 31)
    assert (job.problem.samples, job.problem.metrics) == (500, ("entropy", "brier_score"))


def test_a_quick_look_is_coarse_and_on_few_samples(draft: Draft) -> None:
    quick = draft.quick().job()
    assert (quick.grid.u.count, quick.grid.v.count, quick.problem.samples) == (9, 9, 200)
    assert replace(draft, samples="50").quick().job().problem.samples == 50


def test_what_is_typed_without_a_folder_lies_beside_the_checkpoint_or_where_talweg_runs(
    draft: Draft, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    (here / "other.py").write_text("def Net(): ...\n")
    (here / "mine.py").write_text("def samples(): ...\n")
    typed = replace(
        draft, model="other.py:Net", data="mine.py:samples", metrics="entropy, other.py:Net", plane="checkpoints",
        other="epoch_0.pt; epoch_1.pt",
    )  # fmt: skip
    assert find_faults(typed) == {}
    job = typed.job()
    assert job.problem.model == f"{tmp_path}/other.py:Net"  # there are two: the one beside the checkpoint counts
    assert job.problem.data == f"{here}/mine.py:samples"
    assert job.problem.metrics == ("entropy", f"{tmp_path}/other.py:Net")
    assert job.plane.through == (f"{tmp_path}/epoch_0.pt", f"{tmp_path}/epoch_1.pt")
    elsewhere = tmp_path / "saved" / "job.toml"
    elsewhere.parent.mkdir()
    elsewhere.write_text(write_toml(typed.table()))
    assert read_job(elsewhere) == job  # wherever the job file is kept
    (tmp_path / "other.py").unlink()
    assert typed.job().problem.model == f"{here}/other.py:Net"
    (here / "other.py").unlink()
    sentence = find_faults(typed)["model"]
    assert str(tmp_path) in sentence
    assert str(here) in sentence
