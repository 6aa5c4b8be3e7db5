"""How a worker is started: by this interpreter, or by another one in which the user's own packages are."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

import talweg_compute
from talweg import __version__
from talweg_compute.messages import InputError

_OF_THIS_ENVIRONMENT = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV")


@dataclass(frozen=True)
class WorkerCommand:
    """What starts a worker.

    Attributes:
        arguments: The command line.
        environment: The whole environment; None: this process's own.
    """

    arguments: tuple[str, ...]
    environment: dict[str, str] | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """Start it in a process group of its own.

        Raises:
            InputError: The interpreter is missing or no program.
        """
        try:
            return subprocess.Popen(
                self.arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self.environment,
                start_new_session=True,
            )
        except OSError as error:
            raise InputError(f"{self.arguments[0]}: the worker cannot be started: {error}.") from None


def worker_command(python: str | None = None) -> WorkerCommand:
    """Choose how to start a worker.

    Args:
        python: Path of another environment's interpreter; None: this one.

    Returns:
        The command. Another interpreter sees Talweg's computing package and nothing else of this environment.

    Raises:
        InputError: There is no such interpreter.
    """
    if python is None:
        return WorkerCommand((sys.executable, "-m", "talweg_compute"))
    if not Path(python).is_file():
        raise InputError(f'worker.python: got "{python}"; there is no such file: name the interpreter itself.')
    environment = {name: value for name, value in os.environ.items() if name not in _OF_THIS_ENVIRONMENT}
    own = str(Path(sys.executable).parent)
    path = [folder for folder in environment.get("PATH", "").split(os.pathsep) if folder != own]
    environment |= {
        "PATH": os.pathsep.join([str(Path(python).parent), *path]),
        "PYTHONPATH": str(_folder_of_the_package_alone()),
        "PYTHONSAFEPATH": "1",  # the current folder may hold anything
    }
    return WorkerCommand((python, "-m", "talweg_compute"), environment)


def _folder_of_the_package_alone() -> Path:
    """Make a folder that holds the computing package and nothing else, unlike this environment's site-packages."""
    package = Path(talweg_compute.__file__).parent
    folder = platformdirs.user_cache_path("talweg") / f"worker-{__version__}"
    link = folder / package.name
    if link.is_dir() and link.resolve() == package.resolve():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    if link.is_symlink():
        link.unlink()
    elif link.exists():
        shutil.rmtree(link)
    try:
        link.symlink_to(package, target_is_directory=True)
    except OSError:  # where links need rights that the user lacks
        shutil.copytree(package, link)
    return folder
