"""What height and colour can show follows from what a landscape has."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from talweg.analysis.comparison import measure
from talweg.analysis.profile import write_pins
from talweg.landscape import Landscape
from talweg.picture import resolve
from talweg.view.quantities import (
    describe_value,
    fit_view,
    list_quantities,
    missing_quantities,
    read_out,
    title_of,
    values_of,
)
from talweg.view.state import ViewState, decode_view, encode_view
from talweg_compute.messages import Job, Problem
from tests.app.scene.samples import bowl, landscape


def with_metrics() -> Landscape:
    plain = bowl(9)
    job = Job(Problem("mlp", "digits", checkpoint="w.pt", metrics=("top5_accuracy", "brier_score", "mine.py:My_Score")))
    fields = {
        **plain.fields,
        "top5_accuracy": 100 / plain.loss,
        "brier_score": plain.loss / 4,
        "my_score": 2 - plain.loss,
        "gradient_u": plain.loss,
    }
    return replace(plain, job=job, fields=fields, origin={"loss": 1.0, "brier_score": 0.25, "my_score": 1.0})


def test_every_field_can_be_chosen_and_has_a_title() -> None:
    sample = with_metrics()
    found = list_quantities(sample)
    assert list(found.items()) == [
        ("loss", True), ("log_loss", True), ("accuracy", False), ("loss_standard_error", False),
        ("gradient_norm", False), ("top5_accuracy", True), ("brier_score", True), ("my_score", True),
        ("gradient_u", True),
    ]  # fmt: skip
    titles = [title_of(sample, name) for name in found]
    assert titles[5:] == ["top-5 accuracy (%)", "Brier score", "my score", "slope along u"]
    picture = resolve(sample, ViewState(height="brier_score", colour="my_score", colour_scale="linear"))
    assert picture.axes.titles[2] == "Brier score"
    assert picture.surface.title == "my score"
    z = picture.surface.points[:, 2]
    np.testing.assert_allclose(picture.frame.z_to_height(z), sample.fields["brier_score"].ravel(), rtol=1e-6)
    np.testing.assert_allclose(picture.surface.scalars, sample.fields["my_score"].ravel(), rtol=1e-6)


def test_before_the_first_point_what_will_be_evaluated_can_be_chosen() -> None:
    nothing = landscape(np.full((4, 4), np.nan), computed=np.zeros((4, 4), dtype=bool))
    found = list_quantities(replace(nothing, job=with_metrics().job))
    assert [name for name, there in found.items() if not there] == ["gradient_norm"]
    assert "my_score" in found


def test_what_cannot_be_chosen_says_where_it_comes_from() -> None:
    with_job = missing_quantities(with_metrics())
    assert set(with_job) == {"accuracy", "loss_standard_error", "gradient_norm"}
    assert "Job > Compute gradients" in with_job["gradient_norm"]
    imported = missing_quantities(bowl(9))
    assert "only a landscape with a job" in imported["gradient_norm"]
    assert "basin" in missing_quantities(landscape(np.full((4, 4), np.nan), computed=np.zeros((4, 4), dtype=bool)))


def test_a_difference_says_what_it_is() -> None:
    sample = replace(bowl(9), source="difference of a and b")
    picture = resolve(sample, ViewState())
    assert picture.axes.titles[2] == "difference of loss"
    assert picture.surface.title == "difference of loss"
    assert title_of(sample, "accuracy") == "difference of accuracy (%)"
    assert title_of(sample, "loss_standard_error") == "standard error of the difference"
    assert title_of(sample, "basin") == "basins of the minima"


def test_a_view_fits_once_and_for_all() -> None:
    sample = with_metrics()
    view = ViewState(height="my_score", height_scale="log", height_cap=0.5, colour="brier_score", colour_scale="log")
    fitted = fit_view(sample, view)
    assert (fitted.height_scale, fitted.colour_scale) == ("symlog", "log")
    assert fitted.height_threshold is not None
    assert fitted.height_threshold > 0
    assert (fitted.height_cap, fitted.colour_threshold) == (0.5, None)
    assert fit_view(sample, fitted) == fitted
    by_hand = fit_view(sample, msgspec.structs.replace(view, height_threshold=0.25))
    assert by_hand.height_threshold == 0.25
    assert fit_view(bowl(9), ViewState(colour="basin")).colour == "basin"
    assert fit_view(bowl(9), ViewState(height="basin")).height == "loss"


def test_views_of_older_documents_open() -> None:
    old = (
        '{"height":"log_loss","height_scale":"log","height_cap":null,"height_factor":1.0,"colour":"gradient_norm",'
        '"colour_scale":"log","colour_map":"magma","colour_range":[0.1,2.0],"contour_count":12,"w":0.0}'
    )
    view = decode_view(old)
    assert (view.height, view.colour, view.colour_range) == ("log_loss", "gradient_norm", (0.1, 2.0))
    assert (view.height_threshold, view.colour_threshold) == (None, None)
    assert decode_view(encode_view(view)) == view
    picture = resolve(bowl(9), view)
    np.testing.assert_allclose(picture.frame.height_range, np.log10([1.0, 3.0]))


def test_metrics_are_read_out() -> None:
    sample = with_metrics()
    assert read_out(sample) == ("loss", "top5_accuracy", "brier_score", "my_score")
    assert describe_value(sample, "top5_accuracy", 93.256) == "top-5 accuracy 93.26 %"
    assert describe_value(sample, "brier_score", 0.123456) == "Brier score 0.1235"
    view = ViewState(colour="brier_score", pins=((0.0, 0.0),))
    probe = resolve(sample, view).probe
    assert probe is not None
    assert probe.words == ("1 · Brier score 0.25",)
    table = [row.split("\t") for row in write_pins(sample, [(0.0, 0.0)]).splitlines()]
    assert table[0] == [
        "u", "v", "loss", "accuracy", "top5_accuracy", "brier_score", "my_score", "gradient_u", "points around",
    ]  # fmt: skip
    assert table[1][5:7] == ["0.25", "1.0"]
    further = dict(measure(sample, 2.0).further)
    assert further == {"top-5 accuracy (%)": pytest.approx(100), "Brier score": 0.25, "my score": 1.0}


def test_values_of_a_metric_that_is_no_number_are_no_gaps() -> None:
    sample = with_metrics()
    hole = sample.fields["brier_score"].copy()
    hole[4, 4] = np.nan
    sample = replace(sample, fields={**sample.fields, "brier_score": hole})
    picture = resolve(sample, ViewState(height="brier_score"))
    assert np.isnan(picture.surface.points[40, 2])  # a hole, not a point that is still to come
    assert not picture.surface.interpolated.any()
    assert np.isnan(values_of(sample, "nothing")).all()
