"""The files that were opened last, in the user's settings; those that are pinned stay."""

from pathlib import Path

from PySide6.QtCore import QSettings

_KEY, _PINNED = "recentFiles", "pinnedFiles"
_LIMIT = 10


def recent_files() -> list[Path]:
    """List them, those that are pinned first, then the newest first; some may be gone by now."""
    pinned = pinned_files()
    return [*pinned, *(path for path in _stored(_KEY) if path not in pinned)]


def pinned_files() -> list[Path]:
    """List those that stay in the list until they are let go, the last one pinned last."""
    return _stored(_PINNED)


def pin(path: Path, on: bool = True) -> None:
    """Keep a file in the list, or no longer."""
    others = [known for known in pinned_files() if known != path]
    _store(_PINNED, [*others, path] if on else others)


def remember(path: Path) -> None:
    """Put a file at the top."""
    others = [known for known in _stored(_KEY) if known != path]
    _store(_KEY, [path, *others][:_LIMIT])


def forget_all() -> None:
    """Empty the list; what is pinned stays."""
    QSettings().remove(_KEY)


def _stored(key: str) -> list[Path]:
    stored = QSettings().value(key, [])
    names = stored if isinstance(stored, list) else [stored]  # one entry comes back as a plain string
    return [Path(name) for name in names if isinstance(name, str)]


def _store(key: str, paths: list[Path]) -> None:
    QSettings().setValue(key, [str(path) for path in paths])
