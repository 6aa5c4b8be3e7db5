"""Views side by side: which landscape each of them shows, how, and what they have in common. Free of Qt and VTK."""

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import msgspec

from talweg.document import Document
from talweg.view.eye import EYE_FIELDS, Eye, SavedView, seen_by
from talweg.view.state import ViewState, encode_view, height_is_log_loss, view_with

Struct = TypeVar("Struct", bound=msgspec.Struct)
Link = Literal["camera", "height", "colour"]

COUNTS = (1, 2, 4)
"""How many views there can be at once."""

LINKS: dict[Link, str] = {"camera": "cameras", "height": "heights", "colour": "colours"}
"""What views can have in common, with what it is called."""

_NAME = "arrangement"  # among the views of a document

_FIELDS: dict[Link, tuple[str, ...]] = {
    "camera": EYE_FIELDS,
    "height": (
        "height",
        "height_scale",
        "height_threshold",
        "height_cap",
        "height_range",
        "height_factor",
        "contour_count",
        "contour_levels",
    ),
    "colour": (
        "colour",
        "colour_scale",
        "colour_threshold",
        "colour_map",
        "own_colour_map",
        "colour_reversed",
        "colour_steps",
        "colour_limits",
        "colour_percentiles",
        "colour_range",
        "scalar_bar",
        "bar_place",
    ),
}


_UNITS: dict[str, tuple[str, ...]] = {
    "height": ("height_threshold", "height_cap", "height_range", "contour_levels"),
    "colour": ("colour_threshold", "colour_range"),
}
"""Fields in units of the quantity that height or colour shows."""

_OWN = ("height", "height_scale", "colour", "colour_scale", "colour_map", "colour_reversed", "colour_limits",
        "colour_percentiles", "persistence_threshold", *_UNITS["height"], *_UNITS["colour"])  # fmt: skip
"""Fields that belong to the numbers of a landscape; all others say how it is drawn, whichever landscape it is."""


class Pane(msgspec.Struct, frozen=True):
    """One view.

    Attributes:
        landscape: Number of the landscape in the document.
        view: How it is looked at.
    """

    landscape: int
    view: ViewState


