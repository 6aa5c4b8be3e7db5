"""The real 3D widget: it draws what changed and nothing else, leaves the keys alone and lets go of everything."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from talweg.scene.camera_moves import orbit, pan, zoom
from talweg.scene.eye import alike
from talweg.window.interactor import Interactor
from talweg.window.main_window import MainWindow
from talweg_compute.field import sample_on_triangles


class Frames:
    """Counts the frames that VTK draws."""

    def __init__(self, plotter: Interactor) -> None:
        self.count = 0
        self._window = plotter.render_window
        self._tag = self._window.AddObserver("EndEvent", self._add)

    def _add(self, *_: object) -> None:
        self.count += 1

    def close(self) -> None:
        self._window.RemoveObserver(self._tag)


def plotter_of(window: MainWindow) -> Interactor:
    plotter = window.scene_view.plotter
    assert plotter is not None
    return plotter


def on_surface(window: MainWindow) -> QPoint:
    """Where a point of the grid is seen, on a slope that faces the eye."""
    scene, plotter = window.scene_view.scene, plotter_of(window)
    assert scene is not None
    assert scene.picture is not None
    surface = scene.picture.surface
    for index in range(len(surface.points) // 2, len(surface.points)):
        x, y = scene.project(surface.points[index])[0] / plotter.devicePixelRatioF()
        place = QPoint(round(x), plotter.height() - 1 - round(y))
        seen = scene.pick(x, y)
        if seen is not None and np.allclose(
            scene.picture.frame.to_display(*map(np.array, ([seen[0]], [seen[1]]))),
            surface.points[index, :2][:, None],
            atol=0.02,
        ):
            return place
    raise AssertionError


def test_an_idle_window_draws_no_frame_and_a_change_does(scene_window: MainWindow, qtbot: QtBot) -> None:
    frames = Frames(plotter_of(scene_window))
    qtbot.wait(1000)
    assert frames.count == 0
    scene_window.target.change_view("magma", colour_map="magma")
    qtbot.waitUntil(lambda: frames.count > 0)
    qtbot.wait(200)
    drawn = frames.count
    qtbot.wait(300)
    assert frames.count == drawn <= 2
    frames.close()


def test_the_picture_has_the_colours_of_the_map(scene_window: MainWindow, qtbot: QtBot) -> None:
    place = on_surface(scene_window)
    before = scene_window.scene_view.grab().toImage()
    scene_window.target.change_view("gray", colour_map="gray")
    qtbot.wait(300)
    after = scene_window.scene_view.grab().toImage()
    colour = after.pixelColor(place)
    assert before.pixelColor(place) != colour
    assert max(colour.red(), colour.green(), colour.blue()) - min(colour.red(), colour.green(), colour.blue()) < 12


@pytest.mark.parametrize("key", [Qt.Key.Key_Q, Qt.Key.Key_E, Qt.Key.Key_W, Qt.Key.Key_J])
def test_keys_of_vtk_do_nothing(key: Qt.Key, scene_window: MainWindow, qtbot: QtBot) -> None:
    plotter, view = plotter_of(scene_window), scene_window.view
    plotter.setFocus()
    qtbot.wait(100)  # taking the focus paints the widget
    frames = Frames(plotter)
    qtbot.keyClick(plotter, key)
    qtbot.wait(100)
    assert scene_window.isVisible()
    assert scene_window.view == view
    assert frames.count == 0
    frames.close()


def test_keys_of_commands_work_over_the_picture(scene_window: MainWindow, qtbot: QtBot) -> None:
    plotter = plotter_of(scene_window)
    plotter.setFocus()
    for key, field, expected in (
        (Qt.Key.Key_B, "scalar_bar", False),
        (Qt.Key.Key_X, "axes", False),
        (Qt.Key.Key_T, "trajectory", False),
        (Qt.Key.Key_C, "contours_on_floor", False),
        (Qt.Key.Key_L, "height_scale", "linear"),
        (Qt.Key.Key_5, "orthographic", True),
    ):
        qtbot.keyClick(plotter, key)
        assert getattr(scene_window.view, field) == expected, field
    qtbot.keyClick(plotter, Qt.Key.Key_7)
    camera = scene_window.view.camera if scene_window.view is not None else None
    assert camera is not None
    assert camera.position[:2] == pytest.approx(camera.focal_point[:2], abs=1e-6)
    qtbot.keyClick(plotter, Qt.Key.Key_R)
    assert scene_window.view is not None
    assert scene_window.view.camera is None
    qtbot.keyClick(plotter, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert scene_window.view.camera == camera
    qtbot.keyClick(plotter, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert scene_window.view.camera is None


def test_the_keyboard_turns_zooms_and_moves_what_has_the_focus(scene_window: MainWindow, qtbot: QtBot) -> None:
    window, plotter, scene = scene_window, plotter_of(scene_window), scene_window.scene_view.scene
    assert scene is not None
    plotter.setFocus()
    shift = Qt.KeyboardModifier.ShiftModifier
    for key, modifier, expected in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, lambda camera: orbit(camera, 15.0, 0.0)),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier, lambda camera: orbit(camera, 0.0, -15.0)),
        (Qt.Key.Key_Plus, Qt.KeyboardModifier.NoModifier, lambda camera: zoom(camera, 1.25)),
        (Qt.Key.Key_Up, shift, lambda camera: pan(camera, 0.0, 0.1)),
    ):
        wanted = expected(scene.camera())
        qtbot.keyClick(plotter, key, modifier)
        assert window.view is not None
        assert window.view.camera is not None
        assert alike(window.view.camera, wanted)
        qtbot.waitUntil(lambda wanted=wanted: alike(scene.camera(), wanted) and not scene.moving)
    assert window.store.back_title == "move the camera"
    camera = window.view.camera
    slider = window.view_panel.height_section.factor
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(window.view_panel.colour_section.bar, Qt.Key.Key_Minus)
    assert window.view.camera == camera


def test_a_drag_and_a_wheel_are_taken_back_one_by_one_and_apart_from_the_view(
    scene_window: MainWindow, qtbot: QtBot
) -> None:
    plotter = plotter_of(scene_window)
    before = scene_window.view
    assert before is not None
    assert scene_window.view is not None
    assert scene_window.view.camera is None
    drag(plotter, QPoint(200, 200), QPoint(260, 180))
    qtbot.waitUntil(lambda: scene_window.view is not None and scene_window.view.camera is not None)
    dragged = scene_window.view.camera
    centre = QPointF(plotter.rect().center())
    turn = QWheelEvent(
        centre,
        plotter.mapToGlobal(centre),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plotter, turn)
    qtbot.waitUntil(lambda: scene_window.view is not None and scene_window.view.camera != dragged)
    frames = Frames(plotter)
    scene_window.target.change_view("hide axes", axes=False)
    scene_window.actions_by_id["camera.undo"].trigger()
    assert scene_window.view.camera == dragged
    assert not scene_window.view.axes
    scene_window.actions_by_id["camera.undo"].trigger()
    assert scene_window.view.camera is None
    scene_window.actions_by_id["edit.undo"].trigger()
    assert scene_window.view == before
    qtbot.waitUntil(lambda: frames.count > 0)
    frames.close()


def test_a_click_moves_nothing(scene_window: MainWindow, qtbot: QtBot) -> None:
    drag(plotter_of(scene_window), QPoint(200, 200), QPoint(200, 200))
    qtbot.wait(350)
    assert scene_window.view is not None
    assert scene_window.view.camera is None


def test_the_read_out_under_the_mouse_is_the_field(scene_window: MainWindow, qtbot: QtBot) -> None:
    landscape, scene = scene_window.store.landscape, scene_window.scene_view.scene
    assert landscape is not None
    assert scene is not None
    seen = []
    scene_window.scene_view.hovered.connect(seen.append)
    plotter = plotter_of(scene_window)
    place = on_surface(scene_window)
    move(plotter, place, Qt.MouseButton.NoButton)
    qtbot.waitUntil(lambda: bool(seen))
    u, v = seen[-1]
    loss = float(sample_on_triangles(landscape.loss, landscape.u, landscape.v, [[u, v]])[0])
    words = scene_window.status.readout.text()
    assert f"loss {loss:.4g}"[:9] in words
    assert f"u {u:.3f}".replace("-", "−") in words
    assert "interpolated" not in words
    # where the ray through the pixel meets the surface, the surface is seen at that pixel
    picture = scene.picture
    assert picture is not None
    x, y = picture.frame.to_display(np.array([u]), np.array([v]))
    heights = picture.surface.points[:, 2].astype(float).reshape(landscape.loss.shape)
    z = sample_on_triangles(heights, landscape.u, landscape.v, [[u, v]])
    pixel = np.asarray(scene.project(np.column_stack([x, y, z])))[0]
    ratio = plotter.devicePixelRatioF()
    assert pixel / ratio == pytest.approx((place.x(), plotter.height() - 1 - place.y()), abs=1.5)
    QApplication.sendEvent(plotter, QEvent(QEvent.Type.Leave))
    assert "loss" not in scene_window.status.readout.text()


def test_light_and_dark_reach_the_scene(scene_window: MainWindow, qtbot: QtBot) -> None:
    renderer = plotter_of(scene_window).renderer
    scene_window.target.set_appearance("dark")
    qtbot.waitUntil(lambda: max(renderer.GetBackground()) < 0.2)
    scene_window.target.set_appearance("light")
    qtbot.waitUntil(lambda: min(renderer.GetBackground()) > 0.9)


def test_opening_another_document_draws_it(scene_window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    axis = np.linspace(-1.0, 1.0, 9)
    path = tmp_path / "bowl.npz"
    np.savez(path, u=axis, v=axis, loss=axis[None, :] ** 2 + axis[:, None] ** 2 + 0.1)
    assert scene_window.open_path(path)
    scene = scene_window.scene_view.scene
    assert scene is not None
    qtbot.waitUntil(lambda: scene.picture is not None and scene.picture.surface.points.shape[0] == 81)


def drag(
    plotter: Interactor,
    start: QPoint,
    end: QPoint,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    left = Qt.MouseButton.LeftButton
    send(plotter, QEvent.Type.MouseButtonPress, start, left, left, held)
    if start != end:
        move(plotter, end, left)
    send(plotter, QEvent.Type.MouseButtonRelease, end, left, Qt.MouseButton.NoButton)


def move(plotter: Interactor, place: QPoint, pressed: Qt.MouseButton) -> None:
    send(plotter, QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton, pressed)


def send(
    plotter: Interactor,
    kind: QEvent.Type,
    place: QPoint,
    button: Qt.MouseButton,
    pressed: Qt.MouseButton,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    position = QPointF(place)
    event = QMouseEvent(kind, position, plotter.mapToGlobal(position), button, pressed, held)
    QApplication.sendEvent(plotter, event)


def test_a_drag_shows_a_draft_and_at_its_end_everything_once(scene_window: MainWindow, qtbot: QtBot) -> None:
    plotter, scene = plotter_of(scene_window), scene_window.scene_view.scene
    assert scene is not None
    left, start = Qt.MouseButton.LeftButton, QPoint(200, 200)
    whole = plotter.render_window.GetMultiSamples()
    frames = Frames(plotter)
    send(plotter, QEvent.Type.MouseButtonPress, start, left, left)
    for step in range(1, 6):
        move(plotter, start + QPoint(10 * step, 0), left)
    assert frames.count == 0  # not before the paint, which all five moves share
    qtbot.waitUntil(lambda: frames.count > 0)
    assert frames.count == 1
    assert scene.moving
    assert plotter.render_window.GetMultiSamples() == 0
    send(plotter, QEvent.Type.MouseButtonRelease, start + QPoint(50, 0), left, Qt.MouseButton.NoButton)
    qtbot.waitUntil(lambda: not scene.moving)
    assert plotter.render_window.GetMultiSamples() == whole > 0
    qtbot.wait(500)
    assert frames.count == 2
    assert scene_window.view is not None
    assert scene_window.view.camera == scene.camera()
    frames.close()


def test_painting_again_what_has_not_changed_draws_nothing(scene_window: MainWindow, qtbot: QtBot) -> None:
    plotter = plotter_of(scene_window)
    before = plotter.grabFramebuffer()
    frames, painted = Frames(plotter), []
    plotter.frameSwapped.connect(lambda: painted.append(True))
    plotter.update()
    qtbot.waitUntil(lambda: bool(painted))
    assert frames.count == 0
    assert plotter.grabFramebuffer() == before
    frames.close()
