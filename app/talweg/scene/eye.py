"""The eye of a scene: where it is, where it goes when a picture asks for it, and how it keeps everything in view."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.picture import Picture
from talweg.scene.projection import window_size
from talweg.scene.views import Margins, Room, fitting_view, standard_view
from talweg.view.eye import VIEW_ANGLE
from talweg.view.state import Camera

_MOST = 0.45  # of the window that a margin may take

Box = tuple[float, float, float, float, float, float]


class Eye:
    """The camera of one renderer.

    Args:
        renderer: Whose camera it is.
        box: Returns the box of what is shown, display coordinates.
        margins: Returns what stands around it.
    """

    def __init__(self, renderer: vtkRenderer, box: Callable[[], Box], margins: Callable[[], Margins]) -> None:
        self._renderer = renderer
        self.box, self.margins = box, margins
        self.companions: Sequence[Eye] = ()
        """Eyes that look from the same place; a standard view suits them all."""
        self._usual = "isometric"  # the standard view of a picture without a camera
        self._placed: Camera | None = None  # that view, while nobody has chosen another one
        self._sizes: list[tuple[int, int]] = []
        self._margins_then: Margins | None = None  # what stood around the box when the eye was placed

    def place(self, camera: Camera) -> None:
        """Go somewhere."""
        eye = self._renderer.GetActiveCamera()
        eye.SetViewAngle(VIEW_ANGLE)
        eye.SetPosition(*camera.position)
        eye.SetFocalPoint(*camera.focal_point)
        eye.SetViewUp(*camera.up)
        eye.SetParallelScale(camera.parallel_scale)
        self._renderer.camera_set = True  # type: ignore[attr-defined]  # PyVista's, which must not choose another

    def send(self, camera: Camera) -> None:
        """Go where somebody wants to look from; nothing follows the window's size any more."""
        self._placed = None
        self.place(camera)

    def camera(self) -> Camera:
        """Read back where the eye is now, after the mouse moved it.

        In parallel projection, which has no distance, the position is the one that shows as much in perspective.
        """
        eye = self._renderer.GetActiveCamera()
        half = math.tan(math.radians(eye.GetViewAngle()) / 2)
        position, focus = np.array(eye.GetPosition()), np.array(eye.GetFocalPoint())
        distance = float(np.linalg.norm(position - focus))
        scale = distance * half
        if eye.GetParallelProjection() and distance > 0:
            scale = eye.GetParallelScale()
            position = focus + (position - focus) * (scale / half / distance)
        up = eye.GetViewUp()
        return Camera(
            position=(float(position[0]), float(position[1]), float(position[2])),
            focal_point=(float(focus[0]), float(focus[1]), float(focus[2])),
            up=(up[0], up[1], up[2]),
            parallel_scale=scale,
        )

    def standard(self, name: str, *, turning: bool = False, orthographic: bool | None = None) -> Camera:
        """Return the standard view that just fits the whole box, and that of each companion, into the window.

        Args:
            name: One of ``VIEW_NAMES``.
            turning: Leave so much room that the box fits all the way while the eye goes around it.
            orthographic: For parallel projection; None: for the one that there is.

        Raises:
            ValueError: There is no view of that name.
        """
        box, aspect, room = self._space(tilted=name == "isometric")
        parallel = self._parallel if orthographic is None else orthographic
        return standard_view(name, box, aspect, room, orthographic=parallel, turning=turning)

    def fitting(self) -> Camera:
        """Return the camera that fits everything into the window, from the side where the eye is."""
        eye = self._renderer.GetActiveCamera()
        toward, up = -np.array(eye.GetDirectionOfProjection()), np.array(eye.GetViewUp())
        return fitting_view(toward, up, *self._space(tilted=False), orthographic=self._parallel)

    @property
    def _parallel(self) -> bool:
        return bool(self._renderer.GetActiveCamera().GetParallelProjection())

    def _space(self, *, tilted: bool) -> tuple[tuple[float, ...], float, Room]:
        """The box of everything, width over height of the window, and where in that the box may be."""
        eyes = (self, *self.companions)
        width, height = (min(sides) for sides in zip(*self._all_sizes(), strict=True))
        margins = [eye.margins() for eye in eyes]
        room = Room(
            left=-1 + 2 * min(max(each.left for each in margins) / width, _MOST),
            right=1 - 2 * min(max(each.right for each in margins) / width, _MOST),
            bottom=-1 + 2 * min(max(each.corner if tilted else each.bottom for each in margins) / height, _MOST),
            top=1 - 2 * min(max(each.top for each in margins) / height, _MOST),
        )
        boxes = np.array([eye.box() for eye in eyes])
        bounds = np.where(np.arange(6) % 2 == 0, boxes.min(axis=0), boxes.max(axis=0))
        return tuple(bounds.tolist()), width / height, room

    def look(self, picture: Picture, last: Picture | None) -> bool:
        """Set projection and camera if a picture asks for others than the last one did; returns whether it does."""
        projection = last is None or picture.orthographic != last.orthographic
        chosen = last is None or (picture.camera, picture.flat) != (last.camera, last.flat)
        self._usual = "top" if picture.flat else "isometric"
        if picture.camera is None and last is not None and not chosen:
            # nobody has moved the eye: the whole box stays in view when it grows
            moved = self._placed is None or not alike(self.camera(), self._placed)
            crowded = self.margins() != self._margins_then
            chosen = not moved and (projection or crowded or picture.axes.bounds != last.axes.bounds)
        kept = self.camera() if projection and not chosen else None
        self._margins_then = self.margins()
        if projection:
            self._renderer.GetActiveCamera().SetParallelProjection(picture.orthographic)
        if chosen:
            self._placed = self.standard(self._usual) if picture.camera is None else None
            target = picture.camera or self._placed
            chosen = target is not None and not alike(self.camera(), target)  # not where the mouse took the eye
            if target is not None and (chosen or last is None):
                self.place(target)
        elif kept is not None:
            self.place(kept)
        return projection or chosen

    def follow_window(self) -> None:
        """Fit the box into a window of another size, unless somebody chose a camera or moved the eye."""
        before, self._sizes = self._sizes, self._all_sizes()
        if before != self._sizes:
            self.fit()

    def _all_sizes(self) -> list[tuple[int, int]]:
        return [window_size(eye._renderer) for eye in (self, *self.companions)]

    def fit(self) -> bool:
        """Show the whole box again where nobody chose a camera or moved the eye; returns whether the eye moved."""
        if self._placed is None or not alike(self.camera(), self._placed):
            return False
        fitting = self.standard(self._usual)
        if alike(fitting, self._placed):
            return False
        self._placed = fitting
        self.place(fitting)
        return True


def alike(one: Camera, other: Camera) -> bool:
    """Whether two cameras see the same."""
    pairs = ((one.position, other.position), (one.focal_point, other.focal_point), (one.up, other.up))
    return all(np.allclose(a, b, rtol=0, atol=1e-6) for a, b in pairs)
