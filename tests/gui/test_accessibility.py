"""Everything can be named, reached by keys and seen to have the focus; every setting says what it means."""

import itertools
import re
from collections.abc import Iterator, Sequence

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAction, QColor, QImage, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QScrollBar,
    QTabBar,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow
from talweg.window.widgets.help_mark import HelpMark
from talweg.window.widgets.plot import Plot
from talweg.window.widgets.section import FoldHeading
from tests.gui.places import PLACES

ROLE = QAccessible.Role
NAMED = {
    ROLE.Button, ROLE.ButtonMenu, ROLE.ButtonDropDown, ROLE.CheckBox, ROLE.RadioButton, ROLE.ComboBox, ROLE.Slider,
    ROLE.EditableText, ROLE.SpinBox, ROLE.PageTab, ROLE.MenuItem, ROLE.Table, ROLE.List, ROLE.Tree, ROLE.ProgressBar,
    ROLE.Dial, ROLE.Link, ROLE.ColumnHeader, ROLE.Window, ROLE.Dialog, ROLE.Canvas, ROLE.Graphic, ROLE.Chart,
}  # fmt: skip
"""What a screen reader announces by its name."""
CONTROLS = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, Plot)


def nameless(item: QAccessibleInterface, path: str = "") -> Iterator[str]:
    """List what has no name below an element of the accessibility tree."""
    state, role = item.state(), item.role()
    here = f"{path} / {item.text(QAccessible.Text.Name) or role.name}"
    if state.invisible and role not in (ROLE.MenuItem, ROLE.PopupMenu):
        return
    if role == ROLE.ScrollBar or role == ROLE.Separator:
        return
    if (role in NAMED or state.focusable) and not item.text(QAccessible.Text.Name).strip():
        yield f"{here} ({role.name}, {type(item.object()).__name__})"
    if role in (ROLE.SpinBox, ROLE.ComboBox):
        return  # what they are made of
    for index in range(item.childCount()):
        child = item.child(index)
        if child is not None and child.isValid():
            yield from nameless(child, here)


def test_everything_has_a_name(window: MainWindow, qtbot: QtBot) -> None:
    for shown in visit(window, qtbot):
        item = QAccessible.queryAccessibleInterface(shown)
        assert item is not None
        assert count(item) > 3
        assert not list(nameless(item))


def visit(window: MainWindow, qtbot: QtBot, places: Sequence[str] = tuple(PLACES)) -> Iterator[QWidget]:
    """Show one place after the other."""
    for place in places:
        shown = PLACES[place](window)
        qtbot.wait(20)
        yield shown
        if isinstance(shown, QDialog):
            shown.close()
            qtbot.wait(1)


def count(item: QAccessibleInterface) -> int:
    return 1 + sum(count(child) for index in range(item.childCount()) if (child := item.child(index)) is not None)


def test_a_control_without_a_name_is_found(window: MainWindow, qtbot: QtBot) -> None:
    window.pages.show_start()
    QToolButton(window.pages.start).show()
    assert len(list(nameless(QAccessible.queryAccessibleInterface(window.pages.start)))) == 1


def test_the_picture_says_what_it_shows(scene_window: MainWindow, qtbot: QtBot) -> None:
    item = QAccessible.queryAccessibleInterface(scene_window.scene_view.plotter)
    assert item.text(QAccessible.Text.Name) == "Landscape in 3D"
    words = item.text(QAccessible.Text.Description)
    assert words.startswith("Himmelblau, 441 of 441 points computed; 4 minima drawn, the most persistent 0.02 at")
    assert words.endswith("height shows loss, colour loss")
    scene_window.target.change_view("fewer", persistence_threshold=1e9)
    qtbot.waitUntil(lambda: item.text(QAccessible.Text.Description) != words)


def test_everything_takes_the_focus(window: MainWindow, qtbot: QtBot) -> None:
    for shown in visit(window, qtbot):
        for control in controls(shown):
            if isinstance(control, QAbstractItemView | QTabBar) or _of_tool_bar(control) or _is_part(control):
                continue
            alone = not _is_alternative(control)
            assert not alone or control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.accessibleName() or control


