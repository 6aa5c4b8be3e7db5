"""Ways to draw the surface that are one click away: each is a set of changes of the view."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from talweg.view.state import ViewState


@dataclass(frozen=True)
class DisplayMode:
    """One way to draw the surface.

    Attributes:
        name: Of its command, "mode.name".
        title: As it stands in the menu.
        tip: What it shows, in one sentence.
        drawn: What is drawn, by field of the view; every mode sets the same fields, so that one replaces another.
        colour_map: The map that it is about, if it is about one.
        own_colours: Whether it is about the colours that were there before those of another mode.
    """

    name: str
    title: str
    tip: str
    drawn: Mapping[str, Any]
    colour_map: str = ""
    own_colours: bool = False

    def changes(self, view: ViewState) -> dict[str, Any]:
        """Say what changes in a view; its colour map stays or comes back, unless the mode is about another one."""
        changes = dict(self.drawn)
        if self.colour_map:
            changes["colour_map"] = self.colour_map
            if view.colour_map not in _MAPS:
                changes["own_colour_map"] = view.colour_map
        elif self.own_colours and view.colour_map in _MAPS:
            changes["colour_map"] = view.own_colour_map
        return changes

    def holds(self, view: ViewState) -> bool:
        """Tell whether a view draws the surface in this way."""
        if self.colour_map and view.colour_map != self.colour_map:
            return False
        if self.own_colours and view.colour_map in _MAPS:
            return False
        return all(getattr(view, field) == value for field, value in self.drawn.items())


def _drawn(
    *,
    surface: bool = True,
    plain: bool = False,
    wireframe: bool = False,
    on_surface: bool = True,
    on_floor: bool = True,
) -> Mapping[str, Any]:
    return {
        "surface": surface,
        "plain": plain,
        "wireframe": wireframe,
        "contours_on_surface": on_surface,
        "contours_on_floor": on_floor,
    }


DISPLAY_MODES = (
    DisplayMode(
        "solid", "Solid", "The shape alone, in one colour", _drawn(plain=True, on_surface=False, on_floor=False)
    ),
    DisplayMode("wireframe", "Wireframe", "The edges of the triangles", _drawn(wireframe=True, on_surface=False)),
    DisplayMode("colour", "Colour", "The surface in its colours, with contours", _drawn(), own_colours=True),
    DisplayMode("floor", "Floor", "Contours on the floor alone", _drawn(surface=False, on_surface=False)),
    DisplayMode("contours", "Contours only", "Contours at their height", _drawn(surface=False, on_floor=False)),
    DisplayMode("grey", "Grey", "From black to white, as for print", _drawn(), "gray"),
    DisplayMode("two_colour", "Two-colour", "From blue over grey to red", _drawn(), "coolwarm"),
    DisplayMode("rainbow", "Rainbow", "Many colours, which show small steps", _drawn(), "turbo"),
)
"""The display modes of the viewer that Talweg grew from, in its order."""

_MAPS = tuple(mode.colour_map for mode in DISPLAY_MODES if mode.colour_map)
