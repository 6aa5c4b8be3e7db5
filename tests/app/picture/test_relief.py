from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from talweg.picture.relief import Level, Relief

Float = NDArray[np.float64]
AXIS = np.array([0.0, 1.0, 3.0, 4.0])
NAN = np.nan


def level(height: Callable[[Float, Float], Float], u: Float = AXIS, v: Float = AXIS) -> Level:
    return Level(u, v, height(*np.meshgrid(u, v)))


def slope(u: Float, v: Float) -> Float:
    return u + 2 * v


def test_a_plane_is_met_everywhere_and_ends_at_the_frame() -> None:
    relief = Relief([level(slope)])
    places = np.array([[0.0, 0.0], [4.0, 4.0], [0.3, 2.2], [3.5, 0.1], [4.1, 1.0], [-0.1, 1.0], [NAN, 1.0]])
    np.testing.assert_allclose(relief.at(places), [0, 12, 4.7, 3.7, NAN, NAN, NAN])


def test_a_finer_grid_hides_the_coarse_one_and_the_top_both() -> None:
    fine = np.array([1.0, 1.5, 2.0])
    levels = [level(slope), level(lambda u, v: 10 + u + v, fine, fine)]
    places = np.array([[1.5, 1.5], [1.0, 1.0], [3.0, 3.0], [0.5, 0.5]])
    np.testing.assert_allclose(Relief(levels).at(places), [13, 12, 9, 1.5])
    np.testing.assert_allclose(Relief(levels, top=9.0).at(places), [NAN, NAN, 9, 1.5])


@pytest.mark.parametrize(
    ("path", "ends"),
    [
        ([[0.5, 0.5], [3.5, 1.5]], [[[0.5, 0.5], [3.5, 1.5]]]),
        ([[0.0, 0.0], [4.0, 4.0]], [[[0.0, 0.0], [4.0, 4.0]]]),  # along the diagonals
        ([[1.0, 0.0], [1.0, 4.0]], [[[1.0, 0.0], [1.0, 4.0]]]),  # along a line of the grid
        ([[-2.0, 2.0], [6.0, 2.0]], [[[0.0, 2.0], [4.0, 2.0]]]),  # from outside to outside
        ([[0.5, 0.5], [NAN, 1.0], [2.0, 2.0], [2.5, 2.0]], [[[2.0, 2.0], [2.5, 2.0]]]),
        ([[0.5, 0.5], [0.5, 0.5]], []),
        ([[5.0, 5.0], [6.0, 7.0]], []),
        ([[1.0, 1.0]], []),
    ],
)
def test_lines_lie_on_the_surface_as_far_as_it_reaches(path: list[list[float]], ends: list[list[list[float]]]) -> None:
    pieces = Relief([level(slope)]).lay(np.array(path))
    assert [piece[[0, -1], :2].tolist() for piece in pieces] == ends
    for piece in pieces:
        np.testing.assert_allclose(piece[:, 2], slope(piece[:, 0], piece[:, 1]), atol=1e-12)


def test_lines_bend_at_every_edge_and_break_at_holes() -> None:
    rough = level(lambda u, v: np.sin(3 * u) * np.cos(2 * v))
    (piece,) = Relief([rough]).lay(np.array([[0.2, 0.1], [3.7, 2.9]]))
    middles = (piece[:-1] + piece[1:]) / 2
    np.testing.assert_allclose(Relief([rough]).at(middles[:, :2]), middles[:, 2], atol=1e-12)
    rough.z[1, 2] = NAN  # at u = 3, v = 1: in five triangles beside the line
    left, right = Relief([rough]).lay(np.array([[0.0, 0.5], [4.0, 0.5]]))
    assert (left[-1, 0], right[0, 0]) == (1.0, 3.5)


def test_a_line_ends_where_it_passes_the_top() -> None:
    (piece,) = Relief([level(slope)], top=3.0).lay(np.array([[0.0, 0.5], [4.0, 0.5]]))
    np.testing.assert_allclose(piece[-1], [2.0, 0.5, 3.0])