def controls(shown: QWidget) -> list[QWidget]:
    """What can be clicked or typed in now, as far as it is ours and not a part of another control."""
    found = [child for kind in CONTROLS for child in shown.findChildren(kind)]
    return [
        child for child in found if child.isVisibleTo(shown) and child.isEnabled() and not isinstance(child, QScrollBar)
    ]


def _is_part(control: QWidget) -> bool:
    return (
        control.objectName().startswith("qt_")
        or isinstance(control.parentWidget(), QAbstractSpinBox | QComboBox | QLineEdit | QTabBar)
        or type(control.parentWidget()).__name__ in ("QDockWidget", "QMenuBar")
    )


def _of_tool_bar(control: QWidget) -> bool:
    return type(control.parentWidget()).__name__ == "TopBar"  # its commands are in the menus


def test_every_command_is_in_a_menu(window: MainWindow) -> None:
    found: set[str] = set()

    def collect(actions: list[QAction]) -> None:
        for action in actions:
            found.add(action.objectName())
            menu = action.menu()
            if isinstance(menu, QMenu):
                collect(menu.actions())

    collect(window.menuBar().actions())
    assert found >= {command.id for command in window.commands}
    letters = [action.text()[action.text().index("&") + 1] for action in window.menuBar().actions()]
    assert len(set(letters)) == len(letters)


