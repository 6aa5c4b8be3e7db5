"""The difference of two landscapes in their document."""

from pathlib import Path

import numpy as np
import pytest

from talweg.document import Document
from talweg.work.subtracting import add_difference
from talweg_compute.messages import Block, InputError, Points

AXIS = np.linspace(0.0, 1.0, 3)


@pytest.fixture
def document(tmp_path: Path) -> Document:
    document = Document.create(tmp_path / "x.talweg")
    for name, loss in (("a", 3.0), ("b", 1.0)):
        document.add_landscape(name, AXIS, AXIS, fields={"loss": np.full((3, 3), loss)})
    return document


def test_it_joins_once_even_under_another_name(document: Document) -> None:
    with document:
        number = add_difference(document, 1, 2)
        found = document.landscape(number)
        assert (found.name, found.loss[0, 0], found.complete) == ("a − b", 2.0, True)
        document.rename_landscape(number, "mine")
        document.rename_landscape(1, "A")
        assert add_difference(document, 1, 2) == number
        backwards = add_difference(document, 2, 1)
        assert document.landscape(backwards).name == "b − A"
        assert document.landscape(backwards).loss[0, 0] == -2.0
        with pytest.raises(InputError, match="same landscape twice"):
            add_difference(document, 1, 1)


def test_it_grows_with_its_landscapes_instead_of_piling_up(document: Document) -> None:
    with document:
        growing = document.add_landscape("growing", AXIS, AXIS)
        document.commit(growing, Points("", Block.of(np.arange(4)), {"loss": Block.of(np.ones(4))}))
        number = add_difference(document, 1, growing)
        assert document.landscape(number).done == 4
        document.commit(growing, Points("", Block.of(np.arange(9)), {"loss": Block.of(np.ones(9))}))
        assert add_difference(document, 1, growing) == number
        assert document.landscape(number).done == 9


def test_two_of_one_name_are_not_taken_for_each_other(document: Document) -> None:
    with document:
        twin = document.add_landscape("b", AXIS, AXIS, fields={"loss": np.full((3, 3), 2.0)})
        first = add_difference(document, 1, 2)
        second = add_difference(document, 1, twin)
        assert first != second
        assert [document.landscape(number).name for number in (first, second)] == ["a − b", "a − b 2"]
        assert document.landscape(first).loss[0, 0] == 2.0
