"""What lies under a pixel, and from where a thing is seen from near."""

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.scene.projection import ray, to_pixels
from talweg.scene.surface import SurfaceLayer
from talweg.view.state import Camera

Float = NDArray[np.float64]

_CLOSE = 0.42  # distance of a close look in units of that which shows everything
_BEHIND = 0.1  # display units behind the surface at which a glyph is seen still, since it is drawn nearer to the eye


def nearest_glyph(
    renderer: vtkRenderer, surface: SurfaceLayer, places: Float, pixel: tuple[float, float], reach: float
) -> int | None:
    """Return which of some places is meant by a pixel, or None.

    Args:
        renderer: Whose camera looks.
        surface: Hides what is behind it.
        places: Display coordinates [k, 3]; NaN for one that is not drawn.
        pixel: From the lower left corner.
        reach: Pixels from its middle at which a glyph is meant.
    """
    if not len(places):
        return None
    pixels = to_pixels(renderer, places)
    distance = np.linalg.norm(pixels - pixel, axis=1)
    distance[~(distance <= reach)] = np.inf
    eye = np.array(renderer.GetActiveCamera().GetPosition())
    for index in np.argsort(distance)[: np.count_nonzero(np.isfinite(distance))].tolist():
        hit = surface.hit(*ray(renderer, *pixels[index]))
        if hit is None or np.linalg.norm(places[index] - eye) < np.linalg.norm(hit - eye) + _BEHIND:
            return int(index)
    return None


def meet_floor(start: Float, end: Float, bounds: tuple[float, ...]) -> Float | None:
    """Return the point [3] in which a line from start to end [3] meets the floor of a box, or None beside it."""
    along = end - start
    if abs(along[2]) < 1e-12:
        return None
    share = (bounds[4] - start[2]) / along[2]
    place: Float = start + share * along
    inside = bounds[0] <= place[0] <= bounds[1] and bounds[2] <= place[1] <= bounds[3]
    return place if inside and 0 <= share <= 1 else None


def close_up(place: Float, now: Camera, whole: Camera) -> Camera:
    """Return the camera that looks at a place from near, from the side where the eye is.

    Args:
        place: Display coordinates [3].
        now: Where the eye is.
        whole: From where everything is seen.
    """
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
