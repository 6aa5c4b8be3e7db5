"""The scene: draws one picture after another with a plotter, changing only what differs."""

import math
import weakref
from collections.abc import Callable, Sequence

import numpy as np
import pyvista as pv
from numpy.typing import ArrayLike, NDArray
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.picture import Picture, SurfacePart
from talweg.scene.axes import AxesLayer
from talweg.scene.cap import CapLayer
from talweg.scene.contours import ContoursLayer
from talweg.scene.critical_points import CriticalPointsLayer
from talweg.scene.draft import Draft
from talweg.scene.landmarks import LandmarksLayer
from talweg.scene.legend import LegendLayer
from talweg.scene.lights import add_lights
from talweg.scene.lines import LinesLayer
from talweg.scene.probe import ProbeLayer
from talweg.scene.projection import ray, to_pixels, toward_eye, window_size
from talweg.scene.scalar_bar import ScalarBarLayer
from talweg.scene.surface import SurfaceLayer
from talweg.scene.trajectory import TrajectoryLayer
from talweg.scene.views import VIEW_ANGLE, Room, seen_part, standard_view
from talweg.theme import LIGHT, Theme
from talweg.view_state import Camera
from talweg_compute.messages import LANDMARKS

_WIDTH, _HEIGHT = 1280.0, 800.0  # of the window at scale 1
_CLOSE = 0.42  # distance of a close look in units of that which shows everything
_REACH = 14.0  # pixels at scale 1 from a glyph's middle at which it is meant
_BEHIND = 0.1  # display units behind the surface at which a glyph is seen still, since it is drawn nearer to the eye
_SMALLEST = 0.8  # scale, in logical pixels


