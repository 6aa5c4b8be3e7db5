"""Views side by side: which landscape each of them shows, how, and what they have in common. Free of Qt and VTK."""

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import msgspec

from talweg.document import Document
from talweg.view.state import ViewState, encode_view, view_with

Struct = TypeVar("Struct", bound=msgspec.Struct)
Link = Literal["camera", "height", "colour"]

COUNTS = (1, 2, 4)
"""How many views there can be at once."""

LINKS: dict[Link, str] = {"camera": "cameras", "height": "heights", "colour": "colours"}
"""What views can have in common, with what it is called."""

_NAME = "arrangement"  # among the views of a document

_FIELDS: dict[Link, tuple[str, ...]] = {
    "camera": ("camera", "orthographic"),
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
        "colour_range",
        "scalar_bar",
    ),
}


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
    """

    panes: tuple[Pane, ...]
    links: tuple[Link, ...] = tuple(LINKS)
    active: int = 0
    newest: int = 0

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

    def with_landscape(self, landscape: int, place: int | None = None) -> "Arrangement":
        """Return the arrangement in which a view shows another landscape.

        Args:
            landscape: Its number.
            place: Which view; None: the active one.
        """
        place = self.active if place is None else place
        panes = list(self.panes)
        panes[place] = _replace(panes[place], landscape=landscape)
        return self._with_panes(panes)

    def with_count(self, count: int, landscapes: Sequence[int]) -> "Arrangement":
        """Return so many views; the active one stays, and new ones show what is not shown yet, as the active one does.

        Args:
            count: One of ``COUNTS``.
            landscapes: Numbers of those that can be shown, in order.
        """
        if count == 1:
            return _replace(self, panes=(self.pane,), active=0)
        panes = list(self.panes[:count])
        if self.active >= count:
            panes[-1] = self.pane
        shown = {pane.landscape for pane in panes}
        waiting = [number for number in landscapes if number not in shown]
        while len(panes) < count:
            landscape = waiting.pop(0) if waiting else self.pane.landscape
            panes.append(Pane(landscape, msgspec.structs.replace(self.pane.view, pins=(), profile=None)))
        return _replace(self, panes=tuple(panes), active=min(self.active, count - 1))

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
    for place, pane in enumerate(kept.panes):
        if pane.landscape not in known:
            kept = kept.with_landscape(landscape, place)
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
