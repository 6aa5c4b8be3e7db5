"""The worker: requests come in on stdin, events go out on stdout.

Before any other import, private copies of both are kept and stdout is pointed at stderr, so that no print of user code
or of a C library breaks the stream of events.
"""

import os


def main() -> None:
    """Run the worker on this process's stdin and stdout."""
    requests, events = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)

    from talweg_compute.worker import Worker

    Worker(requests, events).run()


if __name__ == "__main__":
    main()
