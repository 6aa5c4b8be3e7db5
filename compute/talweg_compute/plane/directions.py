"""Random directions and their normalization (Li et al. 2018, section 4)."""

from typing import Literal

import torch
from torch import Tensor

from talweg_compute.problem.layout import Entry, Layout

EPSILON = 1e-10
"""Added to the norm that is divided by, as in the reference code: a zero filter gets a zero direction, not NaN."""

Normalization = Literal["filter", "layer", "none"]
Ignore = Literal["bias_norm", "none"]


def random_directions(
    layout: Layout,
    origin: Tensor,
    seed: int,
    normalization: Normalization = "filter",
    ignore: Ignore = "bias_norm",
    count: int = 2,
) -> Tensor:
    """Draw Gaussian directions and normalize them; they are not orthogonalised.

    Every parameter is drawn, the first direction whole before the second, also those that are zeroed afterwards. So a
    seed gives the same draw whatever ``normalization``, ``ignore`` and the frozen parameters are, and the first two of
    three directions are those of two.

    Args:
        layout: Names, shapes and places of the parameters.
        origin: float32 [size], the weights that norms are taken from.
        seed: Seed of a generator of its own, on the CPU.
        normalization: See ``normalize_directions``.
        ignore: See ``normalize_directions``.
        count: Number of directions.

    Returns:
        float32 [count, size] on the CPU; zero at buffers and at parameters that are not trained.
    """
    generator = torch.Generator().manual_seed(seed)
    directions = torch.zeros(count, layout.size)
    for direction in directions:  # [size]
        for entry in layout.entries:
            if entry.is_parameter:
                direction[entry.start : entry.stop] = torch.randn(entry.shape, generator=generator).flatten()
    normalize_directions(directions, layout, origin, normalization, ignore)
    return directions


def normalize_directions(
    directions: Tensor, layout: Layout, origin: Tensor, normalization: Normalization, ignore: Ignore
) -> None:
    """Scale directions in place, group by group, to the weights' norm: d_g ← d_g ‖w_g‖ / (‖d_g‖ + 1e-10).

    With ``filter`` a group is a slice along the filter axis: an output channel of a convolution, an output neuron of a
    linear layer, a row of an embedding or of an attention's input projection. A parameter with fewer than two axes is one
    group. (The reference code, when told to ignore nothing, sets d := w there, the same in every direction; this is not
    copied here.) With ``layer`` a group is a parameter. With ``none`` nothing is scaled. Norms are Euclidean in float32;
    for filters along axis 0 the result equals the reference code's loop bit for bit.

    Args:
        directions: float32 [count, size], changed in place.
        layout: Names, shapes and places of the parameters.
        origin: float32 [size].
        normalization: What a group is.
        ignore: With ``bias_norm`` parameters with fewer than two axes (biases, norm layers' scales) stay put: zero.
    """
    for direction in directions:  # [size]
        for entry in layout.entries:
            d = direction[entry.start : entry.stop]
            if not moves(entry, ignore):
                d.zero_()
            elif normalization != "none":
                groups = _groups(d, entry, normalization)  # [groups, elements]
                weights = _groups(origin[entry.start : entry.stop], entry, normalization)
                groups.mul_((_norms(weights) / (_norms(groups) + EPSILON)).unsqueeze(1))
                d.view(entry.shape).copy_(_ungroup(groups, entry, normalization))


def moves(entry: Entry, ignore: Ignore) -> bool:
    """Tell whether a direction moves an entry: a trained parameter, with at least two axes under ``bias_norm``."""
    return entry.is_parameter and entry.trainable and (ignore == "none" or len(entry.shape) > 1)


def _groups(flat: Tensor, entry: Entry, normalization: Normalization) -> Tensor:
    if normalization == "layer" or entry.filter_axis is None:
        return flat.reshape(1, -1)
    return flat.view(entry.shape).movedim(entry.filter_axis, 0).flatten(1)


def _ungroup(groups: Tensor, entry: Entry, normalization: Normalization) -> Tensor:
    if normalization == "layer" or entry.filter_axis is None:
        return groups.view(entry.shape)
    rest = [size for axis, size in enumerate(entry.shape) if axis != entry.filter_axis]
    return groups.view(entry.shape[entry.filter_axis], *rest).movedim(0, entry.filter_axis)


def _norms(groups: Tensor) -> Tensor:
    return torch.linalg.vector_norm(groups, dim=1)  # [groups]
