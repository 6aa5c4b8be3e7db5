"""The scene: draws one picture after another with a plotter, changing only what differs."""

import weakref
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.lettering import text_scale
from talweg.picture import Picture
from talweg.scene.eye import Box, Eye, alike
from talweg.scene.layers import Layers
from talweg.scene.lights import add_lights
from talweg.scene.pace import Pace
from talweg.scene.picking import close_up, meet_floor, nearest_glyph
from talweg.scene.plotters import BasePlotter, Plotter
from talweg.scene.projection import ray, to_pixels, window_size
from talweg.scene.views import Margins, seen_part
from talweg.theme import LIGHT, Theme
from talweg.view.state import Camera
from talweg_compute.messages import LANDMARKS

_REACH = 14.0  # pixels at scale 1 from a glyph's middle at which it is meant


class Scene:
    """Everything that is drawn in one plotter.

    The plotter may be a ``pv.Plotter(off_screen=True)`` or a ``pyvistaqt.QtInteractor``; the scene takes over its
    lights, background and camera. All pixels are VTK's: device pixels, counted from the lower left corner.
    """

    def __init__(
        self,
        plotter: BasePlotter,
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
        self.eye = Eye(self._renderer, self._box, self._margins)
        """Where it is looked from."""
        self._set_background(theme)
        plotter.remove_all_lights()
        add_lights(self._renderer)
        self.layers = Layers(self._renderer, theme, filled_walls=filled_walls)
        """What is drawn."""
        self._pace = Pace()
        window = self._renderer.GetRenderWindow()
        self._observers = [
            (self._renderer, self._renderer.AddObserver("StartEvent", _weakly(self._arrange))),
            (window, window.AddObserver("StartEvent", _weakly(self._begin_frame))),
            (window, window.AddObserver("EndEvent", _weakly(self._end_frame))),
        ]

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
        self.layers.draft.end()
        changed = self.layers.update(picture, last)
        if changed:
            self._pace.forget()
        changed = self.eye.look(picture, last) or changed
        if moving:
            self.layers.draft.begin(picture)
        if changed:
            self.render()
        return changed

    def look_from(self, camera: Camera) -> None:
        """Move the eye and render; the next picture with another camera moves it again.

        Args:
            camera: Where the eye goes.
        """
        self.eye.send(camera)
        self.render()

    @property
    def moving(self) -> bool:
        """Whether frames show a draft since the eye is on its way."""
        return self.layers.draft.shown

    def move(self) -> None:
        """Show a draft from the next frame on, where everything takes too long: fewer triangles, rough edges."""
        if self._picture is not None and self._pace.slow:
            self.layers.draft.begin(self._picture)

    def follow(self, camera: Camera) -> None:
        """Look from where a linked scene looks from, as a draft, from the next frame on.

        Args:
            camera: Of the other scene, whose eye is on its way.
        """
        self.move()
        self.eye.send(camera)

    def link(self, others: Sequence["Scene"]) -> None:
        """Choose standard views that suit other scenes as well, which look from the same place.

        Args:
            others: The scenes; none: this one looks for itself.
        """
        self.eye.companions = [other.eye for other in others]

    def fit(self) -> None:
        """Show the whole box again after a linked scene changed, rendering once if the eye moves for that."""
        if self.eye.fit():
            self.render()

    def rest(self, camera: Camera | None = None) -> None:
        """Show everything again, rendering once if it was a draft or the eye goes elsewhere.

        Args:
            camera: Where the eye goes; None: it stays.
        """
        if self.settle(camera):
            self.render()

    def settle(self, camera: Camera | None = None) -> bool:
        """Show everything from the next frame on; returns whether that looks otherwise than the last one.

        Args:
            camera: Where the eye goes; None: it stays.
        """
        moved = camera is not None and not alike(self.camera(), camera)
        if camera is not None and moved:
            self.eye.send(camera)
        was_draft = self.moving
        self.layers.draft.end()
        return was_draft or moved

    def render(self) -> None:
        """Draw a frame now."""
        window = self._plotter.render_window
        if window is None:
            return
        if isinstance(self._plotter, Plotter):
            window.Render()  # its own render() does nothing before show()
        else:
            self._plotter.render()

    def set_theme(self, theme: Theme) -> None:
        """Change the colours and render.

        Args:
            theme: The new colours.
        """
        self._set_background(theme)
        self.layers.restyle(theme)
        self.render()

    def camera(self) -> Camera:
        """Read back where the eye is now, after the mouse moved it."""
        return self.eye.camera()

    def view(self, name: str, *, turning: bool = False, orthographic: bool | None = None) -> Camera:
        """Return the standard view of that name that just fits the whole box into the window as it is now.

        Args:
            name: One of ``VIEW_NAMES``.
            turning: Leave so much room that the box fits all the way while the eye goes around it.
            orthographic: For parallel projection; None: for the one that there is.

        Raises:
            ValueError: There is no view of that name.
        """
        return self.eye.standard(name, turning=turning, orthographic=orthographic)

    def fitted(self) -> Camera:
        """Return the camera that just fits the whole box into the window, from the side where the eye is."""
        return self.eye.fitting()

    def pick(self, x: float, y: float) -> tuple[float, float] | None:
        """Return (u, v) of the surface under a pixel, or of what stands for it where it is hidden.

        Args:
            x: Device pixels from the left.
            y: Device pixels from below.

        Returns:
            Plane coordinates, or None where nothing is under the pixel. With the surface hidden, contours at their
            height are read where it would be, all else on the floor.
        """
        picture = self._picture
        if picture is None:
            return None
        start, end = ray(self._renderer, x, y)
        if picture.surface.visible or picture.contours.on_surface:
            hit = self.layers.surface.hit(start, end, hidden=True)
        else:
            hit = meet_floor(start, end, picture.axes.bounds)
        if hit is None:
            return None
        u, v = picture.frame.to_plane(hit[0], hit[1])
        return float(u), float(v)

    def seen(self) -> NDArray[np.float64]:
        """Return the part of the plane that is inside the window, at the height of the surface in the window's middle.

        Returns:
            The corners (u, v) of a polygon, float64 [k, 2]; none where nothing of the plane is seen.
        """
        if self._picture is None:
            return np.zeros((0, 2))
        width, height = window_size(self._renderer)
        camera, bounds = self.camera(), self._box()
        hit = self.layers.surface.hit(*ray(self._renderer, width / 2, height / 2))
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
        if self.layers.critical_points.mark(points):
            self.render()

    def point_at(self, x: float, y: float) -> int | None:
        """Return the index of the critical point whose glyph is under a pixel, or None.

        Args:
            x: Device pixels from the left.
            y: Device pixels from below.
        """
        return self._nearest_at(self.layers.critical_points.places(), x, y)

    def checkpoint_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return which checkpoint is drawn under a pixel: the number of its run, or ``LANDMARKS``, and its place there.

        Args:
            x: Device pixels from the left.
            y: Device pixels from below.
        """
        runs = {LANDMARKS: self.layers.landmarks.places(), **dict(enumerate(self.layers.trajectory.places()))}
        owners = [(run, step) for run, places in runs.items() for step in range(len(places))]
        nearest = self._nearest_at(np.concatenate(list(runs.values())), x, y)
        return None if nearest is None else owners[nearest]

    def pin_at(self, x: float, y: float) -> int | None:
        """Return which pin of the view is drawn under a pixel, or None.

        Args:
            x: Device pixels from the left.
            y: Device pixels from below.
        """
        return self._nearest_at(self.layers.probe.places(), x, y)

    def _nearest_at(self, drawn: NDArray[np.float32], x: float, y: float) -> int | None:
        """Return which of the places [k, 3] is seen nearest to a pixel, within reach and not behind the surface."""
        places, reach = drawn.astype(np.float64), _REACH * self._text_scale()
        return nearest_glyph(self._renderer, self.layers.surface, places, (x, y), reach)

    def close_up(self, point: int) -> Camera | None:
        """Return the camera that looks at a critical point from near, from the side where the eye is.

        Args:
            point: Its index in the picture.

        Returns:
            The camera; None where the glyph is not drawn.
        """
        places = self.layers.critical_points.places()
        if point >= len(places) or not np.isfinite(places[point]).all():
            return None
        return close_up(places[point].astype(np.float64), self.camera(), self.view("isometric"))

    def project(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return the pixels [k, 2] at which display coordinates [k, 3] are seen; NaN behind the eye."""
        return to_pixels(self._renderer, np.asarray(points, dtype=np.float64).reshape(-1, 3))

    def close(self) -> None:
        """Remove everything from the plotter; a closed scene must not be used any more."""
        for source, observer in self._observers:
            source.RemoveObserver(observer)
        self.layers.close()

    def _box(self) -> Box:
        """The box of what is shown."""
        return self._picture.axes.bounds if self._picture is not None else (-1.0, 1.0, -1.0, 1.0, 0.0, 1.2)

    def _margins(self) -> Margins:
        """What stands around the box, pixels."""
        scale = self._text_scale()
        around = self.layers.axes.room(scale)
        beside, below = self.layers.scalar_bar.room(scale)
        return Margins(
            left=around.left,
            right=around.right + beside,
            bottom=around.bottom + below,
            corner=around.corner + below,
            top=max(around.top, self.layers.legend.height(scale)),
        )

    def _text_scale(self) -> float:
        """Size of text and lines."""
        return self._text_factor * text_scale(window_size(self._renderer), self.pixel_ratio)

    def _begin_frame(self) -> None:
        self._pace.begin(window_size(self._renderer), whole=not self.moving)

    def _end_frame(self) -> None:
        self._pace.end(self._renderer.GetRenderWindow())

    def _arrange(self) -> None:
        """Lay out what depends on the window and the camera, right before a frame."""
        self.eye.follow_window()
        self.layers.arrange(self._text_scale(), self._box(), self.project)
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
