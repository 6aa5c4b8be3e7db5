"""Every kind of plane from its job's keys, on a real problem, against an exact answer."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from talweg_compute.messages import InputError, Plane, Problem, build_job
from talweg_compute.plane import open_plane, project, random_directions, read_direction_file
from talweg_compute.plane.restriction import restrict_layout
from talweg_compute.problem.gradient import LossGradient
from talweg_compute.problem.problem import OpenProblem, open_problem

MODEL = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1)
        self.bn = nn.BatchNorm2d(3)
        self.fc = nn.Linear(48, 4)

    def forward(self, x):
        return self.fc(torch.relu(self.bn(self.conv(x))).flatten(1))
"""


@pytest.fixture(scope="module")
def problem(tmp_path_factory: pytest.TempPathFactory, golden: Path) -> OpenProblem:
    """The golden reference's network, with a trajectory of six checkpoints that ends at its weights."""
    folder = tmp_path_factory.mktemp("problem")
    (folder / "model.py").write_text(MODEL)
    generator = torch.Generator().manual_seed(7)
    x, y = torch.randn(50, 1, 4, 4, generator=generator), torch.randint(0, 4, (50,), generator=generator)
    np.savez(folder / "data.npz", inputs=x.numpy(), targets=y.numpy())
    final = torch.load(golden / "m.t7", weights_only=True)["state_dict"]
    for step in range(6):
        factor = 0.05 * (5 - step)
        state = {
            name: value + factor * torch.randn(value.shape, generator=generator) ** 2
            if value.is_floating_point()
            else value
            for name, value in final.items()
        }
        torch.save(state, folder / f"epoch_{step}.pt")
    return open_problem(
        Problem(f"{folder}/model.py:Net", f"{folder}/data.npz", trajectory=f"{folder}/epoch_*.pt"),
    )


def flat(problem: OpenProblem, index: int) -> Tensor:
    return problem.read_flat(problem.trajectory[index])


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_line_a_plane_and_a_volume_share_their_first_directions(problem: OpenProblem, count: int) -> None:
    plane = open_plane(Plane(directions=count, seed=3), problem)
    expected = random_directions(problem.layout, problem.origin, 3, count=3)
    assert torch.equal(plane.directions, expected[:count])
    assert len(plane.norms) == count
    assert len(plane.cosines) == count * (count - 1) // 2
    if count == 3:
        pairs = [(0, 1), (0, 2), (1, 2)]
        cosines = [float(torch.cosine_similarity(expected[a].double(), expected[b].double(), 0)) for a, b in pairs]
        assert plane.cosines == pytest.approx(cosines, abs=1e-7)
    place = np.linspace(-0.4, 0.7, count)
    change = torch.from_numpy((place @ expected[:count].double().numpy()).astype(np.float32))
    torch.testing.assert_close(plane.point(*place), problem.origin + change)


def test_orthogonal_and_restricted(problem: OpenProblem) -> None:
    plane = open_plane(Plane(directions=3, orthogonal=True, only=("fc",)), problem)
    assert max(map(abs, plane.cosines)) < 1e-6
    for direction in plane.directions:
        moved = {name for name, view in problem.layout.views(direction).items() if view.any()}
        assert moved == {"fc.weight"}
    with pytest.raises(InputError, match=r'plane\.only: got "head"'):
        open_plane(Plane(only=("head",)), problem)


@pytest.mark.parametrize("centered", [True, False])
def test_principal_directions(problem: OpenProblem, centered: bool) -> None:
    plane = open_plane(Plane(kind="pca", centered=centered, ignore="none", directions=3), problem)
    size = problem.layout.parameter_size
    rows = torch.stack([flat(problem, index) - problem.origin for index in range(6)])[:, :size].double()
    if centered:
        rows -= rows.mean(0)
    _, singular, basis = torch.linalg.svd(rows, full_matrices=False)
    shares = (singular**2 / (singular**2).sum())[:3]
    assert plane.explained_variance == pytest.approx(shares.tolist(), rel=1e-6)
    overlap = (plane.directions[:, :size].double() @ basis[:3].T).abs()
    torch.testing.assert_close(overlap, torch.eye(3, dtype=torch.float64), atol=1e-5, rtol=0)


