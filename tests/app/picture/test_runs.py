"""Training runs as they are drawn: at which height, in which colours, how far."""

from dataclasses import replace

import numpy as np
import pytest

from talweg.landscape import Landscape, TrainingPath
from talweg.picture import PathPart, describe_checkpoint, find_checkpoint, resolve
from talweg.view.state import ViewState


def landscape() -> Landscape:
    """Loss 1 + u + v on 5 times 5 points, and a run along the diagonal whose own losses are other."""
    axis = np.linspace(0.0, 4.0, 5)
    loss = 1.0 + axis[None, :] + axis[:, None]
    coordinates = np.array([[0.5, 0.5], [1.5, 1.5], [2.5, 2.5], [3.5, 3.5]])
    run = TrainingPath(
        ("a", "b", "c", "d"), coordinates, np.array([0.0, 1.0, 2.0, 3.0]), np.array([8.0, 4.0, np.nan, 1.0]),
        np.zeros(4), (0.9, 0.1), metrics={"brier_score": np.array([0.9, 0.5, 0.3, 0.1])},
    )  # fmt: skip
    return Landscape(1, 1, "slope", axis, axis, {"loss": loss}, np.ones((5, 5), dtype=np.bool_), paths=(run,))


def path_of(view: ViewState, numbers: Landscape | None = None) -> tuple[PathPart, ViewState]:
    picture = resolve(numbers or landscape(), view)
    assert picture.path is not None
    return picture.path, view


def test_a_run_lies_on_the_surface_with_each_point_at_its_time() -> None:
    numbers, view = landscape(), ViewState(trajectory_colour="epoch")
    picture = resolve(numbers, view)
    path = picture.path
    assert path is not None
    points, shares = np.concatenate(path.lines), np.concatenate(path.shares)
    u, v = picture.frame.to_plane(points[:, 0], points[:, 1])
    np.testing.assert_allclose(shares, (u - 0.5) / 3.0, atol=1e-6)
    np.testing.assert_allclose(picture.frame.z_to_height(points[:, 2]), 1 + u + v, rtol=1e-5)
    plain = resolve(numbers, ViewState())
    assert plain.path is not None
    np.testing.assert_allclose(plain.path.lines[0][[0, -1]], points[[0, -1]])
    assert not plain.path.shares


@pytest.mark.parametrize("height", ["loss", "log_loss"])
def test_at_its_true_loss_each_checkpoint_has_a_stem_to_the_surface(height: str) -> None:
    numbers = landscape()
    picture = resolve(numbers, ViewState(height=height, trajectory_at="loss"))  # type: ignore[arg-type]  # one of both
    path = picture.path
    assert path is not None
    back = picture.frame.z_to_height(path.markers[:, 2])
    expected = np.array([8.0, 4.0, np.nan, 1.0])
    np.testing.assert_allclose(back, np.log10(expected) if height == "log_loss" else expected, rtol=1e-5, atol=1e-6)
    assert len(path.stems) == 3  # the third checkpoint diverged
    np.testing.assert_array_equal(path.stems[:, 1], path.markers[[0, 1, 3]])
    foot = picture.frame.z_to_height(path.stems[:, 0, 2])
    shown = np.log10 if height == "log_loss" else np.asarray
    corners = np.array([[1.0, 3.0], [3.0, 5.0], [7.0, 9.0]])  # each lies in the middle of a cell's diagonal
    np.testing.assert_allclose(foot, shown(corners).mean(axis=1), rtol=1e-5)
    (line,) = path.lines
    np.testing.assert_array_equal(line, path.markers[:2])  # broken there, and one point is no line


def test_by_loss_the_colours_run_over_the_decades_of_the_run() -> None:
    path, _ = path_of(ViewState(trajectory_colour="loss"))
    assert path.shares[0][0] == pytest.approx(1.0)
    second = next(share for line, share in zip(path.lines, path.shares, strict=True) if share[0] < 0.9)
    assert second[0] == pytest.approx(np.log10(4.0) / np.log10(8.0), abs=1e-5)


def test_by_a_metric_all_runs_share_the_colours() -> None:
    numbers = landscape()
    (first,) = numbers.paths
    other = replace(first, title="other", metrics={"brier_score": np.array([0.1, 0.3, 0.5, 1.7])})
    numbers = replace(numbers, paths=(first, other))
    path, _ = path_of(ViewState(trajectory_colour="brier_score"), numbers)
    assert path.coloured_by == "Brier score, 0.1 dark to 1.7 bright"
    for run, ends in ((path, (0.9, 0.1)), (path.others[0], (0.1, 1.7))):
        found = run.shares[0][0], run.shares[-1][-1]
        np.testing.assert_allclose(found, (np.array(ends) - 0.1) / 1.6, atol=1e-6)
    unknown, _ = path_of(ViewState(trajectory_colour="entropy"), numbers)  # of another landscape's view
    assert not unknown.shares
    assert not unknown.coloured_by


def test_a_run_stands_at_its_true_values_whatever_the_height_shows() -> None:
    numbers = landscape()
    numbers = replace(numbers, fields={**numbers.fields, "brier_score": numbers.loss / 9, "margin": numbers.loss})
    picture = resolve(numbers, ViewState(height="brier_score", trajectory_at="loss"))
    assert picture.path is not None
    back = picture.frame.z_to_height(picture.path.markers[:, 2])
    np.testing.assert_allclose(back, [0.9, 0.5, 0.3, 0.1], rtol=1e-5)
    assert picture.path.standing_at == "Brier score"
    path, _ = path_of(ViewState(height="margin", trajectory_at="loss"), numbers)  # which the checkpoints lack
    assert not len(path.stems)


def test_what_is_known_of_a_checkpoint_is_said() -> None:
    found = find_checkpoint(landscape(), 0, 1)
    assert found is not None
    assert "   Brier score 0.5   " in describe_checkpoint(found)


def test_a_run_is_drawn_as_far_as_it_is_played() -> None:
    numbers = landscape()
    for count in (1, 2, 4):
        path, _ = path_of(ViewState(trajectory_until=count), numbers)
        assert len(path.markers) == count
        assert len(path.lines) == (count > 1)
    whole, _ = path_of(ViewState(trajectory_until=99), numbers)
    assert len(whole.markers) == 4


def test_a_run_is_kept_while_only_colours_change() -> None:
    numbers = landscape()
    first = resolve(numbers, ViewState(trajectory_style="line"))
    again = resolve(numbers, ViewState(trajectory_style="line", colour_map="magma"), first)
    assert again.path is first.path
    other = resolve(numbers, ViewState(), first)
    assert other.path is not first.path