def test_the_tabulator_goes_through_a_new_landscape_as_one_reads(empty_window: MainWindow, qtbot: QtBot) -> None:
    window = empty_window
    page = PLACES["new landscape"](window)
    qtbot.wait(20)
    page.form.weights.setFocus()  # type: ignore[attr-defined]  # it is that page
    visited = [QApplication.focusWidget()]
    while len(visited) < 100:
        qtbot.keyClick(visited[-1], Qt.Key.Key_Tab)
        now = QApplication.focusWidget()
        if now is visited[0] or now is None:
            break
        visited.append(now)
    places = [
        (widget, widget.mapTo(window, QPoint(0, widget.height() // 2)))
        for widget in visited
        if page.isAncestorOf(widget)
    ]
    assert {widget for widget, _ in places} >= {
        control
        for control in controls(page)
        if not _is_part(control) and control.focusPolicy() & Qt.FocusPolicy.TabFocus
    }
    side = page.preview.mapTo(window, QPoint()).x()  # type: ignore[attr-defined]
    first = min(range(len(places)), key=lambda index: (places[index][1].x() >= side, places[index][1].y()))
    places = places[first:] + places[:first]  # it goes round in a circle
    left = [place for _, place in places if place.x() < side]
    right = [place for _, place in places if place.x() >= side]
    assert [place for _, place in places] == left + right  # the fields, then what stands beside them
    for column in (left, right):
        for one, other in itertools.pairwise(column):
            assert other.y() > one.y() + 8 or (abs(other.y() - one.y()) <= 8 and other.x() > one.x())


@pytest.mark.parametrize(
    "place", ["view panel", "topology panel", "message", "start page", "new landscape", "question"]
)
def test_the_focus_is_seen_wherever_the_tabulator_brings_it(place: str, window: MainWindow, qtbot: QtBot) -> None:
    shown = PLACES[place](window)
    whole = shown.window()
    with qtbot.waitActive(whole):
        whole.activateWindow()
    qtbot.waitUntil(whole.updatesEnabled)
    wanted = {
        control
        for control in controls(shown)
        if control.focusPolicy() & Qt.FocusPolicy.TabFocus and not _is_alternative(control)
    }
    next(iter(wanted)).setFocus()
    qtbot.waitUntil(lambda: whole.isAncestorOf(QApplication.focusWidget()))
    visited: set[QWidget] = set()
    for _ in range(300):
        qtbot.keyClick(QApplication.focusWidget() or whole, Qt.Key.Key_Tab)
        control = QApplication.focusWidget()
        if control is None or control in visited:
            break
        visited.add(control)
        assert window.focus_ring.target is control
        if control in wanted:  # it is scrolled into view as well
            inside = QRect(control.mapTo(whole, QPoint()), control.size())
            assert whole.rect().intersects(inside)
            ring = whole.palette().color(QPalette.ColorRole.Highlight)
            assert pixels(whole.grab(inside).toImage(), ring) > control.width(), control.accessibleName()
    assert not [control.accessibleName() for control in wanted - visited if not _is_part(control)]


def _is_alternative(control: QWidget) -> bool:
    """Whether the arrow keys lead to it, from the one that is chosen of several."""
    return isinstance(control, QAbstractButton) and control.group() is not None and not control.isChecked()


def test_a_click_shows_no_ring(window: MainWindow, qtbot: QtBot) -> None:
    field = window.view_panel.height_section.quantity
    qtbot.keyClick(window, Qt.Key.Key_Tab)
    assert window.focus_ring.target is not None
    qtbot.mousePress(field, Qt.MouseButton.LeftButton)
    assert window.focus_ring.target is None
    qtbot.mouseRelease(field, Qt.MouseButton.LeftButton)


def pixels(image: QImage, colour: QColor) -> int:
    """How many pixels have about a colour."""
    found = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(abs(each.red() - colour.red()) + abs(each.blue() - colour.blue()) < 24 for each in found)


def test_every_setting_says_what_it_means(window: MainWindow, qtbot: QtBot) -> None:
    places = ("view panel", "topology panel", "new landscape", "question", "settings", "figure", "movie")
    for shown in visit(window, qtbot, places):
        found = settings(shown)
        assert found
        for control in found:
            assert mark_of(control, shown), control.accessibleName() or control
        for mark in shown.findChildren(HelpMark):
            sentence = mark.accessibleDescription()
            assert 20 < len(sentence) < 260, sentence
            assert mark.accessibleName().startswith("What is: ")


FROM_PAPERS = {
    "Checkpoint", "Metrics", "BatchNorm", "Stay put",
    "Plane", "Other", "Normalization", "Seed", "u", "v", "Number format", "Levels", "Map",
    "Scale", "Draw them", "Least persistence from the data", "Persistence", "Talwegs between minima", "Talwegs",
    "Separatrices of the saddles", "Separatrices", "Basins", "Threshold", "Draw it", "Checkpoints of the plane",
    "The heights are",
}  # fmt: skip
"""Settings whose idea is somebody's, by what they are called."""


def test_a_setting_that_comes_from_a_paper_names_it(window: MainWindow, qtbot: QtBot) -> None:
    named = {
        mark.accessibleName().removeprefix("What is: ")
        for shown in visit(window, qtbot, ("view panel", "topology panel", "new landscape", "question", "settings"))
        for mark in shown.findChildren(HelpMark)
        if re.search(r"\b(19|20)\d\d\b", mark.accessibleDescription())
    }
    assert not FROM_PAPERS - named


def settings(shown: QWidget) -> list[QWidget]:
    """The controls that set something, rather than do something."""
    return [
        control
        for control in controls(shown)
        if not isinstance(control, HelpMark | QPlainTextEdit | Plot | FoldHeading)
        and not _is_part(control)
        and not isinstance(control.parentWidget(), QDialogButtonBox)
        and (not isinstance(control, QAbstractButton) or control.isCheckable())
        and not (isinstance(control, QToolButton) and control.defaultAction() is not None)
    ]


def mark_of(control: QWidget, shown: QWidget) -> HelpMark | None:
    """The question mark that stands in the same row."""
    middle = control.mapTo(shown, control.rect().center()).y()
    marks = (mark for mark in shown.findChildren(HelpMark) if mark.isVisibleTo(shown))
    return next((mark for mark in marks if abs(mark.mapTo(shown, mark.rect().center()).y() - middle) < 16), None)
