"""Landscapes as files for other programs, and files of other programs as landscapes. One file a format."""

from talweg.export.imported import ImportedGrid
from talweg.export.registry import (
    EXPORT_SUFFIXES,
    FLAVOURS,
    IMPORT_SUFFIXES,
    add_grid,
    export_landscape,
    import_grid,
)

__all__ = [
    "EXPORT_SUFFIXES",
    "FLAVOURS",
    "IMPORT_SUFFIXES",
    "ImportedGrid",
    "add_grid",
    "export_landscape",
    "import_grid",
]
