"""STL: the bare surface."""

from pathlib import Path

import numpy as np

import talweg
from talweg.export.files import beside, replacing
from talweg.export.mesh import build_mesh
from talweg.export.sidecar import check_sidecar, write_sidecar
from talweg.landscape import Landscape
from talweg.picture import Picture
from talweg.view.state import ViewState

_FACET = np.dtype([("normal", "<f4", (3,)), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def write_stl(path: Path, landscape: Landscape, view: ViewState, picture: Picture) -> tuple[Path, ...]:
    """Write the surface as binary STL, z upwards, in units of the plane; the description goes beside it.

    Args:
        path: The file; the description is ``<stem>.json``.
        landscape: The numbers.
        view: How they are looked at.
        picture: What ``resolve`` made of both.

    Returns:
        The files.

    Raises:
        InputError: There is no surface yet, or a file cannot be written.
    """
    mesh = build_mesh(landscape, view, picture)
    sidecar = beside(path, ".json")
    check_sidecar(sidecar)
    corners = mesh.vertices[mesh.triangles]  # [m, 3, 3]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facets = np.zeros(len(corners), dtype=_FACET)
    facets["normal"] = across / np.linalg.norm(across, axis=1, keepdims=True)
    facets["corners"] = corners
    header = f"talweg {talweg.__version__} binary STL".encode("ascii").ljust(80)
    with replacing(path) as temporary:
        temporary.write_bytes(header + np.uint32(len(facets)).astype("<u4").tobytes() + facets.tobytes())
    written = (path, sidecar)
    write_sidecar(sidecar, mesh.describe(landscape), written)
    return written
