"""What lies between two models, against numbers worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from talweg.analysis.comparison import measure
from talweg.analysis.side_by_side import write_side_by_side
from talweg.analysis.way import measure_way, read_line
from talweg.landscape import Landscape, TrainingPath
from talweg_compute.messages import Job, Plane, Problem


def line(u: list[float], loss: list[float], job: Job | None = None) -> Landscape:
    values = np.array([loss])
    known = np.ones(values.shape, dtype=np.bool_)
    return Landscape(1, 1, "line", np.array(u), np.zeros(1), {"loss": values}, known, job=job)


BETWEEN = Job(Problem("mlp", "digits", checkpoint="a.pt"), Plane(kind="checkpoints", directions=1, through=("b.pt",)))


def test_the_barrier_is_over_the_straight_line_between_the_losses_of_the_models() -> None:
    found = measure_way(line([-0.5, 0.0, 0.25, 0.5, 1.0, 1.5], [90.0, 1.0, 4.0, 4.5, 3.0, 90.0], BETWEEN))
    assert found is not None
    assert (found.ends, found.losses) == ((0.0, 1.0), (1.0, 3.0))
    assert found.barrier == 2.5  # 4.0 - 1.5 and 4.5 - 2.0
    assert found.rise == 1.5
    straight = measure_way(line([0.0, 0.5, 1.0], [1.0, 1.5, 3.0], BETWEEN))
    assert straight is not None
    assert (straight.barrier, straight.rise) == (0.0, 0.0)


def test_models_between_points_of_the_grid_have_their_own_losses() -> None:
    coordinates = np.array([[0.0, 0.0], [0.9, 0.0]])
    unknown = np.zeros(2)
    landmarks = TrainingPath(("a.pt", "b.pt"), coordinates, unknown, np.array([1.0, 2.0]), unknown, ())
    between = replace(line([-0.2, 0.3, 0.8, 1.3], [5.0, 3.0, 4.0, 9.0], BETWEEN), landmarks=landmarks)
    found = measure_way(between)
    assert found is not None
    assert found.ends == (0.0, 0.9)
    assert found.losses == (1.0, 2.0)
    assert found.barrier == pytest.approx(4.0 - (1.0 + 0.8 / 0.9))
    assert read_line(between, "loss", 0.55) == 3.5
    assert math.isnan(read_line(between, "accuracy", 0.5))


def test_what_is_missing_or_diverged_is_no_small_barrier() -> None:
    whole = line([0.0, 0.5, 1.0], [1.0, np.nan, 1.0], BETWEEN)
    diverged = measure_way(whole)
    assert diverged is not None
    assert diverged.barrier == diverged.rise == math.inf
    missing = measure_way(replace(whole, computed=np.array([[True, False, True]])))
    assert missing is not None
    assert math.isnan(missing.barrier)


def test_a_line_without_a_second_model_has_no_way() -> None:
    random = Job(Problem("mlp", "digits", checkpoint="a.pt"), Plane(directions=1))
    assert measure_way(line([-1.0, 0.0, 1.0], [2.0, 1.0, 2.0], random)) is None
    assert measure_way(line([0.0, 0.5], [1.0, 2.0], BETWEEN)) is None
    imported = measure_way(line([2.0, 3.0, 4.0], [1.0, 5.0, 2.0]))
    assert imported is not None
    assert (imported.ends, imported.rise) == ((2.0, 4.0), 3.0)


def test_the_table_has_a_column_for_each_and_one_number_a_cell() -> None:
    axis = np.linspace(-1.0, 1.0, 5)
    bowl = 0.1 + axis[None, :] ** 2 + axis[:, None] ** 2
    plane = Landscape(1, 1, "a, b", axis, axis, {"loss": bowl, "accuracy": 90 + 0 * bowl}, np.ones((5, 5), np.bool_))
    both = [measure(plane, 0.5), measure(line([0.0, 0.5, 1.0], [1.0, 4.0, 2.0], BETWEEN), 0.5)]
    rows = [row.split("\t") for row in write_side_by_side(both, "\t").splitlines()]
    assert rows[0] == ["", "a, b", "line"]
    found = {row[0]: row[1:] for row in rows[1:]}
    assert all(len(cells) == 2 for cells in found.values())
    assert found["loss at the centre"] == ["0.1", "1.0"]
    assert found["level of the loss"] == ["0.5", ""]
    assert found["minima"] == ["1", ""]
    assert found["barrier between the ends"] == ["", "2.5"]
    assert found["accuracy (%) at the centre"] == ["90.0", ""]
    assert write_side_by_side(both, ",").splitlines()[0] == ',"a, b",line'
    assert "u of one end" not in write_side_by_side(both[:1], "\t")
