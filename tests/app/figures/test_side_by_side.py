"""Several views in one figure, from the command line as from the window."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Images

from talweg.cli import main
from talweg.document import Document
from talweg.figures.render import FigureOptions
from talweg.figures.shots import take_shots
from talweg.figures.side_by_side import render_side_by_side
from talweg.terminal.view_options import ViewOptions
from talweg.terminal.wanted_views import WantedViews
from talweg.view.arrangement import Arrangement, Pane, keep_arrangement
from talweg.view.state import Overlay, ViewState
from talweg_compute.messages import InputError

AXIS = np.linspace(-1.0, 1.0, 11)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two bowls, one ten times as high, and a line."""
    found = tmp_path / "several.talweg"
    bowl = 0.1 + AXIS[None, :] ** 2 + AXIS[:, None] ** 2
    with Document.create(found) as document:
        document.add_landscape("line", AXIS, fields={"loss": AXIS**2})
        document.add_landscape("low", AXIS, AXIS, fields={"loss": bowl})
        document.add_landscape("high", AXIS, AXIS, fields={"loss": 10 * bowl})
    return found


def test_options_choose_the_views(path: Path) -> None:
    with Document.open(path) as document:

        def chosen(wanted: WantedViews) -> list[int]:
            return [pane.landscape for pane in wanted.arrange(document, None).panes]

        assert chosen(WantedViews()) == [3]
        assert chosen(WantedViews(views=2)) == [3, 1]
        assert chosen(WantedViews(landscapes=("low", "3"))) == [2, 3]
        keep_arrangement(document, Arrangement((Pane(2, ViewState(colour_map="magma")), Pane(3, ViewState()))))
        assert chosen(WantedViews()) == [2, 3]  # as the window left it
        assert chosen(WantedViews(views=1)) == [2]
        overlaid = WantedViews(landscapes=("low",), overlay="high", overlay_opacity=0.3).arrange(
            document, ViewOptions(wireframe=True)
        )
        assert overlaid.pane.view == ViewState(colour_map="magma", wireframe=True, overlay=Overlay(3, 0.3))
        assert WantedViews(views=2, unlinked=True).arrange(document, None).links == ()
        for wanted, words in (
            (WantedViews(landscapes=("nowhere",)), "1 line; 2 low; 3 high"),
            (WantedViews(landscapes=("1",) * 5), "up to 4"),
            (WantedViews(overlay="low", overlay_colour="sky"), "orange"),
        ):
            with pytest.raises(InputError, match=words):
                wanted.arrange(document, None)


def test_linked_views_are_drawn_alike_and_unlinked_ones_are_not(path: Path) -> None:
    with Document.open(path) as document:
        view = ViewState(height_scale="log", colour_scale="log", critical_points=False)
        arrangement = Arrangement((Pane(2, view), Pane(2, view)))
        twice = take_shots(arrangement, [document.landscape(2)] * 2, document)
        linked = take_shots(arrangement, [document.landscape(2), document.landscape(3)], document)
    options = FigureOptions((400, 200))
    same = render_side_by_side(twice, options, linked=True)
    assert same.shape == (200, 400, 3)
    strip = int(np.flatnonzero((same != 255).any(axis=(1, 2))).min())  # the names come first
    assert strip < 30
    left, right = same[40:, :200], same[40:, 200:]
    np.testing.assert_array_equal(left, right)
    other = render_side_by_side(linked, options, linked=True)[40:, :200]
    assert (other != left).any()  # the range holds the higher one, too


def render(path: Path, target: Path, *options: str, command: str = "render") -> int:
    with pytest.raises(SystemExit) as end:
        main([command, str(path), "-o", str(target), *options])
    return int(end.value.code or 0)


def test_the_command_line_makes_the_figure(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "pair.png"
    assert render(path, target, "--landscapes", "low", "line", "--size", "400", "200") == 0
    with Images.open(target) as image:
        assert image.size == (400, 200)
        texts = image.text  # type: ignore[attr-defined]  # of a PNG
    assert texts["Description"].startswith("(a) Loss")
    assert "(b)" in texts["Description"]
    assert texts["Title"] == "low, line"
    assert '"name":"line"' in texts["talweg-b"]
    assert render(path, target, "--landscapes", "low", "--overlay", "high", "--size", "200", "150") == 0
    with Images.open(target) as image:
        texts = image.text  # type: ignore[attr-defined]
    assert "of low. 11 × 11 points" in texts["Description"]
    assert "Over it (orange, 50 % opaque): high; 11 × 11 points" in texts["Description"]
    assert '"name":"high"' in texts["talweg-overlay"]
    assert render(path, target, "--overlay", "line") != 0
    assert 'overlay: "line" is a line' in capsys.readouterr().err
    assert render(path, target, "--overlay", "nowhere") != 0
    assert "there is no landscape" in capsys.readouterr().err


def test_an_orbit_shows_what_a_figure_would(path: Path, tmp_path: Path) -> None:
    with Document.open(path) as document:
        keep_arrangement(document, Arrangement((Pane(2, ViewState(overlay=Overlay(3))), Pane(3, ViewState()))))
    size = ("--size", "200", "100")
    assert render(path, tmp_path / "a.png", "--view", "top", *size) == 0
    turn = ("--view", "top", "--degrees", "0", "--seconds", "0.2", "--fps", "10")
    assert render(path, tmp_path / "turn", *turn, *size, command="orbit") == 0
    frames = [np.asarray(Images.open(file)) for file in sorted((tmp_path / "turn").iterdir())]
    assert len(frames) == 2
    np.testing.assert_array_equal(frames[0], np.asarray(Images.open(tmp_path / "a.png")))


def test_a_figure_of_three_has_exactly_its_size(path: Path) -> None:
    with Document.open(path) as document:
        panes = (Pane(2, ViewState()), Pane(3, ViewState()), Pane(2, ViewState()))
        shots = take_shots(Arrangement(panes), [document.landscape(number) for number in (2, 3, 2)], document)
    for scale in (1.0, 1.5):
        image = render_side_by_side(shots, FigureOptions((305, 101), scale=scale, transparent=True))
        assert image.shape == (round(101 * scale), round(305 * scale), 4)


def test_views_too_narrow_for_their_text_are_refused_on_paper(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = ("--landscapes", "low", "high", "--mm", "85", "45", "--dpi", "150")
    assert render(path, tmp_path / "a.png", *pair) == 2
    assert "a view is 43 mm wide, where text of this size needs 50 mm" in capsys.readouterr().err
    assert render(path, tmp_path / "a.png", *pair, "--no-scalar-bar") == 0
    assert render(path, tmp_path / "b.png", *pair, "--text-factor", "0.7") == 0
