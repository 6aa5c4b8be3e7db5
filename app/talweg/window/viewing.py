"""What one of the views shows: the numbers of a landscape, and the picture that follows from them."""

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from talweg.landscape import Landscape
from talweg.picture import Company, Picture
from talweg.view.eye import eye_of, seen_by
from talweg.view.state import ViewState
from talweg.window.resolver import Resolved, Resolver
from talweg_compute.field import Topology


class Viewing(QObject):
    """One view; the store says what it shows and how, and keeps it as long as there are so many views.

    Signals say only what changed; whoever hears them reads the new value here.
    """

    landscape_changed = Signal()
    picture_changed = Signal()
    topology_changed = Signal()
    """Indices of critical points mean others now; this comes before the picture."""
    failed = Signal(object)
    """The exception that ended a request for a picture."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._whole: Landscape | None = None
        self._landscape: Landscape | None = None
        self._picture: Picture | None = None
        self._topology: Topology | None = None
        self._view: ViewState | None = None
        self._asked: tuple[Landscape, ViewState, Company] | None = None
        self._resolver = Resolver(self)
        self._resolver.resolved.connect(self._show)
        self._resolver.failed.connect(self.failed)

    @property
    def landscape(self) -> Landscape | None:
        """The landscape that is shown; of a volume one sheet."""
        return self._landscape

    @property
    def volume(self) -> Landscape | None:
        """The volume that is shown a sheet of, or None."""
        return self._whole if self._whole is not None and self._whole.dimensions == 3 else None

    @property
    def picture(self) -> Picture | None:
        """What is to be drawn; None where nothing is, or a curve."""
        return self._picture

    @property
    def topology(self) -> Topology | None:
        """The topology that the picture shows, which the indices of critical points belong to."""
        return self._topology

    @property
    def busy(self) -> bool:
        """Whether something of the picture is still being worked out."""
        return self._resolver.busy

    def take(self, whole: Landscape, w: float) -> bool:
        """Show a landscape.

        Args:
            whole: The numbers.
            w: Of a volume, where it is cut.

        Returns:
            Whether the numbers that are shown are others now.
        """
        sheet, before = whole.at(w), self._landscape
        if whole is self._whole and before is not None and (sheet is before or sheet.w[0] == before.w[0]):
            return False
        self._whole, self._landscape = whole, sheet
        self.landscape_changed.emit()
        return True

    def resolve(self, view: ViewState, company: Company, *, patient: bool = True) -> None:
        """Work out the picture of the landscape; what changed in nothing but the eye is there at once.

        Args:
            view: How it is looked at.
            company: What it shares its scales with.
            patient: Whether the window waits a moment for it.
        """
        landscape, self._view = self._landscape, view
        if landscape is None:
            return
        if landscape.dimensions == 1:  # a curve is drawn of the landscape itself
            self._forget_picture()
            self.picture_changed.emit()
            return
        before, self._asked = self._asked, (landscape, view, company)
        same = before is not None and (before[0], before[2]) == (landscape, company) and _same_but_eye(before[1], view)
        if self._picture is None or not same:
            self._resolver.ask(landscape, view, company, patient=patient)
        elif _eye(self._picture) != _eye(_seen_from(self._picture, view)):
            self._picture = _seen_from(self._picture, view)
            self.picture_changed.emit()

    def forget(self) -> None:
        """Show nothing, as when another document is opened; answers that are still worked out go nowhere."""
        self._whole = self._landscape = self._view = None
        self._forget_picture()

    def _forget_picture(self) -> None:
        self._resolver.forget()
        self._picture = self._topology = self._asked = None
        self.topology_changed.emit()

    def _show(self, found: Resolved) -> None:
        """Show a picture that was worked out, from where the eye is by now."""
        if self._view is None or self._landscape is None or found.landscape.id != self._landscape.id:
            return
        before, self._picture = self._picture, _seen_from(found.picture, self._view)
        kept = before is not None and self._picture.critical_points is before.critical_points
        if found.topology is not self._topology and (found.whole or not kept):
            self._topology = found.topology
            self.topology_changed.emit()
        self.picture_changed.emit()


def _same_but_eye(one: ViewState, other: ViewState) -> bool:
    """Whether two views differ at most in where they are seen from."""
    return seen_by(one, eye_of(other)) == other


def _seen_from(picture: Picture, view: ViewState) -> Picture:
    """Return the picture as seen by a view's eye."""
    return replace(picture, camera=view.camera, orthographic=view.orthographic or view.flat, flat=view.flat)


def _eye(picture: Picture) -> tuple[object, ...]:
    """From where a picture is seen."""
    return picture.camera, picture.orthographic, picture.flat
