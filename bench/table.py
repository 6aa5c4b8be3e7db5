"""Rows as a table for people, and as CSV for programs."""

import csv
import math
import os
import platform
import subprocess
from dataclasses import astuple, fields
from datetime import UTC, datetime
from importlib.metadata import version
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.frame import Row

_WIDTH = 190
_COLUMNS = ("subject", *(field.name for field in fields(Row)))


def write_csv(path: Path, rows: list[tuple[str, Row]]) -> None:
    """Write rows, each with its subject, one a line; what there is not is left empty."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for subject, row in rows:
            values = [
                ""
                if isinstance(value, float) and math.isnan(value)
                else f"{value:.6g}"
                if isinstance(value, float)
                else value
                for value in astuple(row)
            ]
            writer.writerow([subject, *values])


def write_text(path: Path, rows: list[tuple[str, Row]]) -> str:
    """Write rows as a table under a description of the machine; returns the text."""
    text = StringIO()
    console = Console(width=_WIDTH, file=text, color_system=None)
    console.print(describe_machine(), soft_wrap=True)
    table = Table("subject", "work", "Talweg", "against", title="How many times better, median (quartiles) of pairs")
    for heading in ("ratio", "quartiles", "goal", "Talweg", "other"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("deviation", justify="right")
    table.add_column("note")
    for subject, row in rows:
        table.add_row(
            subject,
            row.work,
            row.ours,
            row.other,
            number(row.ratio),
            "" if math.isnan(row.low) else f"{number(row.low)}-{number(row.high)} ({row.pairs})",
            number(row.goal),
            f"{number(row.ours_value)} {row.unit}" if not math.isnan(row.ours_value) else "",
            f"{number(row.other_value)} {row.unit}" if not math.isnan(row.other_value) else "",
            "" if math.isnan(row.deviation) else f"{row.deviation:.1e}",
            row.note,
        )
    console.print(table)
    path.write_text(text.getvalue(), encoding="utf-8")
    return text.getvalue()


def one_line(subject: str, row: Row) -> str:
    """Say a row in one line, as it comes."""
    if math.isnan(row.ratio):
        return f"{subject}: {row.work}: {row.ours} against {row.other}: {row.note}"
    return (
        f"{subject}: {row.work}: {row.ours} against {row.other}: {number(row.ratio)} "
        f"({number(row.low)}-{number(row.high)}), {number(row.ours_value)} and {number(row.other_value)} {row.unit}"
    )


def number(value: float) -> str:
    """Write a number with three digits; nothing for NaN."""
    if math.isnan(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def describe_machine() -> str:
    """Say when, on what, and how busy it was."""
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    versions = ", ".join(f"{name} {version(name)}" for name in ("talweg", "torch", "numpy", "pyvista"))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit.stdout.strip() or 'unknown'}\n"
        f"{_processor()}, {os.cpu_count()} cores{load}; Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
