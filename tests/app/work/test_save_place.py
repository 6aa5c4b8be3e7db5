"""Where a new landscape is written: what the typed name means, and what is wrong with it."""

import os
from pathlib import Path

import pytest

from talweg.work.save_place import judge_place


@pytest.mark.parametrize(
    ("typed", "document", "job"),
    [
        ("run", "run.talweg", "run.toml"),
        ("run.1", "run.1.talweg", "run.1.toml"),
        ("run.talweg", "run.talweg", "run.toml"),
        ("run.toml", "run.talweg", "run.toml"),
        (" a name ", "a name.talweg", "a name.toml"),
    ],
)
def test_a_name_gets_its_suffix_and_keeps_all_of_itself(
    typed: str, document: str, job: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = judge_place(typed)
    assert (place.document, place.job_file) == (tmp_path / document, tmp_path / job)
    assert not place.fault
    assert not place.note


def test_what_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert "Say where" in judge_place("").fault
    assert "Say where" in judge_place("  ").fault
    assert "This is a folder" in judge_place(f"{tmp_path}/").fault
    assert "This is a folder" in judge_place(str(tmp_path)).fault
    assert "This is a folder" in judge_place("/").fault
    assert f"no folder {tmp_path}/gone" in judge_place(f"{tmp_path}/gone/run").fault
    (tmp_path / "a.talweg").mkdir()
    assert "a.talweg is a folder" in judge_place(f"{tmp_path}/a").fault
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert f"Nothing can be written in {tmp_path}" in judge_place(f"{tmp_path}/run").fault


def test_a_document_that_is_there_is_told_and_stays(tmp_path: Path) -> None:
    (tmp_path / "run.talweg").write_bytes(b"x")
    place = judge_place(str(tmp_path / "run"))
    assert not place.fault
    assert "stays" in place.note
