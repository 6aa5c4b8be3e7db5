"""What a job leaves open about how it is run, as this machine's user has it: never what its numbers are."""

from typing import Annotated

import msgspec
from msgspec import Meta

from talweg_compute.messages import LOCAL_DATA, Job, Problem, Run

DOWNLOADED = tuple(name for name in LOCAL_DATA if name != "image_folder")
"""Data sets that can be downloaded."""


class RunDefaults(msgspec.Struct, frozen=True):
    """Fills what a job leaves open.

    Attributes:
        device: Taken where the job says "auto".
        processes: How many evaluate side by side where the job does not say; 0: one a core, or one a GPU.
        download: Whether a data set may be downloaded that is not in its folder, where the job does not say.
    """

    device: Annotated[str, Meta(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")] = "auto"
    processes: Annotated[int, Meta(ge=0, le=1024)] = 0
    download: bool = False

    def fill(self, job: Job) -> Job:
        """Return the job as it is sent to a worker; what is stored of it stays as its author wrote it."""
        run: Run = job.run
        if run.device == "auto" and self.device != "auto":
            run = msgspec.structs.replace(run, device=self.device)
        if run.processes == 0 and self.processes:
            run = msgspec.structs.replace(run, processes=self.processes)
        problem: Problem = job.problem
        if self.download and problem.data in DOWNLOADED and "download" not in problem.data_args:
            problem = msgspec.structs.replace(problem, data_args={**problem.data_args, "download": True})
        return msgspec.structs.replace(job, run=run, problem=problem)
