"""What the commands do to the window."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from talweg.analysis.families import list_seeds
from talweg.analysis.profile import write_pins
from talweg.certification import sum_up
from talweg.commands.command import ExportFormat, Steering
from talweg.figures.render import FigureOptions
from talweg.view.arrangement import LINKS, Link
from talweg.view.eye import Eye, SavedView, changes_to, name_view, read_eye, write_eye
from talweg.view.state import ViewState
from talweg.window.beside import beside
from talweg.window.failures import log_folder
from talweg.window.job_runner import would_repeat
from talweg.window.name_question import ask_name
from talweg.window.opening import DOCUMENT_SUFFIX, suffixes
from talweg.window.palette import CommandPalette
from talweg.window.settings_sheet import SettingsSheet
from talweg.window.sheets import AboutSheet, ShortcutSheet
from talweg.window.words import coordinate
from talweg.window.writer import Writing
from talweg.work.certifying import LeastPersistence, count_unasked
from talweg.work.closer import centred_job, finer_job
from talweg.work.gradients import count_gradients, missing_gradients
from talweg.work.queue import QueuedJob
from talweg.work.tasks import ComputePoints
from talweg_compute.messages import InputError

if TYPE_CHECKING:
    from talweg.window.main_window import MainWindow


_STEERING: dict[Steering, str] = {
    "orbit": "turn the camera",
    "roll": "roll the camera",
    "pan": "move the camera",
    "zoom": "zoom",
}


class WindowTarget:
    """Does what commands ask for; whatever is wrong with their input is said in the window.

    Args:
        window: The main window.
    """

    def __init__(self, window: "MainWindow") -> None:
        self._window = window

    @property
    def view(self) -> ViewState | None:
        """How the landscape is looked at, or None while none is open."""
        return self._window.store.view

    def ask_open(self) -> None:
        """Ask for a file and open it."""
        patterns = " ".join(f"*{suffix}" for suffix in suffixes())
        kinds = (
            f"Everything Talweg opens ({patterns});;Documents (*{DOCUMENT_SUFFIX});;Job files (*.toml);;All files (*)"
        )
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open", self._folder(), kinds)
        if chosen:
            self._window.open_path(Path(chosen))

    def ask_add(self) -> None:
        """Ask for files and add what they hold to the document."""
        patterns = " ".join(f"*{suffix}" for suffix in suffixes())
        kinds = f"Landscapes ({patterns});;All files (*)"
        chosen, _ = QFileDialog.getOpenFileNames(self._window, "Add to this document", self._folder(), kinds)
        for path in chosen:
            self._window.add_path(Path(path))

    def rename_landscape(self) -> None:
        """Ask for another name of the landscape that is shown."""
        store, documents = self._window.store, self._window.documents
        landscape = store.landscape
        if landscape is None:
            return
        name = ask_name(self._window, "Rename landscape", "&Name of the landscape", landscape.name)
        if name is not None and name.strip() != landscape.name:
            self._try(lambda: documents.rename(landscape.id, name))

    def remove_landscape(self) -> None:
        """Ask whether the landscape that is shown is to be removed from the document."""
        window, landscape = self._window, self._window.store.landscape
        document = window.store.document
        if landscape is None or document is None:
            return
        if window.refiner.preparing:
            self._fail("A finer grid of a landscape is being prepared; cancel that first.")
            return

        def remove() -> None:
            if document is window.store.document and landscape.id in document.landscape_ids():
                window.documents.remove(landscape.id)

        def ask() -> None:
            window.documents.check_removable(landscape.id)
            points = f"its {landscape.done} points" if landscape.done else "its job"
            sentence = f'Removing "{landscape.name}" takes {points} out of {document.path.name} for good.'
            window.messages.show_message("warning", sentence, action=("Remove", lambda: self._try(remove)))

        self._try(ask)

    def copy_comparison(self) -> None:
        """Put the numbers of the landscapes, side by side, on the clipboard."""
        self._window.compare_panel.copy()

    def export_comparison(self) -> None:
        """Ask for a file name and write the numbers of the landscapes, side by side."""
        self._write(self._window.exporter.export_comparison(self._window.compare_panel.measured))

    def show_start(self) -> None:
        """Show the start page."""
        self._window.pages.show_start()

    def begin_landscape(self) -> None:
        """Show the page of a new landscape."""
        self._window.pages.show_new()

    def open_example(self) -> None:
        """Open the embedded example."""
        from talweg.example import example_document

        try:
            path = example_document()
        except InputError as error:
            self._fail(str(error))
            return
        except OSError as error:
            self._fail(f"The example cannot be copied where it may be written: {error}.")
            return
        self._window.open_path(path, recent=False)

    def save(self) -> None:
        """Give a landscape that lies in no document yet one; say of others that they save themselves."""
        document = self._window.store.document
        if document is None:
            return
        if self._window.documents.untitled or document.read_only:
            self.save_copy()
            return
        self._window.store.save()
        self._window.messages.show_message("info", f"{document.path.name} saves itself, whatever you do: it is saved.")

    def save_copy(self) -> None:
        """Ask for a name and write the document there."""
        document = self._window.store.document
        if document is None:
            return
        path = self._window.exporter.ask("Save a copy", DOCUMENT_SUFFIX, "Talweg document")
        if path is None:
            return
        self._window.store.save()
        try:
            beside(lambda: document.copy_to(path))
        except InputError as error:
            self._fail(str(error))
            return
        if self._window.documents.untitled:  # it gets its name here
            self._window.open_path(path, instead=True)
            self._window.messages.show_message("info", f"Saved as {path}.")
        else:
            self._window.messages.show_message("info", f"Wrote {path}.")

    def export(self, form: ExportFormat) -> None:
        """Ask for a file name and export the landscape."""
        self._write(self._window.exporter.export(form))

    def export_figure(self) -> None:
        """Ask for a size and a file name and render a figure."""
        self._try(lambda: self._window.figures.export(self._as_in_window().pixels, self._window.theme.name))

    def export_movie(self) -> None:
        """Ask for a way, a length and a file name and render a movie."""
        self._try(lambda: self._window.figures.export_movie(self._window.theme.name))

    def take_screenshot(self, *, clean: bool) -> None:
        """Write the picture as the window shows it; a clean one without background, axes, scalar bar and legend."""
        self._try(
            lambda: self._window.figures.take_screenshot(self._as_in_window(), self._window.views.columns, clean=clean)
        )

    def copy_figure(self) -> None:
        """Put the picture on the clipboard, with a caption."""
        self._try(lambda: self._window.figures.copy(self._as_in_window(), self._window.views.columns))

    def _as_in_window(self) -> FigureOptions:
        """Size and colours of the picture in the window."""
        window = self._window
        shown = window.views if len(window.views.frames) > 1 else window.views.active
        return FigureOptions(
            (shown.width(), shown.height()),
            window.devicePixelRatioF(),
            "dark" if window.theme.name == "dark" else "light",
        )

    def change_view(self, title: str, **changes: Any) -> None:
        """Change the view; the change can be undone under its title."""
        self._window.store.change(title, **changes)

    def look_from(self, name: str) -> None:
        """Move the camera to a standard view."""
        camera, view = self._window.scene_view.standard_camera(name), self._window.store.view
        if camera is None or view is None:
            return
        stays = view.flat and name == "top"
        changes = {} if stays else changes_to(Eye(None, view.orthographic))
        self._window.store.change(f"{name} view", **{**changes, "camera": camera})

    def look_by(self, eye: Eye, title: str) -> None:
        """Look from somewhere."""
        view = self._window.store.view
        if view is not None and eye.flat:  # from a map there is a way back
            eye = Eye(eye.camera, eye.orthographic, eye.flat, view.camera_before if view.flat else view.camera)
        self._window.store.change(title, **changes_to(eye))

    def look_from_saved(self, saved: SavedView) -> None:
        """Look from where a saved view does."""
        self.look_by(saved.eye, f"view {saved.name}")

    def look_from_next(self) -> None:
        """Look from the saved view after the one that is looked from, or from the first."""
        arrangement, now = self._window.store.arrangement, self._window.store.view
        if arrangement is None or now is None or not arrangement.saved:
            return
        here = next((place for place, view in enumerate(arrangement.saved) if view.eye.camera == now.camera), -1)
        self.look_from_saved(arrangement.saved[(here + 1) % len(arrangement.saved)])

    def save_view(self) -> None:
        """Ask for a name and keep from where the picture is seen."""
        arrangement, eye = self._window.store.arrangement, self._window.scene_view.eye
        if arrangement is None or eye is None:
            return
        usual = name_view(arrangement.saved)
        name = ask_name(self._window, "Save this view", "Name of the view", usual)
        if name is not None and (name := " ".join(name.split()) or usual):
            self._window.store.arrange(arrangement.with_saved(SavedView(name, eye)), f"save the view {name}")
            self._window.messages.show_message("info", f'"{name}" is in the menu View > Saved views.')

    def fit_camera(self) -> None:
        """Show everything from the side where the camera is."""
        camera = self._window.scene_view.fitted_camera()
        if camera is not None:
            self._window.store.change("fit the view", camera=camera)

    def copy_camera(self) -> None:
        """Put the camera on the clipboard, as text."""
        eye = self._window.scene_view.eye
        if eye is not None:
            QGuiApplication.clipboard().setText(write_eye(eye))

    def paste_camera(self) -> None:
        """Look from where the text on the clipboard says."""
        self._try(lambda: self.look_by(read_eye(QGuiApplication.clipboard().text()), "paste the camera"))

    def steer(self, way: Steering, right: float, up: float) -> None:
        """Move the camera by a step: "orbit" and "roll" by degrees, "pan" by shares, "zoom" by steps ``up``."""
        camera = self._window.scene_view.steer(way, right, up)
        if camera is not None:
            title = _STEERING[way]
            self._window.store.change(title, f"steer {way}", camera=camera)

    def fly(self) -> None:
        """Move the camera to the selected critical point."""
        chosen = self._window.store.selection.chosen
        if chosen:
            self.fly_to(chosen[0])

    def fly_to(self, point: int) -> None:
        """Move the camera to a critical point of the active view."""
        self._window.scene_view.fly_to(point)

    def split(self, count: int) -> None:
        """Show one, two or four views."""
        self._window.store.split(count)

    def next_view(self) -> None:
        """Let panels and commands act on the next view."""
        store = self._window.store
        if store.arrangement is not None:
            store.activate((store.arrangement.active + 1) % len(store.arrangement.panes))

    def toggle_link(self, link: Link) -> None:
        """Let all views have something in common, or no longer."""
        arrangement = self._window.store.arrangement
        if arrangement is not None:
            on = link not in arrangement.links
            self._window.store.link(link, f"{'link' if on else 'unlink'} {LINKS[link]}", on=on)

    def compute_closer(self, way: str) -> None:
        """Compute a landscape at the selected critical point: a "finer" grid, or a plane with it as its "centre"."""
        store, documents = self._window.store, self._window.documents
        chosen, picture, landscape = store.selection.chosen, store.picture, store.landscape
        if not chosen or picture is None or landscape is None or landscape.job is None:
            return
        part = picture.critical_points
        u, v = part.coordinates[chosen[0]].tolist()
        kind = ("minimum", "saddle", "maximum")[part.kind[chosen[0]]]
        job = (finer_job if way == "finer" else centred_job)(landscape.job, u, v)
        words = "around the" if way == "finer" else "through the"
        name = f"{landscape.name}, {words} {kind} ({coordinate(u)}, {coordinate(v)})"
        self._try(lambda: documents.compute_further(job, name))

    def refine(self) -> None:
        """Compute finer grids where the camera looks, until cancelled."""
        scene = self._window.scene_view.scene
        if scene is not None:
            self._try(lambda: self._window.refiner.begin(scene.seen()))

    def probe(self, tool: str) -> None:
        """Let the next clicks on the surface "pin" a point or draw a "profile"."""
        self._window.views.probing.take("pin" if tool == "pin" else "profile")

    def play(self) -> None:
        """Play the trajectory along time, or stop."""
        self._window.player.toggle()

    def subtract(self) -> None:
        """Show the difference of the two landscapes that are chosen for it."""
        chosen = self._window.compare_panel.chosen
        if chosen is None:
            self._fail("Choose two landscapes in the compare panel; both are the same there now.")
            self._window.docks["compare"].show()
            return

        def show() -> None:
            notes = self._window.documents.show_difference(*chosen)
            if notes:
                self._window.messages.show_message("info", " ".join(notes))

        self._try(show)

    def copy_pins(self) -> None:
        """Put the values of the pinned points on the clipboard."""
        landscape, view = self._window.store.landscape, self._window.store.view
        if landscape is not None and view is not None:
            QGuiApplication.clipboard().setText(write_pins(landscape, view.pins))

    def copy_points(self) -> None:
        """Put the selected critical points on the clipboard."""
        QGuiApplication.clipboard().setText(self._window.numbers_panel.table.selected_text())

    def export_points(self) -> None:
        """Ask for a file name and write the critical points that are shown."""
        self._write(self._window.exporter.export_points())

    def undo(self) -> None:
        """Take the last change of the view back."""
        self._window.store.undo()

    def redo(self) -> None:
        """Do the change again that was taken back last."""
        self._window.store.redo()

    def go_back(self) -> None:
        """Put the camera where it was before."""
        self._window.store.go_back()

    def go_forward(self) -> None:
        """Put the camera where it was taken back from."""
        self._window.store.go_forward()

    def compute(self) -> None:
        """Start or resume computing, or what is drafted; where all is known already, ask whether to begin anew."""
        if self._window.pages.page == "new":
            self._window.pages.new.compute.click()  # which does nothing while a field is wrong: the page says so there
            return
        landscape = self._window.store.landscape
        if landscape is None:
            return
        if would_repeat(landscape):
            sentence = f"All {landscape.computed.size} points are known. Computing again replaces them."
            self._window.messages.show_message("info", sentence, action=("Compute again", self._compute_again))
            return
        self._try(self._window.documents.compute)

    def follow(self) -> None:
        """Place the checkpoints that a running training writes, as they come, until it is cancelled."""
        self._try(lambda: self._window.documents.compute(follow=True))

    def compute_next_seed(self, document: object, job: QueuedJob) -> None:
        """Go on with the next seed of a job with several, once one of them is finished."""
        window = self._window
        store = window.store
        if document is not store.document or job.state != "finished" or not isinstance(job.work, ComputePoints):
            return
        finished = job.landscape
        if store.document is None or finished not in store.document.landscape_ids():  # a finer grid is no seed
            return
        for number in list_seeds(store.document, finished):
            state = store.document.landscape(number)
            if number != finished and not state.done and state.has_work:
                store.show_landscape(number)
                self._try(window.documents.compute)
                return

    def certify(self) -> None:
        """Look for the critical points that are shown on the network; where all were, ask whether to do it anew."""
        landscape, picture = self._window.store.landscape, self._window.store.picture
        if landscape is None or picture is None:
            return
        part = picture.critical_points
        least = LeastPersistence(part.threshold, part.logarithmic)
        if count_unasked(landscape, least) == 0 and part.total:
            sentence = sum_up(landscape.certifications.values())
            again = "Certify again", lambda: self._try(lambda: self._window.documents.certify(least, again=True))
            self._window.messages.show_message("info", sentence, action=again)
            return
        self._try(lambda: self._window.documents.certify(least))

    def compute_gradients(self) -> None:
        """Compute the gradients that are missing along the plane, or say that all are known."""
        landscape = self._window.store.landscape
        if landscape is None:
            return
        if count_gradients(landscape) and not missing_gradients(landscape).size:
            self._window.messages.show_message("info", "All gradients are known; height and colour can show them.")
            return
        self._try(self._window.documents.compute_gradients)

    def repeat(self) -> None:
        """Show the page of a new landscape, filled with the job of the landscape that is shown."""
        landscape = self._window.store.landscape
        if landscape is not None and landscape.job is not None:
            self._window.pages.show_repeat(landscape.job, landscape.name)

    def pause(self) -> None:
        """Ask the running job to stop for now; where none runs, go on with the first one of the queue."""
        runner = self._window.runner
        if runner.busy:
            runner.pause()
        else:
            self._try(runner.resume)

    def force_stop(self) -> None:
        """End the worker at once; what was computed stays."""
        self._window.runner.force_stop()

    def cancel(self) -> None:
        """Ask the running job to stop."""
        self._window.refiner.stop()
        self._window.runner.cancel()

    def set_appearance(self, name: str) -> None:
        """Choose light, dark, or what the system says."""
        self._window.preferences.change(appearance=name)

    def toggle_panel(self, name: str) -> None:
        """Show or hide a panel."""
        dock = self._window.docks[name]
        dock.setVisible(dock.isHidden())

    def reset_layout(self) -> None:
        """Put every panel where it was at first."""
        self._window.reset_layout()

    def toggle_full_screen(self) -> None:
        """Fill the screen with the window, or no longer."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)
        self._window.update_commands()

    def show_settings(self) -> None:
        """Show the sheet of settings."""
        SettingsSheet(self._window, self._window.preferences).show()

    def show_palette(self) -> None:
        """Show the command palette."""
        CommandPalette(self._window, self._window.commands, self._window.actions_by_id).show()

    def show_shortcuts(self) -> None:
        """Show the sheet of shortcuts."""
        ShortcutSheet(self._window, self._window.commands).show()

    def show_logs(self) -> None:
        """Show the folder of the log files in the system's file manager, or say where it is."""
        folder = log_folder()
        if not folder.is_dir() or not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._window.messages.show_message("info", f"The log files are in {folder}.", str(folder))

    def show_about(self) -> None:
        """Say what this is and what it runs on."""
        AboutSheet(self._window, self._window.status.renderer.text()).show()

    def close_window(self) -> None:
        """Close the window."""
        if self._window.may_leave():
            self._window.close()

    def quit(self) -> None:
        """End the application."""
        self.close_window()

    def _compute_again(self) -> None:
        self._try(self._window.documents.compute_again)

    def _folder(self) -> str:
        document = self._window.store.document
        return str(Path.cwd() if document is None or self._window.documents.untitled else document.path.parent)

    def _try(self, act: Any) -> None:
        try:
            act()
        except InputError as error:
            self._fail(str(error))

    def _fail(self, sentence: str) -> None:
        self._window.messages.show_message("error", sentence)

    def _write(self, writing: Writing | None) -> None:
        """Write files, unless the user thought better of it."""
        if writing is not None:
            self._window.writer.take(writing)
