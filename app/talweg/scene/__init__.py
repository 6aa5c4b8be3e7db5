"""The picture in 3D: PyVista and VTK, no Qt. One layer a file; only ``Scene`` is used from outside."""

from talweg.scene.scene import Scene
from talweg.scene.views import turned
from talweg.theme import DARK, LIGHT, THEMES, Theme

__all__ = ["DARK", "LIGHT", "THEMES", "Scene", "Theme", "turned"]
