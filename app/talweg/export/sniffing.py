"""Which format a file is, by what it contains: names lie, and browsers and mail programs change them."""

import zipfile
from pathlib import Path

_HEAD = 4096
_MAGIC = (
    (b"\x89HDF\r\n\x1a\n", "h5"),
    (b"\x93NUMPY", "npy"),
    (b"ply\n", "ply"),
    (b"ply\r", "ply"),
    (b"glTF", "drawn"),
    (b"solid ", "drawn"),
    (b"SQLite format 3\x00", "document"),
)


def recognise(path: Path) -> str | None:
    """Tell the format of a file.

    Args:
        path: A file that exists.

    Returns:
        Its name in the table of ``importers``, "document" for a document of Talweg, "drawn" for a mesh whose
        heights are no losses, or None where the content does not tell.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError:
        return None  # whoever reads the file says why
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head.startswith(b"PK"):
        return _recognise_archive(path)
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05":
        return "pickle"
    if b"<VTKFile" in head[:400]:
        return "vti" if b"ImageData" in head[:400] else "vtp"
    if path.stat().st_size == 84 + 50 * int.from_bytes(head[80:84], "little"):
        return "drawn"  # binary STL: 84 bytes, then 50 a triangle
    return _recognise_text(head)


def _recognise_archive(path: Path) -> str | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return None
    if any(name.endswith("data.pkl") for name in names):
        return "pickle"
    return "npz" if names and all(name.endswith(".npy") for name in names) else None


def _recognise_text(head: bytes) -> str | None:
    """OBJ by its first statement, one of Talweg by its comment; a table by a comma or number in it."""
    try:
        text = head.decode("utf-8-sig") if len(head) < _HEAD else head[: head.rfind(b"\n") + 1].decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines or "\0" in text:
        return None
    if lines[0].split()[0] in ("v", "mtllib", "o", "g"):
        return "drawn" if text.startswith("# talweg") else "obj"
    return "table" if any(mark in lines[0] for mark in ",;\t") or _is_numbers(lines[0]) else None


def _is_numbers(line: str) -> bool:
    try:
        return bool([float(word) for word in line.split()])
    except ValueError:
        return False
