"""A plotter whose VTK objects must all be gone after the test."""

import gc
import os
import sys
from collections.abc import Callable, Iterator

import pytest

if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
    os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")

import pyvista as pv
from vtkmodules.vtkCommonCore import vtkObjectBase

from talweg.scene import LIGHT, Scene, Theme


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """Fail if a VTK object outlives the test."""
    gc.freeze()  # looking through what was there before takes longer than most tests
    yield
    gc.collect()
    left = sorted(item.GetClassName() for item in gc.get_objects() if issubclass(type(item), vtkObjectBase))
    gc.unfreeze()
    assert left == []


@pytest.fixture
def make_scene(no_leaks: None) -> Iterator[Callable[..., Scene]]:
    """Make scenes in off-screen windows that are closed after the test."""
    made: list[tuple[Scene, pv.Plotter]] = []

    def make(size: tuple[int, int] = (480, 360), theme: Theme = LIGHT) -> Scene:
        plotter = pv.Plotter(off_screen=True, window_size=list(size), lighting="none")
        made.append((Scene(plotter, theme), plotter))
        return made[-1][0]

    yield make
    while made:
        scene, plotter = made.pop()
        scene.close()
        plotter.close()
        del scene, plotter
