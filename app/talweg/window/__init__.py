"""The window: Qt widgets only. Importing it brings in neither torch nor VTK, which is loaded after the first paint."""

from talweg.window import plain_import as plain_import
from talweg.window.application import run_window

__all__ = ["run_window"]
