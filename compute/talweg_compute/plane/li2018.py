"""Directions exactly as Li et al.'s code draws them, bit for bit, peculiarities included."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from talweg_compute.messages import Ignore2018, Norm2018
from talweg_compute.plane.direction_file import Mode, canonical_names, state_tensors
from talweg_compute.plane.directions import EPSILON
from talweg_compute.problem.layout import Layout
from talweg_compute.problem.user_code import fixed_randomness


@dataclass(frozen=True)
class Axis2018:
    """Settings of one axis, by the names and values of that code's ``--xnorm`` and ``--xignore``.

    Attributes:
        norm: ``filter`` and ``layer`` scale to the weights' norm, ``weight`` multiplies by the weights, ``dfilter`` and
            ``dlayer`` scale to length one, an empty string leaves the draw as it is.
        ignore: ``biasbn`` makes tensors with fewer than two axes zero; an empty string makes them the weights.
    """

    norm: Norm2018 = ""
    ignore: Ignore2018 = ""


def draw_li2018(
    model: nn.Module,
    layout: Layout,
    construct: Callable[[], object],
    x: Axis2018,
    y: Axis2018 | None = None,
    mode: Mode = "weights",
    same_dir: bool = False,
    seed: int = 123,
    targets: Sequence[Tensor] = (),
) -> Tensor:
    """Draw directions from the global generator, as that code does after it has constructed the network.

    The order: seed; construct the network, whose initialisation consumes random numbers; draw every tensor of x, then
    normalize x; then the same for y. A direction that is given is not drawn. The global generators are given back as
    they were.

    Args:
        model: The model with the origin's weights.
        layout: Its layout.
        construct: Builds the network as that code does; it must neither seed nor restore the global generator.
        x: The first axis.
        y: The second axis, or None for a line.
        mode: With ``states`` every entry of the state dict is drawn, running statistics and counters too.
        same_dir: The second direction is the first one.
        seed: That code always takes 123.
        targets: The leading directions, float32 [size] each, where they point at other checkpoints.

    Returns:
        float32 [d, size], d of 1 or 2; counters are dropped. Not finite where ``layer`` or ``dlayer`` meets a zero
        tensor, since that code adds no epsilon there.
    """
    if mode == "weights":
        weights = [(name, tensor.detach()) for name, tensor in model.named_parameters()]
    else:
        weights = state_tensors(model)
    names = canonical_names(model)
    drawn: list[Tensor] = list(targets)
    with fixed_randomness(seed):
        construct()
        for axis in ([x] if y is None else [x, y])[len(drawn) :]:
            if drawn and same_dir:
                drawn.append(drawn[0])
                continue
            direction = [torch.randn(weight.shape) for _, weight in weights]
            flat = torch.zeros(layout.size)
            views = layout.views(flat)
            for d, (name, w) in zip(direction, weights, strict=True):
                _normalize(d, w, axis)
                if (view := views.get(names.get(name, name))) is not None:
                    view.copy_(d)
            drawn.append(flat)
    return torch.stack(drawn)


def target_directions(origin: Tensor, targets: Sequence[Tensor], layout: Layout, mode: Mode = "weights") -> Tensor:
    """Point at other checkpoints as that code does: plain differences, biases included, neither scaled nor orthogonal.

    Args:
        origin: float32 [size].
        targets: The checkpoints, float32 [size] each.
        layout: Order of the tensors.
        mode: With ``states`` the buffers go along, except counters.

    Returns:
        float32 [d, size].
    """
    directions = torch.stack(list(targets)) - origin
    if mode == "weights":
        directions[:, layout.parameter_size :] = 0
    return directions


def _normalize(d: Tensor, w: Tensor, axis: Axis2018) -> None:
    """Normalize one tensor in place, in float32 and slice by slice, since other orders round differently."""
    if d.dim() <= 1:
        if axis.ignore == "biasbn":
            d.zero_()
        else:
            d.copy_(w)
    elif axis.norm == "filter":
        for d_slice, w_slice in zip(d, w, strict=True):
            d_slice.mul_(w_slice.norm() / (d_slice.norm() + EPSILON))
    elif axis.norm == "layer":
        d.mul_(w.norm() / d.norm())
    elif axis.norm == "weight":
        d.mul_(w)
    elif axis.norm == "dfilter":
        for d_slice in d:
            d_slice.div_(d_slice.norm() + EPSILON)
    elif axis.norm == "dlayer":
        d.div_(d.norm())
