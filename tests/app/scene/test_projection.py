import numpy as np
import pytest
from vtkmodules.vtkRenderingCore import vtkRenderer

from talweg.scene.projection import toward_eye


@pytest.mark.parametrize("parallel", [False, True])
def test_things_brought_nearer_are_seen_at_the_same_place(no_leaks: None, parallel: bool) -> None:
    renderer = vtkRenderer()
    camera = renderer.GetActiveCamera()
    camera.SetPosition(1.0, -3.0, 2.0)
    camera.SetFocalPoint(0.1, 0.2, 0.3)
    camera.SetParallelProjection(parallel)
    matrix = toward_eye(renderer, np.array([0.1, 0.2, 0.3]), 0.2)
    project = camera.GetCompositeProjectionTransformMatrix(1.5, -1, 1)
    points = np.random.default_rng(0).normal(size=(20, 3)) * 0.5

    def seen(places: np.ndarray) -> np.ndarray:
        found = np.array([project.MultiplyPoint([*place, 1.0]) for place in places])
        return found[:, :3] / found[:, 3:]

    moved = points @ matrix[:3, :3].T + matrix[:3, 3]
    np.testing.assert_allclose(seen(moved)[:, :2], seen(points)[:, :2], atol=1e-9)
    assert (seen(moved)[:, 2] < seen(points)[:, 2]).all()
    focus = matrix[:3, :3] @ [0.1, 0.2, 0.3] + matrix[:3, 3]
    assert np.linalg.norm(focus - [0.1, 0.2, 0.3]) == pytest.approx(0.2)
