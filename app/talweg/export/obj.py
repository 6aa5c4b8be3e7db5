"""OBJ: geometry, normals, and colours the way MeshLab and Blender read them."""

from pathlib import Path

import numpy as np

import talweg
from talweg.export.files import replacing
from talweg.export.mesh import build_mesh
from talweg.export.metadata import describe, split_lines, to_json
from talweg.landscape import Landscape
from talweg.picture import Picture
from talweg.view_state import ViewState


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
    kept, triangles = mesh.without_holes()
    vertices = mesh.vertices[kept]
    if colours:
        vertices = np.hstack([vertices, mesh.colours[kept, :3] / 255])
    table = describe(landscape) | {"axes": mesh.lift.sentence}
    with replacing(path) as temporary, temporary.open("w", encoding="ascii", newline="\n") as stream:
        stream.write(f"# talweg {talweg.__version__}\n# axes {mesh.lift.sentence}\n")
        stream.writelines(f"# json {line}\n" for line in split_lines(to_json(table)))
        np.savetxt(stream, vertices, fmt="v" + " %.9g" * 3 + " %.4f" * (vertices.shape[1] - 3))
        np.savetxt(stream, mesh.normals[kept], fmt="vn %.6f %.6f %.6f")
        np.savetxt(stream, np.repeat(triangles + 1, 2, axis=1), fmt="f %d//%d %d//%d %d//%d")
    return (path,)
