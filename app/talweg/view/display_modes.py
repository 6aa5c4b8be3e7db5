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
        changes: Values by field of the view; every mode sets the same fields, so that one replaces another.
    """

    name: str
    title: str
    tip: str
    changes: Mapping[str, Any]

    def holds(self, view: ViewState) -> bool:
        """Tell whether a view draws the surface in this way."""
        return all(getattr(view, field) == value for field, value in self.changes.items())


def _changes(
    *,
    surface: bool = True,
    plain: bool = False,
    wireframe: bool = False,
    on_surface: bool = True,
    on_floor: bool = True,
    colour_map: str = "viridis",
) -> Mapping[str, Any]:
    return {
        "surface": surface,
        "plain": plain,
        "wireframe": wireframe,
        "contours_on_surface": on_surface,
        "contours_on_floor": on_floor,
        "colour_map": colour_map,
    }


DISPLAY_MODES = (
    DisplayMode(
        "solid", "Solid", "The shape alone, in one colour", _changes(plain=True, on_surface=False, on_floor=False)
    ),
    DisplayMode("wireframe", "Wireframe", "The edges of the triangles", _changes(wireframe=True, on_surface=False)),
    DisplayMode("colour", "Colour", "The surface in even colours, with contours", _changes()),
    DisplayMode("floor", "Floor", "Contours on the floor alone", _changes(surface=False, on_surface=False)),
    DisplayMode("contours", "Contours only", "Contours at their height", _changes(surface=False, on_floor=False)),
    DisplayMode("grey", "Grey", "From black to white, as for print", _changes(colour_map="gray")),
    DisplayMode("two_colour", "Two-colour", "From blue over grey to red", _changes(colour_map="coolwarm")),
    DisplayMode("rainbow", "Rainbow", "Many colours, which show small steps", _changes(colour_map="turbo")),
)
"""The display modes of the viewer that Talweg grew from, in its order."""
