import os
import subprocess
import sys

import pytest

from talweg.export import EXPORT_SUFFIXES, export_landscape
from talweg.export.files import replacing
from talweg.view.state import ViewState
from talweg_compute.messages import InputError
from tests.app.export.landscapes import bowl, only_grid


def test_unknown_suffixes_name_those_that_are_known(tmp_path):
    with pytest.raises(InputError, match=r'got "\.xyz"; a landscape can be exported to \.ply, \.csv, \.npz, \.h5'):
        export_landscape(tmp_path / "a.xyz", bowl(), ViewState())
    with pytest.raises(InputError, match="got no suffix"):
        export_landscape(tmp_path / "a", bowl(), ViewState())
    (tmp_path / "a.xyz").write_bytes(b"")
    with pytest.raises(InputError, match=r'a\.xyz: "\.xyz" files cannot be opened; landscapes are read from \.npz'):
        only_grid(tmp_path / "a.xyz")
    with pytest.raises(InputError, match="there is no such file"):
        only_grid(tmp_path / "a.npz")


def test_flavours(tmp_path):
    with pytest.raises(InputError, match=r'got "meshlab"; expected talweg or learnply for a \.ply file'):
        export_landscape(tmp_path / "a.ply", bowl(), ViewState(), flavour="meshlab")
    with pytest.raises(InputError, match=r'got "learnply"; expected talweg for a \.csv file'):
        export_landscape(tmp_path / "a.csv", bowl(), ViewState(), flavour="learnply")


def test_the_case_of_a_suffix_does_not_matter(tmp_path):
    (path,) = export_landscape(tmp_path / "A.NPZ", bowl(), ViewState())
    assert only_grid(path).name == "Bögen"


@pytest.mark.parametrize("suffix", sorted({*EXPORT_SUFFIXES} - {".vti"}))  # it takes a volume
def test_a_folder_that_is_not_there_gets_a_sentence(tmp_path, suffix):
    with pytest.raises(InputError, match=r"the file cannot be written: no such file or directory; choose a folder"):
        export_landscape(tmp_path / "missing" / f"a{suffix}", bowl(), ViewState())


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)  # root may write anywhere
    with pytest.raises(InputError, match=r"a\.npz: the file cannot be written: permission denied"):
        export_landscape(tmp_path / "a.npz", bowl(), ViewState())


def test_a_failure_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(TypeError), replacing(target) as temporary:
        temporary.write_text(b"half")  # fails after the file was opened
    assert target.read_text() == "old"
    with replacing(target) as temporary:
        assert temporary.suffix == ".txt"
        temporary.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")
def test_links_are_followed_and_modes_are_usual(tmp_path):
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to(tmp_path / "real" / "a.txt")
    with replacing(link) as temporary:
        temporary.write_text("x")
    assert link.is_symlink()
    plain = tmp_path / "plain.txt"
    plain.write_text("x")
    assert (tmp_path / "real" / "a.txt").stat().st_mode == plain.stat().st_mode


def test_importing_the_package_brings_in_no_format():
    code = "import sys, talweg.export; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "vtk", "vtkmodules", "PySide6", "h5py", "plyfile", "matplotlib"} & {*done.stdout.split()}
