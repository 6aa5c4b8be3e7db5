"""PLY: the surface with its fields, and beside it the training path, the critical points and a description."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from plyfile import PlyData, PlyElement, PlyParseError

import talweg
from talweg.export.colours import KINDS
from talweg.export.csv import write_points_csv
from talweg.export.files import beside, replacing
from talweg.export.imported import ImportedGrid, check_grid, from_description
from talweg.export.mesh import Lift, Mesh, build_mesh
from talweg.export.metadata import (
    Description,
    describe,
    from_json,
    read_description,
    split_lines,
    to_json,
)
from talweg.landscape import Landscape
from talweg.picture import CriticalPointsPart, Picture
from talweg.view_state import ViewState
from talweg_compute.messages import InputError, Job, Provenance

ADDRESS = "https://github.com/talweg/talweg"
_JSON = "json "
_COMMENT = 180
_LARGEST = float(np.finfo(np.float32).max)

Float = NDArray[np.float64]


def write_ply(
    path: Path, landscape: Landscape, view: ViewState, picture: Picture, *, binary: bool = True, colours: bool = True
) -> tuple[Path, ...]:
    """Write the surface, and beside it the training path, the critical points and a description.

    Standard properties come first, since CloudCompare goes by parts of their names; ``quality`` is the one scalar that
    MeshLab reads, every ``scalar_`` field is read by CloudCompare and Blender. Faces leave out the points whose loss is
    not finite: their ``scalar_loss`` is what was computed, their ``quality`` the highest finite loss.

    Args:
        path: The file of the surface; the others are named after it: ``_trajectory.ply``, ``_points.ply``,
            ``_points.csv``, ``.json``.
        landscape: The numbers.
        view: How they are looked at.
        picture: What ``resolve`` made of both.
        binary: Little-endian instead of ASCII.
        colours: Whether vertices have the colours of the picture.

    Returns:
        The files, the surface first.

    Raises:
        InputError: There is no surface yet, a file cannot be written, or ``<stem>.json`` belongs to someone else.
    """
    mesh = build_mesh(landscape, view, picture)
    offset = _offset(landscape)
    table = describe(landscape)
    table["axes"] = mesh.lift.sentence
    if colours:
        table["colour"] = _colour_sentence(picture)
    sidecar = beside(path, ".json")
    check_sidecar(sidecar)
    comments = _comments(landscape, mesh.lift, table, offset)
    elements = [_vertices(landscape, mesh, offset, colours=colours), _faces(mesh.triangles)]
    surface_comments = [*comments, *_surface_comments(mesh, table), *_json_comments(table)]
    save_ply(path, elements, surface_comments, binary=binary)
    written = [path]
    if landscape.path is not None:
        written.append(beside(path, "_trajectory.ply"))
        element, outside = _path_vertices(landscape, picture, view, mesh, offset)
        save_ply(written[-1], [element, _edges(len(element.data))], [*comments, *outside], binary=binary)
    if picture.critical_points.kind.size:
        written.append(beside(path, "_points.ply"))
        part = picture.critical_points
        save_ply(
            written[-1], [_points(part, mesh, offset)], [*comments, *_point_comments(part)], binary=binary
        )
        written.append(beside(path, "_points.csv"))
        write_points_csv(written[-1], part)
    written.append(sidecar)
    write_sidecar(sidecar, table, written)
    return tuple(written)


def check_sidecar(path: Path) -> None:
    """Refuse to replace a JSON file that Talweg did not write.

    Raises:
        InputError: There is such a file.
    """
    if not path.exists():
        return
    try:
        table = from_json(path.read_text(encoding="utf-8"), str(path))
    except (InputError, OSError, UnicodeDecodeError):
        table = None
    if not isinstance(table, dict) or table.get("kind") != describe_kind():
        raise InputError(
            f"{path}: this file is not from Talweg and would be replaced by the description of the mesh; "
            "choose another name for the mesh."
        )
