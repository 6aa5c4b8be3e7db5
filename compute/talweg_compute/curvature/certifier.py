"""Which critical points of a sampled surface are real: each is looked for again on the network itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from talweg_compute.curvature.plane_derivatives import Derivatives, Floats, PlaneDerivatives
from talweg_compute.curvature.polish import polish, slope_scale
from talweg_compute.curvature.rings import find_extremum, kind_of_rings, measure_ring, settle
from talweg_compute.field import CriticalKind
from talweg_compute.messages import Status

_NEAR = 3.0  # cells along an axis: still the same point
_FAR = 6.0  # cells: nothing to do with it any more
_SAME = 0.5  # cells within which two points are one
_FLAT = 1e-4  # share of the largest curvature below which one counts as zero
_FLAT_ROUGH = 1e-2  # the same where derivatives are not exact


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What was found near a critical point of the grid; see ``Certified`` for the words.

    Attributes:
        status: The verdict.
        kind: The type along the plane, None where there is none or it cannot be told.
        position: Where the search ended, float64 [2].
        loss: There.
        slope: ‖G^{-1/2} ∇f‖ there.
        scale: The same norm a cell from the grid's point.
        curvatures: Eigenvalues of G^{-1} H, ascending, float64 [2].
        full_gradient_norm: ‖∇L‖ over the trained parameters.
        out_of_plane_norm: Of ∇L without its projection on the plane.
        iterations: Newton steps that were taken.
    """

    status: Status
    kind: CriticalKind | None
    position: Floats
    loss: float
    slope: float
    scale: float
    curvatures: Floats
    full_gradient_norm: float
    out_of_plane_norm: float
    iterations: int


