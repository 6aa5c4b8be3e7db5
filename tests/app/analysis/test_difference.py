"""Differences of landscapes whose numbers are known, and what is said of the planes that they lie on."""

import math
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from talweg.analysis.difference import subtract, tell_planes_apart
from talweg.landscape import Landscape
from talweg_compute.messages import InputError, Job, Plane, Problem
from tests.app.document.test_document import PROVENANCE

Float = NDArray[np.float64]


def plane(name: str, f: Float, u: Float, v: Float | None = None, **others: object) -> Landscape:
    fields = {"loss": f, "loss_standard_error": np.full(f.shape, 0.003)}
    return Landscape(1, 1, name, u, u if v is None else v, fields, np.ones(f.shape, dtype=np.bool_), **others)  # type: ignore[arg-type]


def wave(u: Float, v: Float) -> Float:
    return np.asarray(np.sin(2 * u)[None, :] * np.cos(v)[:, None] + 3.0)


def test_it_is_of_every_field_that_both_have_on_one_grid() -> None:
    axis = np.linspace(-1.0, 1.0, 5)
    ones = np.ones((5, 5))
    first, second = plane("a", 3 * ones, axis), plane("b", ones, axis)
    first = replace(first, fields={**first.fields, "accuracy": 90 * ones, "mine": ones})
    second = replace(second, fields={**second.fields, "accuracy": 80 * ones})
    found = subtract(first, second)
    assert set(found.fields) == {"loss", "accuracy", "loss_standard_error"}
    np.testing.assert_array_equal(found.fields["loss"], 2 * ones)
    np.testing.assert_array_equal(found.fields["accuracy"], 10 * ones)
    np.testing.assert_allclose(found.fields["loss_standard_error"], 0.003 * math.sqrt(2))
    assert found.computed.all()
    assert not found.interpolated.any()


def test_another_grid_is_read_by_its_spline_and_flagged() -> None:
    u, v = np.linspace(-1.0, 1.0, 9), np.linspace(-1.0, 1.0, 7)
    other_u, other_v = np.linspace(-1.0, 2.0, 31), np.linspace(-1.5, 1.0, 26)
    first, second = plane("coarse", wave(u, v), u, v), plane("fine", wave(other_u, other_v), other_u, other_v)
    found = subtract(first, second)
    np.testing.assert_array_equal(found.u, u)
    assert np.abs(found.fields["loss"]).max() < 1e-4  # an exact answer is zero
    assert np.abs(found.fields["loss"]).max() > 0
    met = np.isin(np.round(v, 9), np.round(other_v, 9))[:, None] & np.isin(np.round(u, 9), np.round(other_u, 9))
    np.testing.assert_array_equal(found.computed, met)
    np.testing.assert_array_equal(found.interpolated, ~met)
    assert np.abs(found.fields["loss"][met]).max() < 1e-12  # there the point itself counts
    assert any("spline" in note and "fine" in note for note in found.notes)
    assert {event.interpolated for event in found.points()} == {False, True}


def test_only_what_both_have_is_compared() -> None:
    u, other = np.linspace(0.0, 2.0, 9), np.linspace(1.0, 3.0, 9)
    found = subtract(plane("a", wave(u, u), u), plane("b", wave(other, other), other))
    np.testing.assert_allclose(found.u, np.linspace(1.0, 2.0, 5))
    assert np.abs(found.fields["loss"]).max() < 1e-12
    assert any("Only the part" in note and "1 … 2" in note for note in found.notes)
    far = np.linspace(5.0, 6.0, 4)
    with pytest.raises(InputError, match="no part of the plane in common"):
        subtract(plane("a", wave(u, u), u), plane("b", wave(far, far), far))
    line = plane("line", wave(u, np.zeros(1)), u, np.zeros(1))
    with pytest.raises(InputError, match="line: this landscape is a line"):
        subtract(line, line)


def test_holes_of_either_stay_holes() -> None:
    u, fine = np.linspace(-1.0, 1.0, 5), np.linspace(-1.0, 1.0, 7)
    computed = np.ones((7, 7), dtype=np.bool_)
    computed[3, 3] = False
    values = wave(fine, fine)
    values[0, 6] = np.inf
    second = replace(plane("b", values, fine), computed=computed)
    found = subtract(plane("a", wave(u, u), u), second)
    known = found.computed | found.interpolated
    assert not known[2, 2]  # the middle, which the second lacks
    assert known[0, 0]
    assert not np.isfinite(found.fields["loss"][0, 4])  # where it diverged


def test_it_says_when_the_planes_are_not_the_same() -> None:
    axis = np.linspace(-1.0, 1.0, 3)
    job = Job(Problem("mlp", "digits", checkpoint="/x/with.pt"), Plane(seed=7))
    other_job = msgspec.structs.replace(job, problem=Problem("mlp", "digits", checkpoint="/x/without.pt"))
    one = plane("one", wave(axis, axis), axis, provenance=PROVENANCE, job=job)

    def other(**changes: object) -> Landscape:
        source = msgspec.structs.replace(PROVENANCE, **changes)
        return plane("other", wave(axis, axis), axis, provenance=source, job=other_job)

    assert tell_planes_apart(one, other()) == ""
    assert "different planes through the same weights" in tell_planes_apart(one, other(directions_sha256="z"))
    said = tell_planes_apart(one, other(directions_sha256="z", checkpoint_sha256="z"))
    assert "Different models (with.pt and without.pt)" in said
    assert "random, seed 7 for both, filter-normalized" in said
    assert "not the same weights" in said
    assert "same directions around different weights" in tell_planes_apart(one, other(checkpoint_sha256="z"))
    assert "Nothing says" in tell_planes_apart(one, plane("bare", wave(axis, axis), axis))
    assert any("different data" in note for note in subtract(one, other(data_sha256="z")).notes)
    assert subtract(one, other()).notes == ()
