"""What the network itself said about a critical point of the grid."""

import math
from collections.abc import Collection
from dataclasses import dataclass

from talweg_compute.field import CriticalKind
from talweg_compute.messages import Certified, Status

STATUS_WORDS: dict[Status, str] = {
    "certified": "found on the network, of the same type and at the same place",
    "moved": "found on the network, but of another type or elsewhere than the grid says",
    "kink": "found on the network at a kink of the loss, where the gradient does not vanish",
    "degenerate": "the gradient vanishes on the network, but so does a curvature: a valley, a ring or a monkey saddle",
    "dissolved": "not found on the network: an artefact of the sampling, or of the frame",
}
"""What each status means."""

OF_THE_SLICE = (
    "They are critical points along this plane, generally none of L: a minimum of the slice is one of L only where the "
    "gradient over all parameters vanishes too."
)
"""What a critical point of the plane is not."""


@dataclass(frozen=True, slots=True)
class Certification:
    """The network's word on one critical point of the grid.

    Attributes:
        sought: What the grid takes the point for (``CriticalKind``).
        status: "certified": a critical point of the same type within 3 cells. "moved": of another type, or up to 6
            cells away. "kink": one at which the gradient does not vanish, as in ReLU networks. "degenerate": the
            gradient vanishes, but so does a curvature. "dissolved": none is near, or it is another point's.
        kind: The type along the plane (``CriticalKind``), -1 where dissolved or degenerate.
        u: Where the search ended.
        v: Where the search ended.
        loss: There.
        gradient_norm: Norm of the projection of ∇L on the plane there.
        gradient_scale: The usual such norm one cell from the point; certified means below a millionth of it (float32:
            a ten-thousandth).
        eigenvalues: The two curvatures along the plane, per squared distance between weights, ascending.
        full_gradient_norm: ‖∇L‖ over all trained parameters; NaN where the model has no backward pass.
        out_of_plane_norm: Norm of what ∇L leaves without its projection on the plane; NaN likewise.
        iterations: Newton steps that were taken.
        precision: Number format of the derivatives.
    """

    sought: int
    status: Status
    kind: int
    u: float
    v: float
    loss: float
    gradient_norm: float
    gradient_scale: float
    eigenvalues: tuple[float, float]
    full_gradient_norm: float
    out_of_plane_norm: float
    iterations: int
    precision: str

    @classmethod
    def of(cls, event: Certified) -> "Certification":
        """Read an event of the worker."""
        fields = {name: block.array().tolist() for name, block in event.fields.items()}
        low, high = fields.pop("eigenvalues")
        return cls(
            sought=event.sought,
            status=event.status,
            kind=event.kind,
            iterations=event.iterations,
            precision=event.precision,
            eigenvalues=(low, high),
            **fields,
        )

    @property
    def confirms(self) -> bool:
        """Whether the network has what the grid says: a smooth point, or one at a kink, of the same type."""
        return self.status in ("certified", "kink") and self.kind == self.sought

    @property
    def kind_name(self) -> str:
        """The type in words, or nothing."""
        return CriticalKind(self.kind).title if self.kind >= 0 else ""

    def in_words(self) -> str:
        """Say what was found, and that a critical point of the slice is generally not one of L."""
        name = CriticalKind(self.sought).title
        sentence = f"This {name} of the grid is {self.status}: {STATUS_WORDS[self.status]}."
        if self.kind < 0 or not math.isfinite(self.full_gradient_norm):
            return sentence
        return (
            f"{sentence} It is a {self.kind_name} along this plane, generally not one of L: the gradient of L over "
            f"all parameters has norm {self.full_gradient_norm:.3g} there."
        )


def sum_up(words: Collection[Certification]) -> str:
    """Say in plain words what came out: counts by status, and what a minimum of the slice is not.

    Args:
        words: What the network said about each point.

    Returns:
        One to three sentences; nothing where nothing was asked.
    """
    if not words:
        return ""
    counts = {status: sum(word.status == status for word in words) for status in STATUS_WORDS}
    text = f"On the network: {', '.join(f'{count} {status}' for status, count in counts.items() if count)}."
    found = [word for word in words if word.kind >= 0 and math.isfinite(word.full_gradient_norm)]
    if found:
        lowest = min(found, key=lambda word: word.loss)
        text += (
            f" A {lowest.kind_name} of this slice is generally not one of L: at the lowest point found, the gradient "
            f"of L over all parameters has norm {lowest.full_gradient_norm:.3g}."
        )
    return text
