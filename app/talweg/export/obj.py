"""OBJ: geometry, normals, and colours the way MeshLab and Blender read them."""

from pathlib import Path

import numpy as np

import talweg
from talweg.export.files import replacing
from talweg.export.imported import ImportedGrid, check_grid
from talweg.export.mesh import build_mesh
from talweg.export.metadata import split_lines, to_json
from talweg.export.points import find_lattice
from talweg.export.question import Hints, refuse_axes, undo_logarithm
from talweg.landscape import Landscape
from talweg.picture import Picture
from talweg.view.state import ViewState
from talweg_compute.messages import InputError


def write_obj(
    path: Path, landscape: Landscape, view: ViewState, picture: Picture, *, colours: bool = True
) -> tuple[Path, ...]:
    """Write the surface as OBJ, z upwards, with ``v x y z r g b`` where colours are wanted.

    The format has no place for scalars; the loss is in PLY, VTP and CSV.

    Args:
        path: The file.
        landscape: The numbers.
        view: How they are looked at.
        picture: What ``resolve`` made of both.
        colours: Whether vertices have the colours of the picture, sRGB from 0 to 1.

    Returns:
        The file.

    Raises:
        InputError: There is no surface yet, or the file cannot be written.
    """
    mesh = build_mesh(landscape, view, picture)
    kept, triangles = mesh.only_drawn()
    vertices = mesh.vertices[kept]
    if colours:
        vertices = np.hstack([vertices, mesh.colours[kept, :3] / 255])
    with replacing(path) as temporary, temporary.open("w", encoding="ascii", newline="\n") as stream:
        stream.write(f"# talweg {talweg.__version__}\n# axes {mesh.lift.sentence}\n")
        stream.writelines(f"# json {line}\n" for line in split_lines(to_json(mesh.describe(landscape))))
        np.savetxt(stream, vertices, fmt="v" + " %.9g" * 3 + " %.4f" * (vertices.shape[1] - 3))
        np.savetxt(stream, mesh.normals[kept], fmt="vn %.6f %.6f %.6f")
        np.savetxt(stream, np.repeat(triangles + 1, 2, axis=1), fmt="f %d//%d %d//%d %d//%d")
    return (path,)


def read_obj(path: Path, hints: Hints) -> ImportedGrid:
    """Read a surface whose vertices are the points of a grid, z upwards.

    The format has no place for losses, so the user says what the heights are: the loss, or ln(loss + 0.1) as in the
    surfaces that Li et al. published.

    Args:
        path: An OBJ file of another program.
        hints: Whether heights are logarithms.

    Returns:
        The grid.

    Raises:
        InputError: The file cannot be read, or its vertices are no grid.
    """
    refuse_axes(path, hints)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [line.split()[1:4] for line in lines if line.startswith("v ")]
        vertices = np.array(rows, dtype=np.float64).reshape(-1, 3)
    except OSError as error:
        raise InputError(f"{path}: the file cannot be read: {(error.strerror or str(error)).lower()}.") from None
    except ValueError:
        raise InputError(f"{path}: this OBJ file is damaged: a vertex is not three numbers.") from None
    if len(vertices) == 0:
        raise InputError(f"{path}: there is no vertex in this file; expected the points of a grid.")
    lattice = find_lattice(path, vertices[:, 0], vertices[:, 1], what="vertices")
    loss = np.asarray(lattice.arrange(undo_logarithm(path, vertices[:, 2], hints)), dtype=np.float64)
    notes = ["The values have the seven digits of a mesh file, not the full precision of the computation."]
    if hints.logarithm:
        notes.append("The losses are exp(z) - 0.1.")
    return check_grid(path, lattice.u, lattice.v, {"loss": loss}, notes=tuple(notes))
