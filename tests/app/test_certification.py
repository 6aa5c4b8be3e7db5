import math
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from talweg.certification import Certification
from talweg.document import Document
from talweg.landscape import Landscape
from talweg_compute.messages import Block, Certified, Status
from tests.reference.functions import double_well, sampled


def certified(index: int, sought: int, status: Status = "certified", kind: int = 0, **changed: float) -> Certified:
    values = {
        "u": 0.25,
        "v": -0.5,
        "loss": 0.125,
        "gradient_norm": 1e-14,
        "gradient_scale": 0.5,
        "full_gradient_norm": 0.75,
        "out_of_plane_norm": math.nan,
        **changed,
    }
    fields = {name: Block.of(value) for name, value in values.items()}
    fields["eigenvalues"] = Block.of([2.0, 8.0])
    return Certified("1", index, sought, status, kind, 5, "float64", fields)


@pytest.fixture
def well(tmp_path: Path) -> Path:
    """A document of the double well: minima at (-1, 0) and (1, 0), a saddle at the origin."""
    f, u, v = sampled(double_well, 2.0, 21)
    path = tmp_path / "well.talweg"
    with Document.create(path) as document:
        document.add_landscape("well", u, v, fields={"loss": f})
    return path


def word_on_first(document: Document) -> Certification | None:
    landscape = document.landscape(1)
    assert landscape.critical_points is not None
    return landscape.certifications_of(landscape.critical_points)[0]


def flat_index(landscape: Landscape, point: int) -> int:
    points = landscape.critical_points
    assert points is not None
    return int(points.row[point]) * landscape.u.size + int(points.column[point])


def test_certifications_come_back_and_a_later_one_replaces_an_earlier_one(well: Path) -> None:
    with Document.open(well) as document:
        k = flat_index(document.landscape(1), 0)
        document.commit(1, certified(k, 0, loss=7.0))
        document.commit(1, certified(k, 0))
        inside = word_on_first(document)
    with Document.open(well, read_only=True) as document:
        landscape = document.landscape(1)
    assert list(landscape.certifications) == [k]
    assert landscape.critical_points is not None
    found, saddle, _ = landscape.certifications_of(landscape.critical_points)
    assert found is not None
    assert (found.u, found.v, found.loss, found.eigenvalues) == (0.25, -0.5, 0.125, (2.0, 8.0))
    assert (found.status, found.kind, found.iterations, found.precision) == ("certified", 0, 5, "float64")
    assert math.isnan(found.out_of_plane_norm)
    assert found.confirms
    assert repr(found) == repr(inside)
    assert saddle is None


def test_a_certification_of_another_type_at_the_place_does_not_count(well: Path) -> None:
    with Document.open(well) as document:
        document.commit(1, certified(flat_index(document.landscape(1), 0), 2))
        assert word_on_first(document) is None


def test_what_was_worked_out_of_the_numbers_survives_a_certification(well: Path) -> None:
    with Document.open(well) as document:
        before = document.landscape(1)
        points = before.critical_points
        document.commit(1, certified(3, 0))
        after = document.landscape(1)
    assert after is not before
    assert after.revision > before.revision
    assert after.critical_points is points
    assert not before.certifications


def test_computing_anew_forgets_certifications(well: Path) -> None:
    with Document.open(well) as document:
        document.commit(1, certified(3, 0))
        document.forget_points(1)
        assert not document.landscape(1).certifications


def test_an_older_document_gains_the_table_when_it_can_be_written(well: Path) -> None:
    with sqlite3.connect(well) as connection:
        connection.executescript("DROP TABLE certification; PRAGMA user_version = 3;")
    connection.close()
    with Document.open(well, read_only=True) as document:
        assert not document.landscape(1).certifications
    with Document.open(well) as document:
        document.commit(1, certified(3, 0))
        assert list(document.landscape(1).certifications) == [3]


@pytest.mark.parametrize("status", ["certified", "kink"])
def test_says_in_words_that_it_is_generally_no_critical_point_of_the_loss(well: Path, status: Status) -> None:
    with Document.open(well) as document:
        document.commit(1, certified(flat_index(document.landscape(1), 0), 0, status))
        found = word_on_first(document)
    assert found is not None
    assert "generally not one of L" in found.in_words()
    assert "0.75" in found.in_words()


def test_says_in_words_that_nothing_was_found(well: Path) -> None:
    with Document.open(well) as document:
        document.commit(1, certified(flat_index(document.landscape(1), 0), 0, "dissolved", -1, loss=np.inf))
        found = word_on_first(document)
    assert found is not None
    assert not found.confirms
    assert "artefact" in found.in_words()
