from pathlib import Path

import msgspec
import pytest

from talweg_compute.messages import InputError, Job, Run, build_job, find_checkpoints, natural_order, read_job

PROBLEM = '[problem]\nmodel = "mlp"\ndata = "digits"\ncheckpoint = "weights.pt"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "weights.pt").touch()
    return tmp_path


def write(folder: Path, text: str) -> Path:
    path = folder / "job.toml"
    path.write_text(text)
    return path


def test_defaults_and_paths_relative_to_the_job_file(folder: Path) -> None:
    job = read_job(write(folder, PROBLEM))
    assert job.problem.checkpoint == str(folder / "weights.pt")
    assert job.problem.data == "digits"
    assert (job.grid.u.start, job.grid.u.stop, job.grid.u.count) == (-1.0, 1.0, 51)
    assert (job.plane.kind, job.plane.normalization, job.plane.ignore) == ("random", "filter", "bias_norm")


def test_a_job_survives_json(folder: Path) -> None:
    job = read_job(write(folder, PROBLEM + "[grid]\nu = [-2, 3.5, 7]\n"))
    assert msgspec.json.decode(msgspec.json.encode(job), type=Job) == job


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (PROBLEM + "sampels = 3", 'problem.sampels: unknown key; did you mean "samples"?'),
        (PROBLEM + "[plan]\nseed = 1", 'plan: unknown key; did you mean "plane"?'),
        (PROBLEM + 'samples = "all"', 'problem.samples: got "all"; expected an integer of at least 0'),
        (PROBLEM + "samples = -1", "problem.samples: got -1; expected an integer of at least 0"),
        (
            PROBLEM + "[grid]\nu = [1.0, -1.0, 51]",
            "grid.u: got [1.0,-1.0,51]; expected [from, to, count] with from < to",
        ),
        (PROBLEM + "[grid]\nv = [-1.0, 1.0]", "grid.v: got [-1.0,1.0]; expected [from, to, count]"),
        (PROBLEM + "[grid]\nv = [-1.0, nan, 3]", "grid.v: got"),
        (PROBLEM + '[plane]\nkind = "rand"', 'plane.kind: got "rand"; expected "random", "pca", "checkpoints"'),
        (PROBLEM + '[plane]\nkind = "file"', "expected a direction file"),
        (PROBLEM + '[run]\ndevice = "gpu"', 'run.device: got "gpu"; expected "auto", "cpu"'),
        (
            PROBLEM + '[run]\nladder = "on"',
            'run.ladder: got "on"; expected "off", "auto", or a list of ascending numbers',
        ),
        (PROBLEM + "[run]\nladder = [500, 20]", "expected a ladder of ascending numbers of samples"),
        (PROBLEM + "[run]\nladder = [500.5]", "run.ladder: got [500.5]; expected"),
        (PROBLEM + "[run]\nladder = []", "expected a ladder of ascending numbers of samples"),
        (PROBLEM + '[run]\nadaptive = "yes"', 'run.adaptive: got "yes"; expected true or false'),
        (PROBLEM + "[run]\ntolerance = 0", "run.tolerance: got 0; expected a number between 0 and 1"),
        (
            PROBLEM + '[run]\nadaptive = true\nladder = "auto"',
            "a ladder or adaptive = true, and not both",
        ),
        (PROBLEM + "normalize = { mean = [1], std = [0] }", "problem.normalize"),
        (PROBLEM.replace("weights.pt", "lost.pt"), "there is no such file"),
        (PROBLEM.replace('checkpoint = "weights.pt"', ""), "expected a checkpoint or a trajectory"),
        (PROBLEM + '[plane]\nkind = "pca"\nseed = 3', 'no seed with kind = "pca", which takes ignore, only, centered'),
        (PROBLEM + "[plane]\nsteps = 3", 'no steps with kind = "random", which takes seed, seeds, normalization'),
        (PROBLEM + '[plane]\nxnorm = "filter"', 'xnorm only with compatibility = "li2018"'),
        (
            PROBLEM + '[plane]\ncompatibility = "li2018"\northogonal = true',
            'no orthogonal with kind = "random"',
        ),
        (
            PROBLEM + '[plane]\ncompatibility = "li2018"\nkind = "gradient"',
            'expected one of the kinds "random"',
        ),
        (PROBLEM + '[plane]\nkind = "checkpoints"', 'checkpoints to go through (through = ["other.pt"])'),
        (PROBLEM + "[plane]\ndirections = 4", "plane.directions: got 4; expected 1 (a line), 2 (a plane) or 3"),
        (PROBLEM + "[plane]\nseeds = [1, 1]", "expected seeds that are all different"),
        (
            PROBLEM + '[plane]\nkind = "checkpoints"\nthrough = ["weights.pt", "weights.pt"]\ndirections = 1',
            "at most as many checkpoints in through as directions, which are 1; set directions = 2",
        ),
        (PROBLEM + '[plane]\nkind = "checkpoints"\nthrough = ["lost.pt"]', 'lost.pt"; there is no such file'),
        (PROBLEM + "[grid]\nw = [0, 1, 3]", "plane.directions = 3 with grid.w; it is 2"),
        (PROBLEM.replace("checkpoint", "trajectory"), "which matches one file; expected a pattern of at least two"),
        ('[problem]\nmodel = "mlp"', "problem.data: missing; expected the name of a data set"),
        (PROBLEM.replace('"mlp"', '"model.py"'), 'expected "path/to/file.py:function"'),
        ("problem = 3", "problem: got 3; expected a table [problem]."),
        ("[problem", "this is not TOML"),
    ],
)
def test_bad_jobs_get_one_sentence(folder: Path, text: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        read_job(write(folder, text))
    assert sentence in str(caught.value)
    assert "job.toml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_job_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such job file"):
        read_job(tmp_path / "lost.toml")


