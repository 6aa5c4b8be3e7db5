"""Runs the measurements: ``python -m bench [subject …] [--quick]``.

Each subject is a module of this package with a function ``measure(options)`` that yields rows; it runs in a process of
its own, so that none disturbs the next. The tables are written to build/bench/ as they grow.
"""

import sys
from pathlib import Path

from cyclopts import App

from bench.frame import Options, Row
from bench.subject_process import run_subject
from bench.table import one_line, write_csv, write_text

SUBJECTS = {
    "window": "start, frame rate and stalls of the window, against plain PyVista",
    "engine": "evaluation of points, against a plain loop and another package",
    "limits": "share of the peak, time to the first surface, memory",
    "topology": "critical points and persistence, against GUDHI and topopy",
}
"""What can be measured: modules of this package."""

app = App(name="bench", help="Measure Talweg against other ways to do the same work.")


@app.default
def main(*subjects: str, quick: bool = False, output: Path = Path("build/bench")) -> int:
    """Measure and write bench.txt and bench.csv.

    Args:
        subjects: Which ones; all where none is named.
        quick: Fewer cases and repetitions: a look, not a result.
        output: Folder for the tables.
    """
    for subject in subjects:
        if subject not in SUBJECTS:
            listed = ", ".join(f"{name} ({what})" for name, what in SUBJECTS.items())
            print(f"{subject}: there is no such subject; expected some of: {listed}.", file=sys.stderr)
            return 2
    output.mkdir(parents=True, exist_ok=True)
    rows: list[tuple[str, Row]] = []
    failed = False
    for subject in subjects or SUBJECTS:
        for row in run_subject(subject, Options(quick)):
            if isinstance(row, str):
                print(f"{subject} failed:\n{row}", file=sys.stderr)
                failed = True
                continue
            rows.append((subject, row))
            print(one_line(subject, row), flush=True)
            write_csv(output / "bench.csv", rows)
            text = write_text(output / "bench.txt", rows)
    if rows:
        print(text)
    return int(failed)


if __name__ == "__main__":
    sys.exit(app(result_action="return_value"))