def test_a_restricted_pca_looks_at_nothing_else(problem: OpenProblem) -> None:
    plane = open_plane(Plane(kind="pca", only=("conv.weight",)), problem)
    views = problem.layout.views(plane.directions)
    assert views["conv.weight"].flatten(1).norm(dim=1).tolist() == pytest.approx([1, 1], abs=1e-6)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_checkpoints_lie_where_the_note_says(problem: OpenProblem, count: int) -> None:
    through = tuple(str(problem.trajectory[index]) for index in range(count))
    plane = open_plane(Plane(kind="checkpoints", through=through, directions=count), problem)
    assert plane.batch_norm == "interpolated"
    projection = project(plane.directions, plane.origin, lambda index: flat(problem, index), count, 1)
    assert projection.residual.max() < 1e-5
    for index in range(count):
        torch.testing.assert_close(
            plane.point(*projection.coordinates[index]), flat(problem, index), atol=1e-5, rtol=1e-5
        )
    if count == 1:  # 0 is the origin, 1 the other, whatever lies between and beyond
        torch.testing.assert_close(plane.point(1.0), flat(problem, 0))
        assert plane.notes == ("On the line epoch_0.pt lies at (1).",)
    else:
        assert "epoch_1.pt lies at (" in plane.notes[0]


def test_what_a_kind_leaves_open_is_random(problem: OpenProblem) -> None:
    through = (str(problem.trajectory[0]),)
    plane = open_plane(Plane(kind="checkpoints", through=through, seed=9), problem)
    assert plane.notes == ("On the plane epoch_0.pt lies at (1, 0).",)
    assert torch.equal(plane.directions[0], flat(problem, 0) - problem.origin)
    assert torch.equal(plane.directions[1], random_directions(problem.layout, problem.origin, 9, count=1)[0])
    plane = open_plane(Plane(kind="checkpoints", through=through, seed=9, directions=3, orthogonal=True), problem)
    size = problem.layout.parameter_size
    axes = plane.directions[:, :size].double()
    cosines = (axes @ axes.T) / torch.outer(axes.norm(dim=1), axes.norm(dim=1))
    torch.testing.assert_close(cosines, torch.eye(3, dtype=torch.float64), atol=1e-6, rtol=0)


def test_initial_to_final(problem: OpenProblem) -> None:
    size = problem.layout.parameter_size
    chord = (flat(problem, 0) - problem.origin)[:size].double()
    line = open_plane(Plane(kind="initial_to_final", directions=1), problem)
    torch.testing.assert_close(line.directions[0, :size], (chord / chord.norm()).float())
    plane = open_plane(Plane(kind="initial_to_final"), problem)
    assert torch.equal(plane.directions[0], line.directions[0])
    offsets = torch.stack([(flat(problem, index) - problem.origin)[:size].double() for index in range(6)])
    unit = chord / chord.norm()
    rest = offsets - torch.outer(offsets @ unit, unit)
    farthest = rest[int(rest.norm(dim=1).argmax())]
    torch.testing.assert_close(plane.directions[1, :size], (farthest / farthest.norm()).float(), atol=1e-6, rtol=0)


def test_the_gradient_descends_as_fast_as_its_length(problem: OpenProblem) -> None:
    line = open_plane(Plane(kind="gradient", directions=1, ignore="none"), problem)
    assert line.norms == pytest.approx((1.0,), abs=1e-6)
    state = {name: view.double() for name, view in problem.layout.views(problem.origin).items()}
    leaves = {name: view.requires_grad_() for name, view in state.items() if "running" not in name}
    outputs = torch.func.functional_call(problem.model, state, problem.samples.inputs.double())
    gradients = torch.autograd.grad(
        nn.functional.cross_entropy(outputs, problem.samples.targets), list(leaves.values())
    )
    length = torch.cat([gradient.flatten() for gradient in gradients]).norm()
    views = problem.layout.views(line.directions[0])
    for name, gradient in zip(leaves, gradients, strict=True):
        torch.testing.assert_close(views[name].double(), -gradient / length, atol=1e-6, rtol=1e-4)
    loss, slope = LossGradient(problem, torch.device("cpu"))(line.point(0.01))
    before, _ = LossGradient(problem, torch.device("cpu"))(problem.origin)
    assert (loss - before) / 0.01 == pytest.approx(-float(length), rel=0.05)
    assert slope.shape == problem.origin.shape
    ignored = open_plane(Plane(kind="gradient"), problem)
    assert not problem.layout.views(ignored.directions[0])["fc.bias"].any()


