"""Gradients from the request to the file and back: which points are asked about, what is kept, what is shown."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from talweg.cli import main
from talweg.document import Document
from talweg.export import add_grids, export_landscape
from talweg.landscape import Landscape
from talweg.picture import resolve
from talweg.view.quantities import finite_range, has_quantity
from talweg.view.state import Scale, ViewState
from talweg.window.hover import Probe
from talweg.work.client import Client
from talweg.work.gradients import count_gradients, missing_gradients, request_gradients
from talweg.work.tasks import ComputeGradients
from talweg_compute.field import coarse_to_fine
from talweg_compute.messages import Block, Event, Finished, InputError, Note, PointFields, Points, read_job
from tests.app.export.landscapes import bowl, only_grid
from tests.conftest import write_job

NAMES = ("gradient_u", "gradient_v", "gradient_norm")


def slopes(index: list[int], first: float = 0.5) -> PointFields:
    values = first + np.arange(len(index), dtype=np.float64)
    columns = values, -values, values * np.sqrt(2)
    return PointFields("1", Block.of(np.array(index)), dict(zip(NAMES, map(Block.of, columns), strict=True)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A document with a job and 9 x 11 losses, of which one is not finite."""
    job = read_job(write_job(tmp_path))
    u, v = job.grid.u.coordinates(), job.grid.v.coordinates()
    loss = u**2 + 0.5 * v[:, None] ** 2 + 0.1
    loss[3, 4] = np.inf
    path = tmp_path / "x.talweg"
    with Document.create(path) as document:
        document.add_landscape("first", u, v, job=job, fields={"loss": loss})
    return path


def test_they_are_stored_beside_the_loss_and_come_back_bit_for_bit(path: Path) -> None:
    with Document.open(path) as document:
        before = document.landscape(1)
        topology = before.topology
        document.commit(1, slopes([5, 98]))
        after = document.landscape(1)
        document.commit(1, slopes([5], 0.1 + 0.2))
    with Document.open(path) as document:
        found = document.landscape(1)
    assert after.topology is topology  # what was worked out of the losses is kept
    assert after.revision > before.revision
    np.testing.assert_array_equal(found.loss, before.loss)
    assert (after.fields["gradient_u"].flat[5], found.fields["gradient_u"].flat[5]) == (0.5, 0.1 + 0.2)
    assert found.fields["gradient_v"].flat[98] == -1.5
    assert np.isnan(found.fields["gradient_norm"].flat[6])
    assert set(found.further_fields()) == set(NAMES)
    assert count_gradients(found) == 2


def test_what_is_missing_is_asked_from_coarse_to_fine(path: Path) -> None:
    order = coarse_to_fine(11, 9).order.tolist()
    with Document.open(path) as document:
        first = request_gradients("1", document, 1)
        document.commit(1, slopes(order[:40]))
        then = request_gradients("2", document, 1)
        known = document.landscape(1)
    wanted = [k for k in order if k != 3 * 9 + 4]  # where the loss is infinite there is no gradient
    assert first.index.array().tolist() == wanted
    assert then.index.array().tolist() == [k for k in order[40:] if k in wanted]
    for k, (u, v) in zip(first.index.array().tolist(), first.coordinates.array().tolist(), strict=True):
        assert (u, v) == (known.u[k % 9], known.v[k // 9])


def test_a_point_that_is_taken_anew_keeps_its_gradient_and_computing_anew_forgets_it(path: Path) -> None:
    with Document.open(path) as document:
        document.commit(1, slopes([7]))
        more = Points("1", Block.of([7, 8]), {"loss": Block.of([0.25, 0.5])}, samples=Block.of([50, 50]))
        document.commit(1, more)
        inside = document.landscape(1)
    with Document.open(path) as document:
        found = document.landscape(1)
        for landscape in (inside, found):
            assert (landscape.loss.flat[7], landscape.fields["gradient_u"].flat[7]) == (0.25, 0.5)
        document.forget_points(1)
        document.commit(1, slopes([7]))  # a late answer about a point that is known no more
        assert not document.landscape(1).further_fields()
        with pytest.raises(InputError, match="no point of this landscape is computed yet"):
            request_gradients("1", document, 1)


def sloped(*, whole: bool = True) -> Landscape:
    """The bowl with gradients, everywhere or at every second row."""
    landscape = bowl(holes=False)
    values = {name: np.cos(landscape.loss + k) + 1.5 for k, name in enumerate(NAMES)}
    if not whole:
        for array in values.values():
            array[1::2] = np.nan
    return replace(landscape, fields={**landscape.fields, **values})


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".h5", ".ply", ".vtp"])
def test_files_carry_them_and_bring_them_back(tmp_path: Path, suffix: str) -> None:
    landscape = sloped(whole=False)
    (file, *_) = export_landscape(tmp_path / f"grid{suffix}", landscape, ViewState())
    with Document.create(tmp_path / "a.talweg") as document:
        read = document.landscape(add_grids(document, (only_grid(file),)))
    kind = np.float32 if suffix == ".ply" else np.float64
    assert set(read.further_fields()) == set(NAMES)
    for name in NAMES:
        np.testing.assert_array_equal(read.fields[name], landscape.fields[name].astype(kind))


