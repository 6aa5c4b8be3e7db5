"""Words in small boxes that stand above places of the scene."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.scene.overlay import Labels, Rectangles, text_size
from talweg.theme import Theme

_SIZE = 12.5  # of the text, pixels at scale 1
_MARGIN = 4.0  # around it, pixels at scale 1


class Tags:
    """Words that are laid out anew for each frame, in the colours of text and walls."""

    def __init__(self, renderer: vtkRenderer) -> None:
        self._boxes = Rectangles(renderer)
        self._labels = Labels(renderer)

    def draw(
        self, places: NDArray[np.float64], words: Sequence[str], theme: Theme, scale: float, above: float = 20.0
    ) -> None:
        """Write words above places.

        Args:
            places: [k, 2], pixels; those that are not finite are left out.
            words: One line each.
            theme: Has the colours.
            scale: Size of text.
            above: How far above its place a text stands, pixels at scale 1.
        """
        size = round(_SIZE * scale)
        boxes = []
        self._labels.begin()
        for (x, y), text in zip(places.tolist(), words, strict=True):
            if not np.isfinite([x, y]).all():
                continue
            width, height = text_size(text, size)
            centre = x, y + above * scale
            half = 0.5 * width + _MARGIN * scale, 0.5 * height + _MARGIN * scale
            boxes.append([centre[0] - half[0], centre[1] - half[1], centre[0] + half[0], centre[1] + half[1]])
            self._labels.put(text, centre, size, theme.foreground)
        self._labels.end()
        corners = np.array(boxes, dtype=np.float64).reshape(-1, 4)
        self._boxes.draw(corners, np.tile(np.array(theme.wall), (len(corners), 1)))

    def close(self) -> None:
        """Remove the words."""
        self._boxes.close()
        self._labels.close()
