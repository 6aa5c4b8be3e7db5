"""The command line, as a user types it."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from plyfile import PlyData

from talweg.cli import main
from talweg.document import Document
from talweg_compute.messages import InputError, read_job
from tests.conftest import write_job


def talweg(*arguments: str | Path) -> int:
    """Run a command in this process; returns its exit status."""
    with pytest.raises(SystemExit) as exit_:
        main([str(argument) for argument in arguments])
    return int(exit_.value.code or 0)


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document that the command line computed."""
    folder = tmp_path_factory.mktemp("computed")
    document = folder / "x.talweg"
    job = write_job(folder)
    metrics = 'metrics = ["negative_log_likelihood", "expected_calibration_error", "score.py:First"]'
    job.write_text(job.read_text().replace("samples =", f"{metrics}\nsamples ="))
    (folder / "score.py").write_text("def First(outputs, targets): return outputs[:, 0]\n")
    assert talweg("compute", job, "-o", document) == 0
    return document


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    u, v = np.linspace(-2, 2, 41), np.linspace(-2, 2, 31)
    x, y = np.meshgrid(u, v)
    path = tmp_path / "grid.npz"
    np.savez(path, u=u, v=v, loss=(x**2 - 1) ** 2 + y**2)
    return path


@pytest.mark.parametrize(
    ("module", "needless"),
    [
        ("talweg.cli", ("talweg.document", "talweg.export", "talweg.picture")),
        ("talweg.terminal.headless", ("talweg.figures",)),
        ("talweg.terminal.printing", ("talweg.figures", "talweg.export")),
    ],
)
def test_commands_bring_in_what_they_need(module: str, needless: tuple[str, ...]) -> None:
    heavy = ("PySide6", "pyvista", "vtkmodules", "matplotlib", "torch", "scipy", *needless)
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_info_as_json(computed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talweg("info", computed, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["shape"] == [11, 9]
    assert set(summary["loss"]) >= {"min", "max", "origin"}
    assert summary["loss"]["min"] <= summary["loss"]["origin"] <= summary["loss"]["max"]
    assert summary["non_finite"] == 0
    assert all({"type", "u", "v", "loss", "persistence"} <= set(point) for point in summary["critical_points"])
    assert len(summary["trajectory"]["explained_variance"]) == 2
    assert [set(point) >= {"u", "v", "loss", "residual"} for point in summary["trajectory"]["points"]] == [True] * 3
    assert summary["job"]["plane"]["seed"] == 1


def test_info_as_text(computed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talweg("info", computed) == 0
    text = capsys.readouterr().out
    for word in ("model", "mlp", "99 of 99 computed", "origin", "trajectory", "explained variance", "epoch_2.pt"):
        assert word in text


def test_metrics_are_stored_told_and_exported(
    computed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = ("negative_log_likelihood", "expected_calibration_error", "first")
    with Document.open(computed) as document:
        landscape = document.newest_landscape()
    fields = {name: landscape.fields[name] for name in names}
    np.testing.assert_allclose(fields["negative_log_likelihood"], landscape.loss, rtol=1e-12)
    assert 0 < fields["expected_calibration_error"].min() < fields["expected_calibration_error"].max() < 1
    assert talweg("info", computed, "--json") == 0
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert tuple(metrics) == names
    assert metrics["first"] == {
        "min": fields["first"].min(),
        "max": fields["first"].max(),
        "origin": landscape.origin["first"],
    }
    assert metrics["negative_log_likelihood"]["origin"] == pytest.approx(landscape.origin["loss"], rel=1e-12)
    assert talweg("info", computed) == 0
    assert "expected calibration error" in capsys.readouterr().out
    for suffix in ("csv", "npz", "h5", "ply", "vtp"):
        assert talweg("export", computed, "-o", tmp_path / f"x.{suffix}", "--height", "first") == 0
        again = tmp_path / f"{suffix}.talweg"
        assert talweg("import", tmp_path / f"x.{suffix}", "-o", again) == 0
        with Document.open(again) as document:
            found = document.newest_landscape()
        for name in names:
            np.testing.assert_allclose(found.fields[name], fields[name], rtol=1e-6)
        assert found.origin == landscape.origin
    comments = PlyData.read(tmp_path / "x.ply").comments
    assert any(comment.endswith("; height = first") for comment in comments)


def test_height_and_colour_are_chosen_from_what_there_is(
    computed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--height", "first", "--height-scale", "log", "--colour", "expected_calibration_error")
    figure = tmp_path / "x.png"
    assert talweg("render", computed, "-o", figure, "--size", 300, 200, *options, "--colour-scale", "symlog") == 0
    assert figure.stat().st_size > 0
    for arguments, words in (
        (
            ("--height", "frist"),
            'height: got "frist"; did you mean "first"? this landscape has loss, log_loss, accuracy,',
        ),
        (("--colour", "gradient_norm"), "this landscape has no gradients; compute them with: talweg gradient"),
        (("--height", "basin"), 'height: got "basin"'),
        (("--colour-threshold", "-1"), "colour-threshold: got -1; expected a positive number."),
        (("--colour-steps", "1"), "colour-steps: got 1; expected 0 for smooth colours, or 2 to 64."),
        (("--colour-percentiles", "98", "2"), "colour-percentiles: got 98 2; expected two rising numbers"),
    ):
        assert talweg("render", computed, "-o", figure, *arguments) == 2
        assert words in capsys.readouterr().err


def test_whoever_stops_reading_ends_it_quietly(computed: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as output:
        command = [sys.executable, "-m", "talweg", "info", str(computed), "--json"]
        ended = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (141, b"")


def test_compute_again_has_nothing_to_do(computed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talweg("compute", computed.with_name("job.toml"), "-o", computed) == 0
    assert "complete already" in capsys.readouterr().err


@pytest.mark.slow
def test_certify_and_what_is_told_of_it(computed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in computed.parent.iterdir():
        shutil.copy(file, tmp_path)
    document = tmp_path / computed.name
    assert talweg("certify", document, "--threshold", 0.0) == 0
    shown = capsys.readouterr().out
    assert "critical points on the network itself" in shown
    assert "generally none of L" in shown
    assert talweg("info", document, "--json") == 0
    words = [point["network"] for point in json.loads(capsys.readouterr().out)["critical_points"]]
    assert words
    assert {word["status"] for word in words} <= {"certified", "moved", "kink", "degenerate", "dissolved"}
    for word in words:
        if word["status"] == "certified":
            assert word["gradient_norm"] < 1e-6 * word["gradient_scale"]
    talweg("info", document)
    assert "critical points on the network itself" in capsys.readouterr().out
    talweg("export", document, "-o", tmp_path / "x.csv")
    with (tmp_path / "x_points.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows[: len(words)]] == [word["status"] for word in words]
    assert [float(row["full_gradient_norm"]) for row in rows] == [word["full_gradient_norm"] for word in words]
    capsys.readouterr()
    assert talweg("certify", document, "--threshold", 0.0) == 0
    assert "asked about all these points before" in capsys.readouterr().err


def test_certify_needs_a_network_and_a_whole_grid(
    grid: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert talweg("import", grid, "-o", tmp_path / "grid.talweg") == 0
    assert talweg("certify", tmp_path / "grid.talweg") == 2
    assert "was imported, so there is no job" in capsys.readouterr().err
    job = read_job(write_job(tmp_path))
    with Document.create(tmp_path / "new.talweg") as document:
        document.add_landscape("new", job.grid.u.coordinates(), job.grid.v.coordinates(), job=job)
    assert talweg("certify", tmp_path / "new.talweg") == 2
    assert "0 of 99 points are computed; compute the others first" in capsys.readouterr().err


def test_numbers_equal_a_plain_loop(computed: Path) -> None:
    """The example of the documentation: load the weights of a point, call the model, average."""
    import torch

    from talweg_compute.messages import read_job
    from talweg_compute.plane.plane import open_plane
    from talweg_compute.problem.problem import open_problem

    job = read_job(computed.with_name("job.toml"))
    problem = open_problem(job.problem)
    plane = open_plane(job.plane, problem)
    with Document.open(computed) as document:
        landscape = document.newest_landscape()
    for row, column in [(0, 0), (5, 4), (10, 8), (3, 7)]:
        weights = plane.point(landscape.u[column], landscape.v[row])
        problem.model.load_state_dict(problem.layout.views(weights), strict=False)
        with torch.no_grad():
            loss = torch.nn.functional.cross_entropy(problem.model(problem.samples.inputs), problem.samples.targets)
        assert landscape.loss[row, column] == pytest.approx(float(loss), rel=1e-5)


def test_export(computed: Path, tmp_path: Path) -> None:
    assert talweg("export", computed, "-o", tmp_path / "mesh.ply") == 0
    mesh = PlyData.read(tmp_path / "mesh.ply")
    assert mesh["vertex"].count == 99
    assert mesh["face"].count == 2 * 10 * 8
    assert not mesh.text
    assert talweg("export", computed, "-o", tmp_path / "text.ply", "--ascii") == 0
    assert PlyData.read(tmp_path / "text.ply").text
    assert talweg("export", computed, "-o", tmp_path / "grid.npz") == 0
    with Document.open(computed) as document, np.load(tmp_path / "grid.npz") as arrays:
        landscape = document.newest_landscape()
        np.testing.assert_array_equal(arrays["loss"], landscape.loss)
        np.testing.assert_array_equal(arrays["accuracy"], landscape.fields["accuracy"])
        assert arrays["loss_standard_error"].dtype == np.float64
    for suffix in ("csv", "h5"):
        assert talweg("export", computed, "-o", tmp_path / f"grid.{suffix}") == 0
        assert (tmp_path / f"grid.{suffix}").stat().st_size > 0


def test_import_finds_the_critical_points(grid: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "double_well.talweg"
    assert talweg("import", grid, "-o", document) == 0
    capsys.readouterr()
    assert talweg("info", document, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    kinds = [point["type"] for point in summary["critical_points"]]
    assert sorted(kinds) == ["minimum", "minimum", "saddle"]
    saddle = summary["critical_points"][kinds.index("saddle")]
    assert (saddle["u"], saddle["v"]) == pytest.approx((0, 0), abs=1e-9)
    assert saddle["persistence"] == pytest.approx(1)


def test_import_asks_for_what_a_file_lacks_by_naming_its_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "a.npy", np.arange(12.0).reshape(3, 4))
    np.savetxt(tmp_path / "run.csv", [[0.5, 1.5], [0.0, 1.0]], delimiter=",")
    output = tmp_path / "a.talweg"
    assert talweg("import", tmp_path / "a.npy", "-o", output) == 2
    assert "--u -1 1 for the columns, --v -1 1 for the rows" in capsys.readouterr().err
    assert not output.exists()
    told = ("--u", "-1", "1", "--v", "0", "2", "--trajectory", tmp_path / "run.csv")
    assert talweg("import", tmp_path / "a.npy", *told, "-o", output) == 0
    assert "a: 4 x 3 points, a trajectory of 2 checkpoints" in capsys.readouterr().err
    assert talweg("info", output) == 0
    words = capsys.readouterr().out
    assert "u -1 to 1 in 4 points, v 0 to 2 in 3 points" in words
    assert "not finite │" not in words  # what the file does not tell of the checkpoints is left empty


def test_a_failed_import_leaves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.savez(tmp_path / "bad.npz", u=[0.0, 1.0])
    assert talweg("import", tmp_path / "bad.npz", "-o", tmp_path / "x.talweg") == 2
    assert "bad.npz" in capsys.readouterr().err
    assert not (tmp_path / "x.talweg").exists()


def test_an_orbit_and_a_figure_for_paper(computed: Path, tmp_path: Path) -> None:
    from PIL import Image

    around, paper = tmp_path / "around.gif", tmp_path / "paper.png"
    options = ("--size", "64", "64", "--seconds", "0.3", "--fps", "10", "--no-overlays")
    assert talweg("orbit", computed, "-o", around, *options) == 0
    assert talweg("render", computed, "-o", paper, "--mm", "60", "45", "--dpi", "42.3333", "--view", "iso") == 0
    with Image.open(around) as movie, Image.open(paper) as figure:
        assert (movie.size, movie.n_frames) == ((64, 64), 3)  # type: ignore[attr-defined]  # Pillow sets it
        assert figure.size == (100, 75)


@pytest.mark.slow
def test_render_without_a_display(computed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    monkeypatch.delenv("DISPLAY", raising=False)
    figure = tmp_path / "figure.png"
    options = (
        "--size",
        "400",
        "300",
        "--camera",
        "top",
        "--colour-map",
        "magma",
        "--height",
        "log_loss",
        "--contours",
        "5",
    )
    command = [sys.executable, "-m", "talweg", "render", str(computed), "-o", str(figure), *options]
    subprocess.run(command, check=True)
    with Image.open(figure) as image:
        assert image.size == (400, 300)
        assert np.asarray(image.convert("L")).std() > 10


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("info", "lost.talweg"), "there is no such file"),
        (("info",), "document"),
        (("frobnicate.toml", "x"), "frobnicate.toml"),
        (("compute", "lost.toml", "-o", "x.talweg"), "there is no such job file"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    arguments: tuple[str, ...],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert talweg(*arguments) == 2
    error = capsys.readouterr().err
    if arguments[0] != "frobnicate.toml":
        assert sentence in error
    assert error.count("\n") == 1


def test_unwritable_options(computed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talweg("export", computed, "-o", tmp_path / "x.docx") == 2
    assert ".ply" in capsys.readouterr().err
    assert talweg("render", computed, "-o", tmp_path / "x.png", "--colour-map", "nonsense") == 2
    assert "nonsense" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["train", "compute", "info", "export", "import", "merge", "difference", "render", "demo"]
)
def test_help_explains(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert talweg(command, "--help") == 0
    text = capsys.readouterr().out
    assert "Usage" in text
    assert len(text) > 200


@pytest.mark.slow
def test_train_leaves_checkpoints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talweg("train", "digits_resnet", "-o", tmp_path / "run", "--epochs", "1", "--shortcut", "none") == 0
    left = sorted(path.name for path in (tmp_path / "run").glob("[!.]*"))
    assert left == ["epoch_000.pt", "epoch_001.pt", "log.csv"]
    assert "test accuracy" in capsys.readouterr().err


def test_ctrl_c_keeps_what_was_computed_and_the_same_command_goes_on(tmp_path: Path) -> None:
    job, output = write_job(tmp_path, grid=21, samples=1000), tmp_path / "x.talweg"
    command = [sys.executable, "-m", "talweg", "compute", str(job), "-o", str(output)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while done_of(output) < 30 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert process.stderr is not None
        assert "goes on from there" in process.stderr.read()
    kept = done_of(output)
    assert 30 <= kept < 21 * 23
    assert talweg("compute", job, "-o", output) == 0
    assert done_of(output) == 21 * 23


@pytest.mark.slow
def test_a_run_ends_though_nobody_reads_what_it_says(job_file: Path, tmp_path: Path) -> None:
    output = tmp_path / "x.talweg"
    command = [sys.executable, "-m", "talweg", "compute", str(job_file), "-o", str(output)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        process.stderr.close()
        process.wait(100)
    assert done_of(output) == 99


def done_of(path: Path) -> int:
    try:
        with Document.open(path) as document:
            return document.newest_landscape().done
    except InputError:  # not created yet
        return 0


def test_the_headless_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from talweg import example

    folder = tmp_path / "example"
    example.copy_example(folder)
    job = (folder / "digits.toml").read_text()
    (folder / "digits.toml").write_text(
        job.replace("10.0, 53", "10.0, 5").replace("4.0, 33", "4.0, 5").replace("500", "50")
    )
    assert talweg("demo", "--headless", "--out", folder) == 0
    out = capsys.readouterr().out
    for name in ("landscape.talweg", "landscape.ply", "landscape.png"):
        assert (folder / name).stat().st_size > 0
        assert name in out
