"""Random directions and their normalization (Li et al. 2018, section 4)."""

import torch
from torch import Tensor

from talweg_compute.messages import Ignore, Normalization
from talweg_compute.problem.layout import Entry, Layout

EPSILON = 1e-10
"""Added to the norm that is divided by, as in the reference code: a zero filter gets a zero direction, not NaN."""


def random_directions(
    layout: Layout,
    origin: Tensor,
    seed: int,
    normalization: Normalization = "filter",
    ignore: Ignore = "bias_norm",
    count: int = 2,
    orthogonal: bool = False,
) -> Tensor:
    """Draw Gaussian directions and normalize them.

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
        orthogonal: Make them orthogonal, see ``orthogonalize_directions``; otherwise they are only nearly so.

    Returns:
        float32 [count, size] on the CPU; zero at buffers and at parameters that are not trained.
    """
    generator = torch.Generator().manual_seed(seed)
    directions = torch.zeros(count, layout.size)
    for direction in directions:  # [size]
        for entry in layout.entries:
            if entry.is_parameter:
                direction[entry.start : entry.stop] = torch.randn(entry.shape, generator=generator).flatten()
    if orthogonal:
        orthogonalize_directions(directions, layout, normalization)
    normalize_directions(directions, layout, origin, normalization, ignore)
    return directions


def normalize_directions(
    directions: Tensor, layout: Layout, origin: Tensor, normalization: Normalization, ignore: Ignore
) -> None:
    """Scale directions in place, group by group, to the weights' norm: d_g ← d_g ‖w_g‖ / (‖d_g‖ + 1e-10).

    With ``filter`` a group is a slice along the filter axis: an output channel of a convolution, an output neuron of a
    linear layer, a row of an embedding or of an attention's input projection. A parameter with fewer than two axes is
    one group. (The reference code, when told to ignore nothing, sets d := w there, the same in every direction; this is
    not copied here.) With ``layer`` a group is a parameter. With ``none`` nothing is scaled. Norms are Euclidean: of
    slices in float32, which for those along axis 0 equals the reference code's loop bit for bit; of whole parameters in
    float64, since float32 loses up to three digits over millions of elements.

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
                w = origin[entry.start : entry.stop].view(entry.shape)
                axis = entry.filter_axis if normalization == "filter" else None
                d.copy_(_scale(d.view(entry.shape), w, axis).flatten())


def orthogonalize_directions(directions: Tensor, layout: Layout, normalization: Normalization) -> None:
    """Make directions orthogonal in place, in a way that normalizing them afterwards keeps.

    Orthogonalising whole vectors would not survive the scaling of their groups. So each direction's groups are
    orthogonalised against the same groups of the earlier ones (Gram-Schmidt in float64). A group with no more elements
    than there are earlier directions has no room for that and stays as it was drawn.

    Args:
        directions: float32 [count, size], linearly independent, changed in place.
        layout: Names, shapes and places of the parameters.
        normalization: What a group is, see ``normalize_directions``; with ``none`` a parameter, as with ``layer``.
    """
    for entry in layout.entries:
        if not entry.is_parameter:
            continue
        tensors = directions[:, entry.start : entry.stop].view(-1, *entry.shape)
        axis = entry.filter_axis if normalization == "filter" else None
        groups = tensors.flatten(1).unsqueeze(1) if axis is None else tensors.movedim(axis + 1, 1).flatten(2)
        basis = groups.double()  # [count, groups, elements]
        for place in range(1, min(len(basis), basis.shape[2])):
            for earlier in basis[:place]:
                share = (basis[place] * earlier).sum(1, keepdim=True) / (earlier * earlier).sum(1, keepdim=True)
                basis[place] -= share * earlier
        if axis is None:
            tensors.copy_(basis.view(tensors.shape))
        else:
            rest = [size for place, size in enumerate(entry.shape) if place != axis]
            tensors.copy_(basis.view(*basis.shape[:2], *rest).movedim(1, axis + 1))


def moves(entry: Entry, ignore: Ignore) -> bool:
    """Tell whether a direction moves an entry: a trained parameter, with at least two axes under ``bias_norm``."""
    return entry.is_parameter and entry.trainable and (ignore == "none" or len(entry.shape) > 1)


def _scale(direction: Tensor, weight: Tensor, axis: int | None) -> Tensor:
    """Scale a tensor's slices along an axis, or all of it, to the weight's norm."""
    if axis is None:
        whole = [float(torch.linalg.vector_norm(tensor, dtype=torch.float64)) for tensor in (weight, direction)]
        return direction * (whole[0] / (whole[1] + EPSILON))
    factor = _slice_norms(weight, axis) / (_slice_norms(direction, axis) + EPSILON)  # [filters]
    return direction * factor.view([-1 if place == axis else 1 for place in range(direction.ndim)])


def _slice_norms(tensor: Tensor, axis: int) -> Tensor:
    norms: Tensor = torch.linalg.vector_norm(tensor.movedim(axis, 0).flatten(1), dim=1)
    return norms  # [filters], float32
