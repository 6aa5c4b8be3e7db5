"""Running a user's file means running code: asked once a folder, and remembered."""

from pathlib import Path

from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from talweg.window.widgets.layout import without_icons
from talweg_compute.messages import Job, code_files

_KEY = "trustedFolders"


def trusted_folders() -> list[Path]:
    """List the folders whose code the user allowed to run."""
    stored = QSettings().value(_KEY, [])
    names = stored if isinstance(stored, list) else [stored]  # one entry comes back as a plain string
    return [Path(name) for name in names if isinstance(name, str)]


def distrust(folder: str) -> None:
    """Ask again for a folder from now on."""
    QSettings().setValue(_KEY, [str(known) for known in trusted_folders() if str(known) != folder])


def untrusted_files(job: Job) -> list[Path]:
    """List the code that a job with absolute paths would run without having been allowed to."""
    known = trusted_folders()
    return [file for file in code_files(job) if not any(file.is_relative_to(folder) for folder in known)]


def may_run(job: Job, parent: QWidget) -> bool:
    """Ask whether the code that a job names may run, unless that was answered before.

    Args:
        job: With absolute paths.
        parent: What the question stands in front of.

    Returns:
        Whether it may. A yes is remembered for the folders and what lies in them.
    """
    files = untrusted_files(job)
    if not files:
        return True
    folders = sorted({file.parent for file in files})
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle("Run this code?")
    box.setText(f"This job runs code from {' and '.join(map(str, folders))}.")
    names = ", ".join(dict.fromkeys(file.name for file in files))
    box.setInformativeText(f"{names} can do whatever you can do. Talweg asks once a folder and remembers a yes.")
    run = box.addButton("Run it", QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    without_icons(box)
    box.exec()
    if box.clickedButton() is not run:
        return False
    QSettings().setValue(_KEY, [str(folder) for folder in (*trusted_folders(), *folders)])
    return True
