"""Pictures on the start page: sketches of what links open, and what documents looked like when they were left."""

import datetime
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from talweg.window.main_window import MainWindow
from talweg.window.recent import remember
from talweg.window.sketches import sketch
from talweg.window.theme import DARK, LIGHT
from talweg.window.thumbnails import HEIGHT, WIDTH, keep_thumbnail, read_thumbnail
from talweg.window.widgets.page_link import PageLink
from talweg.window.words import ago
from talweg.work.presets import PRESETS
from tests.gui.conftest import Workers, drawn_window

NAMES = ("document", "new", "open", "undo", *(preset.name for preset in PRESETS))


def shown(link: PageLink) -> QImage:
    return link.findChildren(QLabel)[0].pixmap().toImage()


@pytest.mark.parametrize("name", NAMES)
def test_a_sketch_is_drawn_in_the_colours_of_the_theme(name: str, qapp: QApplication) -> None:
    light, dark = (sketch(name, theme, 2.0).toImage() for theme in (LIGHT, DARK))
    assert (light.width(), light.height()) == (128, 88)
    assert light != dark
    inked = [light.pixelColor(x, y).alpha() > 60 for x in range(0, 128, 2) for y in range(0, 88, 2)]
    assert 0.01 < sum(inked) / len(inked) < 0.5


def test_a_thumbnail_is_cut_to_its_shape_and_found_again(qapp: QApplication, tmp_path: Path) -> None:
    wide = QImage(400, 100, QImage.Format.Format_RGB32)
    wide.fill(QColor("red"))
    keep_thumbnail(tmp_path / "a.talweg", wide)
    found = read_thumbnail(tmp_path / "a.talweg")
    assert found is not None
    assert (found.width(), found.height()) == (WIDTH, HEIGHT)
    assert found.pixelColor(0, 0) == found.pixelColor(WIDTH - 1, HEIGHT - 1) == QColor("red")
    assert read_thumbnail(tmp_path / "b.talweg") is None
    keep_thumbnail(tmp_path / "a.talweg", QImage())
    assert read_thumbnail(tmp_path / "a.talweg") == found


def test_a_document_that_was_left_is_shown_as_it_looked(qtbot: QtBot, workers: Workers, document_path: Path) -> None:
    with drawn_window(qtbot, workers, document_path) as window:
        assert read_thumbnail(document_path) is None
        window.pages.show_start()
        kept = read_thumbnail(document_path)
        assert kept is not None
        colours = {kept.pixelColor(x, y).name() for x in range(0, WIDTH, 4) for y in range(0, HEIGHT, 4)}
        assert len(colours) > 50  # a surface, and no empty ground
        (link,) = window.pages.start.recent
        drawn = {shown(link).pixelColor(x, y).name() for x in range(0, 64, 2) for y in range(0, 44, 2)}
        assert len(drawn) > 50
        window.pages.show_landscape()


def test_a_document_without_a_thumbnail_has_a_sketch(window: MainWindow) -> None:
    window.pages.show_start()
    (link,) = window.pages.start.recent
    assert not shown(link).isNull()


def test_few_documents_have_larger_pictures_than_many(empty_window: MainWindow, tmp_path: Path) -> None:
    page, image = empty_window.pages.start, QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    sizes = []
    for count in (1, 6):
        for number in range(count):
            path = tmp_path / f"{number}.talweg"
            path.write_bytes(b"")
            keep_thumbnail(path, image)
            remember(path)
        empty_window.pages.show_start()
        picture = shown(page.recent[0])
        sizes.append(picture.deviceIndependentSize().toSize().toTuple())
        assert picture.pixelColor(picture.rect().center()) == QColor("red")
        assert picture.pixelColor(0, 0).alpha() < 128  # round corners
    assert sizes == [(128, 88), (64, 44)]


def test_what_a_recent_file_is_shows_without_a_thumbnail(empty_window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    for name in ("run/epoch_0.pt", "model.pt", "a.talweg"):
        (tmp_path / name).write_bytes(b"")
        remember(tmp_path / name)
    remember(tmp_path / "run")
    page = empty_window.pages.start
    assert page.nothing.isVisible()
    assert not page.nothing.findChildren(QLabel)[0].pixmap().isNull()
    empty_window.pages.show_start()
    assert not page.nothing.isVisible()
    pictures = {link.accessibleName(): shown(link) for link in page.recent}
    assert pictures["epoch_0.pt"] == pictures["model.pt"]
    assert len({pictures[name].cacheKey() for name in ("run", "model.pt", "a.talweg")}) == 3
    assert pictures["run"] != pictures["model.pt"] != pictures["a.talweg"] != pictures["run"]


def test_a_long_name_keeps_its_beginning_and_its_end(qtbot: QtBot) -> None:
    name = "resnet56_of_a_sweep_over_many_learning_rates_and_weight_decays_run1.talweg"
    link = PageLink(name, "yesterday", "document")
    qtbot.addWidget(link)
    link.resize(300, 60)
    link.show()
    (title,) = [label for label in link.findChildren(QLabel) if "talweg" in label.text()]
    assert title.text().startswith("resnet56")
    assert "…" in title.text()
    assert title.fontMetrics().horizontalAdvance(title.text()) <= title.width()
    link.resize(900, 60)
    assert title.text() == name
    assert link.accessibleName() == name


def test_a_cache_that_cannot_be_written_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr("talweg.window.thumbnails._place", lambda _: tmp_path / "file" / "thumbnails" / "a.png")
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    keep_thumbnail(tmp_path / "a.talweg", image)
    assert read_thumbnail(tmp_path / "a.talweg") is None


@pytest.mark.parametrize(
    ("back", "words"),
    [
        ({"seconds": 5}, "just now"),
        ({"minutes": 1, "seconds": 10}, "1 minute ago"),
        ({"minutes": 50}, "50 minutes ago"),
        ({"hours": 3}, "3 hours ago"),
        ({"hours": 20}, "yesterday"),
        ({"days": 1}, "yesterday"),
        ({"days": 4}, "4 days ago"),
        ({"days": 20}, "2026-02-19"),
    ],
)
def test_when_something_was(back: dict[str, float], words: str) -> None:
    now = datetime.datetime(2026, 3, 11, 15, 30).astimezone()
    assert ago((now - datetime.timedelta(**back)).timestamp(), now.timestamp()) == words