def test_the_loss_fitting_plane_fits_better_than_where_it_began(problem: OpenProblem) -> None:
    plane = open_plane(Plane(kind="loss_fitting", steps=15), problem)
    assert plane.norms == pytest.approx((1, 1), abs=1e-5)
    words = plane.notes[0].split()
    before, after = float(words[words.index("from") + 1]), float(words[words.index("from") + 3].rstrip(";"))
    assert after < 0.9 * before


def test_given_vectors(problem: OpenProblem, tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(1)
    u, v = (torch.randn(4, 48, generator=generator) for _ in range(2))
    bias = torch.randn(3, generator=generator)
    path = tmp_path / "directions.safetensors"
    save_file({"u.fc.weight": u, "v.fc.weight": v, "v.conv.bias": bias}, path)
    plane = open_plane(Plane(kind="file", file=str(path)), problem)
    views = problem.layout.views(plane.directions)
    assert torch.equal(views["fc.weight"], torch.stack([u, v]))
    assert torch.equal(views["conv.bias"][1], bias)
    assert plane.norms[0] == pytest.approx(u.norm().item())
    save_file({"fc.weight": u}, path)
    line = open_plane(Plane(kind="file", file=str(path), directions=1), problem)
    assert torch.equal(problem.layout.views(line.directions)["fc.weight"][0], u)


@pytest.mark.parametrize(
    ("tensors", "sentence"),
    [
        ({"u.fc.weight": torch.ones(4, 48)}, r'has no tensor "v\.NAME"'),
        (
            {"u.head.weight": torch.ones(4, 48), "v.fc.weight": torch.ones(4, 48)},
            'moves "head.weight", which the model',
        ),
        ({"u.fc.weight": torch.ones(4, 47), "v.fc.weight": torch.ones(4, 48)}, r"fc\.weight has shape \[4, 47\]"),
        ({"u.fc.bias": torch.full((4,), torch.nan), "v.fc.weight": torch.ones(4, 48)}, "u holds numbers that are not"),
    ],
)
def test_vectors_that_do_not_fit(
    problem: OpenProblem, tmp_path: Path, tensors: dict[str, Tensor], sentence: str
) -> None:
    save_file(tensors, tmp_path / "bad.safetensors")
    with pytest.raises(InputError, match=sentence):
        open_plane(Plane(kind="file", file=str(tmp_path / "bad.safetensors")), problem)


@pytest.mark.parametrize("kind", ["pca", "initial_to_final", "loss_fitting"])
def test_some_kinds_need_a_trajectory(problem: OpenProblem, kind: Any) -> None:
    alone = msgspec.structs.replace(problem.specification, checkpoint=str(problem.checkpoint), trajectory=None)
    with pytest.raises(InputError, match=r"needs problem\.trajectory, alone or beside"):
        open_plane(Plane(kind=kind), open_problem(alone))


def test_a_checkpoint_beside_a_trajectory_is_the_origin(problem: OpenProblem) -> None:
    first = msgspec.structs.replace(problem.specification, checkpoint=str(problem.trajectory[0]))
    opened = open_problem(first)
    assert torch.equal(opened.origin, flat(problem, 0))
    assert len(opened.trajectory) == 6
    begun = open_problem(problem.specification, ("epoch_0.pt", "epoch_3.pt"))
    assert torch.equal(begun.origin, flat(problem, 3))


def job_plane(**plane: Any) -> Plane:
    table = {"problem": {"model": "m", "data": "d", "model_file": "m.t7"}, "plane": plane}
    grid = {"grid": {"x": "-1:1:5", "y": "-1:1:3"}} if plane.pop("y", True) else {"grid": {"x": "-1:1:3"}}
    job = build_job(table | grid, "job")
    assert job.problem.checkpoint == "m.t7"
    return job.plane


FILTER = {"xnorm": "filter", "xignore": "biasbn", "ynorm": "filter", "yignore": "biasbn"}
IN_NAME = "xignore=biasbn_xnorm=filter_yignore=biasbn_ynorm=filter"


@pytest.mark.parametrize(
    ("settings", "file"),
    [
        (FILTER, f"m.t7_weights_{IN_NAME}.h5"),
        (FILTER | {"dir_type": "states"}, f"m.t7_states_{IN_NAME}.h5"),
        ({"dir_type": "states", "xnorm": "filter", "y": False}, "m.t7_states_xnorm=filter.h5"),
        ({"dir_type": "states", "model_file2": "m2.t7", "y": False}, "m.t7_m2.t7_states.h5"),
    ],
)
def test_their_settings_give_their_directions_bit_for_bit(
    problem: OpenProblem, golden: Path, settings: dict[str, Any], file: str
) -> None:
    spec = job_plane(compatibility="li2018", **settings)
    if spec.through:
        spec = msgspec.structs.replace(spec, through=(str(golden / "m2.t7"),))
    plane = open_plane(spec, problem)
    expected = read_direction_file(golden / file, problem.model, problem.layout, spec.directions).directions
    assert torch.equal(plane.directions, expected)


def test_beside_a_target_their_code_draws_after_two_constructions(problem: OpenProblem, golden: Path) -> None:
    names = {"xnorm": "", "ynorm": "filter", "yignore": "biasbn"}
    spec = Plane(
        kind="checkpoints",
        through=(str(golden / "m2.t7"),),
        compatibility="li2018",
        seed=123,
        dir_type="states",
        **names,
    )
    plane = open_plane(spec, problem)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(123)
        for _ in range(2):
            type(problem.model)()
        drawn = [torch.randn(tensor.shape) for tensor in problem.model.state_dict().values()]
    weight = problem.model.get_parameter("conv.weight").detach()
    expected = torch.stack([d * (w.norm() / (d.norm() + 1e-10)) for d, w in zip(drawn[0], weight, strict=True)])
    assert torch.equal(problem.layout.views(plane.directions)["conv.weight"][1], expected)


def test_their_ranges_and_names() -> None:
    table: dict[str, Any] = {
        "problem": {"model": "m", "data": "d", "model_file": "a.t7", "loss_name": "crossentropy"},
        "plane": {"compatibility": "li2018", "xnorm": "filter", "xignore": "biasbn"},
        "grid": {"x": "-0.5:1.5:401"},
    }
    job = build_job(table, "job")
    assert (job.plane.directions, job.plane.xnorm, job.plane.ynorm, job.plane.seed) == (1, "filter", None, 123)
    assert (job.grid.u.start, job.grid.u.stop, job.grid.u.count) == (-0.5, 1.5, 401)
    assert job.problem.loss == "cross_entropy"
    assert build_job(msgspec.to_builtins(job), "again") == job
    table["grid"]["x"] = "-1:1"
    with pytest.raises(InputError, match=r'job: grid\.x: got \'-1:1\'; expected "from:to:count"'):
        build_job(table, "job")


def test_their_third_model_needs_the_second() -> None:
    problem = {"model": "m", "data": "d", "model_file": "a.t7"}
    plane = {"compatibility": "li2018", "model_file3": "c.t7"}
    with pytest.raises(InputError, match=r"job: plane\.model_file3: given without model_file2; expected both"):
        build_job({"problem": problem, "plane": plane}, "job")
    job = build_job({"problem": problem, "plane": plane | {"model_file2": "b.t7"}}, "job")
    assert (job.plane.kind, job.plane.through) == ("checkpoints", ("b.t7", "c.t7"))


def test_a_restricted_layout_keeps_its_places(problem: OpenProblem) -> None:
    restricted = restrict_layout(problem.layout, ["fc.*"])
    assert [entry.start for entry in restricted.entries] == [entry.start for entry in problem.layout.entries]
