"""The choice of a number format, and where float32 stands in for it."""

import itertools
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from talweg_compute.engine import Evaluator, compute_landscape, format_choice, landscape, number_format
from talweg_compute.engine import precision as precision_module
from talweg_compute.engine.known_points import KnownPoints
from talweg_compute.engine.noise import order_flips, within_noise
from talweg_compute.engine.number_format import TYPES, faster_formats, lacks, switched_on
from talweg_compute.engine.passes import Pass
from talweg_compute.engine.point_formats import PointFormats
from talweg_compute.engine.precision import Deviation, Trial, trial_parts, try_formats
from talweg_compute.engine.record import Record
from talweg_compute.messages import (
    Block,
    Compute,
    Event,
    Job,
    Known,
    Measured,
    Note,
    Plane,
    Points,
    Progress,
    Provenance,
    Ready,
)
from talweg_compute.messages.job import Axis, Grid, Problem, Run
from talweg_compute.plane import OpenPlane, open_plane
from talweg_compute.problem.data import Samples
from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.losses import build_loss
from talweg_compute.problem.problem import OpenProblem

CPU = torch.device("cpu")
POINTS = [(0.3, -0.2), (0.9, 0.7), (-0.6, 0.1)]


def never() -> bool:
    return False


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(8, 40), nn.Linear(40, 5)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x).relu())


class Float32Only(Net):
    def forward(self, x: Tensor) -> Tensor:
        if torch.is_autocast_enabled("cpu") or x.dtype != torch.float32:
            raise TypeError("float32 is all I take")
        return super().forward(x)


class Breaking(Net):
    """A difference that bfloat16 rounds to nothing, and a division by it."""

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(x)
        return x / ((x + 300) - 300 + 1e-9).abs().clamp(max=1)


def open_model(model: nn.Module) -> OpenProblem:
    layout = Layout.of(model)
    samples = Samples(torch.randn(64, 8), torch.arange(64) % 5, "")
    origin = layout.flatten(named_tensors(model))
    nothing = Problem("none", "none", checkpoint="none.pt")
    return OpenProblem(
        nothing, model.eval(), layout, origin, samples, build_loss("cross_entropy"), Path("n.pt"), "", ()
    )


@pytest.fixture
def opened() -> Callable[[type[nn.Module]], tuple[Evaluator, OpenPlane, list[str]]]:
    def build(kind: type[nn.Module]) -> tuple[Evaluator, OpenPlane, list[str]]:
        torch.manual_seed(5)
        problem = open_model(kind())
        notes: list[str] = []
        return Evaluator(problem, CPU, on_note=notes.append), open_plane(Plane(seed=2), problem), notes

    return build


def test_deviations_are_those_of_the_surface(opened: Any) -> None:
    evaluator, plane, notes = opened(Net)
    trial = try_formats(evaluator, plane, POINTS, ["bf16"], 0.01, never, notes.append, forced="bf16")
    exact = [evaluator.at_coordinates(plane, point, never).loss for point in POINTS]
    coarse = [evaluator.at_coordinates(plane, point, never, precision="bf16").loss for point in POINTS]
    assert [record.loss for record in trial.records] == exact
    origin = [evaluator.at_coordinates(plane, (0, 0), never, precision=each).loss for each in ("float32", "bf16")]
    deviations = np.abs(np.subtract([origin[1], *coarse], [origin[0], *exact]))
    assert trial.choice == "bf16"
    assert trial.deviation.median == pytest.approx(np.median(deviations))
    assert trial.deviation.largest == pytest.approx(deviations.max())
    assert trial.deviation.floor >= deviations[0] > 0
    assert trial.values["largest"] == trial.deviation.largest
    assert not notes


