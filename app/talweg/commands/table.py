"""One table of commands: menus, shortcuts, palette and the shortcut sheet are made from it. Free of Qt."""

from talweg.commands.command import Command
from talweg.commands.file_commands import edit_commands, export_commands, file_commands
from talweg.commands.job_commands import job_commands
from talweg.commands.look_commands import (
    camera_commands,
    display_commands,
    layer_commands,
    move_commands,
    probe_commands,
    saved_view_commands,
)
from talweg.commands.window_commands import compare_commands, window_commands


def all_commands() -> tuple[Command, ...]:
    """Return the table, in the order of the menus."""
    return (
        *file_commands(),
        *export_commands(),
        *edit_commands(),
        *layer_commands(),
        *display_commands(),
        *probe_commands(),
        *compare_commands(),
        *camera_commands(),
        *move_commands(),
        *saved_view_commands(),
        *window_commands(),
        *job_commands(),
        *_help(),
    )


def _help() -> tuple[Command, ...]:
    return (
        Command("help.palette", "Find a command…", "Help", lambda target: target.show_palette(), ("Ctrl+Shift+P",),
                tip="Type a few letters of what you want to do"),
        Command("help.shortcuts", "Shortcuts", "Help", lambda target: target.show_shortcuts(), ("F1", "Shift+?", "?")),
        Command("help.example", "Open the example", "Help", lambda target: target.open_example()),
        Command("help.logs", "Open the log folder", "Help", lambda target: target.show_logs(), group="about",
                tip="What went wrong unexpectedly, and the crash log, to be sent with a report"),
        Command("help.about", "About Talweg", "Help", lambda target: target.show_about(), group="about"),
    )  # fmt: skip