def test_columns_of_other_programs_are_no_fields(tmp_path: Path) -> None:
    file = tmp_path / "grid.csv"
    file.write_text("u,v,loss,gradient_norm\n0,0,1,5\n1,0,2,5\n0,1,3,5\n1,1,4,5\n")
    assert set(only_grid(file).fields) == {"loss"}


def test_the_norm_is_shown_as_height_and_colour_and_flagged_where_it_is_missing() -> None:
    landscape = sloped()
    norm = landscape.fields["gradient_norm"]
    picture = resolve(landscape, ViewState(height="gradient_norm", colour="gradient_norm", colour_scale="linear"))
    np.testing.assert_allclose(picture.frame.height_range, (norm.min(), norm.max()))
    np.testing.assert_allclose(picture.surface.scalars, norm.ravel(), rtol=1e-6)
    assert picture.surface.title == picture.axes.titles[2] == "gradient norm per distance"
    assert not picture.surface.interpolated.any()

    partial = sloped(whole=False)
    missing = np.isnan(partial.fields["gradient_norm"]).ravel()
    for view in (ViewState(height="gradient_norm"), ViewState(colour="gradient_norm")):
        surface = resolve(partial, view).surface
        np.testing.assert_array_equal(surface.interpolated, missing)
        assert np.isfinite(surface.points).all()
    back = resolve(partial, ViewState(), resolve(partial, ViewState(colour="gradient_norm")))
    assert not back.surface.interpolated.any()


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_view_of_gradients_that_were_forgotten_shows_and_writes_the_loss(tmp_path: Path, scale: Scale) -> None:
    view = ViewState(height="gradient_norm", height_scale=scale, colour="gradient_norm")
    picture = resolve(bowl(), view)
    expected = resolve(bowl(), ViewState(height_scale=scale))
    np.testing.assert_array_equal(picture.surface.points, expected.surface.points)
    assert picture.surface.title == "loss"
    (file, *_) = export_landscape(tmp_path / "a.ply", bowl(), view)
    assert "gradient_norm" not in only_grid(file).fields


def test_the_read_out_and_the_choices_have_it() -> None:
    landscape = sloped()
    u, v = float(landscape.u[4]), float(landscape.v[4])
    norm = landscape.fields["gradient_norm"]
    assert Probe().read(landscape, u, v)["gradient_norm"] == pytest.approx(norm[4, 4])
    assert "gradient norm" in Probe().describe(landscape, u, v)
    assert "gradient norm" not in Probe().describe(bowl(), u, v)
    assert has_quantity(landscape, "gradient_norm")
    assert not has_quantity(bowl(), "gradient_norm")
    assert finite_range(landscape, "gradient_norm") == (norm.min(), norm.max())


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_goes_on(tmp_path: Path) -> None:
    """A real worker on 675 points; it is killed at its first answer."""
    job = read_job(write_job(tmp_path, grid=25, samples=300))
    u, v = job.grid.u.coordinates(), job.grid.v.coordinates()
    events: list[Event] = []
    killed: list[int] = []

    def take(event: Event) -> None:
        events.append(event)
        if isinstance(event, PointFields) and not killed:
            killed.append(count_gradients(document.landscape(1)))
            os.kill(client.worker_pid or 0, signal.SIGKILL)

    client = Client(take)
    with Document.create(tmp_path / "x.talweg") as document:
        document.add_landscape("first", u, v, job=job, fields={"loss": np.ones((27, 25))})
        client.begin(document, 1, ComputeGradients())
        assert client.wait(60)
        client.close()
        found = document.landscape(1)
    assert 0 < killed[0] < 675
    assert any(isinstance(event, Note) and f"the gradients of {killed[0]} points" in event.text for event in events)
    assert isinstance(events[-1], Finished)
    answered = [k for event in events if isinstance(event, PointFields) for k in event.index.array().tolist()]
    assert sorted(answered) == list(range(675))  # none of them twice
    assert count_gradients(found) == 675
    assert not missing_gradients(found).size


def talweg(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as exit_:
        main([str(argument) for argument in arguments])
    return int(exit_.value.code or 0)


def test_the_command_line_says_what_is_missing(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert talweg("render", path, "-o", tmp_path / "x.png", "--height", "gradient_norm") == 2
    assert "this landscape has no gradients; compute them with: talweg gradient" in capsys.readouterr().err
    with Document.open(path) as document:
        document.commit(1, slopes([k for k in range(99) if k != 31]))
    assert talweg("gradient", path) == 0
    assert "has all its gradients already" in capsys.readouterr().err
    assert talweg("info", path, "--json") == 0
    assert json.loads(capsys.readouterr().out)["gradient_norm"] == {
        "points": 98,
        "min": 0.5 * np.sqrt(2),
        "max": 97.5 * np.sqrt(2),
    }
    assert talweg("info", path) == 0
    assert "norm 0.7071 to 137.9 per distance, 98 points" in capsys.readouterr().out
    file = tmp_path / "grid.npz"
    np.savez(file, u=[0.0, 1.0], v=[0.0, 1.0], loss=[[1.0, 2.0], [3.0, 4.0]])
    assert talweg("import", file, "-o", tmp_path / "y.talweg") == 0
    assert talweg("gradient", tmp_path / "y.talweg") == 2
    assert "was imported, so there is no job" in capsys.readouterr().err
