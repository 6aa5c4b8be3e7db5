"""PLY: the surface with its fields, and beside it the training path, the critical points and a description."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from plyfile import PlyElement

import talweg
from talweg.analysis.plane_words import describe_plane
from talweg.export.colours import KINDS
from talweg.export.csv import write_critical_points
from talweg.export.files import beside
from talweg.export.mesh import Mesh, build_mesh, height_of_checkpoints
from talweg.export.metadata import split_lines, to_json
from talweg.export.ply_files import COMMENT_MARK, save_ply
from talweg.export.sidecar import check_sidecar, write_sidecar
from talweg.landscape import Landscape, TrainingPath
from talweg.picture import CriticalPointsPart, Picture
from talweg.view.quantities import smallest_positive
from talweg.view.state import ViewState

_LARGEST = float(np.finfo(np.float32).max)

Float = NDArray[np.float64]


def write_ply(
    path: Path, landscape: Landscape, view: ViewState, picture: Picture, *, binary: bool = True, colours: bool = True
) -> tuple[Path, ...]:
    """Write the surface, and beside it the training path, the critical points and a description.

    Standard properties come first, since CloudCompare goes by parts of their names; ``quality`` is the one scalar that
    MeshLab reads, every ``scalar_`` field is read by CloudCompare and Blender. The vertices of finer grids inside
    follow those of the grid, each grid row by row; the faces are those that are drawn. They leave out the points whose
    loss is not finite: their ``scalar_loss`` is what was computed, their ``quality`` the highest finite loss.

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
    sidecar = beside(path, ".json")
    check_sidecar(sidecar)
    offset = _offset(landscape)
    table = mesh.describe(landscape)
    common = _common_comments(landscape, table, offset)
    notes = _surface_comments(landscape, mesh)
    if colours:
        table["colour"] = _colour_sentence(picture)
        notes = [f"colormap {table['colour']}", *notes]
    embedded = to_json({key: value for key, value in table.items() if key not in ("trajectories", "plane_checkpoints")})
    elements = [_vertices(mesh, offset, colours=colours), _faces(mesh)]
    save_ply(path, elements, [*common, *notes, *(COMMENT_MARK + line for line in split_lines(embedded))], binary=binary)
    written = [path]
    if landscape.path is not None:
        written.append(beside(path, "_trajectory.ply"))
        vertices, notes = _path_vertices(landscape.path, view, picture, mesh, offset)
        save_ply(written[-1], [vertices, _edges(len(landscape.path.names))], [*common, *notes], binary=binary)
    points = picture.critical_points.without_refuted()
    if points.kind.size:
        written += [beside(path, "_points.ply"), beside(path, "_points.csv")]
        vertices, notes = _point_vertices(points, mesh, offset)
        save_ply(written[-2], [vertices], [*common, *notes], binary=binary)
        write_critical_points(written[-1], points)
    written.append(sidecar)
    write_sidecar(sidecar, table, written)
    return tuple(written)


# vertices and faces


def _vertices(mesh: Mesh, offset: tuple[float, float], *, colours: bool) -> PlyElement:
    columns: dict[str, NDArray[Any]] = _positions(mesh.vertices, offset)
    columns |= {name: mesh.normals[:, axis] for axis, name in enumerate(("nx", "ny", "nz"))}
    if colours:
        columns |= _colour_columns(mesh.colours)
    columns |= {"quality": mesh.quality, "scalar_loss": mesh.loss, "scalar_height": mesh.height}
    columns |= {f"scalar_{name}": values for name, values in mesh.fields.items()}
    if mesh.interpolated.any():
        columns["scalar_interpolated"] = mesh.interpolated
    return _element("vertex", columns)


def _faces(mesh: Mesh) -> PlyElement:
    faces = np.zeros(len(mesh.triangles), dtype=[("vertex_indices", "<i4", (3,))])
    faces["vertex_indices"] = mesh.triangles
    return PlyElement.describe(faces, "face", len_types={"vertex_indices": "u1"})


def _path_vertices(
    path: TrainingPath, view: ViewState, picture: Picture, mesh: Mesh, offset: tuple[float, float]
) -> tuple[PlyElement, list[str]]:
    """The checkpoints where they are drawn; one that is not has the height of its own loss."""
    markers = (
        np.full(len(path.names), np.nan) if picture.path is None else picture.path.markers[:, 2].astype(np.float64)
    )
    drawn = np.isfinite(markers)
    z = np.where(drawn, markers, height_of_checkpoints(path, view, picture.frame)) / mesh.lift.scale[2]
    columns = _positions(np.column_stack([path.coordinates, z]), offset)
    columns |= {"quality": np.arange(len(path.names)), "scalar_loss": path.loss, "scalar_residual": path.residual}
    notes = ["quality = step ; scalar_loss = true loss of the checkpoint ; scalar_residual = distance from the plane"]
    if not drawn.all():
        notes.append(f"{int((~drawn).sum())} checkpoints are not over the surface: their z comes from their true loss")
    return _element("vertex", columns), notes


def _edges(checkpoints: int) -> PlyElement:
    start = np.arange(max(checkpoints - 1, 0), dtype=np.int32)
    return _element("edge", {"vertex1": start, "vertex2": start + 1})