class Arrangement(msgspec.Struct, frozen=True):
    """All views, row by row; nobody changes one.

    Attributes:
        panes: One, two or four views.
        links: What they have in common: a change of it in one view changes it in all, and heights and colours have
            the range that holds what all of them show.
        active: The view that panels and commands act on.
        newest: The newest landscape that the document had when the arrangement was kept.
        earlier: How landscapes were looked at that were in view before, by their numbers, the latest last.
        apart: Landscapes whose numbers mean something else than those of others, such as differences: while one of them
            is in view, neither heights nor colours are linked.
        parted: The links that were taken off for it, and come back once it is out of view.
        saved: Places of the eye that have names, the oldest first.
    """

    panes: tuple[Pane, ...]
    links: tuple[Link, ...] = tuple(LINKS)
    active: int = 0
    newest: int = 0
    earlier: dict[int, ViewState] = {}
    apart: tuple[int, ...] = ()
    parted: tuple[Link, ...] = ()
    saved: tuple[SavedView, ...] = ()

    @property
    def pane(self) -> Pane:
        """The active view."""
        return self.panes[self.active]

    def has(self, link: Link) -> bool:
        """Whether there are several views that have something in common."""
        return len(self.panes) > 1 and link in self.links

    def with_view(self, view: ViewState, place: int | None = None) -> "Arrangement":
        """Return the arrangement in which one view is looked at otherwise, and the others as their links have it.

        Args:
            view: How that view is looked at from now on.
            place: Which view; None: the active one.
        """
        place = self.active if place is None else place
        before = self.panes[place].view
        names = [name for link in self.links for name in _FIELDS[link]]
        changes = {name: getattr(view, name) for name in names if getattr(view, name) != getattr(before, name)}
        return self._with_panes(
            [
                _replace(pane, view=view if index == place else view_with(pane.view, **changes))
                for index, pane in enumerate(self.panes)
            ]
        )

    def with_saved(self, view: SavedView) -> "Arrangement":
        """Return the arrangement that has a saved view, in the place of one that was called so."""
        names = [each.name for each in self.saved]
        if view.name not in names:
            return _replace(self, saved=(*self.saved, view))
        return _replace(self, saved=tuple(view if each.name == view.name else each for each in self.saved))

    def without_saved(self, name: str) -> "Arrangement":
        """Return the arrangement without a saved view."""
        return _replace(self, saved=tuple(each for each in self.saved if each.name != name))

    def with_landscape(self, landscape: int, place: int | None = None) -> "Arrangement":
        """Return the arrangement in which a view shows another landscape.

        How things are drawn stays. What has units is as it was when the landscape was in view before, where height and
        colour show the same as then; else it is chosen anew, unless it is linked.

        Args:
            landscape: Its number.
            place: Which view; None: the active one.
        """
        place = self.active if place is None else place
        before = self.panes[place]
        if before.landscape == landscape:
            return self
        earlier = {number: view for number, view in self.earlier.items() if number != before.landscape}
        earlier[before.landscape] = msgspec.structs.replace(seen_by(before.view, Eye()), pins=(), profile=None)
        panes = list(self.panes)
        panes[place] = Pane(landscape, _replace(self, earlier=earlier)._view_of(landscape, before))
        return _replace(self._with_panes(panes), earlier=earlier)._with_due_links()

    def with_landscapes(self, landscapes: Sequence[int]) -> "Arrangement":
        """Return views of these landscapes, in this order, the first one active.

        Args:
            landscapes: One number or more.
        """
        shown = {pane.landscape: pane for pane in reversed(self.panes)}
        base = _replace(self, panes=(self.pane,), active=0).with_landscape(landscapes[0])
        panes = [shown.get(landscapes[0], base.pane)]
        for number in landscapes[1:]:
            panes.append(shown.get(number) or base._beside(number))
        return base._with_panes(panes)._with_due_links()

    def with_apart(self, landscape: int, view: ViewState) -> "Arrangement":
        """Return the arrangement that knows that a landscape's numbers mean something else than those of others.

        Args:
            landscape: Its number.
            view: How it is looked at unless it was before.
        """
        if landscape in self.apart:
            return self
        known = {landscape: view, **self.earlier}
        return _replace(self, apart=(*self.apart, landscape), earlier=known)._with_due_links()

    def view_of(self, landscape: int) -> ViewState:
        """Return how a landscape is looked at, or would be in the active view."""
        shown = [self.pane, *self.panes]
        found = next((pane.view for pane in shown if pane.landscape == landscape), None)
        return self.with_landscape(landscape).pane.view if found is None else found

    def without(self, landscape: int, other: int) -> "Arrangement":
        """Return the arrangement without a landscape that is no more.

        Args:
            landscape: Its number.
            other: What is shown instead of it.
        """
        found = self
        for place, pane in enumerate(self.panes):
            if pane.landscape == landscape:
                found = found.with_landscape(other, place)
        panes = [
            _replace(pane, view=_replace(pane.view, overlay=None))
            if pane.view.overlay is not None and pane.view.overlay.landscape == landscape
            else pane
            for pane in found.panes
        ]
        return _replace(
            found._with_panes(panes),
            earlier={number: view for number, view in found.earlier.items() if number != landscape},
            apart=tuple(number for number in found.apart if number != landscape),
        )

    def _beside(self, landscape: int) -> Pane:
        """A view of a landscape beside the active one."""
        view = self._view_of(landscape, self.pane, several=True)
        return Pane(landscape, _replace(view, pins=(), profile=None))

    def _view_of(self, landscape: int, pane: Pane, *, several: bool | None = None) -> ViewState:
        """How a landscape is looked at in the place of another one, or beside it."""
        if landscape == pane.landscape:
            return pane.view
        if landscape in self.apart:
            own = self.earlier.get(landscape, pane.view)
            return _replace(pane.view, **{name: getattr(own, name) for name in _OWN})
        base = pane.view
        if pane.landscape in self.apart:  # what was chosen for it means nothing here
            usual = (view for number, view in reversed(self.earlier.items()) if number not in self.apart)
            base = next(usual, ViewState())
        last = self.earlier.get(landscape, base)
        fresh = landscape not in self.earlier
        changes = {name: getattr(base, name) for name in _OWN}
        for what, names in _UNITS.items():
            chosen = (what, f"{what}_scale")
            same = not fresh and all(getattr(last, name) == getattr(base, name) for name in chosen)
            changes |= {name: getattr(last, name) if same else None for name in names}
        same = not fresh and height_is_log_loss(last) == height_is_log_loss(base)
        changes["persistence_threshold"] = last.persistence_threshold if same else None
        several = len(self.panes) > 1 if several is None else several
        linked = {name for link in self.links if several for name in _FIELDS[link]}
        changes = {name: value for name, value in changes.items() if name not in linked}
        return _replace(pane.view, **changes)

    def _with_due_links(self) -> "Arrangement":
        """Take off the links that a landscape with other numbers breaks, or put them back once it is out of view."""
        shown = any(pane.landscape in self.apart for pane in self.panes)
        found = self
        if shown and not self.parted:
            found = _replace(self, parted=tuple(link for link in self.links if link in _UNITS))
            for link in found.parted:
                found = found.with_link(link, on=False)
        elif not shown and self.parted:
            found = _replace(self, parted=())
            for link in self.parted:
                found = found.with_link(link, on=True)
        return found

    def with_count(self, count: int, landscapes: Sequence[int]) -> "Arrangement":
        """Return so many views; the active one stays, and new ones show what is not shown yet, as the active one does.

        Args:
            count: One of ``COUNTS``.
            landscapes: Numbers of those that can be shown, in order.
        """
        if count == 1:
            return _replace(self, panes=(self.pane,), active=0)._with_due_links()
        panes = list(self.panes[:count])
        if self.active >= count:
            panes[-1] = self.pane
        shown = {pane.landscape for pane in panes}
        waiting = [number for number in landscapes if number not in shown]
        while len(panes) < count:
            landscape = waiting.pop(0) if waiting else self.pane.landscape
            panes.append(self._beside(landscape))
        return _replace(self, panes=tuple(panes), active=min(self.active, count - 1))._with_due_links()

    def with_link(self, link: Link, *, on: bool) -> "Arrangement":
        """Return the arrangement with a link or without; what is linked takes the active view's values.

        Args:
            link: What is linked.
            on: Whether it shall be.
        """
        links = tuple(each for each in LINKS if (on if each == link else each in self.links))
        if not on:
            return _replace(self, links=links)
        values = {name: getattr(self.pane.view, name) for name in _FIELDS[link]}
        panes = [_replace(pane, view=view_with(pane.view, **values)) for pane in self.panes]
        return _replace(self._with_panes(panes), links=links)

    def _with_panes(self, panes: Sequence[Pane]) -> "Arrangement":
        return _replace(self, panes=tuple(panes))


