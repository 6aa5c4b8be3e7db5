"""Views side by side: what a link carries over, what new views show, and what a document keeps of them."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from talweg.document import Document
from talweg.landscape import Landscape
from talweg.picture import Company, Picture, resolve, share_ranges
from talweg.view.arrangement import Arrangement, Pane, keep_arrangement, kept_arrangement
from talweg.view.state import Camera, ViewState, encode_view

SIDE = Camera((0.0, -5.0, 1.0), (0.0, 0.0, 0.5), (0.0, 0.0, 1.0))


def two(**changes: object) -> Arrangement:
    view = ViewState()
    return msgspec.structs.replace(Arrangement((Pane(1, view), Pane(2, view))), **changes)


def test_a_link_carries_over_what_it_names_and_nothing_else() -> None:
    view = ViewState(camera=SIDE, height="accuracy", height_cap=90.0, colour_map="magma", wireframe=True)
    linked = two().with_view(view)
    assert linked.panes[0].view == view
    other = linked.panes[1].view
    assert (other.camera, other.height, other.height_cap, other.colour_map) == (SIDE, "accuracy", 90.0, "magma")
    assert not other.wireframe
    alone = two(links=("camera",)).with_view(view, 1).panes[0].view
    assert alone == ViewState(camera=SIDE)
    assert two(links=()).with_view(view).panes[1].view == ViewState()


def test_a_linked_view_forgets_a_threshold_whose_unit_changed() -> None:
    panes = (Pane(1, ViewState()), Pane(2, ViewState(persistence_threshold=0.5)))
    other = Arrangement(panes).with_view(ViewState(height_scale="log")).panes[1].view
    assert (other.height_scale, other.persistence_threshold) == ("log", None)


def test_a_link_that_is_made_takes_the_values_of_the_active_view() -> None:
    panes = (Pane(1, ViewState(colour_map="magma")), Pane(2, ViewState(colour_map="gray", opacity=0.5)))
    arrangement = Arrangement(panes, links=(), active=1).with_link("colour", on=True)
    assert arrangement.panes[0].view == ViewState(colour_map="gray")
    assert arrangement.links == ("colour",)
    assert arrangement.with_link("camera", on=True).links == ("camera", "colour")
    assert arrangement.with_link("colour", on=False).links == ()


def test_new_views_show_what_is_not_shown_yet() -> None:
    one = Arrangement((Pane(2, ViewState(colour_map="magma", pins=((0.0, 0.0),))),))
    assert [pane.landscape for pane in one.with_count(2, (1, 2, 3)).panes] == [2, 1]
    four = one.with_count(4, (1, 2, 3))
    assert [pane.landscape for pane in four.panes] == [2, 1, 3, 2]
    assert all(pane.view.colour_map == "magma" for pane in four.panes)
    assert four.panes[1].view.pins == ()
    last = msgspec.structs.replace(four, active=2)
    assert [pane.landscape for pane in last.with_count(2, (1, 2, 3)).panes] == [2, 3]
    assert last.with_count(2, (1, 2, 3)).pane.landscape == 3
    assert last.with_count(1, (1, 2, 3)).panes == (last.panes[2],)


@pytest.fixture
def document(tmp_path: Path) -> Document:
    axis = np.linspace(-1.0, 1.0, 5)
    loss = 0.1 + axis[None, :] ** 2 + axis[:, None] ** 2
    with Document.create(tmp_path / "several.talweg") as opened:
        for number in range(1, 4):
            opened.add_landscape(f"number {number}", axis, axis, fields={"loss": number * loss})
        yield opened


def test_a_document_keeps_its_views(document: Document) -> None:
    arrangement = two(links=("camera",), active=1).with_view(ViewState(colour_map="magma"))
    assert kept_arrangement(document, 3) is None
    keep_arrangement(document, arrangement)
    kept = kept_arrangement(document, 3)
    assert kept is not None
    assert msgspec.structs.replace(kept, newest=0) == arrangement
    assert document.view() == encode_view(arrangement.pane.view)


def test_what_is_newer_than_the_views_is_shown_in_the_active_one(document: Document) -> None:
    keep_arrangement(document, two())
    axis = np.linspace(-1.0, 1.0, 5)
    number = document.add_landscape("new", axis, axis)
    kept = kept_arrangement(document, number)
    assert kept is not None
    assert [pane.landscape for pane in kept.panes] == [number, 2]
    keep_arrangement(document, two())
    insisted = kept_arrangement(document, 3, insist=True)
    assert insisted is not None
    assert insisted.pane.landscape == 3


def test_views_that_cannot_be_understood_are_as_none(document: Document) -> None:
    document.set_view(encode_view(ViewState(colour_map="gray")))
    for text in ("nonsense", '{"panes": []}', '{"panes": [{"landscape": 1, "view": {}}], "active": 3}'):
        document.set_view(text, "arrangement")
        kept = kept_arrangement(document, 2)
        assert kept == Arrangement((Pane(2, ViewState(colour_map="gray")),))


def drawn(landscape: Landscape, view: ViewState, company: Company) -> Picture:
    return resolve(landscape, share_ranges(landscape, view, company))


def test_pictures_in_company_have_one_range(document: Document) -> None:
    landscapes = tuple(document.landscape(number) for number in (1, 3))
    view = ViewState(height_scale="log", colour_scale="log")
    company = Company(heights=landscapes, colours=landscapes)
    small, large = (drawn(each, view, company) for each in landscapes)
    assert small.frame.height_range == large.frame.height_range
    assert small.frame.height_range == pytest.approx((np.log10(0.1), np.log10(3 * 2.1)))
    assert small.surface.scalar_range == large.surface.scalar_range == pytest.approx(small.frame.height_range)
    np.testing.assert_allclose(small.contours.values, large.contours.values)
    # a loss stands at one height and has one colour, in whatever picture
    for picture, landscape in zip((small, large), landscapes, strict=True):
        z = picture.surface.points[:, 2]
        np.testing.assert_allclose(z, picture.frame.height_to_z(landscape.loss.ravel()), atol=1e-6)
    assert resolve(landscapes[0], view).frame.height_range != small.frame.height_range


def test_the_cap_bounds_the_common_range_and_a_chosen_range_stays(document: Document) -> None:
    landscapes: tuple[Landscape, ...] = tuple(document.landscape(number) for number in (1, 3))
    company = Company(heights=landscapes, colours=landscapes)
    capped = drawn(landscapes[0], ViewState(height_cap=1.5, colour_scale="linear"), company)
    assert capped.frame.height_range == pytest.approx((0.1, 1.5))
    assert capped.surface.scalar_range == pytest.approx((0.1, 1.5))
    chosen = ViewState(height_range=(0.5, 1.0), colour_range=(0.0, 9.0), colour_scale="linear")
    picture = drawn(landscapes[0], chosen, company)
    assert picture.frame.height_range == (0.5, 1.0)
    assert picture.surface.scalar_range == (0.0, 9.0)
    z = picture.surface.points[:, 2]
    assert (z.min(), z.max()) == pytest.approx((0.0, picture.frame.z_top))  # what lies beyond stands at the ends


def test_one_scale_holds_for_all_and_who_has_not_the_quantity_keeps_to_itself(document: Document) -> None:
    axis = np.linspace(-1.0, 1.0, 5)
    signed = axis[None, :] - 0.3 * axis[:, None]
    fields = {"loss": signed, "gradient_norm": 1 + abs(signed)}
    other = document.landscape(document.add_landscape("signed", axis, axis, fields=fields))
    first = document.landscape(1)
    company = Company(heights=(first, other), colours=(first, other))
    pictures = [drawn(each, ViewState(height_scale="log"), company) for each in (first, other)]
    assert {picture.frame.height_scale.kind for picture in pictures} == {"symlog"}
    assert pictures[0].frame.height_scale == pictures[1].frame.height_scale
    assert pictures[0].frame.height_range == pictures[1].frame.height_range
    slopes = ViewState(height="gradient_norm", height_scale="linear")
    alone, whole = (drawn(each, slopes, company) for each in (first, other))
    assert whole.frame.height_range == pytest.approx((1.0, 2.3))
    assert alone.frame.height_range == pytest.approx((first.loss.min(), first.loss.max()))
