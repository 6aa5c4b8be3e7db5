"""The topology panel, the table and the picture show the same points, select the same, and move one threshold."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from talweg.document import Document
from talweg.view.state import Camera
from talweg.window.flight import between
from talweg.window.main_window import MainWindow
from talweg.window.panels.threshold_plot import ThresholdPlot
from talweg_compute.field import CriticalKind
from talweg_compute.messages import Finished, PlaneOrigin, read_job
from tests.gui.conftest import Workers, himmelblau

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def topology_window(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.docks["topology"].raise_()
    qtbot.waitUntil(lambda: window.topology_panel.diagram.isVisible())
    return window


def kinds(window: MainWindow) -> list[int]:
    picture = window.store.picture
    assert picture is not None
    found: list[int] = picture.critical_points.kind.tolist()
    return found


def send(widget: QWidget, kind: QEvent.Type, place: QPointF, pressed: bool = False, add: bool = False) -> None:
    button = LEFT if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease) else Qt.MouseButton.NoButton
    modifier = Qt.KeyboardModifier.ControlModifier if add else Qt.KeyboardModifier.NoModifier
    held = LEFT if pressed else Qt.MouseButton.NoButton
    QApplication.sendEvent(widget, QMouseEvent(kind, place, widget.mapToGlobal(place), button, held, modifier))


def test_the_diagram_has_a_mark_for_each_extremum(topology_window: MainWindow) -> None:
    diagram, topology = topology_window.topology_panel.diagram, topology_window.store.topology
    assert topology is not None
    extrema = np.flatnonzero(topology.points.kind != CriticalKind.SADDLE)
    places = [diagram.place_of(int(point)) for point in extrema]
    assert all(place is not None and diagram.area().adjusted(-1, -1, 1, 1).contains(place) for place in places)
    ordered = [place.y() for place in places if place is not None]
    assert ordered == sorted(ordered)  # the most persistent at the top
    assert "4 minima" in diagram.accessibleDescription()


@pytest.mark.parametrize("name", ["diagram", "curve"])
def test_dragging_the_line_is_the_threshold(name: str, topology_window: MainWindow, qtbot: QtBot) -> None:
    window = topology_window
    plot: ThresholdPlot = getattr(window.topology_panel, name)
    before = window.view
    start, end = plot.line()
    place = (start + end) / 2
    upright = start.y() == end.y()
    away = QPointF(0, -30) if upright else QPointF(30, 0)
    send(plot, QEvent.Type.MouseButtonPress, place, pressed=True)
    for step in range(1, 6):
        send(plot, QEvent.Type.MouseMove, place + away * step / 5, pressed=True)
    send(plot, QEvent.Type.MouseButtonRelease, place + away)
    assert window.view is not None
    chosen = window.view.persistence_threshold
    assert chosen == pytest.approx(plot.threshold_at(place + away))
    picture = window.store.picture
    assert picture is not None
    assert chosen > picture.critical_points.threshold
    qtbot.waitUntil(lambda: plot.threshold == chosen)
    assert window.view_panel.points_section.threshold.number() == pytest.approx(chosen, rel=0.05)
    window.target.undo()  # the whole drag
    assert window.view == before


def test_the_curve_counts_what_the_picture_shows(topology_window: MainWindow, qtbot: QtBot) -> None:
    window, curve = topology_window, topology_window.topology_panel.curve
    for threshold in (0.0, 0.5, 1e6):
        window.target.change_view("least persistence", persistence_threshold=threshold)
        qtbot.waitUntil(lambda threshold=threshold: curve.threshold == threshold)  # type: ignore[misc]  # of a default argument
        assert curve.count_at(threshold) == kinds(window).count(0)
    assert curve.count_at(1e6) == 1


def test_keys_move_the_line(topology_window: MainWindow, qtbot: QtBot) -> None:
    curve = topology_window.topology_panel.curve
    before = curve.threshold
    qtbot.keyClick(curve, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: curve.threshold > before)
    qtbot.keyClick(curve, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: curve.threshold == pytest.approx(before))


def test_pointing_and_clicking_in_the_diagram_reach_the_table(topology_window: MainWindow, qtbot: QtBot) -> None:
    window = topology_window
    diagram, table, topology = window.topology_panel.diagram, window.numbers_panel.table, window.store.topology
    assert topology is not None
    minimum = next(
        point for point, kind in enumerate(kinds(window)) if kind == 0 and topology.points.partner[point] > 0
    )
    place = diagram.place_of(minimum)
    assert place is not None
    send(diagram, QEvent.Type.MouseMove, place)
    assert window.store.selection.hovered == tuple(sorted((minimum, int(topology.points.partner[minimum]))))
    rows = table.points.rows_of(window.store.selection.hovered)
    shade = [table.points.index(row, 0).data(Qt.ItemDataRole.BackgroundRole) for row in range(table.points.rowCount())]
    assert [row for row, colour in enumerate(shade) if colour is not None] == rows
    assert "loss" in window.topology_panel.words.text()
    send(diagram, QEvent.Type.MouseButtonPress, place, pressed=True)
    send(diagram, QEvent.Type.MouseButtonRelease, place)
    assert window.store.selection.chosen == (minimum,)
    assert [index.row() for index in table.selectionModel().selectedRows()] == table.points.rows_of((minimum,))
    send(diagram, QEvent.Type.MouseButtonPress, place, pressed=True, add=True)
    assert window.store.selection.chosen == ()


def test_the_table_selects_several_sorts_and_copies_them(topology_window: MainWindow, qtbot: QtBot) -> None:
    window, table = topology_window, topology_window.numbers_panel.table
    assert not window.actions_by_id["edit.copy_points"].isEnabled()
    qtbot.mouseClick(table.viewport(), LEFT, pos=centre_of(window, 0))
    qtbot.mouseClick(table.viewport(), LEFT, Qt.KeyboardModifier.ControlModifier, pos=centre_of(window, 2))
    chosen = window.store.selection.chosen
    assert chosen == tuple(sorted((table.points.point(0), table.points.point(2))))
    assert table.isColumnHidden(5)  # the network was not asked
    for column in range(table.points.columnCount()):
        for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
            table.sortByColumn(column, order)
            values = [
                table.points.index(row, column).data(Qt.ItemDataRole.EditRole) for row in range(len(kinds(window)))
            ]
            assert values == sorted(values, reverse=order == Qt.SortOrder.DescendingOrder)
            assert window.store.selection.chosen == chosen
            selected = sorted(index.row() for index in table.selectionModel().selectedRows())
            assert selected == table.points.rows_of(chosen)
    window.actions_by_id["edit.copy_points"].trigger()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == ["type", "u", "v", "loss", "persistence", "network"]
    assert len(lines) == 3
    picture = window.store.picture
    assert picture is not None
    copied = {tuple(map(float, line.split("\t")[1:3])) for line in lines[1:]}
    assert copied == {tuple(picture.critical_points.coordinates[point].tolist()) for point in chosen}
    assert window.topology_panel.diagram._selected == set(chosen)


def centre_of(window: MainWindow, row: int) -> QPoint:
    table = window.numbers_panel.table
    return table.visualRect(table.points.index(row, 1)).center()


def test_points_that_are_hidden_stay_selected_until_the_points_are_others(
    topology_window: MainWindow, qtbot: QtBot
) -> None:
    window, table = topology_window, topology_window.numbers_panel.table
    last = len(kinds(window)) - 1
    window.store.selection.choose((0, last))
    window.target.change_view("least persistence", persistence_threshold=1e6)
    qtbot.waitUntil(lambda: len(kinds(window)) == 1)
    assert len(table.selectionModel().selectedRows()) == 1
    window.target.undo()
    qtbot.waitUntil(lambda: len(kinds(window)) > 1)
    assert len(table.selectionModel().selectedRows()) == 2
    window.target.change_view("linear height", height_scale="linear")  # persistence in another unit: other indices
    qtbot.waitUntil(lambda: window.store.selection.chosen == ())


def test_the_table_is_exported(
    topology_window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    path = tmp_path / "points.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    topology_window.actions_by_id["export.points"].trigger()
    qtbot.waitUntil(lambda: not topology_window.writer.busy)
    rows = path.read_text().splitlines()
    assert len(rows) == 1 + len(kinds(topology_window))
    assert rows[1].startswith("minimum,")
    assert str(path) in topology_window.messages.sentence


def test_layers_are_switched_in_the_panel_and_undone(topology_window: MainWindow) -> None:
    window, panel = topology_window, topology_window.topology_panel
    for box, field, on, off in (
        (panel.layers["talwegs"], "talwegs", True, False),
        (panel.layers["separatrices"], "separatrices", True, False),
        (panel.basins, "colour", "basin", "loss"),
    ):
        box.click()
        assert getattr(window.view, field) == on
        window.target.undo()
        assert getattr(window.view, field) == off
        assert not box.isChecked()


def test_a_glyph_is_pointed_at_selected_and_flown_to(scene_window: MainWindow, qtbot: QtBot) -> None:
    window, scene, plotter = scene_window, scene_window.scene_view.scene, scene_window.scene_view.plotter
    assert scene is not None
    assert plotter is not None
    ratio = plotter.devicePixelRatioF()
    pixels = scene.project(scene.layers.critical_points.places()) / ratio
    point = next(index for index, pixel in enumerate(pixels * ratio) if scene.point_at(*pixel) == index)
    place = QPointF(round(pixels[point][0]), plotter.height() - 1 - round(pixels[point][1]))
    send(plotter, QEvent.Type.MouseMove, place)
    qtbot.waitUntil(lambda: window.store.selection.hovered == (point,))
    send(plotter, QEvent.Type.MouseButtonPress, place, pressed=True)
    send(plotter, QEvent.Type.MouseButtonRelease, place)
    assert window.store.selection.chosen == (point,)
    assert scene.layers.critical_points._marked == (point,)
    assert window.view is not None
    assert window.view.camera is None  # a click moves nothing
    window.actions_by_id["point.fly"].trigger()
    qtbot.waitUntil(lambda: window.view is not None and window.view.camera is not None, timeout=10_000)
    camera = window.view.camera
    assert camera is not None
    np.testing.assert_allclose(camera.focal_point, scene.layers.critical_points.places()[point], atol=1e-5)
    np.testing.assert_allclose(scene.camera().position, camera.position, atol=1e-5)
    assert (window.store.back_title or "").startswith("fly to the")
    window.target.go_back()
    assert window.view.camera is None


def test_a_flight_begins_and_ends_where_it_should() -> None:
    start = Camera((4.0, 0.0, 2.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0), 2.0)
    end = Camera((1.0, 1.0, 1.5), (0.5, 0.5, 0.5), (0.0, 0.0, 1.0), 0.5)
    for share, camera in ((0.0, start), (1.0, end)):
        np.testing.assert_allclose(between(start, end, share).position, camera.position, atol=1e-12)
        assert between(start, end, share).parallel_scale == pytest.approx(camera.parallel_scale)
    middle = between(start, end, 0.5)
    far, near = (np.linalg.norm(np.subtract(camera.position, camera.focal_point)) for camera in (start, end))
    assert near < np.linalg.norm(np.subtract(middle.position, middle.focal_point)) < far


@pytest.fixture
def job_window(empty_window: MainWindow, qtbot: QtBot, job_path: Path, tmp_path: Path) -> MainWindow:
    """A window with a landscape that has a job and all its points."""
    axis = np.linspace(-5.0, 5.0, 21)
    path = tmp_path / "computed.talweg"
    with Document.create(path) as document:
        fields = {"loss": himmelblau(axis[None, :], axis[:, None])}
        document.add_landscape("first", axis, axis, job=read_job(job_path), fields=fields)
    assert empty_window.open_path(path)
    qtbot.waitUntil(lambda: empty_window.store.picture is not None)
    return empty_window


@pytest.mark.parametrize(("way", "title"), [("finer", "around the minimum"), ("centre", "through the minimum")])
def test_a_further_landscape_is_computed_at_the_selected_point(
    way: str, title: str, job_window: MainWindow, workers: Workers, qtbot: QtBot
) -> None:
    window, action = job_window, job_window.actions_by_id[f"point.{way}"]
    assert not action.isEnabled()
    window.store.selection.choose((0,))
    assert action.isEnabled()
    picture, first = window.store.picture, window.store.landscape
    assert picture is not None
    assert first is not None
    u, v = picture.critical_points.coordinates[0].tolist()
    window.target.change_view("cap", height_cap=3.0)
    action.trigger()
    landscape = window.store.landscape
    assert landscape is not None
    assert landscape.id != first.id
    assert landscape.job is not None
    assert title in landscape.name
    if way == "finer":
        assert landscape.job.plane == first.job.plane  # type: ignore[union-attr]  # it has one
        assert landscape.u.mean() == pytest.approx(u)
    else:
        assert landscape.job.origin == PlaneOrigin(at=(u, v), plane=first.job.plane)  # type: ignore[union-attr]
    assert workers.last.calls == ["compute"]
    assert workers.last.landscape == landscape.id
    assert window.view is not None
    assert window.view.height_cap is None
    assert not action.isEnabled()  # nothing is selected in the new one
    chooser = window.top_bar.landscapes
    assert [chooser.itemData(index) for index in range(chooser.count())] == [first.id, landscape.id]
    assert chooser.currentData() == landscape.id
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: not window.runner.busy)


def test_while_a_job_runs_a_further_landscape_waits(job_window: MainWindow, workers: Workers, qtbot: QtBot) -> None:
    window = job_window
    window.store.selection.choose((0,))
    window.target.compute_closer("finer")
    window.top_bar.landscapes.activated.emit(0)
    qtbot.waitUntil(lambda: bool(kinds(window)))
    window.store.selection.choose((1,))
    window.actions_by_id["point.finer"].trigger()
    document = window.store.document
    assert document is not None
    assert len(document.landscape_ids()) == 3
    assert [(job.landscape, job.state) for job in window.runner.jobs] == [(2, "running"), (3, "waiting")]
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: [job.landscape for job in window.runner.jobs if job.state == "running"] == [3])
    assert workers.last.calls == ["compute", "compute"]
    workers.last.say(Finished("1", 1.0))
    qtbot.waitUntil(lambda: not window.runner.busy)


def test_without_basins_the_colour_is_what_it_was(topology_window: MainWindow) -> None:
    store, panel = topology_window.store, topology_window.topology_panel
    store.change("accuracy as colour", colour="accuracy", colour_range=(20.0, 80.0))
    panel.basins.click()
    assert store.view is not None
    assert (store.view.colour, store.view.colour_range) == ("basin", None)
    panel.basins.click()
    assert (store.view.colour, store.view.colour_range) == ("accuracy", (20.0, 80.0))
    assert store.undo_title == "accuracy (%) as colour"
    store.change("as it was kept", colour="basin", colour_range=(20.0, 80.0))  # a range of who knows what
    panel._before_basins = None
    panel.basins.click()
    assert (store.view.colour, store.view.colour_range) == ("loss", None)
