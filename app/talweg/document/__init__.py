"""The .talweg file: one SQLite database that holds everything known about a set of landscapes."""

from talweg.document.contents import Outline
from talweg.document.document import Document
from talweg.document.schema import APPLICATION_ID, SCHEMA_VERSION

__all__ = ["APPLICATION_ID", "SCHEMA_VERSION", "Document", "Outline"]
