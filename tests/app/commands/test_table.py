"""The table of commands: complete, free of conflicts, and right about when a command can run."""

from typing import Any

import pytest

from talweg.commands.command import MENUS, Command, Situation
from talweg.commands.look_commands import STANDARD_VIEWS
from talweg.commands.table import all_commands
from talweg.view.state import ViewState


class RecordingTarget:
    """Remembers what commands asked for."""

    def __init__(self, view: ViewState | None = None) -> None:
        self.view = view
        self.asked: list[tuple[Any, ...]] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **changes: self.asked.append((name, *args, changes) if changes else (name, *args))


def commands() -> dict[str, Command]:
    return {command.id: command for command in all_commands()}


def test_ids_and_keys_are_unique() -> None:
    table = all_commands()
    assert len({command.id for command in table}) == len(table)
    keys = [key for command in table for key in command.keys]
    assert len(set(keys)) == len(keys)


def test_every_command_stands_in_a_menu() -> None:
    assert {command.menu for command in all_commands()} == set(MENUS)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("Ctrl+O", "file.open"),
        ("Ctrl+E", "export.ply"),
        ("F12", "export.screenshot"),
        ("Ctrl+F12", "export.clean_screenshot"),
        ("Ctrl+Z", "edit.undo"),
        ("Ctrl+Shift+Z", "edit.redo"),
        ("1", "camera.front"),
        ("3", "camera.right"),
        ("7", "camera.top"),
        ("9", "camera.isometric"),
        ("5", "camera.orthographic"),
        ("Alt+Left", "camera.undo"),
        ("Alt+Right", "camera.redo"),
        ("Home", "camera.reset"),
        ("Shift+Home", "camera.fit"),
        ("K", "camera.flat"),
        ("Ctrl+1", "camera.back"),
        ("Ctrl+3", "camera.left"),
        ("Ctrl+7", "camera.bottom"),
        ("R", "camera.reset"),
        ("C", "view.contours"),
        ("L", "view.log"),
        ("T", "view.trajectory"),
        ("B", "view.scalar_bar"),
        ("X", "view.axes"),
        ("G", "view.axes"),
        ("Esc", "job.cancel"),
        ("Ctrl+Shift+P", "help.palette"),
        ("F1", "help.shortcuts"),
        ("F11", "window.full_screen"),
        ("Ctrl+W", "file.close"),
        ("Ctrl+Q", "file.quit"),
    ],
)
def test_the_keys_that_users_expect(key: str, name: str) -> None:
    assert key in commands()[name].keys


def test_standard_views_are_those_of_the_scene() -> None:
    from talweg.view.eye import VIEW_NAMES

    assert {name for name, _ in STANDARD_VIEWS} == set(VIEW_NAMES)


def test_with_nothing_open_only_what_needs_nothing_can_run() -> None:
    enabled = {name for name, command in commands().items() if command.enabled(Situation())}
    assert "file.open" in enabled
    assert not {"export.ply", "edit.undo", "view.axes", "job.compute", "job.cancel", "camera.top"} & enabled


def test_a_running_job_can_be_cancelled_once() -> None:
    table = commands()
    running = Situation(view=ViewState(), can_compute=True, computing=True)
    assert table["job.cancel"].enabled(running)
    assert table["job.pause"].enabled(running)
    assert table["job.compute"].enabled(running)  # it waits for the other one
    pending = Situation(view=ViewState(), can_compute=True, computing=True, pending=frozenset({"points"}))
    assert not table["job.compute"].enabled(pending)
    assert not table["job.cancel"].enabled(Situation(computing=True, stopping=True))
    assert not table["job.pause"].enabled(Situation(computing=True, stopping=True))
    resume = table["job.pause"].label
    assert resume is not None
    assert resume(Situation(can_resume=True)) == "Resume the queue"


def test_undo_says_what_it_takes_back() -> None:
    undo = commands()["edit.undo"]
    assert undo.label is not None
    assert undo.label(Situation(undo="hide contours")) == "Undo: hide contours"
    assert undo.label(Situation()) == "Undo"


@pytest.mark.parametrize(
    ("name", "view", "changes"),
    [
        ("view.axes", ViewState(), {"axes": False}),
        ("view.axes", ViewState(axes=False), {"axes": True}),
        ("view.log", ViewState(), {"height_scale": "log"}),
        ("view.contours", ViewState(), {"contours_on_surface": False, "contours_on_floor": False}),
        (
            "view.contours",
            ViewState(contours_on_surface=False, contours_on_floor=False),
            {"contours_on_surface": True, "contours_on_floor": True},
        ),
        ("camera.orthographic", ViewState(orthographic=True), {"orthographic": False}),
        ("camera.reset", ViewState(), {"camera": None}),
        ("camera.flat", ViewState(), {"flat": True, "camera": None, "camera_before": None, "orthographic": False}),
    ],
)
def test_a_command_asks_for_a_change_of_the_view(name: str, view: ViewState, changes: dict[str, Any]) -> None:
    target = RecordingTarget(view)
    commands()[name].run(target)
    deed, title, asked = target.asked[0]
    assert (deed, asked) == ("change_view", changes)
    assert title
