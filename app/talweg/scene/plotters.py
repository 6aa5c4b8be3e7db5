"""PyVista's plotters, without the halves of matplotlib that only its charts draw with: half of the time they took."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

_PYPLOT, _AGG = "matplotlib.pyplot", "matplotlib.backends.backend_agg"


class _Later(ModuleType):
    """Stands in for a module until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked for by whatever imports it
            raise AttributeError(name)
        _remove_stand_ins()
        return getattr(import_module(self.__name__), name)


class _LaterAgg(_Later):
    """Stands in for the module whose canvas PyVista wants at once, though only a chart makes one."""

    @staticmethod
    def FigureCanvasAgg(*arguments: Any) -> Any:  # noqa: N802 (matplotlib's name)
        """Make a canvas of the module itself."""
        _remove_stand_ins()
        return import_module(_AGG).FigureCanvasAgg(*arguments)


def _remove_stand_ins() -> None:
    """Leave both names to the modules themselves."""
    for name in (_PYPLOT, _AGG):
        if isinstance(sys.modules.get(name), _Later):
            sys.modules.pop(name, None)  # another thread may have been faster


@contextmanager
def without_charts() -> Iterator[None]:
    """Let whoever imports pyplot or its canvas meanwhile have a stand-in, which loads the module once it is used."""
    for stand_in in (_Later(_PYPLOT), _LaterAgg(_AGG)):
        sys.modules.setdefault(stand_in.__name__, stand_in)
    try:
        yield
    finally:
        _remove_stand_ins()


with without_charts():
    from pyvista.plotting import BasePlotter, Plotter

__all__ = ["BasePlotter", "Plotter"]
