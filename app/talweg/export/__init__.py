"""Landscapes as files for other programs, and files of other programs as landscapes. One file a format."""

from talweg.export.exporters import EXPORT_SUFFIXES, FLAVOURS, VOLUMES, export_landscape, holds_finer_grids
from talweg.export.imported import Imported, ImportedGrid, ImportedPath
from talweg.export.importers import IMPORT_SUFFIXES, add_grids, import_file, import_grids
from talweg.export.question import Hints, QuestionError

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
