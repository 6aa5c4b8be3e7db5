"""What all tests share."""

import os
from pathlib import Path

import pytest

_SHADERS = Path(__file__).resolve().parents[1] / "build" / "shaders"
"""What Mesa's software OpenGL has compiled: in each test's own cache, that would take longer than most tests do."""
_SHADERS.mkdir(parents=True, exist_ok=True)  # Mesa makes no parents
os.environ.setdefault("MESA_SHADER_CACHE_DIR", str(_SHADERS))

ALLOWED_SKIPS = (
    "the shared data is missing",
    "there is no CUDA GPU here",
    "there is no Metal GPU here",
    "Lightning is not installed",
)
"""Reasons a test may be skipped for; in CI any other skip is a failure."""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data, or a skip where it is missing."""
    folder = Path(os.environ.get("TALWEG_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the shared data is missing")
    return folder


@pytest.fixture(autouse=True)
def own_user_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings, recent files and the example's copy away from the user's own."""
    home = tmp_path_factory.mktemp("home")
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(home / variable))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests out unless they were asked for."""
    if not config.option.markexpr:
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Make an unexpected skip a failure where CI runs."""
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not any(allowed in reason for allowed in ALLOWED_SKIPS):
            report.outcome = "failed"
            report.longrepr = f"unexpected skip: {reason}"


@pytest.fixture
def job_file(tmp_path: Path) -> Path:
    """A job that takes about a second: an MLP on the digits, with a trajectory of three checkpoints."""
    return write_job(tmp_path)


def write_job(folder: Path, grid: int = 9, samples: int = 100) -> Path:
    """Write a job and its checkpoints; returns the job file."""
    import torch

    from talweg_compute.problem.models import build_model

    generator = torch.Generator().manual_seed(4)
    state = build_model("mlp", {"sizes": [64, 16, 10]}).state_dict()
    for step in range(3):
        state = {name: value + 0.1 * torch.randn(value.shape, generator=generator) for name, value in state.items()}
        torch.save({"state_dict": state}, folder / f"epoch_{step}.pt")
    job = folder / "job.toml"
    job.write_text(
        f"""
        [problem]
        model = "mlp"
        model_args = {{ sizes = [64, 16, 10] }}
        trajectory = "epoch_*.pt"
        data = "digits"
        samples = {samples}

        [grid]
        u = [-1.0, 1.0, {grid}]
        v = [-2.0, 2.0, {grid + 2}]
        """
    )
    return job
