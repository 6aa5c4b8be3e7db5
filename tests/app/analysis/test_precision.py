from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from talweg.analysis.precision import precision_deviation
from talweg.document import Document
from talweg_compute.messages import Axis, Block, Grid, Job, Measured, Points, Problem, Provenance, Ready, Run

PROVENANCE = Provenance(
    checkpoint="a.pt",
    checkpoint_sha256="0" * 64,
    data_sha256="1" * 64,
    directions_sha256="2" * 64,
    direction_norms=(1.0, 1.0),
    cosine=0.0,
    parameters=10,
    samples=4,
    batch_norm="recalibrated",
    device="cpu",
    precision="bf16",
    batch_size=4,
    versions={},
)
VALUES: dict[str, float | int | str | bool | None] = {
    "chosen": "bf16",
    "tried": "bf16",
    "points": 12,
    "median": 0.0025,
    "relative": 0.0065,
    "largest": "inf",
    "floor": 0.002,
    "speed": 2.1,
}
OTHER = {"tf32_median": 1e-5, "tf32_relative": 2e-5, "tf32_largest": 1e-4, "tf32_floor": 1e-6, "tf32_speed": 1.4}


@pytest.mark.parametrize("chosen", ["bf16", "float32"])
def test_deviations_are_stored_and_told(tmp_path: Path, chosen: str) -> None:
    with Document.create(tmp_path / "d.talweg") as document:
        axis = np.linspace(-1, 1, 2)
        number = document.add_landscape("x", axis, axis)
        document.commit(number, Ready("1", replace(PROVENANCE, precision=chosen)))
        assert precision_deviation(document.landscape(number)) is None
        document.commit(number, Measured("1", "precision", {**VALUES, **OTHER, "chosen": chosen}))
        points = Points(
            "1",
            Block.of([0, 1, 2]),
            {"loss": Block.of([1.0, 2.0, 3.0])},
            samples=Block.of([4, 4, 4]),
            precision=Block.of(["bf16", "bf16", "float32"]),
        )
        document.commit(number, points)
    with Document.open(tmp_path / "d.talweg") as document:
        found = precision_deviation(document.newest_landscape())
    assert found is not None
    assert found.relative == 0.0065
    assert "bf16 was off from float32 by 0.0025 at the median (0.65 %) and inf at most on 12 points" in found.sentence
    assert found.sentence.endswith("2.1 times as fast; of the others, tf32 by 1e-05 (0.002 %), 1.4 times as fast")
    beginning = "2 points in bf16, 1 points in float32; " if chosen == "bf16" else "float32; "
    assert found.sentence.startswith(beginning)


def test_a_run_that_ended_before_it_settled_has_work(tmp_path: Path) -> None:
    problem = Problem("mlp", "digits", checkpoint=str(tmp_path / "a.pt"))
    with Document.create(tmp_path / "d.talweg") as document:
        axis = np.linspace(-1, 1, 2)
        number = document.add_landscape(
            "x", axis, axis, job=Job(problem=problem, grid=Grid(Axis(-1, 1, 2), Axis(-1, 1, 2)))
        )
        for kinds, has_work in ((["float32"] * 4, False), (["bf16"] * 4, True)):
            ones = Block.of([1.0] * 4)
            points = Points(
                "1", Block.of(range(4)), {"loss": ones}, samples=Block.of([4] * 4), precision=Block.of(kinds)
            )
            document.commit(number, Ready("1", PROVENANCE))
            document.commit(number, points)
            assert document.landscape(number).has_work == has_work
        document.commit(number, Measured("1", "precision", VALUES | {"settled": True}))
        assert not document.landscape(number).has_work


def test_what_overflowed_in_a_format_of_choice_has_work(tmp_path: Path) -> None:
    problem = Problem("mlp", "digits", checkpoint=str(tmp_path / "a.pt"))
    job = Job(problem=problem, grid=Grid(Axis(-1, 1, 2), Axis(-1, 1, 2)), run=Run(precision="float16"))
    with Document.create(tmp_path / "d.talweg") as document:
        axis = np.linspace(-1, 1, 2)
        number = document.add_landscape("x", axis, axis, job=job)
        document.commit(number, Ready("1", PROVENANCE))
        for kind, has_work in (("float16", True), ("float32", False)):  # in which it may diverge
            fields = {"loss": Block.of([1.0, np.inf, 1.0, 1.0])}
            kinds = Block.of(["float16", kind, "float16", "float16"])
            points = Points("1", Block.of(range(4)), fields, samples=Block.of([4] * 4), precision=kinds)
            document.commit(number, points)
            assert document.landscape(number).has_work == has_work
