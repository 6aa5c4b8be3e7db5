import sys
from pathlib import Path

import pytest

from talweg.file_system import is_network, replacing

MOUNTS = r"""overlay / overlay rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sda1 /home/ann/local ext4 rw 0 0
//server/share /mnt/our\040data cifs rw 0 0
ann@server: /mnt/remote fuse.sshfs rw 0 0
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists mounts there")
@pytest.mark.parametrize(
    ("path", "network"),
    [
        ("/scratch/x.talweg", False),
        ("/home/x.talweg", True),
        ("/homes/x.talweg", False),  # begins like a mount, and is none
        ("/home/ann/x.talweg", True),
        ("/home/ann/local/x.talweg", False),  # the innermost mount counts
        ("/mnt/our data/x.talweg", True),
        ("/mnt/remote/runs/x.talweg", True),
    ],
)
def test_the_innermost_mount_says_whether_a_file_is_on_a_network(
    path: str, network: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathlib.Path.read_text", lambda *_arguments, **_options: MOUNTS)
    assert is_network(Path(path)) == network


def test_what_a_killed_run_left_is_removed_where_nobody_else_writes(tmp_path: Path) -> None:
    target, left = tmp_path / "a.talweg", tmp_path / ".a.talweg.part"
    left.write_text("half")
    with pytest.raises(TypeError), replacing(target, alone=True) as part:
        part.write_text(b"half")  # type: ignore[arg-type]  # fails after the file was opened
    assert list(tmp_path.iterdir()) == []
    with replacing(target, alone=True) as part:
        part.write_text("whole")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.talweg", "whole")]


def test_two_writers_of_one_file_do_not_meet(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    with replacing(target) as first, replacing(target) as second:
        first.write_text("1")
        second.write_text("2")
    assert target.read_text() == "1"  # it ended last
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "none" / "a.txt"):
        pass
