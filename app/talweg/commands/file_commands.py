"""File, Export and Edit: what goes in and out, and what is taken back."""

from collections.abc import Callable

from talweg.commands.command import Command, ExportFormat, Target, has_landscape, has_plane

EXPORTS = (
    ExportFormat(".ply", "PLY mesh", ("Ctrl+E",)),
    ExportFormat(".ply", "PLY for learnply, the OpenGL viewer", flavour="learnply"),
    ExportFormat(".obj", "OBJ mesh"),
    ExportFormat(".stl", "STL mesh"),
    ExportFormat(".glb", "glTF mesh"),
    ExportFormat(".vtp", "VTK mesh"),
    ExportFormat(".vtp", "VTK mesh as Li et al. write it", flavour="li2018"),
    ExportFormat(".pdf", "Map as a vector figure", group="map"),
    ExportFormat(".svg", "Map as a vector figure", group="map"),
    ExportFormat(".csv", "CSV table", group="numbers"),
    ExportFormat(".npz", "NumPy arrays", group="numbers"),
    ExportFormat(".vti", "VTK image data", group="numbers"),
    ExportFormat(".h5", "HDF5 surface as Li et al. write it", group="numbers"),
)
"""Formats that a landscape is exported to."""


def file_commands() -> tuple[Command, ...]:
    """Return those of the menu File."""
    return (
        Command("file.new", "New landscape…", "File", lambda target: target.begin_landscape(), ("Ctrl+N",), icon="new",
                tip="Compute a landscape of a checkpoint"),
        Command("file.open", "Open…", "File", lambda target: target.ask_open(), ("Ctrl+O",), icon="open", tip=(
            "Open a document, a job file or a grid of numbers")),
        Command("file.add", "Add to this document…", "File", lambda target: target.ask_add(), ("Ctrl+Shift+A",),
                lambda now: now.writable,
                tip="The landscapes of another document, a job or a grid of numbers beside those that are open, to be "
                    "compared"),
        Command("file.start", "Start page", "File", lambda target: target.show_start(), ("Ctrl+Shift+O",),
                tip="Recent documents, the example, and the figures of the papers"),
        Command("file.save", "Save", "File", lambda target: target.save(), ("Ctrl+S",), has_landscape, group="save",
                tip="A document saves itself; a file of another program becomes one"),
        Command("file.save_copy", "Save a copy as…", "File", lambda target: target.save_copy(), ("Ctrl+Shift+S",),
                has_landscape, group="save"),
        Command("file.settings", "Settings…", "File", lambda target: target.show_settings(), ("Ctrl+,",),
                group="settings", tip="Colours, the device, downloads, and whose code may run"),
        Command("file.close", "Close", "File", lambda target: target.close_window(), ("Ctrl+W",), group="end"),
        Command("file.quit", "Quit", "File", lambda target: target.quit(), ("Ctrl+Q",), group="end"),
    )  # fmt: skip


def export_commands() -> tuple[Command, ...]:
    """Return those of the menu Export."""
    formats = tuple(
        Command(
            form.id,
            f"{form.title} ({form.suffix})…",
            "Export",
            _export(form),
            form.keys,
            has_landscape,
            group=form.group,
            icon="export" if form.keys else "",
        )
        for form in EXPORTS
    )
    return (
        *formats,
        Command("export.points", "Critical points (.csv)…", "Export", lambda target: target.export_points(), (),
                lambda now: now.points > 0, group="numbers", tip="Write the critical points that the table shows"),
        Command("export.comparison", "Numbers side by side (.csv)…", "Export",
                lambda target: target.export_comparison(), (), lambda now: now.compared, group="numbers",
                tip="Write the table of the compare panel, a column for each landscape"),
        Command("export.figure", "Figure (.png)…", "Export", lambda target: target.export_figure(), ("Ctrl+Shift+E",),
                has_landscape, group="figure", icon="figure",
                tip="Render what is shown at any size, for a slide or a paper"),
        Command("export.movie", "Movie (.mp4, .gif)…", "Export", lambda target: target.export_movie(), ("Ctrl+Alt+E",),
                has_plane, group="figure", tip="Once around the landscape, or the training along time"),
        Command("export.screenshot", "Screenshot", "Export", lambda target: target.take_screenshot(clean=False),
                ("F12",), has_landscape, group="figure", tip="Write the picture as it is, without a question"),
        Command("export.clean_screenshot", "Screenshot of the landscape alone", "Export",
                lambda target: target.take_screenshot(clean=True), ("Ctrl+F12",), has_landscape, group="figure",
                tip="Without background, axes, scalar bar and legend"),
    )  # fmt: skip


def edit_commands() -> tuple[Command, ...]:
    """Return those of the menu Edit."""
    return (
        Command("edit.undo", "Undo", "Edit", lambda target: target.undo(), ("Ctrl+Z",),
                lambda now: now.undo is not None, icon="undo",
                label=lambda now: f"Undo: {now.undo}" if now.undo else "Undo"),
        Command("edit.redo", "Redo", "Edit", lambda target: target.redo(), ("Ctrl+Shift+Z", "Ctrl+Y"),
                lambda now: now.redo is not None, icon="redo",
                label=lambda now: f"Redo: {now.redo}" if now.redo else "Redo"),
        Command("edit.rename", "Rename landscape…", "Edit", lambda target: target.rename_landscape(), ("F2",),
                lambda now: has_landscape(now) and now.writable, group="landscape",
                tip="Give the landscape that is shown another name"),
        Command("edit.remove", "Remove landscape…", "Edit", lambda target: target.remove_landscape(), (),
                lambda now: has_landscape(now) and now.writable and now.landscapes > 1, group="landscape",
                tip="Take the landscape that is shown out of the document, with all that was computed of it"),
        Command("edit.copy_figure", "Copy the figure", "Edit", lambda target: target.copy_figure(), ("Ctrl+Alt+C",),
                has_landscape, group="copy", tip="The picture as it is, and its caption for whoever pastes text"),
        Command("edit.copy_camera", "Copy the camera", "Edit", lambda target: target.copy_camera(), (), has_plane,
                group="copy", tip="Where the camera is, as text for another view or talweg render --camera"),
        Command("edit.paste_camera", "Paste the camera", "Edit", lambda target: target.paste_camera(), (), has_plane,
                group="copy", tip="Look from where the text on the clipboard says"),
        Command("edit.copy_points", "Copy critical points", "Edit", lambda target: target.copy_points(), ("Ctrl+C",),
                lambda now: now.selected > 0, group="copy", tip="Copy the selected rows, with tabs between columns"),
    )  # fmt: skip


def _export(form: ExportFormat) -> Callable[[Target], None]:
    return lambda target: target.export(form)
