"""From a job's plane to its directions: one function a kind, and random directions for what a kind leaves open."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from talweg_compute.messages import Ignore2018, InputError, Norm2018, Plane, tell_apart
from talweg_compute.plane.direction_file import read_directions
from talweg_compute.plane.directions import random_directions
from talweg_compute.plane.gradient import gradient_direction
from talweg_compute.plane.inner_products import inner_products
from talweg_compute.plane.li2018 import Axis2018, draw_li2018, target_directions
from talweg_compute.plane.loss_fitting import fit_to_trajectory
from talweg_compute.plane.pca import principal_directions
from talweg_compute.plane.restriction import restrict_layout
from talweg_compute.plane.span import OpenPlane, span_plane
from talweg_compute.plane.through_checkpoints import directions_through, initial_to_final
from talweg_compute.problem.layout import Layout
from talweg_compute.problem.models import construct_model
from talweg_compute.problem.problem import OpenProblem

__all__ = ["OpenPlane", "open_plane", "span_plane"]


@dataclass(frozen=True)
class _Context:
    """What a kind may ask for.

    Attributes:
        spec: The job's plane.
        problem: The model with its weights and its trajectory.
        layout: The problem's, in which only what the plane may move is trainable.
        device: Where gradients are computed.
    """

    spec: Plane
    problem: OpenProblem
    layout: Layout
    device: torch.device

    def read(self, index: int, part: slice = slice(None)) -> Tensor:
        return self.problem.read_flat(self.problem.trajectory[index], part)

    @property
    def checkpoints(self) -> int:
        """Number of checkpoints of the trajectory, which this kind needs."""
        if not self.problem.trajectory:
            raise InputError(
                f'plane.kind: got "{self.spec.kind}", which needs problem.trajectory, alone or beside '
                "problem.checkpoint."
            )
        return len(self.problem.trajectory)


@dataclass(frozen=True)
class _Found:
    """Directions of one kind, float32 [k, size], k at most the number that is asked for."""

    directions: Tensor
    explained_variance: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()


def open_plane(spec: Plane, problem: OpenProblem, device: torch.device | None = None) -> OpenPlane:
    """Build a job's plane through the problem's origin.

    Args:
        spec: The job's plane.
        problem: The model with its weights and its trajectory.
        device: Where gradients are computed, for the kinds that need some; None: on the CPU.

    Returns:
        The plane.

    Raises:
        InputError: The plane needs a trajectory that is not there, its file does not fit, or it is no plane.
    """
    layout = restrict_layout(problem.layout, spec.only) if spec.only else problem.layout
    context = _Context(spec, problem, layout, device or torch.device("cpu"))
    find = _LI2018.get(spec.kind, _KINDS[spec.kind]) if spec.compatibility == "li2018" else _KINDS[spec.kind]
    found = find(context)
    if (missing := spec.directions - len(found.directions)) > 0:
        found = _fill(found, context, missing)
    return span_plane(
        problem.origin, found.directions, problem.layout.parameter_size, found.explained_variance, found.notes
    )


def _fill(found: _Found, context: _Context, missing: int) -> _Found:
    """Add random directions, orthogonal to what was found where that is asked for."""
    directions = torch.cat([found.directions, _draw(context, missing)])
    if context.spec.orthogonal:
        parameters = directions[:, : context.layout.parameter_size]
        for place in range(len(found.directions), len(directions)):
            gram = inner_products(parameters[: place + 1], parameters[: place + 1])
            shares = torch.linalg.solve(gram[:place, :place], gram[:place, place])
            parameters[place] -= (shares @ parameters[:place].double()).float()
    return replace(found, directions=directions)


def _draw(context: _Context, count: int) -> Tensor:
    spec = context.spec
    return random_directions(
        context.layout, context.problem.origin, spec.seed, spec.normalization, spec.ignore, count, spec.orthogonal
    )


def _random(context: _Context) -> _Found:
    return _Found(_draw(context, context.spec.directions))


def _pca(context: _Context) -> _Found:
    spec, count = context.spec, context.checkpoints
    principal = principal_directions(
        context.read, count, context.problem.origin, context.layout, spec.ignore, spec.directions, spec.centered
    )
    return _Found(principal.directions, tuple(principal.explained_variance_ratio[: spec.directions].tolist()))


def _through(context: _Context) -> _Found:
    paths = [Path(path) for path in context.spec.through]
    points = [context.problem.read_flat(path) for path in paths]
    through = directions_through(context.problem.origin, points, context.problem.layout.parameter_size)
    coordinates = np.zeros((len(paths), context.spec.directions))  # further directions are random ones
    coordinates[:, : len(paths)] = through.coordinates[1:]
    places = [
        f"{name} lies at ({', '.join(f'{value:.6g}' for value in place)})"
        for name, place in zip(tell_apart(paths), coordinates, strict=True)
    ]
    where = ("line", "plane", "volume")[context.spec.directions - 1]
    return _Found(through.directions, notes=(f"On the {where} {'; '.join(places)}.",))


def _initial_to_final(context: _Context) -> _Found:
    count = context.checkpoints
    components = min(context.spec.directions, 2)
    return _Found(initial_to_final(context.read, count, context.problem.layout.parameter_size, components).directions)


def _gradient(context: _Context) -> _Found:
    return _Found(gradient_direction(context.problem, context.layout, context.spec.ignore, context.device))


def _loss_fitting(context: _Context) -> _Found:
    start = _pca(context)
    fitted = fit_to_trajectory(
        context.problem, context.layout, start.directions, context.spec.ignore, context.spec.steps, context.device
    )
    note = (
        f"Fitting lowered the error of the projected losses from {fitted.errors[0]:.4g} to {fitted.errors.min():.4g}; "
        f"the principal plane holds {100 * sum(start.explained_variance):.2f} % of the path's variance, "
        "the fitted one what the trajectory's shares say."
    )
    return _Found(fitted.directions, notes=(note,))


def _file(context: _Context) -> _Found:
    problem = context.problem
    path = Path(context.spec.file or "")
    return _Found(read_directions(path, problem.model, problem.layout, context.spec.directions))


def _random_li2018(context: _Context) -> _Found:
    return _Found(_draw_li2018(context, []))


def _through_li2018(context: _Context) -> _Found:
    problem, spec = context.problem, context.spec
    points = [problem.read_flat(Path(path)) for path in spec.through]
    return _Found(_draw_li2018(context, list(target_directions(problem.origin, points, problem.layout, spec.dir_type))))


def _draw_li2018(context: _Context, targets: list[Tensor]) -> Tensor:
    spec, problem = context.spec, context.problem
    norm: Norm2018 = "" if spec.normalization == "none" else spec.normalization
    ignore: Ignore2018 = "biasbn" if spec.ignore == "bias_norm" else ""
    axes = [
        Axis2018(norm if given is None else given, ignore if ignored is None else ignored)
        for given, ignored in ((spec.xnorm, spec.xignore), (spec.ynorm, spec.yignore))
    ]
    # That code constructs the network once for the origin, and once more for the checkpoint that x points at.
    constructions = 1 + min(len(targets), 1)

    def construct() -> None:
        for _ in range(constructions):
            construct_model(problem.specification.model, problem.specification.model_args)

    return draw_li2018(
        problem.model,
        problem.layout,
        construct,
        axes[0],
        axes[1] if spec.directions == 2 else None,
        spec.dir_type,
        spec.same_dir,
        spec.seed,
        targets,
    )


_KINDS: dict[str, Callable[[_Context], _Found]] = {
    "random": _random,
    "pca": _pca,
    "checkpoints": _through,
    "initial_to_final": _initial_to_final,
    "gradient": _gradient,
    "loss_fitting": _loss_fitting,
    "file": _file,
}
_LI2018: dict[str, Callable[[_Context], _Found]] = {"random": _random_li2018, "checkpoints": _through_li2018}