def test_build_job_names_its_source() -> None:
    with pytest.raises(InputError, match="the form: problem: missing"):
        build_job({}, "the form")


def test_natural_order_and_checkpoints(tmp_path: Path) -> None:
    for number in (10, 9, 100, 1):
        (tmp_path / f"epoch_{number}.pt").touch()
    (tmp_path / ".hidden.pt").touch()
    assert [path.name for path in find_checkpoints(str(tmp_path / "*.pt"))] == [
        f"epoch_{number}.pt" for number in (1, 9, 10, 100)
    ]
    assert sorted(["b2", "a10", "a9", "1"], key=natural_order) == ["1", "a9", "a10", "b2"]


def test_the_rungs_of_a_ladder_follow_one_another() -> None:
    assert Run().rungs(500) == (range(500),)
    assert Run(ladder=(100, 400)).rungs(500) == (range(100), range(100, 400), range(400, 500))
    assert Run(ladder=(100, 500, 800)).rungs(500) == (range(100), range(100, 500))
    assert Run(ladder="auto").rungs(50_000) == (range(3125), range(3125, 12_500), range(12_500, 50_000))
    assert Run(ladder="auto").rungs(500) == (range(125), range(125, 500))
    assert Run(ladder="auto").rungs(300) == (range(300),)


ORIGIN = """
[origin]
at = [0.25, -0.5]
[origin.plane]
kind = "file"
file = "directions.h5"
[origin.origin]
at = [1, 2]
"""


def test_an_origin_on_other_planes_is_read_with_their_paths(folder: Path) -> None:
    with pytest.raises(InputError, match=r"origin.plane.file: got .*directions.h5.*; there is no such file"):
        read_job(write(folder, PROBLEM + ORIGIN))
    (folder / "directions.h5").touch()
    job = read_job(write(folder, PROBLEM + ORIGIN))
    assert job.origin is not None
    assert (job.origin.at, job.origin.plane.file) == ((0.25, -0.5), str(folder / "directions.h5"))
    assert job.origin.origin is not None
    assert (job.origin.origin.at, job.origin.origin.plane.kind) == ((1.0, 2.0), "random")
    assert msgspec.json.decode(msgspec.json.encode(job), type=Job) == job


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[origin]\nat = [1]", "one finite number in at for each of the 2 directions of its plane"),
        ("[origin]\nseed = 3", "origin.seed: unknown key; it takes at, plane, origin."),
        (
            "[origin]\nat = [0, 0]\n[origin.plane]\nseed = -1",
            "origin.plane.seed: got -1; expected an integer of at least 0",
        ),
    ],
)
def test_a_wrong_origin_is_named(folder: Path, text: str, sentence: str) -> None:
    with pytest.raises(InputError) as error:
        read_job(write(folder, PROBLEM + text))
    assert sentence in str(error.value)
