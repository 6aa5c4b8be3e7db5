"""What there is to say of a landscape, in values that JSON has."""

import math
from dataclasses import asdict
from typing import Any

import msgspec
import numpy as np

from talweg.analysis.noise import Noise
from talweg.analysis.seeds import SeedComparison
from talweg.certification import Certification
from talweg.landscape import Landscape, TrainingPath
from talweg_compute.field import CriticalKind, default_threshold


def summarise(landscape: Landscape, seeds: SeedComparison | None = None, noise: Noise | None = None) -> dict[str, Any]:
    """Summarise a landscape in values that JSON has; what is not finite is null.

    Args:
        landscape: Any.
        seeds: How it compares with other seeds' landscapes, where there are some.
        noise: What other samples would change, where that is known.

    Returns:
        ``name``; ``created`` (UTC, ISO 8601);
        ``shape`` [nv, nu] ([1, nu] for a line, [nw, nv, nu] for a volume); ``grid``;
        ``points`` {computed, interpolated, total}; ``measured`` by topic;
        ``loss`` {min, min_at, max, origin}; ``metrics`` {min, max, origin} by name;
        ``gradient_norm`` {points, min, max} along the plane, or null;
        ``non_finite``; ``noise`` {standard_error, of_differences, blocks} or null;
        ``critical_points`` [{type, u, v, loss, persistence, on_boundary, confirmed}], those over
        ``persistence_threshold``;
        ``trajectory`` {explained_variance, points [{name, u, v, loss, residual, loss_at_projection}]} or null;
        ``other_trajectories``; ``plane_checkpoints``, the same of those that the plane was laid through, or null;
        ``seeds`` {seeds, spread, minima} or null; ``provenance``; ``job``; ``notes``.
    """
    axes = dict(list({"u": landscape.u, "v": landscape.v, "w": landscape.w}.items())[: landscape.dimensions])
    loss = landscape.loss
    finite = np.isfinite(loss)
    lowest: dict[str, Any] = {"min": None, "min_at": None, "max": None}
    if finite.any():
        place = np.unravel_index(np.argmin(np.where(finite, loss, np.inf)), loss.shape)
        lowest = {
            "min": float(loss[place]),
            "min_at": [float(axis[k]) for axis, k in zip(axes.values(), reversed(place), strict=False)],
            "max": float(loss[finite].max()),
        }
    origin = landscape.origin.get("loss", math.nan)
    return {
        "name": landscape.name,
        "created": landscape.created,
        "shape": list(loss.shape),
        "grid": {name: [float(axis[0]), float(axis[-1])] for name, axis in axes.items()},
        "points": {
            "computed": landscape.done,
            "interpolated": landscape.interpolated_count,
            "total": landscape.computed.size,
        },
        "measured": {topic: dict(values) for topic, values in landscape.measured.items()},
        "loss": {**lowest, "origin": _number(origin)},
        "accuracy": {"origin": _number(landscape.origin.get("accuracy", math.nan))},
        "metrics": {name: _metric(landscape, name) for name in landscape.metrics},
        "non_finite": landscape.non_finite,
        "gradient_norm": _gradient_norm(landscape),
        "noise": None if noise is None else {name: _number(value) for name, value in asdict(noise).items()},
        **_critical_points(landscape),
        "trajectory": None if landscape.path is None else _trajectory(landscape.path),
        "other_trajectories": [_trajectory(path) for path in landscape.paths[1:]],
        "plane_checkpoints": None if landscape.landmarks is None else _trajectory(landscape.landmarks)["points"],
        "seeds": None if seeds is None else _seeds(seeds),
        "provenance": None if landscape.provenance is None else msgspec.to_builtins(landscape.provenance),
        "job": None if landscape.job is None else msgspec.to_builtins(landscape.job),
        "source": landscape.source,
        "notes": list(landscape.notes),
    }


def _metric(landscape: Landscape, name: str) -> dict[str, float | None]:
    """The range of a metric where it is finite, and its value at the origin."""
    values = landscape.fields.get(name, np.zeros(0))
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (None, None)
    return {"min": low, "max": high, "origin": _number(landscape.origin.get(name, math.nan))}


def _gradient_norm(landscape: Landscape) -> dict[str, Any] | None:
    """How many points have a gradient along the plane, and the range of its norm; None where none has."""
    norm = landscape.fields.get("gradient_norm", np.zeros(0))
    norm = norm[np.isfinite(norm)]
    return {"points": norm.size, "min": float(norm.min()), "max": float(norm.max())} if norm.size else None


def _critical_points(landscape: Landscape) -> dict[str, Any]:
    if landscape.topology is None:
        return {"persistence_threshold": None, "critical_points": []}
    threshold = default_threshold(landscape.loss, landscape.fields["loss_standard_error"])
    points = landscape.topology.points.above(threshold)
    where = landscape.topology.positions(points)
    columns = (points.kind, where.u, where.v, where.value, points.persistence, points.on_boundary, points.confirmed)
    found = [
        {
            "type": CriticalKind(kind).title,
            "u": float(u),
            "v": float(v),
            "loss": float(value),
            "persistence": _number(persistence),
            "on_boundary": bool(boundary),
            "confirmed": bool(confirmed),
            "network": None if word is None else _certification(word),
        }
        for kind, u, v, value, persistence, boundary, confirmed, word in zip(
            *columns, landscape.certifications_of(points), strict=True
        )
    ]
    return {"persistence_threshold": float(threshold), "critical_points": found}


def _certification(word: Certification) -> dict[str, Any]:
    """What the network said, in values that JSON has."""
    return {
        "status": word.status,
        "type": word.kind_name or None,
        "u": _number(word.u),
        "v": _number(word.v),
        "loss": _number(word.loss),
        "gradient_norm": _number(word.gradient_norm),
        "gradient_scale": _number(word.gradient_scale),
        "eigenvalues": [_number(value) for value in word.eigenvalues],
        "full_gradient_norm": _number(word.full_gradient_norm),
        "out_of_plane_norm": _number(word.out_of_plane_norm),
        "precision": word.precision,
    }


def _seeds(seeds: SeedComparison) -> dict[str, Any]:
    return {"seeds": list(seeds.seeds), "spread": _number(seeds.spread), "minima": list(seeds.minima)}


def _trajectory(path: TrainingPath) -> dict[str, Any]:
    nothing = np.full(len(path.names), np.nan)
    at_projection = path.loss_at_projection if path.loss_at_projection.size else nothing
    columns = zip(path.names, path.coordinates, path.loss, path.accuracy, path.residual, at_projection, strict=True)
    return {
        "name": path.title,
        "explained_variance": list(path.explained_variance),
        "points": [
            {
                "name": name,
                "u": _number(u),
                "v": _number(v),
                "loss": _number(loss),
                "accuracy": _number(accuracy),
                "residual": _number(residual),
                "loss_at_projection": _number(projected),
                **{metric: _number(values[step]) for metric, values in path.metrics.items()},
            }
            for step, (name, (u, v), loss, accuracy, residual, projected) in enumerate(columns)
        ],
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
