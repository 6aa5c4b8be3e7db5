import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from talweg_compute.messages import InputError, Plane
from talweg_compute.plane import (
    OpenPlane,
    open_plane,
    project,
    random_directions,
    read_direction_file,
    span_plane,
    write_direction_file,
)
from talweg_compute.problem.layout import Layout


@dataclass
class FakeProblem:
    """What a plane asks of a problem."""

    model: nn.Module
    layout: Layout
    origin: Tensor
    trajectory: tuple[Path, ...] = ()
    checkpoints: tuple[Tensor, ...] = ()

    def read_flat(self, path: Path, part: slice = slice(None)) -> Tensor:
        return self.checkpoints[int(path.name)][part]


@pytest.fixture
def problem(golden_model: nn.Module) -> FakeProblem:
    layout = Layout.of(golden_model)
    return FakeProblem(golden_model, layout, layout.flatten(golden_model.state_dict()))


def opened(spec: Plane, problem: FakeProblem) -> OpenPlane:
    return open_plane(spec, problem)  # type: ignore[arg-type]


def test_a_random_plane(problem: FakeProblem) -> None:
    plane = opened(Plane(seed=3, normalization="layer", ignore="none"), problem)
    expected = random_directions(problem.layout, problem.origin, 3, "layer", "none")
    assert torch.equal(plane.directions, expected)
    assert plane.origin is problem.origin
    assert plane.sha256 == hashlib.sha256(expected[0].numpy().tobytes() + expected[1].numpy().tobytes()).hexdigest()
    assert plane.norms == pytest.approx(expected.norm(dim=1).tolist())
    assert plane.cosines[0] == pytest.approx(torch.cosine_similarity(expected[0], expected[1], dim=0).item(), abs=1e-6)
    assert plane.explained_variance == ()
    assert not plane.moves_buffers
    assert plane.batch_norm == "frozen"


def test_points(problem: FakeProblem) -> None:
    plane = opened(Plane(), problem)
    assert torch.equal(plane.point(0, 0), problem.origin)
    delta, eta = plane.directions.double().numpy()
    change = torch.from_numpy((0.3 * delta - 0.7 * eta).astype(np.float32))
    assert torch.equal(plane.point(0.3, -0.7), problem.origin + change)
    back = project(plane.directions, plane.origin, lambda _: plane.point(0.3, -0.7), 1, problem.layout.parameter_size)
    np.testing.assert_allclose(back.coordinates, [[0.3, -0.7]], atol=1e-6)


def test_a_pca_plane(problem: FakeProblem) -> None:
    offsets = torch.randn(6, problem.layout.size, generator=torch.Generator().manual_seed(0))
    offsets[-1] = 0
    problem.checkpoints = tuple(problem.origin + offsets)
    problem.trajectory = tuple(Path(str(place)) for place in range(6))
    plane = opened(Plane(kind="pca", ignore="none"), problem)
    assert plane.cosines[0] == pytest.approx(0, abs=1e-6)
    assert plane.norms == pytest.approx((1, 1), abs=1e-6)
    projection = project(
        plane.directions, plane.origin, problem.checkpoints.__getitem__, 6, problem.layout.parameter_size
    )
    assert projection.explained_variance == pytest.approx(plane.explained_variance, abs=1e-6)
    assert projection.residual[-1] == 0


def test_a_pca_plane_needs_a_trajectory(problem: FakeProblem) -> None:
    with pytest.raises(InputError, match=r'plane\.kind: got "pca", which needs problem\.trajectory'):
        opened(Plane(kind="pca"), problem)


def test_a_plane_from_a_file(problem: FakeProblem, golden: Path, tmp_path: Path) -> None:
    path = golden / "m.t7_weights_xignore=biasbn_xnorm=filter_yignore=biasbn_ynorm=filter.h5"
    plane = opened(Plane(kind="file", file=str(path)), problem)
    assert torch.equal(plane.directions, read_direction_file(path, problem.model, problem.layout).directions)
    assert plane.norms[0] == pytest.approx(1.66430, abs=1e-5)
    moving = torch.randn(2, problem.layout.size)
    write_direction_file(tmp_path / "d.h5", moving, problem.model, problem.layout, "states")
    plane = opened(Plane(kind="file", file=str(tmp_path / "d.h5")), problem)
    assert plane.moves_buffers
    assert plane.batch_norm == "interpolated"


def test_what_is_no_plane_is_refused(problem: FakeProblem) -> None:
    with pytest.raises(InputError, match="direction of u is zero"):
        opened(Plane(), FakeProblem(problem.model, problem.layout, torch.zeros(problem.layout.size)))
    with pytest.raises(InputError, match="direction of u is not finite"):
        opened(Plane(), FakeProblem(problem.model, problem.layout, torch.full((problem.layout.size,), torch.inf)))
    direction = torch.randn(1, 50)
    with pytest.raises(InputError, match="parallel"):
        span_plane(torch.zeros(50), torch.cat([direction, -2 * direction]), 50)


def test_losses_of_the_reference_surface(
    problem: FakeProblem, golden: Path, load_golden: Callable[[str], nn.Module]
) -> None:
    """The composed points, put into the network by the book, have the losses that the reference code stored."""
    import h5py

    name = "m.t7_weights_xignore=biasbn_xnorm=filter_yignore=biasbn_ynorm=filter.h5"
    plane = opened(Plane(kind="file", file=str(golden / name)), problem)
    generator = torch.Generator().manual_seed(7)
    x, y = torch.randn(50, 1, 4, 4, generator=generator), torch.randint(0, 4, (50,), generator=generator)
    with h5py.File(golden / (name + "_[-1.0,1.0,5]x[-1.0,1.0,3].h5")) as file:
        us, vs = file["xcoordinates"][()], file["ycoordinates"][()]
        stored = file["train_loss"][()].ravel().reshape(len(vs), len(us))
    for row, v in enumerate(vs):
        for column, u in enumerate(us):
            state = problem.layout.views(plane.point(u, v))
            with torch.no_grad():
                output = torch.func.functional_call(problem.model, state, (x,))
            loss = nn.functional.cross_entropy(output.double(), y).item()
            assert loss == pytest.approx(stored[row, column], rel=1e-6)
