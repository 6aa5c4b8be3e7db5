"""Which critical points of a landscape the network is to be asked about, as a request for the worker."""

from dataclasses import dataclass

import numpy as np

from talweg.document import Document
from talweg.landscape import Landscape
from talweg_compute.field import CriticalPoints, Topology, default_threshold
from talweg_compute.messages import Block, Certify, InputError


@dataclass(frozen=True, slots=True)
class LeastPersistence:
    """A threshold over which critical points are asked about.

    Attributes:
        value: In units of the loss, or in decades of it; None: twice the standard error, or 1 % of the range.
        logarithmic: Persistence is measured in decades.
    """

    value: float | None = None
    logarithmic: bool = False

    def select(self, landscape: Landscape) -> tuple[Topology, CriticalPoints] | None:
        """Return the points over it with their topology; None until every point of the grid is computed."""
        topology = landscape.log_topology if self.logarithmic else landscape.topology
        if topology is None:
            return None
        value = self.value
        if value is None:
            error = landscape.fields["loss_standard_error"]
            value = default_threshold(landscape.loss, error, logarithmic=self.logarithmic)
        return topology, topology.points.above(value)


def request_certification(
    request_id: str, document: Document, landscape: int, least: LeastPersistence | None = None
) -> Certify:
    """Ask about the critical points over a threshold that the network has not been asked about yet.

    Args:
        request_id: Marks the answers.
        document: Where the landscape is.
        landscape: Its number.
        least: The threshold.

    Returns:
        The request; it may hold no point.

    Raises:
        InputError: Points of the landscape are missing, or it was imported and has no network behind it.
    """
    known = document.landscape(landscape)
    job = document.remaining_job(landscape)
    selected = (least or LeastPersistence()).select(known)
    if selected is None:
        raise InputError(
            f"{document.path}: {known.done} of {known.computed.size} points are computed; compute the others first, "
            "since critical points are found once every point is known on all samples."
        )
    topology, points = selected
    where = topology.positions(points)
    asked = np.array([word is None for word in known.certifications_of(points)], dtype=bool)
    taken = [(word.u, word.v) for word in known.certifications.values() if word.status != "dissolved"]
    return Certify(
        request_id,
        job,
        index=Block.of((points.row * known.u.size + points.column)[asked].astype(np.int64)),
        coordinates=Block.of(np.stack([where.u, where.v], axis=-1)[asked]),
        kinds=Block.of(points.kind[asked]),
        taken=Block.of(np.array(taken, dtype=np.float64)) if taken else None,
        expected=known.provenance,
    )


def count_unasked(landscape: Landscape, least: LeastPersistence | None = None) -> int:
    """Count the critical points over a threshold that the network was not asked about; 0 where it cannot be."""
    selected = None if landscape.job is None else (least or LeastPersistence()).select(landscape)
    return 0 if selected is None else sum(word is None for word in landscape.certifications_of(selected[1]))
