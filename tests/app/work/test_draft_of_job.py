"""A job that is repeated: every key of it comes back, those that the page has no field for as well."""

from pathlib import Path

import pytest

from talweg.work.draft_of_job import draft_of
from talweg.work.faults import find_faults
from talweg_compute.messages import Job, read_job

PROBLEM = '[problem]\nmodel = "mlp"\nmodel_args = { sizes = [64, 16, 10] }\ndata = "digits"\ncheckpoint = "a.pt"\n'


def job_of(folder: Path, text: str) -> Job:
    for name in ("a.pt", "b.pt", "run/1.pt", "run/2.pt", "d.h5"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"")
    path = folder / "job.toml"
    path.write_text(text)
    return read_job(path)


@pytest.mark.parametrize(
    "text",
    [
        PROBLEM,
        f'{PROBLEM}samples = 100\nsubset = "balanced"\nloss = "mse"\nbatch_norm = "recalibrated"\n',
        f'{PROBLEM}metrics = ["entropy", "margin"]\n',
        f"{PROBLEM}[plane]\nseed = 7\northogonal = true\nonly = ['layers']\n[grid]\nu = [-0.25, 2.0, 5]\n",
        f'{PROBLEM}[plane]\nkind = "checkpoints"\nthrough = ["b.pt"]\ndirections = 1\n',
        f'{PROBLEM}[plane]\nkind = "file"\nfile = "d.h5"\n',
        f"{PROBLEM}[plane]\ndirections = 3\nseeds = [1, 2]\n[grid]\nw = [-1.0, 1.0, 5]\n",
        f'{PROBLEM}[run]\nladder = [10, 20]\nprecision = "float32"\nbatch_size = 32\ndevice = "cpu"\nprocesses = 2\n',
        f'{PROBLEM}batch_norm = "frozen"\n[plane]\nignore = "none"\nseeds = [3, 1, 2]\n',
        f"{PROBLEM}[run]\nadaptive = true\ntolerance = 0.002\n",
        f'{PROBLEM}[run]\nladder = "auto"\nbatch_size = 7\n',
        f"{PROBLEM}[plane]\ndirections = 3\n",
        f"{PROBLEM}[origin]\nat = [0.5, -0.25]\nplane = {{ seed = 4 }}\n",
        f'{PROBLEM}trajectory = "run/*.pt"\nother_trajectories = ["*.pt"]\n'
        + '[plane]\nkind = "pca"\ncentered = false\n',
        PROBLEM.replace('data = "digits"', 'data = "cifar10"\ndata_args = { root = "run", download = true }'),
    ],
)  # fmt: skip
def test_a_job_and_the_draft_of_it_are_one(text: str, tmp_path: Path) -> None:
    job = job_of(tmp_path, text)
    draft = draft_of(job)
    assert find_faults(draft) == {}
    assert draft.job() == job


def test_keys_of_the_plane_go_with_its_kind(tmp_path: Path) -> None:
    from dataclasses import replace

    job = job_of(tmp_path, f'{PROBLEM}[plane]\northogonal = true\n[run]\nladder = "auto"\n')
    other = replace(draft_of(job), plane="gradient").job()
    assert other.plane.kind == "gradient"
    assert not other.plane.orthogonal
    assert other.run == job.run


def test_keys_that_do_not_fit_any_more_are_told(tmp_path: Path) -> None:
    from dataclasses import replace

    job = job_of(tmp_path, f'{PROBLEM}[plane]\ncompatibility = "li2018"\n')
    (sentence,) = find_faults(replace(draft_of(job), directions="3")).values()
    assert "knows no volumes" in sentence


def test_what_the_page_has_a_field_for_can_be_changed(tmp_path: Path) -> None:
    from dataclasses import replace

    keys = f'{PROBLEM}batch_norm = "frozen"\n[plane]\nseeds = [1, 2]\nignore = "none"\n[run]\nladder = [10]\n'
    draft = draft_of(job_of(tmp_path, keys))
    assert draft.further.of(draft.plane) == {}
    changed = replace(draft, seed="7", batch_norm="", ignore="bias_norm", refine="adaptive", processes="3")
    assert changed.table()["plane"] == {"kind": "random", "seed": 7}
    assert changed.table()["run"] == {"adaptive": True, "processes": 3}
    assert changed.job().problem.batch_norm is None
