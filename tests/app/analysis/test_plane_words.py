"""What is told of a plane's axes."""

from dataclasses import replace

import msgspec
import pytest

from talweg.analysis.plane_words import list_axis_facts, name_axes
from talweg_compute.messages import Plane
from tests.app.export.landscapes import JOB, PATH, PROVENANCE, bowl

SOURCE = msgspec.structs.replace(PROVENANCE, explained_variance=(0.7, 0.2), random_walk=(0.6, 0.15))


def test_principal_axes_are_told_beside_a_random_walk() -> None:
    landscape = replace(bowl(), provenance=SOURCE, job=msgspec.structs.replace(JOB, plane=Plane("pca")))
    facts = dict(list_axis_facts(landscape))
    assert facts["Explained variance"] == "80.0 % + 15.0 %"  # of all that the run moves
    assert facts["A random walk's"] == "60.0 % + 15.0 %"
    assert (facts["Direction norms"], facts["Cosine"], facts["BatchNorm"]) == ("1.5, 1.25", "0.01", "frozen")
    assert name_axes(landscape) == ("PC 1 (80.0 %)", "PC 2 (15.0 %)")


def test_a_run_that_has_grown_leaves_the_shares_of_the_plane() -> None:
    grown = replace(bowl(), provenance=SOURCE, paths=(replace(PATH, explained_variance=()),))
    facts = dict(list_axis_facts(grown))
    assert facts["Explained variance"] == "70.0 % + 20.0 %"
    assert facts["A random walk's"] == "60.0 % + 15.0 %"


def test_checkpoints_of_the_same_name_are_told_apart() -> None:
    plane = Plane("checkpoints", through=("/runs/a/last.pt", "/runs/b/last.pt"))
    landscape = replace(bowl(), job=msgspec.structs.replace(JOB, plane=plane))
    assert name_axes(landscape) == ("towards a/last.pt", "towards b/last.pt")


@pytest.mark.parametrize(
    ("plane", "names"),
    [
        (Plane("random"), ("direction 1 (filter-normalized)", "direction 2 (filter-normalized)")),
        (Plane("random", normalization="layer"), ("direction 1 (layer-normalized)", "direction 2 (layer-normalized)")),
        (Plane("random", normalization="none"), ("direction 1", "direction 2")),
        (Plane("random", compatibility="li2018", xnorm="layer"), ("direction 1 (layer-normalized)",
                                                                  "direction 2 (layer-normalized)")),
        (Plane("random", compatibility="li2018"), ("direction 1", "direction 2")),
        (Plane("file", file="/runs/directions.h5"), ("direction 1", "direction 2")),
        (Plane("gradient"), ("steepest descent", "direction 2 (filter-normalized)")),
        (Plane("checkpoints", through=("/runs/last.pt",)), ("towards last.pt", "direction 2 (filter-normalized)")),
    ],
)  # fmt: skip
def test_directions_without_a_name_are_numbered(plane: Plane, names: tuple[str, ...]) -> None:
    landscape = replace(bowl(), job=msgspec.structs.replace(JOB, plane=plane))
    assert name_axes(landscape) == names
    assert name_axes(landscape, scaling=False) == tuple(name.partition(" (")[0] for name in names)


def test_axes_of_unknown_origin_are_u_and_v() -> None:
    assert name_axes(replace(bowl(), job=None)) == ("u", "v")
