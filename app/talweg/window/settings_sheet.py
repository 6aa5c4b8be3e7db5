"""The sheet of settings: what the user wants everywhere; each takes effect at once."""

from collections.abc import Callable

from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QListWidget, QPushButton, QSpinBox, QWidget

from talweg.view.colour_maps import COLOUR_MAPS
from talweg.window.looks import dress
from talweg.window.preferences import Preferences, PreferenceStore
from talweg.window.sheets import Sheet
from talweg.window.trust import distrust, trusted_folders
from talweg.window.widgets.controls import Choice, TickBox
from talweg.window.widgets.help_mark import HelpMark
from talweg.window.widgets.layout import EDGE, column, form, row, text_label

_WIDTH = 520
_APPEARANCES = [("system", "as the system has them"), ("light", "light"), ("dark", "dark")]
_DEVICES = [
    ("auto", "the fastest there is"),
    ("cuda", "all CUDA GPUs"),
    ("cuda:0", "the first CUDA GPU"),
    ("cuda:1", "the second CUDA GPU"),
    ("mps", "the Metal GPU"),
    ("cpu", "the processor"),
]
_HELP = {
    "appearance": "Light or dark, for the window and the picture.",
    "colour_map": "The colours of landscapes that you open for the first time; viridis reads the same in grey and for "
    "the colour-blind (Smith and van der Walt 2015).",
    "device": "Where jobs are evaluated that do not name a device themselves.",
    "processes": "How many processes evaluate points side by side: fewer leave cores, or GPUs, to other programs. The "
    "numbers are the same.",
    "download": "Fetches a data set such as CIFAR-10 from its makers when it is not on this machine; without your "
    "leave nothing is ever fetched.",
    "screenshots": "What F12 calls its files, with {document}, {date}, {time} and {number} in it; a number is added "
    "where a name is taken.",
    "folders": "A job that names your own model, data or loss runs code of these folders; you are asked again for the "
    "others.",
}


class SettingsSheet(Sheet):
    """Shows the preferences and changes them.

    Args:
        parent: The window.
        preferences: Has them.
    """

    def __init__(self, parent: QWidget, preferences: PreferenceStore) -> None:
        super().__init__(parent, "Settings")
        self._preferences = preferences
        self.appearance = Choice(_APPEARANCES, "Colours of the window")
        self.colour_map = Choice([(name, name) for name in COLOUR_MAPS], "Colour map of new landscapes")
        self.device = Choice(_DEVICES, "Device")
        self.processes = dress(QSpinBox(), "spin box")
        self.processes.setRange(0, 1024)
        self.processes.setSpecialValueText("as many as fit")
        self.processes.setAccessibleName("Processes")
        self.processes.setMinimumHeight(self.device.sizeHint().height())
        self.download = TickBox("may be downloaded")
        self.download.setAccessibleName("Data sets may be downloaded")
        self.screenshots = QLineEdit()
        self.screenshots.setAccessibleName("Names of screenshots")
        self.folders = QListWidget()
        self.folders.setAccessibleName("Folders whose code may run")
        self.folders.setFixedHeight(96)
        self.remove = QPushButton("Ask again for this folder")
        self.nowhere = text_label("None so far: you are asked before the first job with code of yours.", muted=True)
        for choice, name in (
            (self.appearance, "appearance"),
            (self.colour_map, "colour_map"),
            (self.device, "device"),
        ):
            choice.chosen.connect(self._taker(name))
        self.processes.valueChanged.connect(self._taker("processes"))
        self.download.toggled.connect(self._taker("download"))
        self.screenshots.editingFinished.connect(lambda: self._taker("screenshots")(self.screenshots.text()))
        self.folders.itemSelectionChanged.connect(self._enable)
        self.remove.clicked.connect(self._remove)
        self.reset = QPushButton("&Reset to defaults")
        self.reset.setToolTip("All settings as they were at first; the folders whose code may run stay as they are")
        self.reset.setAutoDefault(False)
        self.reset.clicked.connect(preferences.reset)
        self._put_together()
        preferences.changed.connect(self.show_state)
        self.show_state()

    def show_state(self) -> None:
        """Show the preferences as they are."""
        now = self._preferences.now
        self.appearance.show_value(now.appearance)
        self.colour_map.show_value(now.colour_map)
        self.device.show_value(now.device)
        self.processes.setValue(now.processes)
        self.download.setChecked(now.download)
        self.screenshots.setText(now.screenshots)
        names = [str(folder) for folder in trusted_folders()]
        if names != [self.folders.item(place).text() for place in range(self.folders.count())]:
            self.folders.clear()
            self.folders.addItems(names)
        for widget in (self.folders, self.remove):
            widget.setVisible(bool(names))
        self.nowhere.setVisible(not names)
        self.reset.setEnabled(now != Preferences())
        self._enable()

    def _put_together(self) -> None:
        fields = form()
        self._add(fields, "&Colours", self.appearance, "appearance")
        self._add(fields, "Colour &map", self.colour_map, "colour_map")
        self._add(fields, "&Device", self.device, "device")
        self._add(fields, "&Processes", self.processes, "processes")
        self._add(fields, "D&ata sets", self.download, "download")
        self._add(fields, "&Screenshots", self.screenshots, "screenshots")
        holder = QWidget()
        holder.setFixedWidth(_WIDTH)
        box = column(holder, gap=EDGE)
        box.addLayout(fields)
        words = QLabel("&Folders whose code may run")
        words.setBuddy(self.folders)
        box.addLayout(row(words, None, HelpMark("Folders whose code may run", _HELP["folders"])))
        box.addWidget(self.nowhere)
        box.addWidget(self.folders)
        box.addLayout(row(self.remove, None))
        box.addWidget(text_label("Everything here takes effect at once; a job that runs keeps what it began with.",
                                 muted=True))  # fmt: skip
        self.body.addWidget(holder)
        self.finish(self.reset)

    @staticmethod
    def _add(fields: QFormLayout, title: str, field: QWidget, name: str) -> None:
        label = QLabel(title)
        label.setBuddy(field)
        line = row(field, HelpMark(title.replace("&", ""), _HELP[name]))
        line.setStretch(0, 1)
        fields.addRow(label, line)

    def _taker(self, name: str) -> Callable[[object], None]:
        return lambda value: self._preferences.change(**{name: value})

    def _enable(self) -> None:
        self.remove.setEnabled(bool(self.folders.selectedItems()))

    def _remove(self) -> None:
        for item in self.folders.selectedItems():
            distrust(item.text())
        self.show_state()
