"""The trajectory is played along time."""

from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow


def test_space_plays_the_training_once_and_leaves_nothing_to_undo(window: MainWindow, qtbot: QtBot) -> None:
    store, action = window.store, window.actions_by_id["view.play"]
    assert [key.toString() for key in action.shortcuts()] == ["Space"]
    shown: list[int | None] = []
    store.view_changed.connect(lambda: shown.append(store.view.trajectory_until))  # type: ignore[union-attr]  # open
    undo = store.undo_title
    action.trigger()
    qtbot.waitUntil(lambda: not window.player.playing)
    assert shown == [2, 3, 4, 5, 6, 7, None]  # of eight checkpoints, the first alone is seen before
    assert store.undo_title == undo


def test_it_stops_where_it_is_and_goes_on_from_there(window: MainWindow, qtbot: QtBot) -> None:
    store, action = window.store, window.actions_by_id["view.play"]
    action.trigger()
    qtbot.waitUntil(lambda: store.view is not None and store.view.trajectory_until == 3)
    action.trigger()
    assert not window.player.playing
    qtbot.wait(150)
    assert store.view is not None
    assert store.view.trajectory_until == 3
    assert store.undo_title == "play the trajectory"
    action.trigger()
    qtbot.waitUntil(lambda: store.view is not None and store.view.trajectory_until == 4)
    action.trigger()
    store.undo()
    assert store.view.trajectory_until is None


def test_it_goes_on_while_points_arrive_and_stops_with_another_document(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.actions_by_id["view.play"].trigger()
    window.store.landscape_changed.emit()  # as with each block of points
    assert window.player.playing
    axis = np.linspace(-1.0, 1.0, 5)
    np.savez(tmp_path / "bowl.npz", u=axis, v=axis, loss=axis[None, :] ** 2 + axis[:, None] ** 2 + 0.1)
    assert window.open_path(tmp_path / "bowl.npz")
    assert not window.player.playing
