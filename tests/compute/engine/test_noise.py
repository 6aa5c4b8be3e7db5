"""What a number format cannot tell from its noise."""

import numpy as np

from talweg_compute.engine.noise import order_flips, within_noise


def test_flat_parts_by_brute_force() -> None:
    generator = np.random.default_rng(3)
    loss = generator.random((9, 7)) ** 4
    flat = within_noise(loss, np.ones_like(loss, dtype=bool), 2e-3)
    for row in range(9):
        for column in range(7):
            around = loss[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
            assert flat[row, column] == (np.ptp(around) < 50 * 2e-3)
    assert flat.any()
    assert not flat.all()
    assert within_noise(loss + 1, np.ones_like(loss, dtype=bool), 0.0, 0.02).all()


def test_order_flips() -> None:
    assert order_flips([0.1, 0.3, 0.2], [0.1, 0.2, 0.3])
    assert not order_flips([0.1, 0.2, 0.35], [0.1, 0.2, 0.3])
    assert not order_flips([0.2, 0.1], [0.3, 0.3])
    assert not order_flips([], [])
