"""The documentation names everything that there is, and its examples are valid."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from talweg.cli import app
from talweg.export import EXPORT_SUFFIXES, FLAVOURS, IMPORT_SUFFIXES
from talweg_compute.messages import Job, build_job
from talweg_compute.messages.fields import METRICS
from talweg_compute.messages.job import Grid, PlaneOrigin, Problem, Run, Worker
from talweg_compute.messages.names import DATA, MODELS
from talweg_compute.messages.plane import Plane

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))


def words(name: str) -> set[str]:
    """What a page writes as code, in pieces: keys, options, names, suffixes."""
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
    code = " ".join(blocks.findall(text) + re.findall(r"`([^`]+)`", blocks.sub("", text)))
    return set(re.findall(r"[\w.-]+", code))


@pytest.mark.parametrize("part", [Problem, Plane, PlaneOrigin, Grid, Run, Worker])
def test_every_key_of_a_job_is_explained(part: type[msgspec.Struct]) -> None:
    assert {field.name for field in msgspec.structs.fields(part)} <= words("docs/jobs.md")


def test_every_table_of_a_job_is_explained() -> None:
    assert {field.name for field in msgspec.structs.fields(Job)} <= words("docs/jobs.md") | {"problem", "grid", "run"}


def test_every_command_has_an_example() -> None:
    commands = {name for name in app if not name.startswith("-")} - {"orbit"}  # another name of "movie"
    page = (ROOT / "docs/command-line.md").read_text(encoding="utf-8")
    assert commands
    assert {name for name in commands if f"`talweg {name}" not in page} == set()


def test_every_format_is_listed() -> None:
    page = words("docs/files.md")
    assert {*EXPORT_SUFFIXES, *(flavour for each in FLAVOURS.values() for flavour in each[1:])} <= page
    assert {*IMPORT_SUFFIXES} - {".tsv", ".txt", ".hdf5", ".pkl", ".p", ".pt", ".pth"} <= page


def test_every_metric_is_defined() -> None:
    assert {*METRICS} <= words("docs/numbers.md")


def test_every_model_and_data_set_is_named() -> None:
    page = words("docs/jobs.md")
    assert {*MODELS} - {"resnet32", "resnet44", "resnet56"} <= page  # "resnet20 … resnet110"
    assert {name for name in DATA if not name.endswith("_test")} <= page


def test_the_first_job_is_valid() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"```toml\n(.*?)```", readme, re.DOTALL)
    assert found is not None
    job = build_job(tomllib.loads(found[1]), "README.md")
    assert (job.plane.normalization, job.grid.u.count) == ("filter", 51)


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text):
        file = page.parent / target if target else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
