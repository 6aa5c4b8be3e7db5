import numpy as np
import pytest
import torch

from talweg_compute.problem.data import Samples, read_data
from talweg_compute.problem.sample_order import fair_order, reorder

ORDER_OF_40 = [7, 16, 30, 13, 19, 12, 10, 37]
ORDER_OF_DIGITS = [948, 812, 447, 1324, 250, 141, 1081, 289]


def samples_of(targets: torch.Tensor) -> Samples:
    return Samples(torch.arange(len(targets)), targets, "hash")


def test_every_prefix_holds_each_class_in_proportion() -> None:
    labels = torch.tensor([0] * 600 + [1] * 300 + [2] * 90 + [3] * 10)  # sorted, and far from even
    order = fair_order(samples_of(labels))
    assert np.array_equal(np.sort(order), np.arange(1000))
    counts = np.cumsum(labels.numpy()[order][:, None] == np.arange(4), axis=0)
    expected = np.arange(1, 1001)[:, None] * np.array([0.6, 0.3, 0.09, 0.01])
    assert np.abs(counts - expected).max() < 2.5


def test_inside_a_class_the_order_is_random() -> None:
    order = fair_order(samples_of(torch.arange(2000) % 2))
    even = order[order % 2 == 0]
    steps = np.diff(even) > 0
    assert 0.45 < steps.mean() < 0.55
    assert abs(np.corrcoef(even, np.arange(1000))[0, 1]) < 0.1


@pytest.mark.parametrize("targets", [torch.rand(500), torch.rand(500, 3), torch.ones(500, dtype=torch.int64)])
def test_other_targets_are_shuffled(targets: torch.Tensor) -> None:
    order = fair_order(samples_of(targets))
    assert np.array_equal(np.sort(order), np.arange(500))
    assert abs(np.corrcoef(order, np.arange(500))[0, 1]) < 0.15


def test_the_order_never_changes() -> None:
    """Documents hold points on prefixes of it."""
    assert fair_order(samples_of(torch.arange(40) % 4))[:8].tolist() == ORDER_OF_40
    assert fair_order(read_data("digits"))[:8].tolist() == ORDER_OF_DIGITS


def test_samples_move_together() -> None:
    inputs = {"image": torch.arange(6.0).view(6, 1), "length": torch.arange(6)}
    moved = reorder(Samples(inputs, torch.arange(6), "hash"), np.array([5, 3, 1, 0, 2, 4]))
    assert isinstance(moved.inputs, dict)
    for tensor in (moved.inputs["image"], moved.inputs["length"], moved.targets):
        assert isinstance(tensor, torch.Tensor)
        assert tensor.flatten().tolist() == [5, 3, 1, 0, 2, 4]
    assert moved.sha256 == "hash"