def test_a_tolerance_below_the_deviation_keeps_float32(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(precision_module, "_WORTHWHILE", 0.0)
    evaluator, plane, notes = opened(Net)
    assert try_formats(evaluator, plane, POINTS, ["bf16"], 0.5, never, notes.append).choice == "bf16"
    refused = try_formats(evaluator, plane, POINTS, ["bf16"], 1e-9, never, notes.append)
    assert (refused.choice, refused.deviation.precision) == ("float32", "bf16")
    monkeypatch.setattr(precision_module, "_WORTHWHILE", 1e9)  # nothing is that much faster
    assert try_formats(evaluator, plane, POINTS, ["bf16"], 0.5, never, notes.append).choice == "float32"


def test_few_of_many_samples_are_enough_and_spread_over_all() -> None:
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert trial_parts(256, cpu) == [range(256)]
    parts = trial_parts(50_000, cpu)
    assert parts == trial_parts(50_000, cpu)
    assert [len(part) for part in parts] == [64] * 4
    assert (parts[0].start, parts[-1].stop) == (0, 50_000)
    assert [len(part) for part in trial_parts(50_000, gpu)] == [1024] * 4
    for count in (257, 300, 4097):  # they never overlap
        parts = trial_parts(count, cpu)
        assert all(one.stop <= other.start for one, other in itertools.pairwise(parts))


def test_a_trial_on_some_samples_overstates_the_deviation_rather_than_not(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(5)
    problem = open_model(Net())
    many = Samples(torch.randn(4096, 8), torch.arange(4096) % 5, "")
    evaluator = Evaluator(replace(problem, samples=many), CPU)
    plane = open_plane(Plane(seed=2), problem)
    where = np.random.default_rng(1).uniform(-1, 1, (12, 2)).tolist()
    some = try_formats(evaluator, plane, where, ["bf16"], 0.01, never, pytest.fail, forced="bf16")
    assert (some.deviation.samples, some.records) == (256, [])
    monkeypatch.setattr(precision_module, "trial_parts", lambda samples, device: [range(samples)])
    whole = try_formats(evaluator, plane, where, ["bf16"], 0.01, never, pytest.fail, forced="bf16")
    assert (whole.deviation.samples, len(whole.records)) == (4096, 12)
    assert some.deviation.median > 0.7 * whole.deviation.median


def test_the_fastest_tolerable_format_is_taken_and_all_are_kept() -> None:
    bf16 = Deviation("bf16", 64, 12, 1e-3, 2e-3, 5e-3, 1e-3, 0.2, 2.0)
    float16 = replace(bf16, precision="float16", median=1e-4, excess=0.02, speed=1.95)
    tf32 = replace(bf16, precision="tf32", median=1e-5, excess=0.001, speed=1.4)
    choose = precision_module._choose
    assert choose([tf32, bf16]) == "bf16"
    assert choose([tf32, bf16, float16]) == "float16"  # as fast as bf16, and more exact
    assert choose([tf32, replace(bf16, excess=1.1)]) == "tf32"
    assert choose([tf32, replace(bf16, largest=math.inf)]) == "tf32"
    assert choose([replace(tf32, speed=1.05)]) == "float32"
    assert choose([]) == "float32"
    values = Trial("bf16", (tf32, bf16), []).values
    assert values["tried"] == values["chosen"] == "bf16"
    assert (values["median"], values["speed"], values["samples"]) == (1e-3, 2.0, 64)
    assert (values["tf32_median"], values["tf32_speed"]) == (1e-5, 1.4)
    assert Trial("float32", (replace(bf16, excess=3.0), replace(tf32, excess=2.0)), []).values["tried"] == "tf32"


@pytest.mark.parametrize("forced", [None, "bf16"])
def test_a_model_that_does_not_run_falls_back_and_says_so(opened: Any, forced: Any) -> None:
    evaluator, plane, notes = opened(Float32Only)
    trial = try_formats(evaluator, plane, POINTS, ["bf16"], 0.5, never, notes.append, forced)
    assert (trial.choice, len(trial.records)) == ("float32", 3)
    assert notes == [
        "The model does not run in bf16 (TypeError: float32 is all I take); its points are evaluated in float32."
    ]


def test_a_model_that_breaks_falls_back_and_says_so(opened: Any) -> None:
    evaluator, plane, notes = opened(Breaking)
    trial = try_formats(evaluator, plane, POINTS, ["bf16"], 0.5, never, notes.append)
    assert trial.choice == "float32"
    assert not trial.deviation.is_tolerable


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


def test_the_bottom_of_a_bowl_is_settled_in_float32() -> None:
    v, u = np.mgrid[-1:1:21j, -1:1:21j]
    exact = 5 * (u**2 + 2 * v**2)
    noise = np.random.default_rng(1).uniform(-2e-3, 2e-3, exact.shape)
    deviation = Deviation("bf16", 10, 12, 1e-3, 0.0, 2e-3, 2e-3, 0.1, 2.0)
    points = KnownPoints(exact.size, 10, None)

    def take(index: int, loss: float, precision: str) -> None:
        points.join(index, Record(10, 10 * loss, 10 * loss**2, 5.0, (10 * loss,), 10, precision=precision))

    formats = PointFormats(points, exact.shape, "bf16", deviation)
    for index in range(exact.size):
        take(index, (exact + noise).flat[index], "bf16")
    everywhere = np.ones(exact.size, dtype=bool)
    index = formats.unsettled(everywhere, exact + noise)
    assert 220 in index  # the middle
    assert 0 < index.size < 60
    gradient = np.hypot(10 * u, 20 * v).ravel()
    assert gradient[index].max() < 2.3  # two steps of the grid change the loss by about 50 floors
    assert set(formats.settle(index).tolist()) == set(index.tolist())
    points.keep_coarse(index)
    points.forget(index)
    assert {formats.of(each) for each in index.tolist()} == {"float32"}
    assert set(points.lacking(np.arange(exact.size), 10).tolist()) == set(index.tolist())
    for each in index.tolist():
        take(each, exact.flat[each], "float32")
    surface = formats.heights.reshape(exact.shape)
    np.testing.assert_array_equal(surface.flat[index], exact.flat[index])
    assert formats.unsettled(everywhere, surface).size <= 5

    # a process that resumes comes to the same decision, for which nothing is left to evaluate
    again = PointFormats(points, exact.shape, "bf16", deviation)
    np.testing.assert_allclose(again.heights, (exact + noise).ravel(), rtol=1e-15)
    np.testing.assert_array_equal(again.unsettled(everywhere, exact + noise), index)
    assert not again.settle(index).size
    np.testing.assert_array_equal(again.heights, formats.heights)

    formats.give_up()  # everything coarse is evaluated anew
    assert formats.unsettled(everywhere).size == exact.size - index.size


def job(folder: Path, **run: Any) -> Job:
    torch.manual_seed(1)
    net = Net()
    (folder / "net.py").write_text(
        "from torch import nn\ndef net():\n    return nn.Sequential(nn.Linear(8, 40), nn.ReLU(), nn.Linear(40, 5))\n"
    )
    named = {
        f"{layer}.{kind}": getattr(module, kind)
        for layer, module in ((0, net.first), (2, net.second))
        for kind in ("weight", "bias")
    }
    torch.save({name: tensor.detach() for name, tensor in named.items()}, folder / "net.pt")
    np.savez(folder / "data.npz", inputs=np.random.default_rng(0).normal(size=(64, 8)), targets=np.arange(64) % 5)
    problem = Problem(
        model=f"{folder / 'net.py'}:net", data=str(folder / "data.npz"), checkpoint=str(folder / "net.pt")
    )
    grid = Grid(Axis(-1.0, 1.0, 17), Axis(-1.0, 1.0, 17))
    return Job(problem=problem, grid=grid, run=Run(device="cpu", **run))


def compute(
    job: Job, expected: Provenance | None = None, known: Known | None = None
) -> tuple[dict[int, tuple[float, str]], list[Event]]:
    events: list[Event] = []
    compute_landscape(Compute("1", job, known, expected=expected), events.append, never)
    points: dict[int, tuple[float, str]] = {}
    for event in events:
        if isinstance(event, Points):
            columns = event.index.array(), event.fields["loss"].array(), event.precision.array()
            points |= {
                k: (loss, precision) for k, loss, precision in zip(*(each.tolist() for each in columns), strict=True)
            }
    return points, events


def points_as_they_came(events: list[Event]) -> dict[int, tuple[float, str]]:
    points: dict[int, tuple[float, str]] = {}
    for event in events:
        if isinstance(event, Points):
            columns = event.index.array(), event.fields["loss"].array(), event.precision.array()
            for k, loss, precision in zip(*(each.tolist() for each in columns), strict=True):
                points.setdefault(k, (loss, precision))
    return points


def last_provenance(events: list[Event]) -> Provenance:
    return [event.provenance for event in events if isinstance(event, Ready)][-1]


def test_a_short_run_stays_in_float32(tmp_path: Path) -> None:
    points, events = compute(job(tmp_path))
    assert {precision for _, precision in points.values()} == {"float32"}
    assert not [event for event in events if isinstance(event, Measured)]
    assert last_provenance(events).precision == "float32"


def test_auto_mixes_formats_and_ends_with_float32_where_it_is_flat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exact, _ = compute(job(tmp_path, precision="float32"))
    monkeypatch.setattr(format_choice, "SECONDS_THAT_PAY_FOR_TRIALS", 0.0)
    monkeypatch.setattr(format_choice, "faster_formats", lambda device: ("bf16",))
    monkeypatch.setattr(precision_module, "_WORTHWHILE", 0.0)
    points, events = compute(job(tmp_path))
    assert len(points) == 17 * 17
    measured = [event.values for event in events if isinstance(event, Measured) and event.topic == "precision"]
    assert [(values["chosen"], values.get("settled")) for values in measured] == [("bf16", None), ("bf16", True)]
    assert last_provenance(events).precision == "bf16"
    assert {precision for _, precision in points.values()} == {"bf16", "float32"}
    progress = [event for event in events if isinstance(event, Progress)]
    assert "evaluating the flat parts in float32" in {event.phase for event in progress}
    assert all(event.done <= event.total and (event.remaining or 0) >= 0 for event in progress)
    loss = np.array([points[k][0] for k in range(17 * 17)]).reshape(17, 17)
    coarse = np.array([points[k][1] == "bf16" for k in range(17 * 17)]).reshape(17, 17)
    assert not (within_noise(loss, np.ones_like(coarse), measured[0]["floor"], measured[0]["relative"]) & coarse).any()
    for k, (value, precision) in points.items():
        if precision == "float32":
            assert value == pytest.approx(exact[k][0], rel=1e-6)
        else:
            assert value == pytest.approx(exact[k][0], rel=0.05)

    # a run that dies, before its last point or before it settles, goes on to the same numbers in the same formats
    came = points_as_they_came(events)
    assert came != points
    provenance = last_provenance(events)
    for committed in (dict(list(came.items())[:150]), came):
        known = Known(
            index=Block.of(list(committed)),
            samples=Block.of([0] * len(committed)),
            fields={"loss": Block.of([loss for loss, _ in committed.values()])},
            sums=Block.of(np.zeros((len(committed), 0))),
            precision=Block.of([precision for _, precision in committed.values()]),
        )
        rest, events = compute(job(tmp_path), provenance, known)
        assert last_provenance(events).precision == "bf16"
        assert committed | rest == points


@pytest.mark.parametrize("run", [{}, {"adaptive": True}])
def test_an_order_that_flips_gives_the_format_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: dict[str, Any]
) -> None:
    monkeypatch.setattr(format_choice, "SECONDS_THAT_PAY_FOR_TRIALS", 0.0)
    monkeypatch.setattr(format_choice, "faster_formats", lambda device: ("bf16",))
    monkeypatch.setattr(precision_module, "_WORTHWHILE", 0.0)
    monkeypatch.setattr(format_choice, "order_flips", lambda coarse, exact: True)
    points, events = compute(job(tmp_path, **run))
    assert {precision for _, precision in points.values()} == {"float32"}
    assert any("another order" in event.text for event in events if isinstance(event, Note))
    assert last_provenance(events).precision == "float32"


def test_a_format_that_was_asked_for_is_taken_with_its_deviations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number_format, "_cpu_has_bf16", lambda: True)
    points, events = compute(job(tmp_path, precision="bf16", tolerance=1e-6))
    formats = [precision for _, precision in points.values()]
    assert formats.count("float32") == precision_module.TRIAL_POINTS
    assert formats.count("bf16") == 17 * 17 - precision_module.TRIAL_POINTS
    assert [event.values["chosen"] for event in events if isinstance(event, Measured)] == ["bf16"]
    assert any("more than the tolerance: bf16 differs" in event.text for event in events if isinstance(event, Note))


