"""The files that were opened last, in the user's settings."""

from pathlib import Path

from PySide6.QtCore import QSettings

_KEY = "recentFiles"
_LIMIT = 10


def recent_files() -> list[Path]:
    """List them, the newest first; some may be gone by now."""
    stored = QSettings().value(_KEY, [])
    names = stored if isinstance(stored, list) else [stored]  # one entry comes back as a plain string
    return [Path(name) for name in names if isinstance(name, str)]


def remember(path: Path) -> None:
    """Put a file at the top."""
    others = [known for known in recent_files() if known != path]
    QSettings().setValue(_KEY, [str(known) for known in [path, *others][:_LIMIT]])


def forget_all() -> None:
    """Empty the list."""
    QSettings().remove(_KEY)
