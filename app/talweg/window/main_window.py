"""The main window: puts the panels around the picture and connects them to the store and the runner."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QChildEvent, QSettings, Qt, QTimer, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QTabBar, QWidget

from talweg.commands.table import all_commands
from talweg.export import Hints, QuestionError
from talweg.view.state import ViewState
from talweg.window.actions import Actions
from talweg.window.announcer import Announcer
from talweg.window.curve_view import CurveView
from talweg.window.darkroom import Darkroom
from talweg.window.documents import Documents
from talweg.window.exporting import Exporter
from talweg.window.figures import Figures
from talweg.window.file_question import ask_about
from talweg.window.focus_ring import FocusRing
from talweg.window.frame import Docks, TopBar, dock_panels
from talweg.window.job_runner import JobRunner
from talweg.window.keys import Keys
from talweg.window.later_paint import paint_later
from talweg.window.leaving import ask_about_changes
from talweg.window.looks import change_theme
from talweg.window.notifier import Notifier
from talweg.window.pages import Pages, is_weights
from talweg.window.panels.compare_panel import ComparePanel
from talweg.window.panels.job_panel import JobPanel
from talweg.window.panels.numbers_panel import NumbersPanel
from talweg.window.panels.profile_panel import ProfilePanel
from talweg.window.panels.topology_panel import TopologyPanel
from talweg.window.panels.view_panel import ViewPanel
from talweg.window.player import Player
from talweg.window.preferences import PreferenceStore
from talweg.window.recent import remember
from talweg.window.recent_menu import RecentMenu
from talweg.window.recovery import Recovery
from talweg.window.refiner import Refiner
from talweg.window.render_bar import RenderBar
from talweg.window.renderer import describe_renderer
from talweg.window.saved_views import SavedViews
from talweg.window.scene_view import SceneView
from talweg.window.session import Session
from talweg.window.situation import situation_of
from talweg.window.status import StatusLine
from talweg.window.store import Store
from talweg.window.target import WindowTarget
from talweg.window.theme import build_palette, choose_theme
from talweg.window.thumbnails import keep_thumbnail
from talweg.window.trust import may_run
from talweg.window.views import ViewsArea
from talweg.window.widgets.layout import column
from talweg.window.widgets.message_bar import MessageBar
from talweg.window.widgets.section import FoldHeading
from talweg.window.worker_seat import MakeWorker, local_worker
from talweg.window.writer import Writer
from talweg.work.draft_files import is_checkpoint
from talweg.work.queue import QueuedJob
from talweg_compute.messages import InputError


class MainWindow(QMainWindow):
    """Shows one landscape.

    Args:
        make_worker: Starts a worker; another one in tests.
        session: Where jobs are kept that outlive the window; None: nowhere.
    """

    def __init__(self, make_worker: MakeWorker = local_worker, session: Session | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Talweg")
        self.setAcceptDrops(True)
        self.preferences = PreferenceStore(self)
        self.theme = choose_theme(self.preferences.now.appearance)
        QApplication.setPalette(build_palette(self.theme))
        self._first_paths: list[Path] = []
        self._waiting = False
        self._closed = False
        self.store = Store(self)
        self.runner = JobRunner(
            make_worker,
            self,
            lambda job: may_run(job, self),
            lambda path: self.documents.open_for_job(path),
            lambda: self.preferences.now.run_defaults,
        )
        self.documents = Documents(self.store, self.runner, lambda: self.may_leave(), self)
        self.refiner = Refiner(self.store, self.runner, self.documents.check_keeps, self)
        self.exporter = Exporter(self.store, self)
        self.writer = Writer(self)
        self.darkroom = Darkroom(self)
        self.commands = all_commands()
        self.target = WindowTarget(self)
        self.views = ViewsArea(self.store, self.theme.name)
        self.actions_by_id = Actions(self.commands, self.target, self, self.views)
        self.focus_ring = FocusRing(self)
        self.keys = Keys(self, self.views.probing)
        self.messages = MessageBar()
        self.figures = Figures(
            self.store,
            self.exporter,
            self.darkroom,
            lambda: self.preferences.now.screenshots,
            lambda sentence: self.announcer.tell(sentence),
            self,
        )
        self.pages = Pages(self, self.views)
        self.view_panel = ViewPanel(self.store, self.actions_by_id.__getitem__)
        self.job_panel = JobPanel(self.store, self.runner, self.target.compute, self.target.follow, self.target.pause)
        self.numbers_panel = NumbersPanel(self.store)
        self.topology_panel = TopologyPanel(self.store, self.actions_by_id.__getitem__, self.target.fly_to)
        self.player = Player(self.store, self)
        self.profile_panel = ProfilePanel(self.store)
        self.compare_panel = ComparePanel(self.store, self.actions_by_id.__getitem__)
        self.docks: Docks = dock_panels(
            self,
            self.view_panel,
            self.topology_panel,
            self.job_panel,
            self.numbers_panel,
            self.profile_panel,
            self.compare_panel,
        )
        self.top_bar = TopBar(self.store, self.actions_by_id)
        self.status = StatusLine(self.store, self.runner)
        self._put_together()
        self._connect()
        self.announcer = Announcer(self)
        self.notifier = Notifier(self, self.runner)
        self.recovery = None if session is None else Recovery(self, session)
        self._first_state = self.saveState()
        self._restore_layout()
        self.pages.show_start()
        self._draw_in_colours()
        self.follow_preferences()

    @property
    def scene_view(self) -> SceneView:
        """The scene of the active view."""
        return self.views.active.scene_view

    @property
    def curve_view(self) -> CurveView:
        """The curve of the active view."""
        return self.views.active.curve_view

    @property
    def view(self) -> ViewState | None:
        """How the landscape is looked at."""
        return self.store.view

    def open_path(self, path: Path, *, recent: bool = True, instead: bool = False) -> bool:
        """Open a document, a job file or a grid, or begin a landscape of checkpoints; what is wrong is said.

        Args:
            path: Any file.
            recent: Whether it joins the recent files.
            instead: Whether it has all that is shown, so that nothing is lost with that.

        Returns:
            Whether it is open.
        """
        if is_weights(path):
            return self._begin_with(path, into=False)
        try:
            if not self._ask_until_read(
                path, lambda hints: self.documents.open(path, hints, recent=recent, instead=instead)
            ):
                return False
        except InputError as error:
            if is_checkpoint(path):  # no landscape, so it is taken for weights
                return self._begin_with(path, into=False)
            self.messages.show_message("error", str(error))
            return False
        self.messages.forget(path)
        return True

    def add_path(self, path: Path) -> bool:
        """Add what a file holds to the document that is shown, as further landscapes; what is wrong is said.

        Args:
            path: A document, a job file, a grid, or checkpoints, for which the page of a new landscape is filled in.

        Returns:
            Whether it is there.
        """
        if is_weights(path):
            return self._begin_with(path, into=True)
        try:
            if not self._ask_until_read(path, lambda hints: self.documents.add(path, hints)):
                return False
        except InputError as error:
            if is_checkpoint(path):  # no landscape, so it is taken for weights
                return self._begin_with(path, into=True)
            self.messages.show_message("error", str(error))
            return False
        self.announcer.tell_added()
        return True

    def _begin_with(self, weights: Path, *, into: bool) -> bool:
        """Show the page of a new landscape with checkpoints, which join the recent files."""
        remember(weights.expanduser().absolute())
        self.pages.show_new(weights=weights, into=into)
        return True

    def _ask_until_read(self, path: Path, read: Callable[[Hints], bool]) -> bool:
        """Read a file, asking for what it does not say; returns whether the user answered, and it was taken."""
        hints = Hints()
        while True:
            try:
                return read(hints)
            except QuestionError as question:
                answered = ask_about(path, question, hints, self)
                if answered is None:
                    return False
                hints = answered

    def show_job(self, job: QueuedJob) -> None:
        """Show the landscape of a job, in its document."""
        if self.open_path(Path(job.document), recent=False):
            try:
                self.store.show_landscape(job.landscape)
            except InputError as error:  # it was removed by somebody else
                self.messages.show_message("error", str(error))

    def repeat_job(self, job: QueuedJob) -> None:
        """Show the page of a new landscape, filled with a job."""
        try:
            known = self.documents.read_landscape(Path(job.document), job.landscape)
        except InputError as error:
            self.messages.show_message("error", str(error))
            return
        if known.job is not None:
            self.pages.show_repeat(known.job, known.name)

    # life

    def begin(self, paths: list[Path]) -> None:
        """Say what to open once the window is painted: these files, or the example where there are none."""
        self._first_paths, self._waiting = paths, True
        self.pages.show_landscape()
        self.views.painted.connect(self._begin_painted, Qt.ConnectionType.QueuedConnection)

    def open_from_outside(self, paths: list[Path]) -> None:
        """Open files that another start of Talweg was given, or that the desktop asks for, and come to the front."""
        if self._waiting:
            self._first_paths = [*self._first_paths, *paths]
            return
        if self.documents.opening:  # what was asked for last stays in view
            QTimer.singleShot(20, self, lambda: self.open_from_outside(paths))
            return
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()
        for path in paths:
            self.open_path(path)

    def follow_preferences(self) -> None:
        """Do as the user wants it everywhere."""
        self.store.first_colour_map = self.preferences.now.colour_map
        if choose_theme(self.preferences.now.appearance) is not self.theme:
            self._take_colours()
        self.update_commands()

    def may_leave(self) -> bool:
        """Ask about changes that would be lost; returns whether the document may be left."""
        if not self.documents.would_lose:
            return True
        answer = ask_about_changes(self.documents.title, self)
        if answer == "save":
            self.target.save_copy()
        return answer == "discard" or (answer == "save" and not self.documents.untitled)

    def keep_thumbnail(self) -> None:
        """Keep what the document looks like, for the start page."""
        source, picture = self.documents.source, self.views.active.picture()
        if source is not None and picture is not None:
            keep_thumbnail(source, picture)

    def reset_layout(self) -> None:
        """Put every panel where it was at first, and unfold what was unfolded."""
        self.pages.show_landscape()
        for heading in self.findChildren(FoldHeading):
            heading.reset()
        QTimer.singleShot(0, self, self._restore_first_state)

    def _restore_first_state(self) -> None:
        paint_later(self)
        self.restoreState(self._first_state)

    @Slot(str, str)
    def report(self, sentence: str, details: str) -> None:
        """Show what went wrong unexpectedly."""
        self.messages.show_message("error", sentence, details)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Stop the job, end the worker, let go of the scene and the document; nothing that was computed is lost."""
        if self.documents.opening:  # whatever opens would find no window
            event.ignore()
            QTimer.singleShot(20, self, self.close)
            return
        if event.spontaneous() and not self.may_leave():
            event.ignore()
            return
        if not self._closed:
            self._closed = True
            self.keep_thumbnail()
            QSettings().setValue("geometry", self.saveGeometry())
            QSettings().setValue("layout", self.pages.layout_state())
            self.hide()
            self.store.save()
            self.runner.close()
            self.refiner.close()
            if self.recovery is not None:
                self.recovery.close()
            self.darkroom.close()
            self.writer.close()
            self.figures.close()
            self.views.close_scenes()
            self.documents.close()
        event.accept()

    def childEvent(self, event: QChildEvent) -> None:  # noqa: N802 (Qt's name)
        """Name the bars of tabs that Qt makes where panels share a place."""
        super().childEvent(event)
        if event.polished() and isinstance(bar := event.child(), QTabBar):
            bar.setAccessibleName("Panels that share this place")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 (Qt's name)
        """Accept files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 (Qt's name)
        """Open the files, the last one stays in view; checkpoints begin a new landscape."""
        event.acceptProposedAction()
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if not self.pages.take(paths):
            for path in paths:
                self.open_path(path)

    # inside

    def _put_together(self) -> None:
        centre = QWidget()
        box = column(centre, gap=0)
        box.addWidget(self.messages)
        box.addWidget(self.pages, 1)
        self.setCentralWidget(centre)
        menus = self.actions_by_id.fill_menu_bar(self.menuBar())
        self.recent_menu = RecentMenu(self.open_path, menus["File"])
        menus["File"].insertMenu(self.actions_by_id["file.save_copy"], self.recent_menu)
        self.saved_views = SavedViews(self.store, menus["Saved views"], self.target.look_from_saved)
        self.addToolBar(self.top_bar)
        self.setStatusBar(self.status)
        self.status.insertPermanentWidget(1, RenderBar(self.darkroom))
        self.resize(1280, 800)

    def _connect(self) -> None:
        self.views.hovered.connect(self.status.show_point)
        self.views.checkpoint_hovered.connect(self.status.show_checkpoint)
        self.views.started.connect(self._scene_started)
        self.views.probing.drawn.connect(self.docks["profile"].show)
        self.views.probing.changed.connect(lambda: self.status.show_tool(self.views.probing.tool))
        self.views.opened.connect(self.target.fly_to)
        self.numbers_panel.table.opened.connect(self.target.fly_to)
        self.store.selection.changed.connect(self.update_commands)
        self.store.picture_changed.connect(self.update_commands)
        self.compare_panel.changed.connect(self.update_commands)
        self.documents.leaving.connect(self.keep_thumbnail)
        self.documents.leaving.connect(lambda: paint_later(self))
        self.job_panel.jobs.opened.connect(self.show_job)
        self.job_panel.jobs.repeated.connect(self.repeat_job)
        self.runner.points_arrived.connect(self.store.refresh)
        self.runner.ended.connect(self.target.compute_next_seed)
        self.refiner.changed.connect(self.update_commands)
        for signal in (
            self.store.view_changed,
            self.store.history_changed,
            self.store.landscape_changed,
            self.store.arrangement_changed,
        ):
            signal.connect(self.update_commands)
        self.pages.currentChanged.connect(self.update_commands)
        self.runner.changed.connect(self.update_commands)
        self.runner.queue_changed.connect(self.update_commands)
        for dock in self.docks.values():
            dock.visibilityChanged.connect(self.update_commands)
        QApplication.styleHints().colorSchemeChanged.connect(self._take_colours)
        self.preferences.changed.connect(self.follow_preferences)

    def _begin_painted(self) -> None:
        self.pages.hide_stray_tabs()
        self.store.hold()
        self.views.start()
        self._waiting = False
        left = None if self.recovery is None else self.recovery.document
        if self._first_paths:
            for path in self._first_paths:
                self.open_path(path)
        elif left is None or not self.open_path(left, recent=False):
            self.target.open_example()
        if self.store.landscape is None:
            self.pages.show_start()
        if self.recovery is not None:
            self.recovery.tell()

    def _scene_started(self) -> None:
        self.view_panel.draw_swatches()
        self._draw_glyphs()
        plotter = self.scene_view.plotter
        if plotter is not None:
            self.status.show_renderer(describe_renderer(plotter))

    def update_commands(self) -> None:
        """Enable, tick and name the commands as things stand."""
        self.actions_by_id.update_to(situation_of(self))

    def _take_colours(self) -> None:
        self.theme = choose_theme(self.preferences.now.appearance)
        self.setUpdatesEnabled(not self.isVisible())  # painted once, when all have the colours
        change_theme(self.theme, self, self._draw_in_colours)

    def _draw_in_colours(self) -> None:
        """Draw what is no widget of Qt's in the colours of the theme."""
        self.views.set_theme(self.theme.name)
        self.pages.start.set_theme(self.theme)
        if self.scene_view.scene is not None:
            self._draw_glyphs()
        QTimer.singleShot(0, self, lambda: self.setUpdatesEnabled(True))

    def _draw_glyphs(self) -> None:
        """Draw the glyphs of the scene beside words; this loads VTK, so it waits until the scene is there."""
        self.view_panel.points_section.draw_glyphs(self.theme.name)
        self.topology_panel.draw_glyphs(self.theme.name)

    def _restore_layout(self) -> None:
        settings = QSettings()
        geometry, layout = settings.value("geometry"), settings.value("layout")
        if geometry is not None:
            self.restoreGeometry(geometry)
        if layout is not None:
            self.restoreState(layout)
