from dataclasses import replace

import msgspec
import numpy as np
import pytest

from talweg import __version__
from talweg.figures.caption import write_caption
from talweg.landscape import Landscape, Region
from talweg.view.state import ViewState
from talweg_compute.field import Patch
from tests.app.export.landscapes import JOB, bowl

AXIS = np.linspace(-1.0, 1.0, 3)
PLAIN = Landscape(1, 1, "slope", AXIS, AXIS, {"loss": np.ones((3, 3))}, np.ones((3, 3), dtype=np.bool_))


def test_a_grid_without_a_story() -> None:
    words = f"Loss, of slope. 3 × 3 points, u from −1 to 1 and v from −1 to 1. Talweg {__version__}."
    assert write_caption(PLAIN, ViewState()) == words


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (ViewState(height_scale="log"), "Loss on a logarithmic scale, of"),
        (ViewState(height="log_loss", colour="log_loss"), "Log₁₀ loss, of"),
        (ViewState(colour="accuracy"), "Loss, coloured by accuracy (%), of"),
        (ViewState(height_cap=1e6), "Loss, cut at 10⁶, of"),
    ],
)
def test_says_what_is_shown(view: ViewState, words: str) -> None:
    assert write_caption(PLAIN, view).startswith(words)


@pytest.mark.parametrize(
    ("model", "data", "words"),
    [
        ("mlp", "digits", "slope: mlp on digits."),
        ("/runs/nets.py:build", "/runs/data.npz", "slope: build on data.npz."),
    ],
)
def test_names_model_and_data_without_their_folders(model: str, data: str, words: str) -> None:
    problem = msgspec.structs.replace(JOB.problem, model=model, data=data)
    assert words in write_caption(replace(PLAIN, job=msgspec.structs.replace(JOB, problem=problem)), ViewState())


def test_an_imported_grid_names_its_file() -> None:
    assert "of slope (grid.npz)." in write_caption(replace(PLAIN, source="/files/grid.npz"), ViewState())


def test_says_what_is_not_computed_and_what_is_finer() -> None:
    some = replace(PLAIN, computed=np.eye(3, dtype=np.bool_))
    assert "3 × 3 points, 3 of them computed," in write_caption(some, ViewState())
    one = Region(PLAIN, Patch(0, 0, 1, 1, 2))
    assert "A finer grid lies inside, up to 2 times as fine." in write_caption(
        replace(PLAIN, regions=(one,)), ViewState()
    )
    two = replace(PLAIN, regions=(one, Region(PLAIN, Patch(1, 1, 1, 1, 8))))
    assert "2 finer grids lie inside, up to 8 times as fine." in write_caption(two, ViewState())


def test_a_line_has_one_range_and_names_those_beside_it() -> None:
    line = Landscape(1, 1, "a", AXIS, np.zeros(1), {"loss": np.ones((1, 3))}, np.ones((1, 3), dtype=np.bool_))
    caption = write_caption(line, ViewState(), others=[replace(line, name="b"), replace(line, name="c")])
    assert "3 points, u from −1 to 1. Beside it: b; c." in caption


def test_a_path_is_told_where_it_is_shown() -> None:
    told = "The path is that of 4 checkpoints."
    assert told in write_caption(bowl(), ViewState())
    assert told not in write_caption(bowl(), ViewState(trajectory=False))
