"""The main window: puts the panels around the picture and does what the commands say."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, Qt, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMainWindow, QWidget

from talweg.commands import ExportFormat, Situation, all_commands
from talweg.picture import Picture
from talweg.view_state import ViewState
from talweg.window.actions import Actions
from talweg.window.documents import Documents
from talweg.window.exporting import Exporter, busy_cursor
from talweg.window.frame import PANELS, Docks, TopBar, dock_panels
from talweg.window.job_runner import JobRunner, MakeWorker, local_worker
from talweg.window.opening import DOCUMENT_SUFFIX, copy_document, suffixes
from talweg.window.panels.job_panel import JobPanel
from talweg.window.panels.numbers_panel import NumbersPanel
from talweg.window.panels.view_panel import ViewPanel
from talweg.window.recent_menu import RecentMenu
from talweg.window.renderer import describe_renderer
from talweg.window.scene_view import SceneView
from talweg.window.sheets import AboutSheet, ShortcutSheet
from talweg.window.status import StatusLine
from talweg.window.store import Store
from talweg.window.theme import apply_theme, choose_theme
from talweg.window.widgets.layout import column
from talweg.window.widgets.message_bar import MessageBar
from talweg.window.words import coordinate, number
from talweg_compute.messages import InputError


class MainWindow(QMainWindow):
    """Shows one landscape; a ``Target`` of the commands.

    Args:
        make_worker: Starts a worker; another one in tests.
    """

    def __init__(self, make_worker: MakeWorker = local_worker) -> None:
        super().__init__()
        self.setWindowTitle("Talweg")
        self.setAcceptDrops(True)
        self.appearance = str(QSettings().value("appearance", "system"))
        self._theme = choose_theme(self.appearance)
        self._first_paths: list[Path] = []
        self._closed = False
        self.store = Store(self)
        self.runner = JobRunner(make_worker, self)
        self.documents = Documents(self.store, self.runner, self)
        self.exporter = Exporter(self.store, self)
        self.commands = all_commands()
        self.actions_by_id = Actions(self.commands, self, self)
        self.scene_view = SceneView(self.store, self._theme.name)
        self.messages = MessageBar()
        self.view_panel = ViewPanel(self.store, self.actions_by_id.__getitem__)
        self.job_panel = JobPanel(self.store, self.runner, self.compute)
        self.numbers_panel = NumbersPanel(self.store)
        self.docks: Docks = dock_panels(self, self.view_panel, self.job_panel, self.numbers_panel)
        self.top_bar = TopBar(self.store, self.actions_by_id)
        self.status = StatusLine(self.store, self.runner)
        self._put_together()
        self._connect()
        self._first_state = self.saveState()
        self._restore_layout()
        self._take_colours()
        self._update_commands()

    # commands

    @property
    def view(self) -> ViewState | None:
        """How the landscape is looked at."""
        return self.store.view

    def open_path(self, path: Path, *, recent: bool = True) -> bool:
        """Open a document, a job file or a grid; whatever is wrong is said in one sentence.

        Args:
            path: Any file.
            recent: Whether it joins the recent files.

        Returns:
            Whether it is open.
        """
        try:
            with busy_cursor():
                self.documents.open(path, recent=recent)
        except InputError as error:
            self.messages.show_message("error", str(error))
            return False
        self.messages.dismiss()
        return True

    def ask_open(self) -> None:
        """Ask for a file and open it."""
        patterns = " ".join(f"*{suffix}" for suffix in suffixes())
        kinds = (
            f"Everything Talweg opens ({patterns});;Documents (*{DOCUMENT_SUFFIX});;Job files (*.toml);;All files (*)"
        )
        chosen, _ = QFileDialog.getOpenFileName(self, "Open", self._folder(), kinds)
        if chosen:
            self.open_path(Path(chosen))

    def open_example(self) -> None:
        """Open the embedded example."""
        from talweg.example import example_document

        try:
            path = example_document()
        except OSError as error:
            self.messages.show_message("error", f"The example cannot be copied where it may be written: {error}.")
            return
        self.open_path(path, recent=False)

    def save_copy(self) -> None:
        """Ask for a name and write the document there."""
        document = self.store.document
        path = self.exporter.ask("Save a copy", DOCUMENT_SUFFIX, "Talweg document") if document is not None else None
        if document is None or path is None:
            return
        self.store.save()
        self._write(lambda: copy_document(document, path), (path,))

    def export(self, form: ExportFormat) -> None:
        """Ask for a file name and export the landscape."""
        self._write(lambda: self.exporter.export(form))

    def export_figure(self) -> None:
        """Ask for a size and a file name and render a figure."""
        ratio = self.devicePixelRatioF()
        size = round(self.scene_view.width() * ratio), round(self.scene_view.height() * ratio)
        self._write(lambda: self.exporter.export_figure(size, self._theme.name))

    def change_view(self, title: str, **changes: Any) -> None:
        """Change the view; the change can be undone under its title."""
        self.store.change(title, **changes)

    def look_from(self, name: str) -> None:
        """Move the camera to a standard view."""
        camera = self.scene_view.standard_camera(name)
        if camera is not None:
            self.store.change(f"{name} view", camera=camera)

    def undo(self) -> None:
        """Take the last change of the view back."""
        self.store.undo()

    def redo(self) -> None:
        """Do the change again that was taken back last."""
        self.store.redo()

    def compute(self) -> None:
        """Start or resume computing; where all is known already, ask first whether to begin anew."""
        landscape = self.store.landscape
        if landscape is None:
            return
        if self.job_panel.would_repeat(landscape):
            sentence = f"All {landscape.done} points are known. Computing again replaces them."
            self.messages.show_message("info", sentence, action=("Compute again", self._compute_again))
            return
        self._try(self.documents.compute)

    def cancel(self) -> None:
        """Ask the running job to stop."""
        self.runner.cancel()

    def set_appearance(self, name: str) -> None:
        """Choose light, dark, or what the system says."""
        self.appearance = name
        QSettings().setValue("appearance", name)
        self._take_colours()
        self._update_commands()

    def toggle_panel(self, name: str) -> None:
        """Show or hide a panel."""
        dock = self.docks[name]
        dock.setVisible(dock.isHidden())

    def reset_layout(self) -> None:
        """Put every panel where it was at first."""
        self.restoreState(self._first_state)

    def toggle_full_screen(self) -> None:
        """Fill the screen with the window, or no longer."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)
        self._update_commands()

    def show_shortcuts(self) -> None:
        """Show the sheet of shortcuts."""
        ShortcutSheet(self, self.commands).show()

    def show_about(self) -> None:
        """Say what this is and what it runs on."""
        AboutSheet(self, self.status.renderer.text()).show()

    def close_window(self) -> None:
        """Close the window."""
        self.close()

    def quit(self) -> None:
        """End the application."""
        self.close()

    # life

    def begin(self, paths: list[Path]) -> None:
        """Say what to open once the window is painted: these files, or the example where there are none."""
        self._first_paths = paths
        self.scene_view.painted.connect(self._begin_painted, Qt.ConnectionType.QueuedConnection)

    @Slot(str, str)
    def report(self, sentence: str, details: str) -> None:
        """Show what went wrong unexpectedly."""
        self.messages.show_message("error", sentence, details)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Stop the job, end the worker, let go of the scene and the document; nothing that was computed is lost."""
        if not self._closed:
            self._closed = True
            QSettings().setValue("geometry", self.saveGeometry())
            QSettings().setValue("layout", self.saveState())
            self.hide()
            self.store.save()
            self.runner.close()
            self.scene_view.close_scene()
            self.documents.close()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt's name)
        """Accept files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt's name)
        """Open the files; the last one stays in view."""
        event.acceptProposedAction()
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.open_path(Path(url.toLocalFile()))

    # inside

    def _put_together(self) -> None:
        centre = QWidget()
        box = column(centre, gap=0)
        box.addWidget(self.messages)
        box.addWidget(self.scene_view, 1)
        self.setCentralWidget(centre)
        menus = self.actions_by_id.fill_menu_bar(self.menuBar())
        self.recent_menu = RecentMenu(self.open_path, menus["File"])
        menus["File"].insertMenu(self.actions_by_id["file.save_copy"], self.recent_menu)
        self.addToolBar(self.top_bar)
        self.setStatusBar(self.status)
        self.resize(1280, 800)

    def _connect(self) -> None:
        self.scene_view.hovered.connect(self.status.show_point)
        self.scene_view.started.connect(self._scene_started)
        self.store.failed.connect(lambda sentence: self.messages.show_message("error", sentence))
        self.store.picture_changed.connect(self._describe_picture)
        self.documents.title_changed.connect(lambda title: self.setWindowTitle(f"{title} – Talweg"))
        self.runner.points_arrived.connect(self.store.refresh)
        self.runner.noted.connect(lambda text: self.messages.show_message("warning", text))
        self.runner.failed.connect(lambda sentence, details: self.messages.show_message("error", sentence, details))
        for signal in (self.store.view_changed, self.store.history_changed, self.store.landscape_changed):
            signal.connect(self._update_commands)
        self.runner.changed.connect(self._update_commands)
        for dock in self.docks.values():
            dock.visibilityChanged.connect(self._update_commands)
        QApplication.styleHints().colorSchemeChanged.connect(self._take_colours)

    def _begin_painted(self) -> None:
        if self._first_paths:
            for path in self._first_paths:
                self.open_path(path)
        else:
            self.open_example()
        self.scene_view.start()

    def _scene_started(self) -> None:
        self.view_panel.draw_pictures(self._theme.name)
        plotter = self.scene_view.plotter
        if plotter is not None:
            self.status.show_renderer(describe_renderer(plotter))
        self._describe_picture()

    def _update_commands(self) -> None:
        landscape = self.store.landscape
        self.actions_by_id.update_to(
            Situation(
                view=self.store.view,
                computing=self.runner.busy,
                stopping=self.runner.state.phase == "stopping",
                can_compute=landscape is not None and landscape.job is not None,
                has_path=landscape is not None and landscape.path is not None,
                undo=self.store.undo_title,
                redo=self.store.redo_title,
                panels=frozenset(name for name in PANELS if not self.docks[name].isHidden()),
                full_screen=bool(self.windowState() & Qt.WindowState.WindowFullScreen),
                appearance=self.appearance,
            )
        )

    def _describe_picture(self) -> None:
        """Say in words what is drawn, for those who cannot see it."""
        picture: Picture | None = self.store.picture
        landscape = self.store.landscape
        if picture is None or landscape is None:
            return
        minima = picture.critical_points.kind == 0
        words = f"{landscape.name}, {landscape.done} of {landscape.computed.size} points computed"
        if minima.any():
            (u, v), loss = picture.critical_points.coordinates[minima][0], picture.critical_points.loss[minima][0]
            words += f"; minimum {number(float(loss))} at u {coordinate(u)}, v {coordinate(v)}"
        self.scene_view.describe(words)

    def _take_colours(self) -> None:
        self._theme = choose_theme(self.appearance)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, self._theme)
        self.actions_by_id.draw_icons(self._theme.text, self._theme.border)
        self.scene_view.set_theme(self._theme.name)
        if self.scene_view.scene is not None:
            self.view_panel.draw_pictures(self._theme.name)

    def _restore_layout(self) -> None:
        settings = QSettings()
        geometry, layout = settings.value("geometry"), settings.value("layout")
        if geometry is not None:
            self.restoreGeometry(geometry)
        if layout is not None:
            self.restoreState(layout)

    def _compute_again(self) -> None:
        self._try(self.documents.compute_again)

    def _folder(self) -> str:
        document = self.store.document
        return str(Path.cwd() if document is None or self.documents.untitled else document.path.parent)

    def _try(self, act: Any) -> None:
        try:
            act()
        except InputError as error:
            self.messages.show_message("error", str(error))

    def _write(self, act: Any, paths: tuple[Path, ...] = ()) -> None:
        """Write files and say where they are."""
        try:
            written = act() or paths
        except InputError as error:
            self.messages.show_message("error", str(error))
            return
        if written:
            others = f" and {len(written) - 1} beside it" if len(written) > 1 else ""
            self.messages.show_message("info", f"Wrote {written[0]}{others}.", "\n".join(map(str, written[1:])))
