"""Lines in one plot: each with its loss and accuracy, seeds with their spread."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from talweg.analysis.families import group_seeds, list_lines
from talweg.document import Document
from talweg.figures.curve_places import locate_curves
from talweg.figures.curves import draw_curves
from talweg.landscape import Landscape
from talweg.theme import LIGHT
from talweg.view.state import ViewState
from talweg_compute.messages import Axis, Block, Grid, Job, Plane, Problem, Trajectory

U = np.linspace(-1.0, 1.0, 21)


def job(model: str, seed: int) -> Job:
    plane = Plane(directions=1, seed=seed)
    return Job(
        problem=Problem(model=model, data="digits", checkpoint=f"{model}.pt"),
        plane=plane,
        grid=Grid(u=Axis(-1.0, 1.0, 21)),
    )


@pytest.fixture
def document(tmp_path: Path) -> Iterator[Document]:
    """Three seeds of one line, another line, an imported one without accuracy, and a surface."""
    with Document.create(tmp_path / "lines.talweg") as opened:
        for seed in (1, 2, 3):
            fields = {"loss": 1 + seed * U**2, "accuracy": 90 - seed * U**2}
            opened.add_landscape(f"wide, seed {seed}", U, fields=fields, job=job("wide", seed))
        opened.add_landscape("narrow", U, fields={"loss": 2 + U**4, "accuracy": 70 + 0 * U}, job=job("narrow", 1))
        opened.add_landscape("imported", U[::2], fields={"loss": 3 + U[::2]}, source="a.npz")
        opened.add_landscape("surface", U, U, fields={"loss": np.ones((21, 21))})
        yield opened


def drawn(landscapes: list[Landscape], view: ViewState | None = None) -> Figure:
    figure = Figure()
    draw_curves(figure, landscapes, LIGHT, view)
    return figure


def test_a_line_comes_with_its_seeds_or_with_all_lines(document: Document) -> None:
    assert list_lines(document, 2, every=False) == (2, 1, 3)
    assert list_lines(document, 4, every=False) == (4,)
    assert list_lines(document, 4, every=True) == (4, 1, 2, 3, 5)
    landscapes = [document.landscape(number) for number in (4, 1, 2, 3, 5)]
    assert [[each.id for each in group] for group in group_seeds(landscapes)] == [[4], [1, 2, 3], [5]]


def test_several_lines_stand_in_one_plot(document: Document) -> None:
    figure = drawn([document.landscape(number) for number in list_lines(document, 4, every=True)])
    loss, accuracy = figure.axes
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words == ["narrow", "wide: mean of 3 seeds, ± one standard deviation", "imported"]
    by_label = {line.get_label(): line for line in loss.lines}
    np.testing.assert_allclose(by_label["narrow"].get_ydata(), 2 + U**4)
    np.testing.assert_allclose(by_label[words[1]].get_ydata(), 1 + 2 * U**2)
    np.testing.assert_allclose(by_label["imported"].get_xdata(), U[::2])
    named = [by_label[word] for word in words]
    assert len({line.get_color() for line in named}) == len({line.get_marker() for line in named}) == 3
    # the band is one standard deviation of the three seeds on either side
    (band,) = loss.collections
    low, high = band.get_paths()[0].get_extents().get_points()[:, 1]
    assert (low, high) == pytest.approx((1.0, 1 + 2 + 1))
    dashed = [line for line in accuracy.lines if np.isfinite(np.asarray(line.get_ydata(), dtype=float)).any()]
    assert len(dashed) == 4
    assert dashed[0].get_color() == by_label["narrow"].get_color()


def test_one_line_has_a_colour_for_its_loss_and_one_for_its_accuracy(document: Document) -> None:
    figure = drawn([document.landscape(4)])
    loss, accuracy = figure.axes
    assert not figure.legends
    assert loss.lines[0].get_color() != accuracy.lines[0].get_color()
    assert loss.get_ylabel() == "loss"
    assert len(drawn([document.landscape(5)]).axes) == 1  # no accuracy is known


def test_the_range_of_heights_is_that_of_the_axis(document: Document) -> None:
    figure = drawn([document.landscape(4)], ViewState(height_range=(1.0, 5.0)))
    assert figure.axes[0].get_ylim() == (1.0, 5.0)


def test_a_path_is_drawn_up_to_a_checkpoint_while_the_axes_stand_still(document: Document) -> None:
    blocks = (np.array([[0.1], [0.3], [0.9]]), np.zeros(3), np.array([2.0, 3.0, 9.0]), np.zeros(3))
    names = ("a.pt", "b.pt", "c.pt")
    document.commit(4, Trajectory("", names, *map(Block.of, blocks), (), Block.of(np.array([2.1, 2.9, 8.0]))))
    line = document.landscape(4)
    whole, part = (drawn([line], ViewState(trajectory_until=until)) for until in (None, 2))
    dots = [figure.axes[0].lines[-1] for figure in (whole, part)]
    assert [len(np.asarray(each.get_xdata())) for each in dots] == [3, 2]
    assert whole.axes[0].get_ylim() == part.axes[0].get_ylim()
    places = locate_curves(part, line, ViewState(trajectory_until=2))
    assert places.checkpoints == ((0, 0), (0, 1))
    assert len(places.positions) == 2


def test_pins_stand_on_the_line_with_their_values(document: Document) -> None:
    view, line = ViewState(pins=((0.5, 0.0), (3.0, 0.0))), document.landscape(4)
    figure = drawn([line], view)
    (words,) = [text.get_text() for text in figure.axes[0].texts]  # the other one lies beyond the end
    assert words == "2.062 · 70.0 %"
    places = locate_curves(figure, line, view)
    assert np.isfinite(places.pins).all(axis=1).tolist() == [True, False]
    pixel = figure.axes[0].transData.transform((0.5, 2 + 0.5**4)) / figure.bbox.size
    np.testing.assert_allclose(places.pins[0], pixel, atol=1e-6)


def test_values_at_the_edge_of_what_can_be_written_leave_gaps(document: Document) -> None:
    values = np.array([1.0, -np.finfo(np.float64).max, 2.0, np.finfo(np.float64).max, 3.0])
    number = document.add_landscape("diverged", np.linspace(-1.0, 1.0, 5), fields={"loss": values})
    figure = drawn([document.landscape(number)])
    figure.canvas.draw()
    low, high = figure.axes[0].get_ylim()
    assert 0.0 < low < 1.0
    assert 3.0 < high < 4.0
