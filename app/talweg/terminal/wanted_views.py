"""Which views a figure has, as options of the command line; what is not given stays as the document keeps it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from cyclopts import Parameter

from talweg.terminal.view_options import ViewOptions, check_view
from talweg.view.state import OVERLAY_PAINTS, Overlay

if TYPE_CHECKING:
    from talweg.document import Document
    from talweg.landscape import Landscape
    from talweg.view.arrangement import Arrangement

_MOST = 4


@dataclass(frozen=True)
class WantedViews:
    """Options that choose landscapes.

    Attributes:
        views: So many views, as the window would show them.
        landscapes: Landscapes side by side, up to four, by their names or numbers.
        overlay: A landscape to lay over each of them, by its name or number.
        overlay_opacity: How opaque it is, up to 1.
        overlay_colour: Its colour (orange, magenta, blue, grey), or a colour map.
        unlinked: Give each view its own camera, and its own range of heights and colours.
    """

    views: Literal[1, 2, 4] | None = None
    landscapes: Annotated[tuple[str, ...], Parameter(alias="--landscape", consume_multiple=True, negative="")] = ()
    overlay: str | None = None
    overlay_opacity: float = 0.5
    overlay_colour: Annotated[str, Parameter(alias="--overlay-color")] = "orange"
    unlinked: bool = False

    def arrange(self, document: "Document", options: ViewOptions | None) -> "Arrangement":
        """Choose the views of a document.

        Args:
            document: An open document.
            options: Changes of every view.

        Returns:
            The views; where nothing is given, those that the document keeps, its newest landscape else.

        Raises:
            InputError: The document is empty, there is no such landscape, or an option is out of range.
        """
        from talweg.picture import default_view, set_differences_apart
        from talweg.view.arrangement import Arrangement, Pane, kept_arrangement
        from talweg_compute.messages import InputError

        newest = document.newest_landscape()
        kept = kept_arrangement(document, newest.id)
        found = kept or Arrangement((Pane(newest.id, default_view(newest)),))
        if kept is not None and len(kept.panes) == 1:
            found = kept.with_landscape(newest.id)
        found = set_differences_apart(found, document)
        if self.landscapes:
            if len(self.landscapes) > _MOST:
                raise InputError(f"landscapes: got {len(self.landscapes)}; expected up to {_MOST} names or numbers.")
            numbers = [find_landscape(document, name) for name in self.landscapes]
            found = found.with_landscapes(numbers)
        if self.views is not None:
            found = found.with_count(self.views, document.landscape_ids())
        if self.unlinked:
            found = msgspec.structs.replace(found, links=())
        overlay = self._overlay(document)
        panes = []
        for pane in found.panes:
            view = pane.view if options is None else options.apply(pane.view, found.saved)
            if overlay is not None:
                view = msgspec.structs.replace(view, overlay=overlay)
            panes.append(Pane(pane.landscape, check_view(view)))
        return msgspec.structs.replace(found, panes=tuple(panes))

    def _overlay(self, document: "Document") -> Overlay | None:
        from matplotlib import colormaps

        from talweg_compute.messages import InputError

        if self.overlay is None:
            return None
        if not 0 < self.overlay_opacity <= 1:
            raise InputError(f"overlay-opacity: got {self.overlay_opacity:g}; expected a number above 0, at most 1.")
        if self.overlay_colour not in (*OVERLAY_PAINTS, *colormaps):
            raise InputError(
                f'overlay-colour: got "{self.overlay_colour}"; expected {", ".join(OVERLAY_PAINTS)}, or a colour map '
                "of matplotlib."
            )
        number = find_landscape(document, self.overlay)
        dimensions = document.outlines()[number].dimensions
        if dimensions != 2:
            kind = "a line" if dimensions == 1 else "a volume"
            raise InputError(f'overlay: "{self.overlay}" is {kind}; expected a landscape on a plane.')
        return Overlay(number, self.overlay_opacity, self.overlay_colour)


def choose_landscape(document: "Document", name: str | None) -> "Landscape":
    """Return the landscape of a name or number; without one, the newest.

    Raises:
        InputError: There is none.
    """
    newest = document.newest_landscape()
    return newest if name is None else document.landscape(find_landscape(document, name))


def find_landscape(document: "Document", name: str) -> int:
    """Find a landscape by its name, or by its number.

    Args:
        document: An open document.
        name: As the window shows it; of several of one name the newest is meant.

    Returns:
        Its number.

    Raises:
        InputError: There is none.
    """
    from talweg_compute.messages import InputError

    outlines = document.outlines()
    known = {outline.name: number for number, outline in outlines.items()}
    if name in known:
        return known[name]
    if name.isdecimal() and int(name) in outlines:
        return int(name)
    listed = "; ".join(f"{number} {outline.name}" for number, outline in outlines.items())
    raise InputError(f'{document.path}: there is no landscape "{name}"; expected a name or a number of: {listed}.')
