"""What of a landscape is still to be computed, as a request for the worker that goes on from what is committed."""

import numpy as np

from talweg.document import Document
from talweg.landscape import Landscape
from talweg_compute.messages import Block, Compute, Known


def request_points(request_id: str, document: Document, landscape: int, *, follow: bool = False) -> Compute:
    """Ask for the points, samples and checkpoints of a landscape that are not committed yet.

    Args:
        request_id: Marks the answers.
        document: Where the landscape is.
        landscape: Its number.
        follow: Go on afterwards, placing the checkpoints that a running training writes, until it is cancelled.

    Returns:
        The request; there may be nothing left in it to compute.

    Raises:
        InputError: The landscape was imported and has no job.
    """
    state = document.landscape(landscape)
    job = document.remaining_job(landscape)
    with_fields = job.run.adaptive or job.run.precision != "float32"
    return Compute(
        request_id,
        job,
        known=_known(document, state, with_fields=with_fields) if state.done else None,
        sample_order=document.sample_order(landscape),
        expected=state.provenance,
        placed=tuple(path.names[: path.evaluated] for path in state.paths),
        follow=follow,
    )


def _known(document: Document, state: Landscape, *, with_fields: bool) -> Known:
    """What is committed of a landscape's points, with the sums of those that more samples join."""
    index = np.flatnonzero(state.computed)
    partial = state.partial.flat[index]
    rows = document.sums(state.id, index[partial])
    sums = np.full((index.size, max((row.size for row in rows), default=0)), np.nan)
    for k, row in zip(np.flatnonzero(partial).tolist(), rows, strict=True):
        sums[k, : row.size] = row
    return Known(
        index=Block.of(index),
        samples=Block.of(np.where(partial, state.samples.flat[index], 0)),
        fields={name: Block.of(values.flat[index]) for name, values in state.fields.items()} if with_fields else {},
        sums=Block.of(sums),
        precision=Block.of(state.precision.flat[index]) if state.precision.size > 1 else None,
    )