@pytest.mark.parametrize("precision", ["float16", "bf16", "tf32"])
def test_a_format_that_the_device_lacks_gives_way_to_float32_before_it_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, precision: str
) -> None:
    monkeypatch.setattr(number_format, "_cpu_has_bf16", lambda: False)
    points, events = compute(job(tmp_path, precision=precision))
    assert {kind for _, kind in points.values()} == {"float32"}
    assert last_provenance(events).precision == "float32"
    assert [event.text for event in events if isinstance(event, Note)] == [
        f"This device has no {precision} in hardware, so that float32 is faster; the rest is evaluated in it."
    ]
    assert not [event for event in events if isinstance(event, Measured)]


def test_which_formats_devices_have(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda, mps = torch.device("cuda"), torch.device("mps")
    formats = {
        (6, 1): (),
        (7, 0): ("float16",),
        (7, 5): ("float16",),
        (8, 0): ("float16", "bf16", "tf32"),
        (9, 0): ("float16", "bf16", "tf32"),
    }
    for capability, found in formats.items():
        monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device, found=capability: found)
        assert faster_formats(cuda) == found
        assert [each for each in TYPES if not lacks(each, cuda)] == [*found, "float32"]
    assert faster_formats(mps) == ()
    assert [each for each in TYPES if lacks(each, mps)] == ["tf32"]