def kept_arrangement(document: Document, landscape: int, *, insist: bool = False) -> Arrangement | None:
    """Return the views that a document keeps, or None where it keeps none that this Talweg understands.

    Args:
        document: An open document.
        landscape: Shown in the active view where it is new to what is kept.
        insist: Whether it is shown anyway.
    """
    kept = _decoded(document.view(_NAME), Arrangement)
    if kept is None or len(kept.panes) not in COUNTS or not 0 <= kept.active < len(kept.panes):
        view = _decoded(document.view(), ViewState)
        return None if view is None else Arrangement((Pane(landscape, view),))
    known = document.landscape_ids()
    numbers = {*(pane.landscape for pane in kept.panes), *kept.earlier, *kept.apart}
    for number in numbers.difference(known):
        kept = kept.without(number, landscape)
    shown = [pane.landscape for pane in kept.panes]
    if landscape in shown:
        return kept if not insist else _replace(kept, active=shown.index(landscape))
    return kept.with_landscape(landscape) if insist or landscape > kept.newest else kept


def keep_arrangement(document: Document, arrangement: Arrangement) -> None:
    """Keep views in a document, and the active one by itself, for those that draw one.

    Args:
        document: An open document.
        arrangement: The views.

    Raises:
        InputError: The document cannot be written.
    """
    newest = max(document.landscape_ids(), default=0)
    document.set_view(encode_view(arrangement.pane.view))
    document.set_view(msgspec.json.encode(_replace(arrangement, newest=newest)).decode(), _NAME)


def _decoded(text: str | None, kind: type[Struct]) -> Struct | None:
    try:
        return None if text is None else msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError:
        return None


def _replace(struct: Struct, **changes: Any) -> Struct:
    return msgspec.structs.replace(struct, **changes)
