"""From where something is seen: as text, under a name, and as a map with a way back."""

import math
from pathlib import Path

import numpy as np
import pytest

from talweg.document import Document
from talweg.view.arrangement import Arrangement, Pane, keep_arrangement, kept_arrangement
from talweg.view.eye import VIEW_ANGLE, Eye, SavedView, eye_of, name_view, read_eye, seen_by, toggle_flat, write_eye
from talweg.view.history import ViewHistory
from talweg.view.state import Camera, ViewState, view_with
from talweg_compute.messages import InputError

SCALE = math.tan(math.radians(VIEW_ANGLE / 2))
SIDE = Camera((2.0, -3.0, 1.5), (0.0, 0.0, 0.5), (0.0, 0.0, 1.0), math.sqrt(14) * SCALE)
ABOVE = Camera((0.1, 0.2, 4.0), (0.1, 0.2, 0.0), (0.0, 1.0, 0.0), 4.0 * SCALE)


@pytest.mark.parametrize("eye", [Eye(SIDE), Eye(SIDE, orthographic=True), Eye(ABOVE, flat=True)])
def test_an_eye_is_the_same_after_it_was_written_and_read(eye: Eye) -> None:
    text = write_eye(eye)
    assert "\n" not in text
    found = read_eye(text)
    assert found.camera is not None
    assert eye.camera is not None
    assert found.camera.parallel_scale == pytest.approx(eye.camera.parallel_scale)
    assert write_eye(found) == text
    assert (found.orthographic, found.flat, found.camera.position) == (eye.orthographic, eye.flat, eye.camera.position)


def test_numbers_are_written_short() -> None:
    camera = Camera((1 / 3, -2.0, 1e-17), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    assert '"position": [0.333333, -2.0, 1e-17]' in write_eye(Eye(camera))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "this text is not one"),
        ('{"position": [1, 2], "focal_point": [0, 0, 0], "up": [0, 0, 1]}', "this text is not one"),
        ('{"position": [1, 1, 1], "focal_point": [1, 1, 1], "up": [0, 0, 1]}', "nothing is seen from there"),
        ('{"position": [0, 0, 1], "focal_point": [0, 0, 0], "up": [0, 0, 2]}', "nothing is seen from there"),
        ('{"position": [1, 0, 1], "focal_point": [0, 0, 0], "up": [0, 1, 0], "flat": true}', "straight down"),
        ('{"position": [1, 0, 1], "focal_point": [0, 0, 0], "up": [0, 1, 0], "zoom": 2}', "zoom"),
    ],
)
def test_what_is_no_camera_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_eye(text)


def test_a_map_goes_back_to_where_the_eye_was() -> None:
    view = ViewState(camera=SIDE, orthographic=True, colour_map="magma")
    flat = view_with(view, **toggle_flat(view))
    assert eye_of(flat) == Eye(None, True, True, SIDE)
    moved = view_with(flat, camera=ABOVE)
    assert view_with(moved, **toggle_flat(moved)) == view


def test_a_map_is_a_way_of_the_eye_and_linked_views_share_it() -> None:
    arrangement = Arrangement((Pane(1, ViewState(camera=SIDE)), Pane(2, ViewState(camera=SIDE))))
    history = ViewHistory(arrangement)
    view = arrangement.pane.view
    assert history.change(arrangement.with_view(view_with(view, **toggle_flat(view))), "map from above")
    assert [pane.view.flat for pane in history.state.panes] == [True, True]
    assert (history.undo_title, history.back_title) == (None, "map from above")
    assert history.back()
    assert history.state == arrangement


def test_saved_views_stay_with_the_document(tmp_path: Path) -> None:
    arrangement = Arrangement((Pane(1, ViewState()),))
    assert name_view(arrangement.saved) == "View 1"
    arrangement = arrangement.with_saved(SavedView("View 1", Eye(SIDE))).with_saved(SavedView("above", Eye(ABOVE)))
    assert name_view(arrangement.saved) == "View 2"
    again = arrangement.with_saved(SavedView("View 1", Eye(ABOVE)))
    assert [view.name for view in again.saved] == ["View 1", "above"]
    assert again.saved[0].eye.camera == ABOVE
    with Document.create(tmp_path / "a.talweg") as document:
        axis = np.array([0.0, 1.0])
        document.add_landscape("bowl", axis, axis, fields={"loss": np.zeros((2, 2))})
        keep_arrangement(document, arrangement)
        kept = kept_arrangement(document, 1)
    assert kept is not None
    assert kept.saved == arrangement.saved
    assert [view.name for view in kept.without_saved("View 1").saved] == ["above"]


def test_a_view_is_seen_by_another_eye_and_else_the_same() -> None:
    view = ViewState(camera=SIDE, wireframe=True)
    assert seen_by(view, Eye(ABOVE, True)) == ViewState(camera=ABOVE, orthographic=True, wireframe=True)
