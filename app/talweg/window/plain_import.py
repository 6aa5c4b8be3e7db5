"""Gives ``import`` back to Python.

PySide6 puts its own in its place, which reads the whole source of every module that is imported from then on, PyVista's
and matplotlib's as well, to find out whether it may ask for names in another style (``from __feature__ import``).
Talweg asks for none.
"""

import builtins

import PySide6.QtCore  # noqa: F401 (it is what replaces the import)

builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
