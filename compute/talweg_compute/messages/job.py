"""What is to be computed: frozen structures, written as TOML by people.

Each field's description completes the sentence "expected …" of an error; ``reading`` builds that sentence.
"""

import itertools
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from talweg_compute.messages.plane import Plane

PATH_FIELDS = ("python", "checkpoint", "trajectory", "other_trajectories", "file", "through")
"""Fields that hold nothing but a path, or several."""

PATH_ARGUMENTS = {"data_args": ("root",)}
"""Tables of arguments, with the keys that hold a path."""

SPECIFICATION_FIELDS = ("model", "data", "loss", "metrics")
"""Fields that hold a name, or a path with an optional ``:function``; or several of them."""


class Normalize(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Per-channel normalization of images that were scaled to [0, 1]: (x - mean) / std."""

    mean: Annotated[tuple[float, ...], Meta(description="a list with one number a channel")]
    std: Annotated[tuple[float, ...], Meta(description="a list with one positive number a channel")]

    def __post_init__(self) -> None:
        """Check that there are as many standard deviations as means, all of them positive."""
        if len(self.mean) != len(self.std) or not self.mean or min(self.std) <= 0:
            raise ValueError("mean and std with one number a channel each, every std positive")


class Problem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """WHAT is evaluated: a model with weights, on data, under a loss."""

    model: Annotated[
        str,
        Meta(
            description='the name of a model of the zoo, "torchvision:NAME", a .pt2 file, or "path/to/file.py:function"'
        ),
    ]
    data: Annotated[str, Meta(description='the name of a data set, a .npz file, or "path/to/file.py:function"')]
    model_args: Annotated[dict[str, Any], Meta(description="a table of arguments for the model")] = {}
    checkpoint: Annotated[str | None, Meta(description="the path of a checkpoint")] = None
    trajectory: Annotated[str | None, Meta(description='a pattern of checkpoints such as "folder/*.pt"')] = None
    data_args: Annotated[dict[str, Any], Meta(description="a table of arguments for the data set")] = {}
    subset: Annotated[
        Literal["first", "balanced"],
        Meta(description='"first" (the first N samples) or "balanced" (the classes in turn)'),
    ] = "first"
    other_trajectories: Annotated[
        tuple[str, ...], Meta(description='a list of patterns of checkpoints of other runs, such as ["adam/*.pt"]')
    ] = ()
    normalize: Annotated[Normalize | None, Meta(description="a table { mean = [...], std = [...] }")] = None
    samples: Annotated[int, Meta(ge=0, description="an integer of at least 0 (the first N samples; 0 means all)")] = 0
    loss: Annotated[str, Meta(description='"cross_entropy", "mse", "multi_margin", or "path/to/file.py:function"')] = (
        "cross_entropy"
    )
    loss_args: Annotated[dict[str, Any], Meta(description="a table of arguments for the loss")] = {}
    metrics: Annotated[
        tuple[str, ...],
        Meta(
            description="a list of metrics that every point gets besides, by name or as "
            '"path/to/file.py:function", such as ["top5_accuracy", "brier_score"]'
        ),
    ] = ()
    batch_norm: Annotated[
        Literal["frozen", "interpolated", "recalibrated"] | None,
        Meta(description='"frozen", "interpolated" or "recalibrated" (left out: as the directions have it)'),
    ] = None

    def __post_init__(self) -> None:
        """Check that there are weights; of both, the checkpoint is the origin; a program brings its own."""
        if self.checkpoint is None and self.trajectory is None and not self.model.endswith(".pt2"):
            raise ValueError("a checkpoint or a trajectory, whose last checkpoint is then the origin")


class PlaneOrigin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the plane's origin lies, if it is not the checkpoint: at a point of another plane through the checkpoint.

    The new plane's directions are found, and normalized, at the weights there: θ' = θ + u δ + v η, with δ and η those
    of the other plane.

    Attributes:
        at: Coordinates on the other plane, in its units.
        plane: The other plane.
        origin: Where that one's origin lies, in turn.
    """

    at: Annotated[tuple[float, ...], Meta(description="a list of numbers [u, v], one a direction of its plane")]
    plane: Annotated[Plane, Meta(description="a table [origin.plane]")] = Plane()
    origin: Annotated["PlaneOrigin | None", Meta(description="a table [origin.origin]")] = None

    def __post_init__(self) -> None:
        """Check that the point lies on the plane."""
        if len(self.at) != self.plane.directions or not all(-1e30 < coordinate < 1e30 for coordinate in self.at):
            raise ValueError(f"one finite number in at for each of the {self.plane.directions} directions of its plane")


_AXIS = "[from, to, count] with from < to and a count of 2 to 100000"


class Axis(msgspec.Struct, frozen=True, array_like=True):
    """Evenly spaced coordinates along one direction, both ends included."""

    start: float
    stop: float
    count: int

    def __post_init__(self) -> None:
        """Check the order of the ends and the number of points."""
        if not (-1e30 < self.start < self.stop < 1e30 and 2 <= self.count <= 100_000):
            raise ValueError(_AXIS)

    def coordinates(self) -> NDArray[np.float64]:
        """Place the points, float64 [count], as ``numpy.linspace`` does."""
        return np.linspace(self.start, self.stop, self.count)


class Grid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which points: u runs along columns, v along rows, w through the sheets; a line has u only, a plane no w."""

    u: Annotated[Axis, Meta(description=_AXIS)] = Axis(-1.0, 1.0, 51)
    v: Annotated[Axis, Meta(description=_AXIS)] = Axis(-1.0, 1.0, 51)
    w: Annotated[Axis | None, Meta(description=_AXIS)] = None

    def axes(self, directions: int) -> tuple[Axis, ...]:
        """List the axes of that many directions: u, v, w; w is like v where nothing is said."""
        return (self.u, self.v, self.w or self.v)[:directions]


class Run(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """HOW: devices, processes, size of a batch, number format, and in which steps the landscape becomes exact."""

    device: Annotated[
        str, Meta(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$", description='"auto", "cpu", "cuda", "cuda:1" or "mps"')
    ] = "auto"
    processes: Annotated[
        int, Meta(ge=0, le=1024, description="an integer of 0 to 1024 (0: one a core, or one a GPU)")
    ] = 0
    batch_size: Annotated[int, Meta(ge=0, description="an integer of at least 0 (0: chosen)")] = 0
    precision: Annotated[
        Literal["auto", "float32", "tf32", "float16", "bf16"],
        Meta(description='"auto", "float32", "tf32", "float16" or "bf16"'),
    ] = "auto"
    ladder: Annotated[
        Literal["off", "auto"] | tuple[int, ...],
        Meta(
            description='"off", "auto", or a list of ascending numbers of samples such as [500, 2000]: every point '
            "is first evaluated on that many, and on all of them in the end"
        ),
    ] = "off"
    adaptive: Annotated[
        bool, Meta(description="true or false (true: points that their neighbours predict are not evaluated)")
    ] = False
    tolerance: Annotated[
        float, Meta(gt=0, lt=1, description="a number between 0 and 1, the error allowed as a share of the loss")
    ] = 0.01

    def __post_init__(self) -> None:
        """Check that the ladder rises, and that what is refined adaptively is not refined by samples as well."""
        if not isinstance(self.ladder, str):
            rises = all(low < high for low, high in itertools.pairwise((0, *self.ladder)))
            if not self.ladder or not rises:
                raise ValueError("a ladder of ascending numbers of samples, such as [500, 2000]")
        if self.adaptive and self.ladder != "off":
            raise ValueError('either a ladder or adaptive = true, and not both: leave one out, or set ladder = "off"')

    def rungs(self, samples: int) -> tuple[range, ...]:
        """Say which samples join in each pass over the points.

        "auto" climbs over a sixteenth and a quarter of the samples, as far as these are a hundred at least.

        Args:
            samples: Number of all samples.

        Returns:
            Ranges that follow one another, from the first sample to the last.
        """
        if self.ladder == "auto":
            ends = [end for end in (samples // 16, samples // 4) if end >= _FEWEST_SAMPLES]
        else:
            ends = [end for end in self.ladder if isinstance(end, int) and end < samples]
        return tuple(itertools.starmap(range, itertools.pairwise((0, *ends, samples))))


_FEWEST_SAMPLES = 100  # of a rung that is chosen automatically


class Worker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """WITH WHAT: the interpreter that evaluates."""

    python: Annotated[
        str | None, Meta(description="the path of a Python interpreter that has torch and your own packages")
    ] = None


class Job(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One landscape to compute."""

    problem: Annotated[Problem, Meta(description="a table [problem]")]
    plane: Annotated[Plane, Meta(description="a table [plane]")] = Plane()
    grid: Annotated[Grid, Meta(description="a table [grid]")] = Grid()
    run: Annotated[Run, Meta(description="a table [run]")] = Run()
    worker: Annotated[Worker, Meta(description="a table [worker]")] = Worker()
    origin: Annotated[PlaneOrigin | None, Meta(description="a table [origin]")] = None

    def __post_init__(self) -> None:
        """Check that the grid has no axis that the plane has not."""
        if self.grid.w is not None and self.plane.directions < 3:
            raise ValueError(f"plane.directions = 3 with grid.w; it is {self.plane.directions}")
        if self.run.adaptive and self.plane.directions != 2:
            raise ValueError(f"plane.directions = 2 with run.adaptive; it is {self.plane.directions}")

    def each_seed(self) -> "tuple[Job, ...]":
        """Split a job with several seeds into one a seed; a job without is alone."""
        return tuple(self.with_seed(seed) for seed in self.plane.seeds) or (self,)

    def with_seed(self, seed: int) -> "Job":
        """Draw the directions from another seed; kinds that draw none stay as they are."""
        if self.plane.seed == seed and not self.plane.seeds:
            return self
        return msgspec.structs.replace(self, plane=msgspec.structs.replace(self.plane, seed=seed, seeds=()))

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes of the grid, one a direction: u, v, w."""
        return self.grid.axes(self.plane.directions)
