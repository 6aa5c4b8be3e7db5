"""Undo and redo over frozen states."""

from msgspec.structs import replace

from talweg.view.arrangement import Arrangement, Pane
from talweg.view.history import ViewHistory
from talweg.view.state import Camera, ViewState, view_with
from talweg.view.undo import History


def test_changes_are_undone_and_done_again_by_name() -> None:
    history = History(0)
    assert (history.undo_title, history.redo_title) == (None, None)
    assert history.change(1, "first")
    assert history.change(2, "second")
    assert history.undo_title == "second"
    assert history.undo()
    assert (history.state, history.undo_title, history.redo_title) == (1, "first", "second")
    assert history.redo()
    assert (history.state, history.redo_title) == (2, None)
    assert not history.redo()


def test_a_change_to_an_equal_state_is_none() -> None:
    history = History(ViewState())
    assert not history.change(ViewState(), "nothing")
    assert history.undo_title is None


def test_successive_changes_of_one_kind_are_one_entry() -> None:
    history = History(0)
    for value in range(1, 10):
        history.change(value, "drag", merge="slider")
    assert history.undo()
    assert history.state == 0
    assert not history.undo()
    history.redo()
    assert history.state == 9


def test_other_kinds_and_no_kind_are_entries_of_their_own() -> None:
    history = History(0)
    history.change(1, "a", merge="a")
    history.change(2, "b", merge="b")
    history.change(3, "a", merge="a")
    history.change(4, "none")
    history.change(5, "none")
    undone = []
    while history.undo():
        undone.append(history.state)
    assert undone == [4, 3, 2, 1, 0]


def test_a_sealed_entry_is_not_merged_with() -> None:
    history = History(0)
    history.change(1, "drag", merge="slider")
    history.seal()
    history.change(2, "drag", merge="slider")
    history.undo()
    assert history.state == 1


def test_an_undone_entry_is_not_merged_with() -> None:
    history = History(0)
    history.change(1, "drag", merge="slider")
    history.change(2, "other")
    history.undo()
    history.change(3, "drag", merge="slider")
    history.undo()
    assert history.state == 1


def test_a_drag_back_to_its_start_leaves_no_entry() -> None:
    history = History(0)
    history.change(1, "drag", merge="slider")
    history.change(0, "drag", merge="slider")
    assert history.state == 0
    assert history.undo_title is None


def test_a_new_change_forgets_what_was_undone() -> None:
    history = History(0)
    history.change(1, "first")
    history.undo()
    history.change(2, "second")
    assert history.redo_title is None


def test_the_oldest_entries_are_forgotten_at_the_limit() -> None:
    history = History(0, limit=3)
    for value in range(1, 6):
        history.change(value, str(value))
    while history.undo():
        pass
    assert history.state == 2


def of(view: ViewState) -> ViewHistory:
    return ViewHistory(Arrangement((Pane(1, view),)))


def look(history: ViewHistory, title: str, merge: str | None = None, **changes: object) -> bool:
    return history.change(history.state.with_view(view_with(history.state.pane.view, **changes)), title, merge)


def test_the_eye_has_a_stack_of_its_own() -> None:
    start = ViewState()
    history = of(start)
    near = Camera((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    far = Camera((9.0, 9.0, 9.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    look(history, "move the camera", camera=near)
    look(history, "hide axes", axes=False)
    look(history, "fly to the minimum", camera=far)
    assert (history.undo_title, history.back_title) == ("hide axes", "fly to the minimum")
    assert history.undo()
    assert history.state.pane.view == view_with(start, camera=far)
    assert not history.undo()
    assert history.back()
    assert history.state.pane.view == view_with(start, camera=near)
    assert history.redo()
    assert history.state.pane.view == view_with(start, camera=near, axes=False)
    assert history.forward_title == "fly to the minimum"
    assert history.back()
    assert history.state.pane.view == view_with(start, axes=False)
    assert not history.back()


def test_what_changes_eye_and_picture_lies_on_both_stacks() -> None:
    history = of(ViewState())
    assert look(history, "show the difference", axes=False, orthographic=True)
    assert not look(history, "again", axes=False, orthographic=True)
    assert history.undo()
    assert history.state.pane.view == ViewState(orthographic=True)
    assert history.back()
    assert history.state.pane.view == ViewState()


def test_a_drag_goes_on_while_the_eye_moves() -> None:
    history = of(ViewState())
    look(history, "opacity", "opacity", opacity=0.9)
    look(history, "orthographic", orthographic=True)
    look(history, "opacity", "opacity", opacity=0.7)
    history.undo()
    assert history.state.pane.view == ViewState(orthographic=True)
    assert history.undo_title is None


def test_more_views_are_no_way_of_the_eye_and_linked_eyes_go_back_together() -> None:
    near = Camera((1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    history = of(ViewState())
    look(history, "move the camera", camera=near)
    history.change(history.state.with_count(2, (1, 2)), "two views")
    assert (history.undo_title, history.back_title) == ("two views", "move the camera")
    history.amend(replace(history.state, active=1))
    assert history.back()
    assert [pane.view.camera for pane in history.state.panes] == [None, None]
    assert history.state.active == 1
    assert history.undo()
    assert (len(history.state.panes), history.state.active) == (1, 0)
    assert history.forward()
    assert history.redo()
    assert [pane.view.camera for pane in history.state.panes] == [near, near]
