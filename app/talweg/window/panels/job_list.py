"""The list of jobs: what runs, what waits in which order, and how those ended that are over."""

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QWidget,
)

from talweg.window.job_runner import JobRunner
from talweg.window.job_words import describe_job, name_job, share_done
from talweg.window.widgets.layout import GAP, column, row
from talweg.work.queue import QueuedJob

_ROWS = 3  # that are seen at once
_BAR = 3
_NUMBER, _WORDS, _SHARE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1, Qt.ItemDataRole.UserRole + 2


class _TwoLines(QStyledItemDelegate):
    """Draws a name, below it where the job stands, and a bar of how far it is."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one job."""
        self.initStyleOption(option, index)
        option.text = ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        place = option.rect.adjusted(GAP, 3, -GAP, -3)
        height = option.fontMetrics.height()
        first = QRect(place.left(), place.top(), place.width(), height)
        second = first.translated(0, height)
        painter.save()
        role = QPalette.ColorRole
        painter.setPen(option.palette.color(role.HighlightedText if chosen else role.Text))
        elide = option.fontMetrics.elidedText
        middle, right = Qt.TextElideMode.ElideMiddle, Qt.TextElideMode.ElideRight
        painter.drawText(first, Qt.AlignmentFlag.AlignVCenter, elide(str(index.data()), middle, first.width()))
        painter.setPen(option.palette.color(role.HighlightedText if chosen else role.PlaceholderText))
        words = elide(str(index.data(_WORDS)), right, second.width())
        painter.drawText(second, Qt.AlignmentFlag.AlignVCenter, words)
        share = index.data(_SHARE)
        if share is not None:
            bar = QRect(place.left(), second.bottom() + 2, place.width(), _BAR)
            painter.fillRect(bar, option.palette.color(role.Mid))
            bar.setWidth(round(share * bar.width()))
            painter.fillRect(bar, option.palette.color(role.HighlightedText if chosen else role.Highlight))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802 (Qt's name)
        """Room for two lines and the bar."""
        return QSize(0, 2 * option.fontMetrics.height() + _BAR + 10)


class _List(QListWidget):
    """A list whose keys change the order."""

    def __init__(self, moved: Callable[[int], None], removed: Callable[[], None]) -> None:
        super().__init__()
        self._moved, self._removed = moved, removed

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Alt and an arrow move a job, Delete removes it."""
        alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
        if alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._moved(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() == Qt.Key.Key_Delete:
            self._removed()
        else:
            super().keyPressEvent(event)


class JobList(QWidget):
    """Jobs with the buttons for the one that is chosen.

    Args:
        runner: Has the jobs.
    """

    chosen = Signal()
    """Another job is chosen, or none."""
    opened = Signal(object)
    """The landscape of this job is to be shown."""
    repeated = Signal(object)
    """This job is to be repeated with changes."""

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self._runner = runner
        self._showing = False
        self.list = _List(self._move, self._remove)
        self.list.setAccessibleName("Jobs")
        self.list.setItemDelegate(_TwoLines(self.list))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.itemDoubleClicked.connect(lambda _: self._tell(self.opened))
        self.list.itemSelectionChanged.connect(self._choose)
        self.sooner = self._button("", "Sooner", "Let the job begin before the one above it (Alt+Up)")
        self.sooner.setArrowType(Qt.ArrowType.UpArrow)
        self.later = self._button("", "Later", "Let the job begin after the one below it (Alt+Down)")
        self.later.setArrowType(Qt.ArrowType.DownArrow)
        self.remove = self._button("Remove", "Remove the job", "Take it out of the list; what it computed stays (Del)")
        self.show_it = self._button("Show", "Show its landscape", "Show the landscape of this job")
        self.repeat = self._button(
            "Repeat…", "Repeat with changes", "Open New landscape with this job filled in, to change it"
        )
        self.sooner.clicked.connect(lambda: self._move(-1))
        self.later.clicked.connect(lambda: self._move(1))
        self.remove.clicked.connect(self._remove)
        self.show_it.clicked.connect(lambda: self._tell(self.opened))
        self.repeat.clicked.connect(lambda: self._tell(self.repeated))
        box = column(self, gap=2)
        box.addWidget(self.list)
        box.addLayout(row(self.sooner, self.later, self.remove, None, self.show_it, self.repeat, gap=2))
        runner.changed.connect(self.show_jobs)
        runner.queue_changed.connect(self.show_jobs)
        self.show_jobs()

    @property
    def job(self) -> QueuedJob | None:
        """The job that is chosen."""
        items = self.list.selectedItems()
        number = items[0].data(_NUMBER) if items else None
        return next((job for job in self._runner.jobs if job.number == number), None)

    def show_jobs(self) -> None:
        """Show the jobs as they are; the chosen one stays chosen."""
        jobs = self._runner.jobs
        self.setVisible(bool(jobs))
        numbers = [job.number for job in jobs]
        if numbers != [self.list.item(place).data(_NUMBER) for place in range(self.list.count())]:
            self._make_items(numbers)
        for place, job in enumerate(jobs):
            item = self.list.item(place)
            words = describe_job(job, self._runner.state, place)
            tip = f"{name_job(job)}\n{words}\n{job.document}"
            for role, value in (
                (Qt.ItemDataRole.DisplayRole, name_job(job)),
                (_WORDS, words),
                (_SHARE, share_done(job, self._runner.state)),
                (Qt.ItemDataRole.ToolTipRole, tip),
                (Qt.ItemDataRole.AccessibleTextRole, f"{name_job(job)}: {words}"),
            ):
                if item.data(role) != value:
                    item.setData(role, value)
        height = self.list.sizeHintForRow(0) if jobs else 0
        self.list.setFixedHeight(min(len(jobs), _ROWS) * height + 2 * self.list.frameWidth())
        self._enable()

    def _make_items(self, numbers: list[int]) -> None:
        job = self.job
        self._showing = True
        self.list.clear()
        for number in numbers:
            item = QListWidgetItem(self.list)
            item.setData(_NUMBER, number)
            if job is not None and number == job.number:
                item.setSelected(True)
                self.list.setCurrentItem(item)
        self._showing = False

    def _choose(self) -> None:
        if not self._showing:
            self._enable()
            self.chosen.emit()

    def _enable(self) -> None:
        job = self.job
        pending = [each.number for each in self._runner.jobs if each.state in ("waiting", "paused")]
        place = pending.index(job.number) if job is not None and job.number in pending else None
        self.sooner.setEnabled(place is not None and place > 0)
        self.later.setEnabled(place is not None and place < len(pending) - 1)
        self.remove.setEnabled(job is not None and job.state != "running")
        for button in (self.show_it, self.repeat):
            button.setEnabled(job is not None)

    def _move(self, steps: int) -> None:
        if (job := self.job) is not None:
            self._runner.move(job.number, steps)

    def _remove(self) -> None:
        if (job := self.job) is not None:
            self._runner.remove(job.number)

    def _tell(self, signal: object) -> None:
        if (job := self.job) is not None:
            signal.emit(job)  # type: ignore[attr-defined]  # a bound signal; PySide's stubs have no type for it

    @staticmethod
    def _button(title: str, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(title)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        return button
