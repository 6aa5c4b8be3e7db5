"""What is known of a job, in words. Free of Qt."""

import datetime

from talweg.window.run import RunState
from talweg.window.words import count, duration, percent
from talweg.work.queue import QueuedJob
from talweg.work.tasks import Kind

_KINDS: dict[Kind, str] = {"points": "", "certification": "Certify: ", "gradients": "Gradients: "}


def name_job(job: QueuedJob) -> str:
    """Name a job by what is done and for which landscape."""
    return f"{_KINDS[job.work.kind]}{job.title}"


def describe_job(job: QueuedJob, run: RunState, place: int = 0) -> str:
    """Say where a job stands.

    Args:
        job: Any.
        run: The state of the run, which counts where this job runs.
        place: How many jobs are before it, where it waits.
    """
    match job.state:
        case "running":
            share = share_done(job, run)
            parts = ["Running" if run.phase == "running" else run.activity.capitalize()]
            if share is not None:
                parts.append(percent(share, 0))
            if run.remaining is not None:
                parts.append(f"{duration(run.remaining)} left")
            return ", ".join(parts)
        case "waiting":
            return "Next" if place <= 1 else f"Waiting, {count(place, 'job')} before it"
        case "paused":
            return f"Paused{_points(job)}"
        case "finished":
            return f"Finished in {duration(job.seconds)}{_when(job)}"
        case "stopped":
            return f"Stopped{_points(job)}{_when(job)}"
        case "failed":
            return f"Failed: {job.sentence}"


def describe_run(run: RunState) -> str:
    """Say what the run is doing, how far it is, how fast, and how long it will take."""
    parts = [run.activity]
    if run.total:
        parts.append(f"{run.done} of {run.total}")
    if run.rate > 0:
        parts.append(f"{run.rate:.3g} a second")
    if run.remaining is not None:
        parts.append(f"{duration(run.remaining)} left")
    return ", ".join(parts)


def share_done(job: QueuedJob, run: RunState) -> float | None:
    """Tell how much of a job that runs or is paused is done, from 0 to 1, or None where nobody knows."""
    done, total = (run.done, run.total) if job.state == "running" else (job.done, job.total)
    return done / total if total and job.state in ("running", "paused") else None


def say_outcome(job: QueuedJob) -> str:
    """Say in one sentence how a job ended."""
    name = name_job(job)
    if job.state == "failed":
        return f"{name} failed: {job.sentence}"
    if job.state == "finished":
        return f"{name} is finished, after {duration(job.seconds)}."
    return f"{name} was stopped{_points(job)}; what was computed is kept."


def _points(job: QueuedJob) -> str:
    return f" at {job.done} of {count(job.total, 'point')}" if job.total else ""


def _when(job: QueuedJob) -> str:
    if not job.ended:
        return ""
    ended = datetime.datetime.fromisoformat(job.ended)
    today = ended.date() == datetime.datetime.now().astimezone().date()
    return f", {ended:%H:%M}" if today else f", {ended:%d %b %H:%M}"
