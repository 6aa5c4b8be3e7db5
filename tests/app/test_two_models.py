"""Two models compared on the command line, from two jobs to one document, pictures and numbers."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from talweg.document import Document
from tests.app.test_cli import talweg


def write_model(folder: Path, name: str, width: int) -> Path:
    """Write a job for an untrained MLP on the digits; returns the job file."""
    import torch

    from talweg_compute.problem.models import build_model

    torch.manual_seed(width)
    state = build_model("mlp", {"sizes": [64, width, 10]}).state_dict()
    torch.save(state, folder / f"{name}.pt")
    job = folder / f"{name}.toml"
    job.write_text(
        f'[problem]\nmodel = "mlp"\nmodel_args = {{ sizes = [64, {width}, 10] }}\ncheckpoint = "{name}.pt"\n'
        'data = "digits"\nsamples = 100\n[grid]\nu = [-1.0, 1.0, 7]\nv = [-1.0, 1.0, 7]\n'
    )
    return job


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document with two models, computed by two commands."""
    folder = tmp_path_factory.mktemp("models")
    document = folder / "both.talweg"
    assert talweg("compute", write_model(folder, "narrow", 8), "-o", document) == 0
    assert talweg("compute", write_model(folder, "wide", 32), "--into", document, "--name", "wide MLP") == 0
    return document


def names(path: Path) -> list[str]:
    with Document.open(path) as document:
        return [document.landscape(number).name for number in document.landscape_ids()]