def _point_vertices(part: CriticalPointsPart, mesh: Mesh, offset: tuple[float, float]) -> tuple[PlyElement, list[str]]:
    drawn = part.positions[:, 2].astype(np.float64)
    plateau = float(mesh.vertices[:, 2].max()) if mesh.plateau else 0.0
    z = np.where(np.isfinite(drawn), drawn / mesh.lift.scale[2], plateau)
    low, high = float(mesh.quality.min()), float(mesh.quality.max())
    loss_range, unit = high - low, "units of the loss"
    if part.logarithmic:
        low = smallest_positive(mesh.quality)  # a finer grid may reach below zero
        loss_range, unit = float(np.log10(high / low)), "decades of the loss"
    columns = _positions(np.column_stack([part.coordinates, z]), offset)
    columns |= _colour_columns(np.array(KINDS, dtype=np.uint8)[part.kind])
    columns |= {
        "quality": part.loss,
        "scalar_loss": part.loss,
        "scalar_persistence": np.where(np.isfinite(part.persistence), part.persistence, loss_range),
        "scalar_kind": part.kind,
    }
    notes = [
        f"critical points with a persistence of at least {part.threshold!r} in {unit}",
        "scalar_kind 0 minimum, 1 saddle, 2 maximum ; the global minimum's persistence is the range of the loss",
    ]
    return _element("vertex", columns), notes


def _positions(vertices: Float, offset: tuple[float, float]) -> dict[str, NDArray[Any]]:
    return {"x": vertices[:, 0] - offset[0], "y": vertices[:, 1] - offset[1], "z": vertices[:, 2]}


def _colour_columns(colours: NDArray[np.uint8]) -> dict[str, NDArray[Any]]:
    return {name: colours[:, axis] for axis, name in enumerate(("red", "green", "blue", "alpha"))}


def _element(name: str, columns: Mapping[str, NDArray[Any]]) -> PlyElement:
    """Pack columns; bytes and 32-bit integers stay, everything else becomes float, beyond its range the largest one."""
    kept = {np.dtype(np.uint8): "u1", np.dtype(np.int32): "<i4"}
    kinds = [(title, kept.get(column.dtype, "<f4")) for title, column in columns.items()]
    packed = np.zeros(len(next(iter(columns.values()))), dtype=kinds)
    for title, column in columns.items():
        beyond = column.dtype == np.float64 and np.isfinite(column)
        packed[title] = np.where(beyond, np.clip(column, -_LARGEST, _LARGEST), column) if np.any(beyond) else column
    return PlyElement.describe(packed, name)


def _offset(landscape: Landscape) -> tuple[float, float]:
    """What is subtracted from x and y: nothing, unless float32 would blur the grid by a thousandth of a cell."""
    grids = [landscape, *(region.landscape for region in landscape.regions)]
    axes = [axis for grid in grids for axis in (grid.u, grid.v)]
    blurred = [float(np.spacing(np.abs(axis).max().astype(np.float32))) > 1e-3 * np.diff(axis).min() for axis in axes]
    middle = (float(landscape.u.mean()), float(landscape.v.mean()))
    return middle if any(blurred) else (0.0, 0.0)


# comments


def _common_comments(landscape: Landscape, table: dict[str, Any], offset: tuple[float, float]) -> list[str]:
    lines = [f"talweg {talweg.__version__}", f"created {table['created']}", f"landscape {landscape.name}"]
    lines.append(f"axes {table['axes']}")
    if any(offset):
        lines.append(f"offset {offset[0]!r} {offset[1]!r} ; x=u-offset y=v-offset in this file")
    if landscape.job is not None:
        lines.append(f"directions {describe_plane(landscape.job.plane)}")
    if landscape.provenance is not None:
        lines.append(f"model sha256 {landscape.provenance.checkpoint_sha256}")
        lines.append(f"data sha256 {landscape.provenance.data_sha256}")
        lines.append(f"directions sha256 {landscape.provenance.directions_sha256}")
    if landscape.source:
        lines.append(f"imported from {landscape.source}")
    return lines


def _surface_comments(landscape: Landscape, mesh: Mesh) -> list[str]:
    lines = ["scalar_loss = loss as computed ; scalar_height = height as drawn ; vertices row by row, u fastest"]
    if landscape.regions:
        rows, columns = landscape.loss.shape
        lines.append(f"vertices: the grid of {columns} x {rows} points, then each finer grid inside, row by row")
    for region in landscape.regions:
        rows, columns = region.patch.shape
        (west, east), (south, north) = region.landscape.u[[0, -1]].tolist(), region.landscape.v[[0, -1]].tolist()
        lines.append(
            f"finer grid of {columns} x {rows} points, {region.patch.factor} times as fine: "
            f"u {west:.6g} to {east:.6g}, v {south:.6g} to {north:.6g}"
        )
    if mesh.plateau:
        lines.append(mesh.plateau)
    non_finite = int((~np.isfinite(mesh.loss)).sum())
    if non_finite:
        cap = float(mesh.quality.max())
        lines.append(
            f"{non_finite} vertices have a loss that is not finite: no faces, quality = highest finite loss {cap!r}"
        )
    if mesh.interpolated.any():
        count = int(mesh.interpolated.sum())
        lines.append(f"{count} vertices were not computed: scalar_interpolated = 1, values from their neighbours")
    return lines


def _colour_sentence(picture: Picture) -> str:
    surface = picture.surface
    if surface.basins is not None:
        return f"{surface.title} ; colours are sRGB"
    low, high = surface.colour_scale.back(surface.scalar_range).tolist()
    scaling = surface.colour_scale
    scale = f"symlog {scaling.threshold:.6g}" if scaling.kind == "symlog" else scaling.kind
    steps = f" in {surface.colour_steps} steps" if surface.colour_steps > 1 else ""
    return f"{surface.colour_map} range {low:.6g} {high:.6g} {scale}{steps} ; colours are sRGB"
