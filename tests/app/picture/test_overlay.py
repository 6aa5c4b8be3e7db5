"""A second landscape in the axes of the first."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from talweg.document import Document
from talweg.landscape import Landscape
from talweg.picture import Company, Picture, lay_over, resolve, share_ranges
from talweg.view.state import OVERLAY_PAINTS, Overlay, ViewState

AXIS = np.linspace(-1.0, 1.0, 9)


@pytest.fixture
def document(tmp_path: Path) -> Iterator[Document]:
    """A bowl, one twice as high on a wider grid, and one that is known on half of the first grid."""
    with Document.create(tmp_path / "two.talweg") as opened:
        wide = 2 * AXIS
        bowl = AXIS[None, :] ** 2 + AXIS[:, None] ** 2
        opened.add_landscape("bowl", AXIS, AXIS, fields={"loss": bowl})
        opened.add_landscape("wide", wide, wide, fields={"loss": 2 * 4 * bowl})
        opened.add_landscape("slopes", AXIS, AXIS, fields={"loss": bowl, "gradient_norm": 1 + bowl})
        yield opened


def drawn(first: Landscape, second: Landscape, view: ViewState, last: Picture | None = None) -> Picture:
    company = Company((first, second), (first, second), second)
    shared = share_ranges(first, view, company)
    return lay_over(resolve(first, shared, last), first, shared, company, last)


def test_both_stand_in_one_box_at_one_scale(document: Document) -> None:
    first, second = document.landscape(1), document.landscape(2)
    picture = drawn(first, second, ViewState(overlay=Overlay(2, 0.3), wireframe=True))
    part = picture.overlay
    assert part is not None
    assert part.names == ("bowl", "wide")
    assert part.surface.look.tint == OVERLAY_PAINTS["orange"]
    assert part.surface.look.opacity == 0.3
    assert picture.surface.look.opacity == 1.0
    assert picture.frame.height_range == pytest.approx((0.0, 16.0))
    # every point of the second one that is in the box stands where its coordinates and its loss have it
    used = np.unique(part.surface.triangles)
    x, y, z = part.surface.points[used].T
    u, v = picture.frame.to_plane(x, y)
    assert np.abs([u, v]).max() == pytest.approx(1.0)
    assert used.size == 25
    np.testing.assert_allclose(z, picture.frame.height_to_z(2 * (u**2 + v**2)), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(part.surface.normals, axis=1), 1.0, atol=1e-6)


def test_a_map_shows_the_second_one_in_the_range_of_the_first(document: Document) -> None:
    first, second = document.landscape(1), document.landscape(2)
    view = ViewState(overlay=Overlay(2, paint="magma"), colour_scale="linear")
    picture = drawn(first, second, view)
    assert picture.overlay is not None
    surface = picture.overlay.surface
    assert (surface.colour_map, surface.look.plain, surface.scalar_bar) == ("magma", False, True)
    assert surface.scalar_range == picture.surface.scalar_range


def test_what_has_not_the_quantity_is_not_laid_over(document: Document) -> None:
    first, second = document.landscape(3), document.landscape(1)
    view = ViewState(height="gradient_norm", overlay=Overlay(1))
    assert drawn(first, second, view).overlay is None
    assert drawn(first, second, ViewState()).overlay is None


def test_an_unchanged_overlay_is_the_same_object(document: Document) -> None:
    first, second = document.landscape(1), document.landscape(3)
    view = ViewState(overlay=Overlay(3))
    before = drawn(first, second, view)
    after = drawn(first, second, ViewState(overlay=Overlay(3), contours_on_floor=False, opacity=0.7), before)
    assert before.overlay is not None
    assert after.contours is not before.contours
    faded = drawn(first, second, ViewState(overlay=Overlay(3, opacity=0.7)), before)
    assert faded.overlay is not before.overlay
    again = drawn(first, second, view, before)
    assert again.overlay is before.overlay
