"""Views side by side: what a link carries over, what new views show, and what a document keeps of them."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from talweg.document import Document
from talweg.landscape import Landscape
from talweg.picture import Company, Picture, resolve, share_ranges
from talweg.view.arrangement import Arrangement, Pane, keep_arrangement, kept_arrangement
from talweg.view.state import Camera, Overlay, ViewState, encode_view

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


def test_what_has_units_stays_with_its_landscape_and_how_it_is_drawn_goes_along() -> None:
    view = ViewState(
        height_cap=3.0, colour_range=(0.0, 2.0), persistence_threshold=0.5, colour_map="magma", camera=SIDE
    )
    first = Arrangement((Pane(1, view),))
    second = first.with_landscape(2)
    assert second.pane.view == ViewState(colour_map="magma", camera=SIDE)
    changed = second.with_view(msgspec.structs.replace(second.pane.view, height_cap=9.0, opacity=0.5))
    back = changed.with_landscape(1)
    assert back.pane.view == msgspec.structs.replace(view, opacity=0.5)
    again = back.with_landscape(2)
    assert (again.pane.view.height_cap, again.pane.view.colour_range) == (9.0, None)
    assert back.with_landscape(1) is back


def test_units_of_another_quantity_are_not_taken_up_again() -> None:
    first = Arrangement((Pane(1, ViewState(height_cap=3.0, colour_range=(0.0, 2.0))),)).with_landscape(2)
    accuracy = first.with_view(msgspec.structs.replace(first.pane.view, height="accuracy"))
    back = accuracy.with_landscape(1).pane.view
    assert (back.height, back.height_cap, back.colour_range) == ("accuracy", None, (0.0, 2.0))


def test_what_is_linked_has_one_range_whichever_landscape_comes() -> None:
    linked = two().with_view(ViewState(height_cap=3.0))
    other = linked.with_landscape(3)
    assert [pane.view.height_cap for pane in other.panes] == [3.0, 3.0]
    alone = two(links=("camera",), panes=(Pane(1, ViewState(height_cap=3.0)), Pane(2, ViewState()))).with_landscape(3)
    assert alone.pane.view.height_cap is None
    split = Arrangement((Pane(1, ViewState(height_cap=3.0)),)).with_count(2, (1, 2))
    assert [pane.view.height_cap for pane in split.panes] == [3.0, 3.0]


DIFFERENCE = ViewState(colour_map="RdBu_r", colour_range=(-1.0, 1.0))


def test_a_landscape_apart_breaks_links_while_it_is_in_view() -> None:
    linked = two().with_apart(3, DIFFERENCE)
    assert linked.links == ("camera", "height", "colour")
    with_it = linked.with_landscape(3, 1)
    assert with_it.links == ("camera",)
    assert with_it.panes[1].view.colour_map == "RdBu_r"
    magma = with_it.with_view(ViewState(colour_map="magma"), 0)
    assert magma.panes[1].view.colour_map == "RdBu_r"
    back = magma.with_landscape(2, 1)
    assert back.links == ("camera", "height", "colour")
    assert [pane.view.colour_map for pane in back.panes] == ["magma", "magma"]
    assert back.panes[1].view.colour_range is None
    assert magma.with_count(1, (1, 2, 3)).links == ("camera", "height", "colour")
    assert magma.without(3, 2).links == ("camera", "height", "colour")


def test_from_a_landscape_apart_nothing_of_its_looks_goes_along() -> None:
    start = Arrangement((Pane(1, ViewState(colour_map="magma")),)).with_apart(3, DIFFERENCE)
    fresh = start.with_landscape(3).with_landscape(2)
    assert fresh.pane.view == ViewState(colour_map="magma")
    opened = Arrangement((Pane(3, DIFFERENCE),)).with_apart(3, DIFFERENCE)
    assert opened.with_landscape(1).pane.view == ViewState()
    beside = start.with_landscape(3).with_count(2, (1, 2, 3))
    assert [pane.view.colour_map for pane in beside.panes] == ["RdBu_r", "magma"]
    assert beside.links == ("camera",)
    assert start.view_of(3).colour_range == (-1.0, 1.0)


def test_landscapes_are_shown_side_by_side_as_each_was_looked_at() -> None:
    start = Arrangement((Pane(1, ViewState(colour_map="magma", height_cap=3.0)),)).with_apart(3, DIFFERENCE)
    shown = start.with_landscapes((2, 1, 3))
    assert [pane.landscape for pane in shown.panes] == [2, 1, 3]
    assert [pane.view.colour_map for pane in shown.panes] == ["magma", "magma", "RdBu_r"]
    assert shown.links == ("camera",)
    assert shown.active == 0


def test_a_landscape_that_is_no_more_leaves_no_trace(tmp_path: Path) -> None:
    overlaid = msgspec.structs.replace(ViewState(), overlay=Overlay(2))
    both = two(panes=(Pane(1, overlaid), Pane(2, ViewState()))).with_landscape(3, 1).with_landscape(2, 1)
    left = both.without(2, 1)
    assert [pane.landscape for pane in left.panes] == [1, 1]
    assert left.pane.view.overlay is None
    assert set(left.earlier) == {3}
    axis = np.linspace(0.0, 1.0, 3)
    with Document.create(tmp_path / "x.talweg") as document:
        for name in "abc":
            document.add_landscape(name, axis, axis, fields={"loss": np.ones((3, 3))})
        keep_arrangement(document, both)
        document.remove_landscape(2)
        kept = kept_arrangement(document, 1)
        assert kept is not None
        assert [pane.landscape for pane in kept.panes] == [1, 1]
        assert set(kept.earlier) == {3}


def test_a_difference_shares_its_range_with_no_other_landscape() -> None:
    axis = np.linspace(0.0, 1.0, 3)
    known = np.ones((3, 3), dtype=np.bool_)

    def plane(number: int, high: float, source: str = "") -> Landscape:
        loss = np.linspace(0.0, high, 9).reshape(3, 3)
        return Landscape(number, 1, str(number), axis, axis, {"loss": loss}, known, source=source)

    one, other, difference = plane(1, 1.0), plane(2, 5.0), plane(3, 90.0, "difference of 1 and 2")
    every = Company((one, other, difference), (one, other, difference))
    assert share_ranges(one, ViewState(colour_scale="linear"), every).height_range == (0.0, 5.0)
    assert share_ranges(difference, ViewState(), every) == ViewState()
