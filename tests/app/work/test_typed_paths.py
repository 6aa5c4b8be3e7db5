from pathlib import Path

import pytest

from talweg.work.typed_paths import explain_missing, find_specification, find_typed


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A checkpoint's folder and the working directory, with ``both.py`` in both and one file more each."""
    beside, here = tmp_path / "run", tmp_path / "here"
    for folder, own in ((beside, "run.npz"), (here, "here.npz")):
        folder.mkdir()
        for name in ("both.py", own):
            (folder / name).touch()
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path))
    return beside, here


def test_a_file_beside_the_checkpoint_comes_first(folders: tuple[Path, Path]) -> None:
    beside, here = folders
    assert find_typed("both.py", beside) == str(beside / "both.py")
    assert find_typed("both.py", None) == str(here / "both.py")
    assert find_typed("here.npz", beside) == str(here / "here.npz")
    assert find_typed("none.npz", beside) == str(beside / "none.npz")
    assert find_typed("~/run/run.npz", None) == str(beside / "run.npz")
    assert find_typed(str(here / "both.py"), beside) == str(here / "both.py")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("resnet20", "resnet20"),
        ("both.py:build", "{beside}/both.py:build"),
        ("here.npz", "{here}/here.npz"),
        ("", ""),
    ],
)
def test_only_what_names_a_file_is_looked_up(folders: tuple[Path, Path], typed: str, found: str) -> None:
    beside, here = folders
    assert find_specification(typed, beside) == found.format(beside=beside, here=here)


def test_says_where_a_file_was_looked_for(folders: tuple[Path, Path]) -> None:
    beside, here = folders
    sentence = explain_missing("none.py:build", beside)
    assert sentence.startswith('There is no "none.py" beside the checkpoint')
    assert str(beside) in sentence
    assert str(here) in sentence
    assert "checkpoint" not in explain_missing("none.py", None)
    for typed in ("", "both.py:build", "here.npz", "/none/none.py", "~/none.py"):
        assert explain_missing(typed, beside) == ""
