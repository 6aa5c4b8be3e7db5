"""What a worker can do for a landscape: values that a queue keeps, and from which requests are made again and again.

Each makes a request of what the document lacks at that moment, so that work which was interrupted, by whatever, is gone
on with by asking once more.
"""

from typing import ClassVar, Literal

import msgspec

from talweg.document import Document
from talweg.landscape import Landscape
from talweg.work.certifying import LeastPersistence, request_certification
from talweg.work.gradients import count_gradients, request_gradients
from talweg.work.missing_points import request_points
from talweg_compute.messages import Certify, Compute, Differentiate

Kind = Literal["points", "certification", "gradients"]


class ComputePoints(msgspec.Struct, frozen=True, tag="points"):
    """Compute the points of a landscape that are missing.

    Attributes:
        follow: Go on afterwards, placing the checkpoints that a running training writes, until it is cancelled.
    """

    kind: ClassVar[Kind] = "points"

    follow: bool = False

    def request(self, request_id: str, document: Document, landscape: int) -> Compute:
        """Ask for what is missing; raises InputError where the landscape has no job."""
        return request_points(request_id, document, landscape, follow=self.follow)

    def describe(self, landscape: Landscape) -> str:
        """Say what is done already."""
        return f"{landscape.done} points"


class CertifyPoints(msgspec.Struct, frozen=True, tag="certification"):
    """Look for critical points of a landscape on the network itself.

    Attributes:
        least: Threshold over which points are asked about.
    """

    kind: ClassVar[Kind] = "certification"

    least: LeastPersistence = LeastPersistence()

    def request(self, request_id: str, document: Document, landscape: int) -> Certify:
        """Ask about the points that have no answer; raises InputError where the landscape is not complete."""
        return request_certification(request_id, document, landscape, self.least)

    def describe(self, landscape: Landscape) -> str:
        """Say what is done already."""
        return f"{len(landscape.certifications)} critical points"


class ComputeGradients(msgspec.Struct, frozen=True, tag="gradients"):
    """Compute the gradient along the plane at the points of a landscape that lack it."""

    kind: ClassVar[Kind] = "gradients"

    def request(self, request_id: str, document: Document, landscape: int) -> Differentiate:
        """Ask for the gradients that are missing; raises InputError where the landscape is no plane."""
        return request_gradients(request_id, document, landscape)

    def describe(self, landscape: Landscape) -> str:
        """Say what is done already."""
        return f"the gradients of {count_gradients(landscape)} points"


Work = ComputePoints | CertifyPoints | ComputeGradients
