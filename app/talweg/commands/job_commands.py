"""Job: what is computed, and how a run goes on."""

from talweg.commands.command import Command, Situation, is_drafting


def job_commands() -> tuple[Command, ...]:
    """Return those of the menu Job."""
    return (
        Command("job.compute", "Compute", "Job", lambda target: target.compute(), ("Ctrl+Return",),
                lambda now: is_drafting(now) or (now.can_compute and "points" not in now.pending), icon="compute",
                tip="Compute the points that are missing, once the jobs before it are over"),
        Command("job.certify", "Certify critical points", "Job", lambda target: target.certify(),
                ("Ctrl+Shift+Return",), lambda now: now.can_certify and "certification" not in now.pending,
                tip="Look for each critical point that is shown on the network itself"),
        Command("job.gradients", "Compute gradients", "Job", lambda target: target.compute_gradients(), (),
                lambda now: now.can_differentiate and "gradients" not in now.pending,
                tip="Take the gradient along the plane at every point on the network itself, to be shown as height or "
                    "colour"),
        Command("job.repeat", "Repeat with changes…", "Job", lambda target: target.repeat(),
                enabled=lambda now: now.can_compute,
                tip="Open New landscape with this job filled in, to change it; this landscape stays"),
        Command("point.finer", "Finer grid around the selected point", "Job",
                lambda target: target.compute_closer("finer"), enabled=_can_compute_there, group="closer",
                tip="Compute a further landscape: the same plane, a quarter of the sides, as many points"),
        Command("point.centre", "New plane through the selected point", "Job",
                lambda target: target.compute_closer("centre"), enabled=_can_compute_there, group="closer",
                tip="Compute a further landscape: new random directions, normalized at the weights of this point"),
        Command("job.refine", "Refine this region", "Job", lambda target: target.refine(), ("Z",),
                lambda now: now.is_plane, group="closer", icon="refine",
                tip="Compute finer grids where the camera looks, each twice as fine, until cancelled"),
        Command("job.pause", "Pause", "Job", lambda target: target.pause(), ("Ctrl+Shift+.",),
                lambda now: now.can_resume or (now.computing and not now.stopping), icon="pause", group="run",
                label=lambda now: "Resume the queue" if now.can_resume else "Pause",
                tip="Stop for now: what was computed stays, and the worker ends until the job is resumed"),
        Command("job.cancel", "Cancel", "Job", lambda target: target.cancel(), ("Esc", "Ctrl+."),
                lambda now: now.computing and not now.stopping, icon="stop", group="run",
                tip="Stop; what was computed stays, and the next job begins"),
        Command("job.force", "Force stop", "Job", lambda target: target.force_stop(),
                enabled=lambda now: now.can_force, group="run",
                tip="End the worker and its processes at once; what was computed stays"),
    )  # fmt: skip


def _can_compute_there(now: Situation) -> bool:
    return now.can_compute and now.selected > 0