def test_a_further_job_joins_a_document_and_goes_on_there(both: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert names(both) == ["narrow", "wide MLP"]
    with Document.open(both) as document:
        found = [document.landscape(number) for number in document.landscape_ids()]
    assert [landscape.done for landscape in found] == [49, 49]
    assert [landscape.provenance.parameters for landscape in found if landscape.provenance] == [610, 2410]
    assert not np.array_equal(found[0].loss, found[1].loss)
    wide = both.parent / "wide.toml"
    assert talweg("compute", wide, "--into", both) == 0
    assert "complete already" in capsys.readouterr().err
    assert names(both) == ["narrow", "wide MLP"]
    assert talweg("compute", wide, "--into", both, "--name", "wide") == 0
    assert names(both) == ["narrow", "wide"]
    assert talweg("compute", wide, "--into", both, "--name", "wide MLP") == 0


def test_whoever_tries_the_usual_option_is_told_the_other_one(
    both: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_model(tmp_path, "third", 4)
    assert talweg("compute", other, "-o", both) == 2
    error = capsys.readouterr().err
    assert "--into both.talweg" in error
    assert error.count("\n") == 1
    assert talweg("compute", other) == 2
    assert "--output with a document of its own, or --into" in capsys.readouterr().err
    assert talweg("compute", other, "-o", tmp_path / "x.talweg", "--into", both) == 2
    assert "got both" in capsys.readouterr().err
    assert names(both) == ["narrow", "wide MLP"]


def test_info_tells_of_each(both: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talweg("info", both, "--landscape", "narrow") == 0
    text = capsys.readouterr().out
    assert "narrow in" in text
    assert "2 wide MLP" in text
    assert talweg("info", both, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["name"], summary["landscapes"]) == ("wide MLP", ["narrow", "wide MLP"])
    assert talweg("info", both, "--landscape", "lost") == 2
    assert "1 narrow; 2 wide MLP" in capsys.readouterr().err


def test_both_in_one_picture_and_each_as_a_mesh(both: Path, tmp_path: Path) -> None:
    from PIL import Image

    pair = tmp_path / "pair.png"
    assert talweg("render", both, "-o", pair, "--landscapes", "narrow", "wide MLP", "--size", "400", "200") == 0
    with Image.open(pair) as image:
        left, right = (np.asarray(image.convert("L").crop((x, 0, x + 200, 200)), dtype=float) for x in (0, 200))
    assert min(left.std(), right.std()) > 10
    assert np.abs(left - right).mean() > 1
    for name in ("narrow", "wide MLP"):
        assert talweg("export", both, "-o", tmp_path / f"{name}.csv", "--landscape", name) == 0
    assert (tmp_path / "narrow.csv").read_text() != (tmp_path / "wide MLP.csv").read_text()


def test_their_difference_says_what_it_compares(both: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = tmp_path / "copy.talweg"
    document.write_bytes(both.read_bytes())
    assert talweg("difference", document, "narrow", "wide MLP") == 0
    said = capsys.readouterr()
    assert "Different models (narrow.pt and wide.pt), each with its own directions (random, seed 1 for both" in said.err
    assert "narrow − wide MLP is in" in said.out
    assert talweg("difference", document, "1", "2") == 0  # there already
    with Document.open(document) as opened:
        assert opened.landscape_ids() == (1, 2, 3)
        one, other, difference = map(opened.landscape, (1, 2, 3))
        np.testing.assert_array_equal(difference.loss, one.loss - other.loss)
        assert difference.notes
    assert talweg("difference", document, "1", "1") == 2
    assert "same landscape twice" in capsys.readouterr().err
    picture = tmp_path / "difference.png"
    assert talweg("render", document, "-o", picture, "--size", "200", "150") == 0  # the newest, in its own colours


def test_documents_are_merged_under_names_of_their_own(
    both: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "later.talweg"
    with Document.open(both) as source, Document.create(other) as document:
        document.copy_landscape(source, 1)
    merged = tmp_path / "merged" / "all.talweg"
    merged.parent.mkdir()
    before = both.read_bytes()
    capsys.readouterr()
    assert talweg("merge", both, other, "-o", merged) == 0
    assert "narrow (both), wide MLP, narrow (later)" in capsys.readouterr().out
    assert names(merged) == ["narrow (both)", "wide MLP", "narrow (later)"]
    assert both.read_bytes() == before
    assert talweg("compute", both.parent / "narrow.toml", "--into", merged) == 0  # it is known there, and complete
    assert talweg("merge", both, other, "-o", merged) == 2
    assert "exists already" in capsys.readouterr().err
    assert talweg("merge", both, "-o", tmp_path / "one.talweg") == 2
    assert "two or more" in capsys.readouterr().err
    bad = tmp_path / "bad.talweg"
    bad.write_bytes(b"no database")
    assert talweg("merge", both, bad, "-o", tmp_path / "none.talweg") == 2
    assert re.search(r"bad\.talweg: this is not a \.talweg file", capsys.readouterr().err)
    assert not (tmp_path / "none.talweg").exists()


def test_grids_of_other_programs_join_a_document(
    both: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document, grid = tmp_path / "copy.talweg", tmp_path / "narrow.npz"
    axis = np.linspace(-1.0, 1.0, 5)
    np.savez(grid, u=axis, v=axis, loss=np.add.outer(axis**2, axis**2))
    document.write_bytes(both.read_bytes())
    assert talweg("import", grid, "--into", document) == 0
    assert talweg("import", grid, "--into", document, "--name", "theirs") == 0
    assert names(document) == ["narrow", "wide MLP", "narrow 2", "theirs"]
    assert talweg("import", grid, "-o", document) == 2
    error = capsys.readouterr().err
    assert "exists already" in error
    assert "--into" in error
    assert len(names(document)) == 4


def test_the_network_is_asked_about_the_landscape_that_is_named(
    both: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def note(_console: object, _begin: object) -> int:
        asked.append("asked")
        return 0

    monkeypatch.setattr("talweg.terminal.headless.run_request", note)
    assert talweg("gradient", both, "--landscape", "narrow") == 0
    assert talweg("gradient", both, "--landscape", "lost") == 2
    assert talweg("certify", both, "--landscape", "lost") == 2
    assert asked == ["asked"]
    assert capsys.readouterr().err.count('there is no landscape "lost"') == 2
