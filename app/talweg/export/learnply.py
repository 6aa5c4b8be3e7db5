"""PLY for learnply, the OpenGL viewer of the OSU term project: a flat square grid of quads that carries the loss."""

from pathlib import Path

import numpy as np
from plyfile import PlyData, PlyElement

from talweg.export.files import beside, replacing
from talweg.export.metadata import describe
from talweg.export.sidecar import check_sidecar, write_sidecar
from talweg.landscape import Landscape
from talweg_compute.messages import InputError

_FIELDS = ("x", "y", "z", "vx", "vy", "vz", "s")


def write_learnply(path: Path, landscape: Landscape) -> tuple[Path, ...]:
    """Write the grid as the viewer wants it: ASCII, double vertices ``x y z vx vy vz s`` row by row, quads.

    x = u, y = v, s = the loss, all else 0: the viewer lifts s to a height itself. It cannot draw a hole, so a loss that
    is not finite is written as the highest finite one; the description beside the file counts them.

    Args:
        path: The file; the training path goes to ``<stem>_gradient_descent_results.csv`` (``x,y`` a line, no header),
            the description to ``<stem>.json``.
        landscape: The numbers.

    Returns:
        The files.

    Raises:
        InputError: The grid is not square, is not complete or has no finite loss, or a file cannot be written.
    """
    _check(path, landscape)
    sidecar = beside(path, ".json")
    check_sidecar(sidecar)
    finite = np.isfinite(landscape.loss)
    vertices = np.zeros(landscape.loss.size, dtype=[(name, "<f8") for name in _FIELDS])
    u, v = np.meshgrid(landscape.u, landscape.v)
    vertices["x"], vertices["y"] = u.ravel(), v.ravel()
    vertices["s"] = np.where(finite, landscape.loss, landscape.loss[finite].max()).ravel()
    elements = [PlyElement.describe(vertices, "vertex"), _quads(landscape.u.size)]
    with replacing(path) as temporary, temporary.open("wb") as stream:
        PlyData(elements, text=True).write(stream)
    written = [path]
    if landscape.path is not None:
        written.append(beside(path, "_gradient_descent_results.csv"))
        rows = landscape.path.coordinates.tolist()
        with replacing(written[-1]) as temporary:
            temporary.write_bytes("".join(f"{x!r},{y!r}\r\n" for x, y in rows).encode("ascii"))
    written.append(sidecar)
    table = describe(landscape) | {"axes": "x=u y=v z=0 ; s = loss", "capped": int((~finite).sum())}
    write_sidecar(sidecar, table, written)
    return tuple(written)


def _check(path: Path, landscape: Landscape) -> None:
    nv, nu = landscape.loss.shape
    if nu != nv:
        raise InputError(f"{path}: learnply reads square grids only, and this one has {nu} x {nv} points.")
    if not landscape.complete:
        missing = landscape.computed.size - int(landscape.known.sum())
        raise InputError(
            f"{path}: learnply cannot draw holes, and {missing} of {landscape.computed.size} points "
            "are not computed yet; finish the computation first."
        )
    if not np.isfinite(landscape.loss).any():
        raise InputError(f"{path}: no point of this landscape has a finite loss, so there is nothing to write.")


def _quads(side: int) -> PlyElement:
    corner = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).ravel()
    quads = np.zeros(corner.size, dtype=[("vertex_indices", "<i4", (4,))])
    quads["vertex_indices"] = np.stack([corner, corner + 1, corner + side + 1, corner + side], axis=-1)
    return PlyElement.describe(quads, "face", len_types={"vertex_indices": "u1"})
