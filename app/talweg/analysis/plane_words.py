"""What a landscape's axes are, in words: the same in the window, in figures, in ``talweg info`` and in exports."""

from pathlib import Path

from talweg.landscape import Landscape
from talweg.number_text import format_value
from talweg_compute.messages import Plane, tell_apart


def describe_plane(plane: Plane) -> str:
    """Say how the directions of a plane were found.

    Args:
        plane: A job's plane.

    Returns:
        Words without a capital and a full stop.
    """
    whole = {
        "random": "",
        "pca": "principal components of the trajectory" + ("" if plane.centered else ", not centred"),
        "checkpoints": f"from the origin to {' and '.join(tell_apart(plane.through))}",
        "initial_to_final": "from the last checkpoint to the first"
        + (", and to the largest residual" if plane.directions > 1 else ""),
        "gradient": "steepest descent at the origin",
        "loss_fitting": f"fitted to the losses of the trajectory in {plane.steps} steps",
        "file": f"directions of {Path(plane.file or '').name}",
    }[plane.kind]
    given = {"random": 0, "checkpoints": len(plane.through), "initial_to_final": 2, "gradient": 1}.get(plane.kind, 3)
    parts = [whole] if whole else []
    if plane.directions > given:
        parts.append(f"random, seed {plane.seed}, {_scaling(plane)}" + (", orthogonal" if plane.orthogonal else ""))
    if plane.only:
        parts.append(f"only {', '.join(plane.only)}")
    if plane.ignore == "none" and plane.kind != "file":
        parts.append("biases and normalization layers move too")
    if plane.compatibility == "li2018":
        parts.append(f"as in the code of Li et al., {plane.dir_type}")
    return "; ".join(parts)


def _scaling(plane: Plane) -> str:
    if plane.compatibility == "li2018" and plane.xnorm is not None:
        return f"xnorm {plane.xnorm!r}, xignore {plane.xignore or ''!r}"
    return "not normalized" if plane.normalization == "none" else f"{plane.normalization}-normalized"


def _told_scaling(plane: Plane) -> str:
    """In brackets how the random directions of a plane were scaled, or nothing."""
    scaling = plane.normalization if plane.compatibility is None else plane.xnorm
    return f" ({scaling}-normalized)" if scaling in ("filter", "layer") else ""


def name_axes(landscape: Landscape, *, scaling: bool = True) -> tuple[str, ...]:
    """Name the axes, those that have a meaning by it; principal components with their share of the path's variance.

    Args:
        landscape: Any; where its job is not known, its axes are u, v and w.
        scaling: Whether random directions are followed by how they were normalized.

    Returns:
        A name for each direction; what stands in brackets at its end may be left out where there is little room.
    """
    names = ("u", "v", "w")
    if landscape.job is None:
        return names[: landscape.dimensions]
    plane = landscape.job.plane
    shares = landscape.path.explained_variance if landscape.path is not None else ()
    if not shares and landscape.provenance is not None:
        shares = landscape.provenance.explained_variance
    found: tuple[str, ...] = ()
    if plane.kind == "pca":
        words = [f" ({100 * share:.1f} %)" for share in shares] or [""] * plane.directions
        found = tuple(f"PC {place}{share}" for place, share in enumerate(words, 1))
    elif plane.kind == "checkpoints":
        found = tuple(f"towards {name}" for name in tell_apart(plane.through))
    elif plane.kind == "initial_to_final":
        found = ("towards the start", "largest residual")
    elif plane.kind == "gradient":
        found = ("steepest descent",)
    drawn = plane.kind not in ("file", "loss_fitting")
    told = _told_scaling(plane) if scaling and drawn else ""
    rest = tuple(f"direction {place}{told}" for place in range(len(found) + 1, len(names) + 1))
    return (*found, *rest)[: landscape.dimensions]


def list_axis_facts(landscape: Landscape) -> list[tuple[str, str]]:
    """List what is known of the axes: norms, angles, explained variance beside a random walk's, BatchNorm.

    Args:
        landscape: Any.

    Returns:
        Names and values.
    """
    facts: list[tuple[str, str]] = []
    source = landscape.provenance
    if source is not None:
        facts.append(("Direction norms", ", ".join(format_value(norm) for norm in source.direction_norms)))
        cosines = source.cosines or ((source.cosine,) if len(source.direction_norms) == 2 else ())
        if cosines:
            facts.append(("Cosine", ", ".join(format_value(cosine, 2) for cosine in cosines)))
        facts.append(("BatchNorm", source.batch_norm))
    shares = landscape.path.explained_variance if landscape.path is not None else ()
    if not shares and source is not None:  # of a run that has grown since the plane was laid
        shares = source.explained_variance
    if shares:
        facts.append(("Explained variance", _shares(shares)))
        if source is not None and source.random_walk:
            facts.append(("A random walk's", _shares(source.random_walk)))
    return facts


def _shares(shares: tuple[float, ...]) -> str:
    return " + ".join(f"{100 * share:.1f} %" for share in shares)
