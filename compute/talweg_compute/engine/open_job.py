"""A job, opened: its device, problem, order of samples and plane, ready to be evaluated."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from talweg_compute.engine.batch_norm import has_statistics
from talweg_compute.engine.device import choose_device, make_current
from talweg_compute.engine.evaluator import Evaluator
from talweg_compute.engine.forward import reason_against
from talweg_compute.engine.number_format import switched_on
from talweg_compute.messages import Job
from talweg_compute.plane import OpenPlane, move_origin, open_plane, span_plane
from talweg_compute.plane.buffers import treat_buffers
from talweg_compute.problem.problem import OpenProblem
from talweg_compute.problem.sample_order import Order, fair_order, open_ordered, reorder


@dataclass(frozen=True)
class OpenJob:
    """Everything of a job that does not depend on what is done with it.

    Attributes:
        job: As it was given.
        device: Where it is evaluated.
        problem: Its origin where the job puts it, its samples in the order in which they join.
        plane: Through that origin; buffers move with it, or not, as the job says.
        order: int64 [N], the order of the samples; None: that of the data.
        notes: What the user should know about how it was opened, a sentence each.
    """

    job: Job
    device: torch.device
    problem: OpenProblem
    plane: OpenPlane
    order: Order | None
    notes: tuple[str, ...] = ()

    @property
    def batch_norm(self) -> str:
        """What the buffers do at a point: "frozen", "interpolated" or "recalibrated"; the last where they can be."""
        recalibrated = self.job.problem.batch_norm == "recalibrated" and has_statistics(self.problem.model)
        return "recalibrated" if recalibrated else self.plane.batch_norm

    def evaluator(self, batch_size: int = 0, on_note: Callable[[str], None] | None = None) -> Evaluator:
        """Make what evaluates it.

        Args:
            batch_size: Samples a mini-batch; 0: what the job says, or chosen for the device.
            on_note: Called with one sentence when something had to be changed on the way.
        """
        size = batch_size or self.job.run.batch_size
        return Evaluator(
            self.problem, self.device, size, on_note=on_note, recalibrate=self.batch_norm == "recalibrated"
        )


def open_job(
    job: Job,
    *,
    begun_with: Collection[str] = (),
    order: Order | None = None,
    directions: Tensor | None = None,
    on_phase: Callable[[str], None] = lambda _: None,
) -> OpenJob:
    """Open a job, with one thread on a CPU: lanes use the other cores, and numbers do not depend on how many.

    Args:
        job: Its paths are absolute.
        begun_with: Names of the trajectory's checkpoints that were there when the landscape was begun; nothing: all.
        order: int64 [N], the order of the samples where points have seen some of them; None: as the job's ladder needs.
        directions: float32 [d, size], where they are known; finding them may take long.
        on_phase: Told in words what is being done.

    Returns:
        The opened job.

    Raises:
        InputError: A part of the job is missing or wrong, or the parts do not fit each other.
    """
    device = choose_device(job.run.device)
    make_current(device)  # what user code places on "cuda" belongs there, too
    on_phase("loading model and data")
    problem = open_ordered(job.problem, order, begun_with)
    if order is None and len(job.run.rungs(len(problem.samples))) > 1:
        order = fair_order(problem.samples)
        problem = replace(problem, samples=reorder(problem.samples, order))
    notes: tuple[str, ...] = ()
    if device.type != "cpu" and (reason := reason_against(problem, device)):
        notes = (f"The model is evaluated on the CPU, since on {device} it cannot be: {reason}.",)
        device = torch.device("cpu")
    if job.problem.batch_norm == "recalibrated" and not has_statistics(problem.model):
        notes += (
            "The model has no batch normalization with running statistics, so nothing is recalibrated: the landscape "
            'is that of "frozen".',
        )
    if device.type == "cpu":
        torch.set_num_threads(1)
    on_phase("finding the plane")
    problem = move_origin(job.origin, problem)
    if directions is None:
        with switched_on("float32", device):  # of gradients
            plane = open_plane(job.plane, problem, device)
        plane = treat_buffers(plane, job.problem.batch_norm, problem)
    else:
        plane = span_plane(problem.origin, directions, problem.layout.parameter_size)
    return OpenJob(job, device, problem, plane, order, notes + problem.notes + plane.notes)
