"""The measurement of the topology compares the same pairs."""

import numpy as np

from bench.topology import _fields, _gudhi_pairs, _our_pairs


def test_talweg_and_gudhi_have_the_same_pairs() -> None:
    for _, f in _fields(31):
        ours = _our_pairs(f)
        assert len(ours) >= 4
        np.testing.assert_array_equal(ours, _gudhi_pairs(f))
