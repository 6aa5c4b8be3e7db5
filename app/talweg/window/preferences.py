"""What the user wants everywhere: typed, kept in the user's settings, and told to whoever follows it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from PySide6.QtCore import QObject, QSettings, Signal

from talweg.work.run_defaults import RunDefaults

Appearance = Literal["system", "light", "dark"]

_KEY = "preferences"


class Preferences(msgspec.Struct, frozen=True):
    """What can be chosen once for all documents.

    Attributes:
        appearance: Light or dark colours, or those of the system.
        colour_map: Of landscapes that nobody has looked at yet.
        device: Where jobs are evaluated that do not say where.
        processes: How many evaluate side by side; 0: one a core, or one a GPU.
        download: Whether data sets that are missing may be downloaded.
        screenshots: How their files are called.
    """

    appearance: Appearance = "system"
    colour_map: str = "viridis"
    device: Annotated[str, Meta(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")] = "auto"
    processes: Annotated[int, Meta(ge=0, le=1024)] = 0
    download: bool = False
    screenshots: str = "{document} {number}"

    @property
    def run_defaults(self) -> RunDefaults:
        """What jobs leave open about how they are run."""
        return RunDefaults(self.device, self.processes, self.download)


class PreferenceStore(QObject):
    """Has the preferences and keeps them."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._now = read_preferences()

    @property
    def now(self) -> Preferences:
        """The preferences as they are."""
        return self._now

    def change(self, **fields: Any) -> None:
        """Change some of them.

        Args:
            fields: New values by field.
        """
        self._take(msgspec.structs.replace(self._now, **fields))

    def reset(self) -> None:
        """Have all of them as they are at first."""
        self._take(Preferences())

    def _take(self, changed: Preferences) -> None:
        if changed != self._now:
            self._now = changed
            QSettings().setValue(_KEY, msgspec.json.encode(changed).decode())
            self.changed.emit()


def read_preferences() -> Preferences:
    """Read what is kept; what is missing or no such value is as it is at first."""
    try:
        kept = msgspec.json.decode(str(QSettings().value(_KEY, "{}")))
    except msgspec.DecodeError:
        return Preferences()
    good = {}
    for name, value in kept.items() if isinstance(kept, dict) else ():
        try:
            msgspec.convert({name: value}, Preferences)
        except msgspec.ValidationError:
            continue
        good[name] = value
    return msgspec.convert(good, Preferences)