class Certifier:
    """Looks for the critical points of one landscape.

    Args:
        f: The loss along the plane; its cell is the grid's.
        low: Smallest u and v of the grid.
        high: Largest u and v of the grid.
    """

    def __init__(self, f: PlaneDerivatives, low: tuple[float, float], high: tuple[float, float]) -> None:
        self._f, self._low, self._high = f, np.array(low), np.array(high)

    def examine_all(
        self, coordinates: npt.ArrayLike, kinds: npt.ArrayLike, taken: npt.ArrayLike = ()
    ) -> Iterator[tuple[int, Verdict]]:
        """Examine points one after the other; no place is given to two of them.

        Where two lead to the same place, the first keeps it, unless only the later one has the type that the grid said.

        Args:
            coordinates: [m, 2].
            kinds: [m].
            taken: Places that were given away before, [t, 2].

        Yields:
            A point's index and its verdict; an index comes again where a later point took its place.
        """
        places: dict[int, Verdict] = {}
        expected = [CriticalKind(kind) for kind in np.asarray(kinds).tolist()]
        starts = np.asarray(coordinates, dtype=np.float64)
        known = np.asarray(taken, dtype=np.float64).reshape(-1, 2)
        for index, (start, kind) in enumerate(zip(starts, expected, strict=True)):
            verdict = self.examine(start, kind)
            rival = None
            if any(self._cells(place, verdict.position) <= _SAME for place in known):
                verdict = _dissolve(verdict)
            if verdict.status != "dissolved":
                rival = next((other for other, held in places.items() if self._same(held, verdict)), None)
                if rival is not None and not (verdict.kind is kind and places[rival].kind is not expected[rival]):
                    verdict, rival = _dissolve(verdict), None
                if rival is not None:
                    yield rival, _dissolve(places.pop(rival))
            if verdict.status != "dissolved":
                places[index] = verdict
            yield index, verdict

    def examine(self, start: npt.ArrayLike, kind: CriticalKind) -> Verdict:
        """Look for the critical point that the grid has at a place.

        Newton's method first. Where that fails, losses alone lead to where a function with kinks has its critical
        point, from where Newton gets a second chance; not for a point on the frame, which usually is none but the place
        where the window cuts a slope off.

        Args:
            start: Coordinates [2] of the grid's point.
            kind: What the grid takes it for.

        Returns:
            The verdict, other points left out of account.
        """
        begin = np.asarray(start, dtype=np.float64)
        scale = slope_scale(self._f, begin)
        found = polish(self._f, begin, scale, _FAR)
        iterations = found.iterations
        searches = () if found.converged or self._on_frame(begin) else self._searches(begin, kind)
        for search in searches:
            rest = search()
            found = polish(self._f, rest, scale, 1.0)
            iterations += found.iterations
            if found.converged:
                break
            if self._inside(rest) and (sharp := kind_of_rings(self._f, rest)) is not None:
                at_rest = self._f.at(*rest.tolist(), hessian=False)
                return self._kink(rest, at_rest, sharp, scale, iterations)
        verdict = self._verdict(found.position, found.derivatives, scale, iterations)
        if not found.converged or not self._inside(found.position) or self._cells(found.position, begin) > _FAR:
            return verdict
        curvatures = np.abs(verdict.curvatures)
        flat = _FLAT if self._f.exact else _FLAT_ROUGH
        if curvatures.min() <= flat * max(float(curvatures.max()), scale / self._cell_length()):
            return replace(verdict, status="degenerate")
        return self._typed(verdict, found.derivatives, begin, kind)

    def _searches(self, begin: Floats, kind: CriticalKind) -> tuple[Callable[[], Floats], ...]:
        """What finds critical points by losses alone: rings for all types, and a more patient walk for extrema."""
        by_rings = partial(settle, self._f, begin, _NEAR)
        if kind is CriticalKind.SADDLE:
            return (by_rings,)
        return by_rings, partial(find_extremum, self._f, begin, kind, _NEAR)

    def _typed(self, verdict: Verdict, at: Derivatives, begin: Floats, expected: CriticalKind) -> Verdict:
        """Decide on a type by the Hessian, and by rings, which see the curvature that is concentrated in kinks."""
        kind = _kind_of(verdict.curvatures)
        wide = _kind_of(self._f.curvatures(measure_ring(self._f, verdict.position, 1 / 4).hessian))
        if wide is not kind:
            narrow = _kind_of(self._f.curvatures(measure_ring(self._f, verdict.position, 1 / 100).hessian))
            if narrow is not kind:
                return self._kink(verdict.position, at, narrow, verdict.scale, verdict.iterations)
        stayed = kind is expected and self._cells(verdict.position, begin) <= _NEAR
        return replace(verdict, status="certified" if stayed else "moved", kind=kind)

    def _kink(self, position: Floats, at: Derivatives, kind: CriticalKind, scale: float, iterations: int) -> Verdict:
        curvatures = self._f.curvatures(measure_ring(self._f, position, 1 / 4).hessian)
        verdict = self._verdict(position, at, scale, iterations)
        return replace(verdict, status="kink", kind=kind, curvatures=curvatures)

    def _verdict(self, position: Floats, at: Derivatives, scale: float, iterations: int) -> Verdict:
        return Verdict(
            status="dissolved",
            kind=None,
            position=position,
            loss=at.value,
            slope=self._f.slope_norm(at.gradient),
            scale=scale,
            curvatures=np.full(2, np.nan) if at.hessian is None else self._f.curvatures(at.hessian),
            full_gradient_norm=at.full_gradient_norm,
            out_of_plane_norm=at.out_of_plane_norm,
            iterations=iterations,
        )

    def _on_frame(self, position: Floats) -> bool:
        margin = 1e-6 * self._f.cell
        return bool((position <= self._low + margin).any() or (position >= self._high - margin).any())

    def _inside(self, position: Floats) -> bool:
        margin = 1e-6 * self._f.cell
        return bool((position >= self._low - margin).all() and (position <= self._high + margin).all())

    def _cells(self, first: Floats, second: Floats) -> float:
        return float(np.abs((first - second) / self._f.cell).max())

    def _cell_length(self) -> float:
        return float(np.sqrt(np.diag(self._f.metric)) @ self._f.cell) / 2

    def _same(self, first: Verdict, second: Verdict) -> bool:
        return self._cells(first.position, second.position) <= _SAME


def _kind_of(curvatures: Floats) -> CriticalKind:
    return (CriticalKind.MINIMUM, CriticalKind.SADDLE, CriticalKind.MAXIMUM)[int((curvatures < 0).sum())]


def _dissolve(verdict: Verdict) -> Verdict:
    return replace(verdict, status="dissolved", kind=None)
