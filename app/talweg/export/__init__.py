"""Landscapes as files for other programs, and files of other programs as landscapes. One file a format."""

from talweg.export.imported import ImportedGrid
from talweg.export.registry import (
    EXPORT_SUFFIXES,
    FLAVOURS,
    IMPORT_SUFFIXES,
    export_landscape,
    import_grid,
    import_into,
)

__all__ = [
    "EXPORT_SUFFIXES",
    "FLAVOURS",
    "IMPORT_SUFFIXES",
    "ImportedGrid",
    "export_landscape",
    "import_grid",
    "import_into",
]
