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


def vtk_objects() -> dict[int, str]:
    gc.collect()
    return {id(item): item.GetClassName() for item in gc.get_objects() if issubclass(type(item), vtkObjectBase)}


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """Fail if a VTK object outlives the test."""
    before = vtk_objects()
    yield
    after = vtk_objects()
    assert sorted(name for key, name in after.items() if key not in before) == []


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
