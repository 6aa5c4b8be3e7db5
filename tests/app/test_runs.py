"""Several training runs on one surface, drawn in colours of their own."""

from dataclasses import replace

import numpy as np

from talweg.picture import resolve
from talweg.render import render
from talweg.theme import LIGHT
from talweg.view_state import ViewState
from talweg.window.panels.trajectory import describe
from tests.app.scene.samples import landscape, training_path


def test_each_run_has_its_line_its_colour_and_its_name() -> None:
    axis = np.linspace(-1, 1, 21)
    loss = axis[:, None] ** 2 + axis**2 + 0.1
    first = replace(training_path(np.column_stack([axis, -0.5 + 0 * axis])), title="sgd")
    second = replace(training_path(np.column_stack([axis, 0.5 + 0 * axis])), title="adam")
    alone = replace(landscape(loss, u=axis, v=axis), paths=(first,))
    both = replace(alone, paths=(first, second))
    view = ViewState(colour_map="gray", critical_points=False, contours_on_surface=False, contours_on_floor=False)
    picture = resolve(both, view)
    assert picture.path is not None
    (other,) = picture.path.others
    assert (picture.path.title, other.title) == ("sgd", "adam")
    np.testing.assert_allclose(other.markers[:, 2], picture.path.markers[:, 2], atol=1e-5)  # a symmetric surface
    orange = np.array(LIGHT.run_1)
    shares = []
    for numbers in (alone, both):
        image = render(resolve(numbers, view), (400, 300)) / 255
        hue = image / np.maximum(image.max(axis=2, keepdims=True), 1e-6)
        near = np.abs(hue - orange / orange.max()).max(axis=2) < 0.12
        shares.append(int((near & (image.max(axis=2) > 0.5)).sum()))
    assert shares[0] < 10
    assert shares[1] > 100


def test_a_path_off_the_plane_is_not_taken_for_one_on_it() -> None:
    path = training_path(np.array([[0.0, 0.0], [0.5, 0.5]]))
    told = describe(replace(path, loss=np.array([2.0, 1.0]), loss_at_projection=np.array([0.5, 1.0])))
    assert f"Largest error of the surface: {path.names[0]} has loss 2, the plane shows 0.5" in told
