import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest

from talweg.export import export_landscape
from talweg.export.metadata import KIND
from talweg.picture import default_view, format_value, resolve, ticks
from talweg.view.state import ViewState
from talweg_compute.messages import InputError
from tests.app.export.landscapes import bowl


def texts(path):
    return ["".join(element.itertext()).strip() for element in ElementTree.parse(path).iter() if "text" in element.tag]  # noqa: S314 (our own file)


def test_a_map_has_text_levels_and_its_provenance(tmp_path):
    landscape = bowl(41, 31, holes=True)
    view = default_view(landscape)
    (path,) = export_landscape(tmp_path / "a.svg", landscape, view)
    picture = resolve(landscape, view)
    words = texts(path)
    assert picture.surface.title in words
    assert {*picture.axes.titles[:2]} <= {*words}
    shown = {format_value(float(value), 3) for value in picture.contours.values}
    assert len(shown & {*words}) >= 3
    content = path.read_text()
    described = re.search(r"<dc:description>(.*?)</dc:description>", content, re.S)
    table = json.loads(described[1].replace("&quot;", '"').replace("&amp;", "&"))
    assert table["kind"] == KIND
    assert table["provenance"]["data_sha256"] == "b" * 64
    before = path.read_bytes()
    export_landscape(path, landscape, view)
    strip = re.compile(rb'"created":"[^"]*"')
    assert strip.sub(b"", path.read_bytes()) == strip.sub(b"", before)


def test_a_map_as_pdf(tmp_path):
    (path,) = export_landscape(tmp_path / "a.pdf", bowl(), ViewState())
    content = path.read_bytes()
    assert content.startswith(b"%PDF")
    assert b"talweg landscape" in content
    assert b"/Type0" in content or b"/TrueType" in content  # fonts are embedded, not drawn


def test_a_map_of_nothing_is_refused(tmp_path):
    landscape = bowl(full=False)
    empty = replace(landscape, fields={"loss": np.full(landscape.loss.shape, np.nan)})
    with pytest.raises(InputError, match="no point of this landscape has a finite height"):
        export_landscape(tmp_path / "a.svg", empty, ViewState())


def test_levels_are_seen_on_dark_colours_and_the_bar_names_round_values(tmp_path):
    landscape = bowl(41, 31, holes=False)
    view = ViewState(colour_map="gray", contour_levels=(0.75, 3.0))
    (path,) = export_landscape(tmp_path / "a.svg", landscape, view)
    assert path.read_text().count("stroke: #ffffff; stroke-width: 0.5") == 1
    words = texts(path)
    surface = resolve(landscape, view).surface
    labels = {label for _, label in ticks(*surface.scalar_range, surface.colour_scale)}
    assert {"0.75", "3", *labels} <= {*words}
