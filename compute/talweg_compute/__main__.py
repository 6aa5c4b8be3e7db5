"""The worker: requests come in on stdin, events go out on stdout.

Before any other import, private copies of both are kept and stdout is pointed at stderr, so that no print of user code
or of a C library breaks the stream of events. This file must run on any Python, to say what that one lacks.
"""

import importlib.util
import os
import sys

from talweg_compute import CANNOT_RUN

REQUIRED = ("torch", "torchvision", "numpy", "scipy", "msgspec", "safetensors", "h5py")


def main() -> None:
    """Run the worker on this process's stdin and stdout."""
    requests, events = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    if lack := what_is_missing():
        sys.stderr.write(lack + "\n")
        sys.stderr.flush()
        sys.exit(CANNOT_RUN)

    from talweg_compute.worker import Worker

    Worker(requests, events).run()


def what_is_missing() -> str:
    """Say in one sentence what this interpreter lacks, or nothing."""
    python = f"worker.python: {sys.executable}"
    if sys.version_info < (3, 11):  # noqa: UP036 (another interpreter may run this)
        return f"{python} is Python {sys.version_info[0]}.{sys.version_info[1]}; expected 3.11 or newer."
    missing = [name for name in REQUIRED if importlib.util.find_spec(name) is None]
    if missing:
        names = " ".join(missing)
        return f"{python} lacks {', '.join(missing)}; run: {sys.executable} -m pip install {names}"
    return ""


if __name__ == "__main__":
    main()
