"""GLB: glTF 2.0 in one file, for slides and web pages."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import talweg
from talweg.export.colours import to_linear
from talweg.export.files import replacing
from talweg.export.mesh import build_mesh
from talweg.export.metadata import to_json
from talweg.landscape import Landscape
from talweg.picture import Picture
from talweg.view.state import ViewState

_FLOAT, _UNSIGNED = 5126, 5125
_VERTICES, _INDICES = 34962, 34963


def write_glb(
    path: Path, landscape: Landscape, view: ViewState, picture: Picture, *, colours: bool = True
) -> tuple[Path, ...]:
    """Write the surface as GLB, y upwards as the format has it: (u, height, -v).

    Vertex colours are linear light and the material is unlit (KHR_materials_unlit), so that viewers show exactly the
    colours of the colour map. The description is in ``asset.extras``.

    Args:
        path: The file.
        landscape: The numbers.
        view: How they are looked at.
        picture: What ``resolve`` made of both.
        colours: Whether vertices have the colours of the picture; without them the material is lit.

    Returns:
        The file.

    Raises:
        InputError: There is no surface yet, or the file cannot be written.
    """
    mesh = build_mesh(landscape, view, picture)
    kept, triangles = mesh.only_drawn()
    attributes = {"POSITION": _upright(mesh.vertices[kept]), "NORMAL": _upright(mesh.normals[kept])}
    if colours:
        attributes["COLOR_0"] = to_linear(mesh.colours[kept])
    arrays = [*attributes.values(), triangles.astype("<u4").ravel()]
    extras = json.loads(to_json(mesh.describe(landscape)))
    material: dict[str, Any] = {
        "doubleSided": True,
        "pbrMetallicRoughness": {"metallicFactor": 0.0, "roughnessFactor": 0.8},
    }
    table: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": f"talweg {talweg.__version__}", "extras": extras},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": landscape.name}],
        "meshes": [
            {
                "primitives": [
                    {
                        "attributes": {name: index for index, name in enumerate(attributes)},
                        "indices": len(attributes),
                        "material": 0,
                    }
                ]
            }
        ],
        "materials": [material],
        **_layout(arrays),
    }
    if colours:
        material["extensions"] = {"KHR_materials_unlit": {}}
        table["extensionsUsed"] = ["KHR_materials_unlit"]
    body = b"".join(array.tobytes() for array in arrays)
    text = to_json(table).encode("ascii")
    chunks = _chunk(b"JSON", text, b" ") + _chunk(b"BIN\0", body, b"\0")
    with replacing(path) as temporary:
        temporary.write_bytes(b"glTF" + _words(2, 12 + len(chunks)) + chunks)
    return (path,)


def _layout(arrays: list[NDArray[Any]]) -> dict[str, Any]:
    """Where each array lies in the one buffer, and what it is; every array is a multiple of four bytes long."""
    views: list[dict[str, int]] = []
    accessors: list[dict[str, Any]] = []
    start = 0
    for array in arrays:
        indices = array.ndim == 1
        views.append(
            {"buffer": 0, "byteOffset": start, "byteLength": array.nbytes, "target": _INDICES if indices else _VERTICES}
        )
        accessor = {
            "bufferView": len(accessors),
            "componentType": _UNSIGNED if indices else _FLOAT,
            "count": len(array),
            "type": "SCALAR" if indices else f"VEC{array.shape[1]}",
        }
        if not accessors:  # the format demands the bounds of the positions
            accessor |= {"min": array.min(axis=0).tolist(), "max": array.max(axis=0).tolist()}
        accessors.append(accessor)
        start += array.nbytes
    return {"buffers": [{"byteLength": start}], "bufferViews": views, "accessors": accessors}


def _upright(vectors: NDArray[Any]) -> NDArray[np.float32]:
    """From z up to y up: a turn about x."""
    return np.stack([vectors[:, 0], vectors[:, 2], -vectors[:, 1]], axis=1).astype("<f4")


def _chunk(kind: bytes, data: bytes, padding: bytes) -> bytes:
    padded = data + padding * (-len(data) % 4)
    return _words(len(padded)) + kind + padded


def _words(*values: int) -> bytes:
    return np.array(values, dtype="<u4").tobytes()