class Scene:
    """Everything that is drawn in one plotter.

    The plotter may be a ``pv.Plotter(off_screen=True)`` or a ``pyvistaqt.QtInteractor``; the scene takes over its
    lights, background and camera. All pixels are VTK's: device pixels, counted from the lower left corner.
    """

    def __init__(
        self,
        plotter: pv.BasePlotter,
        theme: Theme = LIGHT,
        *,
        pixel_ratio: float = 1.0,
        text_factor: float = 1.0,
        filled_walls: bool = True,
    ) -> None:
        """Take over a plotter.

        Args:
            plotter: What is drawn with; the caller closes it after the scene.
            theme: Colours.
            pixel_ratio: Device pixels per logical pixel, so that text never gets smaller than readable.
            text_factor: Size of text and lines in units of the usual one.
            filled_walls: Whether the walls of the box hide the background.
        """
        self.pixel_ratio = pixel_ratio
        self._text_factor = text_factor
        self._plotter = plotter
        self._renderer: vtkRenderer = plotter.renderer
        self._picture: Picture | None = None
        self._placed: Camera | None = None  # the isometric view that was chosen because the picture has no camera
        self._size = window_size(self._renderer)
        self._set_background(theme)
        plotter.remove_all_lights()
        add_lights(self._renderer)
        self._surface = SurfaceLayer(self._renderer, theme)
        self._contours = ContoursLayer(self._renderer, theme, self._surface)
        self._cap = CapLayer(self._renderer, theme)
        self._lines = LinesLayer(self._renderer, theme)
        self._critical_points = CriticalPointsLayer(self._renderer, theme)
        self._trajectory = TrajectoryLayer(self._renderer, theme)
        self._landmarks = LandmarksLayer(self._renderer, theme)
        self._probe = ProbeLayer(self._renderer, theme)
        self._axes = AxesLayer(self._renderer, theme, filled=filled_walls)
        self._scalar_bar = ScalarBarLayer(self._renderer, theme)
        self._legend = LegendLayer(self._renderer, theme)
        self._draft = Draft(self._renderer, theme, self._surface, self._trajectory)
        self._layers = (
            self._draft,
            self._surface,
            self._contours,
            self._cap,
            self._lines,
            self._critical_points,
            self._trajectory,
            self._landmarks,
            self._probe,
            self._axes,
            self._scalar_bar,
            self._legend,
        )
        self._observer = self._renderer.AddObserver("StartEvent", _weakly(self._arrange))

    @property
    def picture(self) -> Picture | None:
        """What is shown."""
        return self._picture

    def apply(self, picture: Picture) -> bool:
        """Show a picture, rendering once if anything changed.

        Args:
            picture: What is to be shown. Parts that are the same objects as before are not touched.

        Returns:
            Whether anything changed, and so a frame was rendered.
        """
        last, self._picture = self._picture, picture
        moving = self.moving
        self._draft.end()
        changed = False
        if last is None or picture.surface is not last.surface:
            self._surface.update(picture.surface)
            self._scalar_bar.update(picture.surface)
            changed = True
        if last is None or picture.contours is not last.contours or _contoured_anew(last.surface, picture.surface):
            self._contours.update(picture.contours, picture.surface)
            changed = True
        if last is None or picture.cap is not last.cap:
            self._cap.update(picture.cap)
            changed = True
        if last is None or picture.lines is not last.lines:
            self._lines.update(picture.lines)
            changed = True
        if last is None or picture.critical_points is not last.critical_points:
            self._critical_points.update(picture.critical_points)
            changed = True
        if last is None or picture.path is not last.path:
            self._trajectory.update(picture.path)
            changed = True
        if last is None or picture.landmarks is not last.landmarks:
            self._landmarks.update(picture.landmarks)
            changed = True
        if last is None or picture.probe is not last.probe:
            self._probe.update(picture.probe)
            changed = True
        if last is None or picture.axes is not last.axes:
            self._axes.update(picture.axes)
            changed = True
        if changed:
            self._legend.update(picture)
        changed = self._apply_camera(picture, last) or changed
        if moving:
            self._draft.begin(picture)
        if changed:
            self.render()
        return changed

    def _apply_camera(self, picture: Picture, last: Picture | None) -> bool:
        """Set projection and camera if the picture asks for others than the last one did."""
        projection = last is None or picture.orthographic != last.orthographic
        chosen = last is None or picture.camera != last.camera
        if picture.camera is None and last is not None and not chosen:
            # nobody has moved the eye: the whole box stays in view when it grows
            moved = self._placed is None or not _alike(self.camera(), self._placed)
            chosen = not moved and (projection or picture.axes.bounds != last.axes.bounds)
        kept = self.camera() if projection and not chosen else None
        if projection:
            self._renderer.GetActiveCamera().SetParallelProjection(picture.orthographic)
        if chosen:
            self._placed = self.view("isometric") if picture.camera is None else None
            target = picture.camera or self._placed
            chosen = target is not None and not _alike(self.camera(), target)  # not where the mouse took the eye
            if target is not None and (chosen or last is None):
                self._place(target)
        elif kept is not None:
            self._place(kept)
        return projection or chosen

    def _place(self, camera: Camera) -> None:
        eye = self._renderer.GetActiveCamera()
        eye.SetViewAngle(VIEW_ANGLE)
        eye.SetPosition(*camera.position)
        eye.SetFocalPoint(*camera.focal_point)
        eye.SetViewUp(*camera.up)
        eye.SetParallelScale(camera.parallel_scale)
        self._plotter.renderer.camera_set = True  # PyVista must not choose another

    def look_from(self, camera: Camera) -> None:
        """Move the eye and render; the next picture with another camera moves it again.

        Args:
            camera: Where the eye goes.
        """
        self._placed = None
        self._place(camera)
        self.render()

    @property
    def moving(self) -> bool:
        """Whether frames show a draft since the eye is on its way."""
        return self._draft.shown

    def move(self) -> None:
        """Show a draft from the next frame on: fewer triangles, edges as they come."""
        if self._picture is not None:
            self._draft.begin(self._picture)

    def rest(self, camera: Camera | None = None) -> None:
        """Show everything again, rendering once if it was a draft or the eye goes elsewhere.

        Args:
            camera: Where the eye goes; None: it stays.
        """
        moved = camera is not None and not _alike(self.camera(), camera)
        if camera is not None and moved:
            self._placed = None
            self._place(camera)
        if self.moving or moved:
            self._draft.end()
            self.render()

    def _follow_window(self) -> None:
        """Fit the box into a window of another size, unless somebody chose a camera or moved the eye."""
        size = window_size(self._renderer)
        changed, self._size = size != self._size, size
        if changed and self._placed is not None and _alike(self.camera(), self._placed):
            self._placed = self.view("isometric")
            self._place(self._placed)

    def render(self) -> None:
        """Draw a frame now."""
        window = self._plotter.render_window
        if window is None:
            return
        if isinstance(self._plotter, pv.Plotter):
            window.Render()  # its own render() does nothing before show()
        else:
            self._plotter.render()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours and render.

        Args:
            theme: The new colours.
        """
        self._set_background(theme)
        for layer in self._layers:
            layer.restyle(theme)
        self.render()

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

    def view(self, name: str) -> Camera:
        """Return the standard view of that name that just fits the whole box into the window as it is now.

        Args:
            name: One of ``VIEW_NAMES``.

        Raises:
            ValueError: There is no view of that name.
        """
        width, height = window_size(self._renderer)
        scale = self._text_scale()
        shows_axes = self._picture is not None and self._picture.axes.visible
        left, bottom, top = (84.0, 62.0, 26.0) if shows_axes else (24.0, 24.0, 24.0)
        right = self._scalar_bar.width(scale) + (44.0 if shows_axes else 24.0) * scale
        room = Room(
            left=-1 + 2 * min(left * scale / width, 0.3),
            right=1 - 2 * min(right / width, 0.3),
            bottom=-1 + 2 * min(bottom * scale / height, 0.3),
            top=1 - 2 * min(max(top * scale, self._legend.height(scale)) / height, 0.3),
        )
        parallel = bool(self._renderer.GetActiveCamera().GetParallelProjection())
        return standard_view(name, self._bounds(), width / height, room, orthographic=parallel)

    def pick(self, x: float, y: float) -> tuple[float, float] | None:
        """Return (u, v) of the surface under a pixel.

        Args:
            x: Device pixels from the left.
            y: Device pixels from below.

        Returns:
            Plane coordinates, or None where the surface is not under the pixel.
        """
        if self._picture is None:
            return None
        hit = self._surface.hit(*ray(self._renderer, x, y))
        if hit is None:
            return None
        u, v = self._picture.frame.to_plane(hit[0], hit[1])
        return float(u), float(v)

    def seen(self) -> NDArray[np.float64]:
        """Return the part of the plane that is inside the window, at the height of the surface in the window's middle.

        Returns:
            The corners (u, v) of a polygon, float64 [k, 2]; none where nothing of the plane is seen.
        """
        if self._picture is None:
            return np.zeros((0, 2))
        width, height = window_size(self._renderer)
        camera, bounds = self.camera(), self._bounds()
        hit = self._surface.hit(*ray(self._renderer, width / 2, height / 2))
        level = min(max(camera.focal_point[2] if hit is None else float(hit[2]), bounds[4]), bounds[5])
        corners = np.array([[bounds[x], bounds[y], level] for x, y in ((0, 2), (1, 2), (1, 3), (0, 3))])
        parallel = bool(self._renderer.GetActiveCamera().GetParallelProjection())
        part = seen_part(camera, width / height, corners, orthographic=parallel)
        return np.stack(self._picture.frame.to_plane(part[:, 0], part[:, 1]), axis=-1)

    def mark(self, points: Sequence[int]) -> None:
        """Put rings around critical points, rendering once if that changes anything.

        Args:
            points: Their indices in the picture; those that are not drawn are left out.
        """
        if self._critical_points.mark(points):
            self.render()

    def point_at(self, x: float, y: float) -> int | None:
        """Return the index of the critical point whose glyph is under a pixel, or None.

        Args:
            x: Device pixels from the left.
            y: Device pixels from below.
        """
        return self._nearest_at(self._critical_points.places(), x, y)

    def checkpoint_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return which checkpoint is drawn under a pixel: the number of its run, or ``LANDMARKS``, and its place there.

        Args:
            x: Device pixels from the left.
            y: Device pixels from below.
        """
        runs = {LANDMARKS: self._landmarks.places(), **dict(enumerate(self._trajectory.places()))}
        owners = [(run, step) for run, places in runs.items() for step in range(len(places))]
        nearest = self._nearest_at(np.concatenate(list(runs.values())), x, y)
        return None if nearest is None else owners[nearest]

    def _nearest_at(self, drawn: NDArray[np.float32], x: float, y: float) -> int | None:
        """Return which of the places [k, 3] is seen nearest to a pixel, within reach and not behind the surface."""
        places = drawn.astype(np.float64)
        if not len(places):
            return None
        distance = np.linalg.norm(self.project(places) - (x, y), axis=1)
        distance[~(distance <= _REACH * self._text_scale())] = np.inf
        eye = np.array(self._renderer.GetActiveCamera().GetPosition())
        for index in np.argsort(distance)[: np.count_nonzero(np.isfinite(distance))].tolist():
            hit = self._surface.hit(*ray(self._renderer, *self.project(places[index])[0]))
            if hit is None or np.linalg.norm(places[index] - eye) < np.linalg.norm(hit - eye) + _BEHIND:
                return int(index)
        return None

    def close_up(self, point: int) -> Camera | None:
        """Return the camera that looks at a critical point from near, from the side where the eye is.

        Args:
            point: Its index in the picture.

        Returns:
            The camera; None where the glyph is not drawn.
        """
        places = self._critical_points.places()
        if point >= len(places) or not np.isfinite(places[point]).all():
            return None
        now, whole = self.camera(), self.view("isometric")
        place = places[point].astype(np.float64)
        offset = np.array(now.position) - np.array(now.focal_point)
        far = np.array(whole.position) - np.array(whole.focal_point)
        factor = _CLOSE * float(np.linalg.norm(far)) / max(float(np.linalg.norm(offset)), 1e-12)
        position = place + factor * offset
        return Camera(
            position=(float(position[0]), float(position[1]), float(position[2])),
            focal_point=(float(place[0]), float(place[1]), float(place[2])),
            up=now.up,
            parallel_scale=factor * now.parallel_scale,
        )

    def project(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return the pixels [k, 2] at which display coordinates [k, 3] are seen; NaN behind the eye."""
        return to_pixels(self._renderer, np.asarray(points, dtype=np.float64).reshape(-1, 3))

    def close(self) -> None:
        """Remove everything from the plotter; a closed scene must not be used any more."""
        self._renderer.RemoveObserver(self._observer)
        for layer in self._layers:
            layer.close()

    def _bounds(self) -> tuple[float, ...]:
        """The box of what is shown."""
        return self._picture.axes.bounds if self._picture is not None else (-1.0, 1.0, -1.0, 1.0, 0.0, 1.2)

    def _text_scale(self) -> float:
        """Size of text and lines: that of the window, but never too small to read."""
        width, height = window_size(self._renderer)
        return self._text_factor * max(min(width / _WIDTH, height / _HEIGHT), _SMALLEST * self.pixel_ratio)

    def _arrange(self) -> None:
        """Lay out what depends on the window and the camera, right before a frame."""
        self._follow_window()
        scale = self._text_scale()
        bounds = self._bounds()
        centre = np.array([(bounds[k] + bounds[k + 1]) / 2 for k in (0, 2, 4)])

        def nearer(distance: float) -> NDArray[np.float64]:
            return toward_eye(self._renderer, centre, distance)

        self._contours.arrange(scale, nearer, self.project)
        self._cap.arrange(scale)
        self._lines.arrange(scale, nearer)
        self._critical_points.arrange(nearer)
        self._trajectory.arrange(nearer)
        self._landmarks.arrange(scale, nearer, self.project)
        self._probe.arrange(scale, nearer, self.project)
        if self.moving:
            self._draft.trajectory.arrange(nearer)
        taken = self._legend.arrange(scale) + self._scalar_bar.arrange(scale)
        self._axes.arrange(scale, taken)
        self._renderer.ResetCameraClippingRange()

    def _set_background(self, theme: Theme) -> None:
        self._renderer.GradientBackgroundOff()
        self._renderer.SetBackground(*theme.background)


def _weakly(method: Callable[[], None]) -> Callable[[object, str], None]:
    """Make an observer that does not keep the method's owner alive."""
    reference = weakref.WeakMethod(method)

    def call(_caller: object, _event: str) -> None:
        target = reference()
        if target is not None:
            target()

    return call


def _contoured_anew(before: SurfacePart, now: SurfacePart) -> bool:
    """Tell whether level lines have to be found or coloured anew; where only basins changed they have not."""
    arrays = all(getattr(before, name) is getattr(now, name) for name in ("points", "triangles", "scalars"))
    return not arrays or (before.colour_map, before.scalar_range) != (now.colour_map, now.scalar_range)


def _alike(one: Camera, other: Camera) -> bool:
    pairs = ((one.position, other.position), (one.focal_point, other.focal_point), (one.up, other.up))
    return all(np.allclose(a, b, rtol=0, atol=1e-6) for a, b in pairs)
