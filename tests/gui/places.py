"""Everything that the window can show, each brought about as a user would or as the program does."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from talweg.export import Hints, QuestionError
from talweg.window.figure_dialog import FigureDialog
from talweg.window.file_question import FileQuestion
from talweg.window.frame import PANELS
from talweg.window.main_window import MainWindow
from talweg.window.movie_dialog import MovieDialog


def _panel(name: str, window: MainWindow) -> QWidget:
    window.pages.show_landscape()
    dock = window.docks[name]
    dock.show()
    dock.raise_()
    return dock


def _start(window: MainWindow) -> QWidget:
    window.pages.show_start()
    return window.pages.start


def _new(window: MainWindow) -> QWidget:
    window.pages.show_new()
    page = window.pages.new
    for fold in (page.form.more, page.form.how):  # with every field that can be there
        fold.setChecked(True)
    page.form.change(data="cifar10", plane="checkpoints", directions="3", refine="given")
    return page


def _landscape(window: MainWindow) -> QWidget:
    window.pages.show_landscape()
    return window


def _message(window: MainWindow) -> QWidget:
    window.pages.show_landscape()
    window.messages.show_message("error", "It cannot be written.", "the details", action=("Again", lambda: None))
    window.messages.details.set_unfolded(True)
    return window.messages


def _command(name: str, window: MainWindow) -> QWidget:
    before = set(window.findChildren(QDialog))
    window.actions_by_id[name].trigger()
    (dialog,) = set(window.findChildren(QDialog)) - before
    return dialog


def _figure(window: MainWindow) -> QWidget:
    dialog = FigureDialog(window, (640, 480), "light", views=2)
    dialog.show()
    return dialog


def _movie(window: MainWindow) -> QWidget:
    dialog = MovieDialog(window, "dark", has_path=True)
    dialog.show()
    return dialog


def _question(window: MainWindow) -> QWidget:
    question = QuestionError("grid.npy: no coordinates", "--u", shape=(3, 4), fields=("loss", "error"), logarithm=True)
    dialog = FileQuestion(window, Path("grid.npy"), question, Hints())
    dialog.show()
    return dialog


PLACES: dict[str, Callable[[MainWindow], QWidget]] = {
    "landscape": _landscape,
    **{f"{name} panel": partial(_panel, name) for name in PANELS},
    "message": _message,
    "start page": _start,
    "new landscape": _new,
    "palette": partial(_command, "help.palette"),
    "shortcuts": partial(_command, "help.shortcuts"),
    "about": partial(_command, "help.about"),
    "settings": partial(_command, "file.settings"),
    "figure": _figure,
    "movie": _movie,
    "question": _question,
}
"""Name of a place, and what shows it and returns it."""
