"""The frame of the measurements."""

import csv
import math
import subprocess
import sys
from pathlib import Path

import pytest

from bench.frame import Row, compare, largest_difference
from bench.table import write_csv, write_text


def test_contenders_alternate_and_the_ratio_is_that_of_pairs() -> None:
    calls = []
    ours = iter([99.0, 1.0, 2.0, 3.0])  # the machine slows down by and by; the ratio of each pair stays
    other = iter([99.0, 2.0, 4.0, 6.0])

    def first() -> float:
        calls.append("ours")
        return next(ours)

    def second() -> float:
        calls.append("other")
        return next(other)

    row = compare("x", ("a", first), ("b", second), 3, "s", "lower", deviation=lambda: 0.5)

    assert calls == ["ours", "other", "ours", "other", "other", "ours", "ours", "other"]
    assert (row.ratio, row.low, row.high, row.pairs) == (2.0, 2.0, 2.0, 3)
    assert (row.ours_value, row.other_value, row.deviation) == (2.0, 4.0, 0.5)


def test_higher_is_better_turns_the_ratio() -> None:
    row = compare("x", ("a", lambda: 6.0), ("b", lambda: 2.0), 2, "images/s", "higher")
    assert row.ratio == 3.0
    assert math.isnan(row.deviation)


def test_largest_difference() -> None:
    assert largest_difference([1.0, 20.0, math.nan], [1.1, 10.0, math.nan]) == pytest.approx(1.0)
    assert largest_difference([1.0, math.inf], [1.0, 5.0]) == math.inf


def test_tables(tmp_path: Path) -> None:
    rows = [
        ("engine", Row("work", "ours", "other", 2.5, 2.0, 3.0, 7, 10.0, 4.0, "s")),
        ("x", Row("w", "a", "b", note="no")),
    ]
    write_csv(tmp_path / "bench.csv", rows)
    text = write_text(tmp_path / "bench.txt", rows)
    with (tmp_path / "bench.csv").open() as file:
        first, second = csv.DictReader(file)
    assert (first["subject"], first["ratio"], first["unit"]) == ("engine", "2.5", "s")
    assert (second["ratio"], second["note"]) == ("", "no")
    assert "2.5" in text
    assert "2-3 (7)" in text
    assert (tmp_path / "bench.txt").read_text() == text


def test_an_unknown_subject_is_one_sentence() -> None:
    command = [sys.executable, "-m", "bench", "nonsense"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "there is no such subject" in result.stderr
    assert result.stderr.count("\n") == 1