@pytest.mark.parametrize(
    ("capabilities", "has"),
    [({"avx2": True, "avx512_bf16": False, "amx_bf16": False}, False), ({"avx2": True, "avx512_bf16": True}, True)],
)
def test_a_cpu_has_bf16_where_its_flags_say_so(
    monkeypatch: pytest.MonkeyPatch, capabilities: dict[str, bool], has: bool
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert faster_formats(CPU) == (("bf16",) if has else ())
    assert [each for each in TYPES if not lacks(each, CPU)] == [*faster_formats(CPU), "float32"]


def test_switches_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", True)
    matmul, convolution = torch.backends.cuda.matmul, torch.backends.cudnn.conv
    before = matmul.fp32_precision, convolution.fp32_precision
    legacy = matmul.allow_tf32, torch.backends.cudnn.allow_tf32

    def break_off() -> None:
        with switched_on("tf32", torch.device("cuda")):  # the switches are there without a GPU
            assert (matmul.fp32_precision, convolution.fp32_precision) == ("tf32", "tf32")
            with switched_on("float32", torch.device("cuda")):
                assert (matmul.fp32_precision, convolution.fp32_precision) == ("ieee", "ieee")
            assert (matmul.fp32_precision, convolution.fp32_precision) == ("tf32", "tf32")
            assert not torch.backends.cudnn.benchmark
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert (matmul.fp32_precision, convolution.fp32_precision) == before
    assert torch.backends.cudnn.benchmark
    assert (matmul.allow_tf32, torch.backends.cudnn.allow_tf32) == legacy


class Overflowing(Net):
    """Beyond the range of float16 away from the origin."""

    def forward(self, x: Tensor) -> Tensor:
        x = super().forward(x)
        return (100 * x.square()).square() / 1e6


def test_a_format_that_overflows_is_not_tolerable(opened: Any) -> None:
    evaluator, plane, notes = opened(Overflowing)
    far = [(0.1, 0.0), (0.2, 0.1), (40.0, 0.0)]  # the median is fine
    trial = try_formats(evaluator, plane, far, ["float16"], 0.5, never, notes.append)
    assert trial.choice == "float32"
    assert math.isinf(trial.deviation.largest)
    assert trial.deviation.excess <= 1
    assert notes[0].startswith("The model breaks in float16")
    assert list(evaluator._passes) == ["float32"]


def test_what_overflows_is_evaluated_in_float32(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_format, "_cpu_has_bf16", lambda: True)
    exact, _ = compute(job(tmp_path, precision="float32"))
    at_many = Evaluator.at_many

    def overflow(
        self: Evaluator, plane: Any, coordinates: Any, stop: Any, part: Any = None, precision: Any = None
    ) -> Any:
        records = at_many(self, plane, coordinates, stop, part, precision)
        return [
            replace(record, loss_sum=math.inf) if precision == "bf16" and where[0] > 0.8 else record
            for where, record in zip(coordinates, records, strict=True)
        ]

    monkeypatch.setattr(Evaluator, "at_many", overflow)
    points, events = compute(job(tmp_path, precision="bf16", tolerance=0.5))
    assert all(math.isfinite(loss) for loss, _ in points.values())
    for k, (loss, precision) in points.items():
        assert precision == ("float32" if k % 17 >= 15 else points_as_they_came(events)[k][1])
        assert loss == pytest.approx(exact[k][0], rel=0.05)
    assert any(
        "points are not finite in bf16; they are evaluated" in event.text for event in events if isinstance(event, Note)
    )


def test_a_batch_that_was_halved_is_told_and_another_device_chooses_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure = Pass.measure

    def run_out(self: Pass, start: int, stop: int) -> Tensor:
        if stop - start > 16:
            raise torch.OutOfMemoryError("out of memory")
        return measure(self, start, stop)

    monkeypatch.setattr(Pass, "measure", run_out)
    wanted = job(tmp_path, precision="float32")
    _, events = compute(wanted)
    told = last_provenance(events)
    assert told.batch_size == 16
    assert told.batch_norm == "frozen"
    monkeypatch.setattr(Pass, "measure", measure)
    known = Known(Block.of([0]), Block.of([0]), {"loss": Block.of([1.0])}, Block.of(np.zeros((1, 0))))
    for device, size in ((told.device, 16), ("cuda (NVIDIA H200)", 64)):
        _, events = compute(wanted, msgspec.structs.replace(told, device=device), known)
        assert last_provenance(events).batch_size == size


def test_a_note_is_told_once(tmp_path: Path) -> None:
    """Lanes find what the first process found."""
    events: list[Event] = []
    run = landscape._Run(Compute("1", job(tmp_path)), events.append, never)
    for text in ("One.", "Two.", "One."):
        run._points._note(text)
    assert [event.text for event in events if isinstance(event, Note)] == ["One.", "Two."]


def test_float32_on_a_cpu_is_float32_whatever_a_users_file_switched_on() -> None:
    matmul, convolution = torch.backends.mkldnn.matmul, torch.backends.mkldnn.conv
    start = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        for precision in ("float32", "bf16"):
            with switched_on(precision, CPU):
                assert (matmul.fp32_precision, convolution.fp32_precision) == ("ieee", "ieee")
            assert matmul.fp32_precision == "bf16"
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(start)
