"""Landscapes as files for other programs, and files of other programs as landscapes. One file a format."""

from talweg.export.imported import Imported, ImportedGrid, ImportedPath
from talweg.export.question import Hints, QuestionError
from talweg.export.registry import (
    EXPORT_SUFFIXES,
    FLAVOURS,
    IMPORT_SUFFIXES,
    VOLUMES,
    add_grids,
    export_landscape,
    holds_finer_grids,
    import_file,
    import_grids,
)

__all__ = [
    "EXPORT_SUFFIXES",
    "FLAVOURS",
    "IMPORT_SUFFIXES",
    "VOLUMES",
    "Hints",
    "Imported",
    "ImportedGrid",
    "ImportedPath",
    "QuestionError",
    "add_grids",
    "export_landscape",
    "holds_finer_grids",
    "import_file",
    "import_grids",
]
