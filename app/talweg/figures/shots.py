"""What each of several views shows: its landscape, how it is looked at, and in whose company. Free of Qt and VTK."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from talweg.analysis.families import list_lines
from talweg.document import Document
from talweg.figures.caption import write_caption
from talweg.landscape import Landscape
from talweg.picture import Company, Picture, lay_over, lies_over, resolve, share_ranges
from talweg.view.arrangement import Arrangement, Pane
from talweg.view.state import ViewState


@dataclass(frozen=True)
class Shot:
    """One view.

    Attributes:
        landscapes: Of a surface one; of a line those in its plot.
        view: How it is looked at.
        company: What it shares its scales with.
    """

    landscapes: tuple[Landscape, ...]
    view: ViewState
    company: Company = field(default_factory=Company)

    @property
    def landscape(self) -> Landscape:
        """The landscape, or the first line."""
        return self.landscapes[0]

    @property
    def overlay(self) -> Landscape | None:
        """What is drawn over the landscape."""
        other = self.company.overlay
        return other if other is not None and lies_over(other, self.landscape, self.view) else None

    @property
    def title(self) -> str:
        """The names of what is drawn in one box."""
        return self.landscape.name if self.overlay is None else f"{self.landscape.name}, {self.overlay.name}"

    @property
    def caption(self) -> str:
        """What is shown, in sentences."""
        return write_caption(self.landscape, self.view, others=self.landscapes[1:], overlay=self.overlay)

    def picture(self, view: ViewState, last: Picture | None = None) -> Picture:
        """Work out the picture of a surface.

        Args:
            view: How it is looked at, perhaps without some of what ``view`` shows.
            last: The picture before, whose unchanged parts are used again.
        """
        shared = share_ranges(self.landscape, view, self.company)
        return lay_over(resolve(self.landscape, shared, last), self.landscape, shared, self.company, last)

    def bare(self) -> "Shot":
        """Return the shot with numbers alone, without what was worked out of them, as another process takes them."""
        copies: dict[int, Landscape] = {}

        def copy(landscape: Landscape) -> Landscape:
            regions = tuple(replace(region, landscape=replace(region.landscape)) for region in landscape.regions)
            return copies.setdefault(id(landscape), replace(landscape, regions=regions))

        company = Company(
            heights=tuple(map(copy, self.company.heights)),
            colours=tuple(map(copy, self.company.colours)),
            overlay=None if self.company.overlay is None else copy(self.company.overlay),
        )
        return Shot(tuple(map(copy, self.landscapes)), self.view, company)


def keep_company(
    arrangement: Arrangement, landscapes: Sequence[Landscape | None], document: Document | None
) -> list[Company]:
    """Say for each view what it shares its scales with: where they are linked, with all others.

    Args:
        arrangement: The views.
        landscapes: What each of them shows; None: nothing yet.
        document: Has the landscapes that are laid over others.
    """
    overlays = [_overlay_of(pane, document) for pane in arrangement.panes]
    every = tuple(each for each in (*landscapes, *overlays) if each is not None and each.dimensions > 1)
    found = []
    for landscape, overlay in zip(landscapes, overlays, strict=True):
        both = tuple(each for each in (landscape, overlay) if each is not None)
        heights = every if arrangement.has("height") else both
        colours = every if arrangement.has("colour") else both
        found.append(Company(heights, colours, overlay))
    return found


def take_shots(
    arrangement: Arrangement, landscapes: Sequence[Landscape | None], document: Document
) -> tuple[Shot, ...]:
    """Say of each view what it shows, so that it can be drawn elsewhere.

    Args:
        arrangement: The views.
        landscapes: What each of them shows; None: nothing yet, so that it is left out.
        document: Has the lines that are drawn beside others, and what is laid over.
    """
    shots = []
    companies = keep_company(arrangement, landscapes, document)
    for pane, landscape, company in zip(arrangement.panes, landscapes, companies, strict=True):
        if landscape is None:
            continue
        shown: tuple[Landscape, ...] = (landscape,)
        if landscape.dimensions == 1:
            numbers = list_lines(document, landscape.id, every=pane.view.all_lines)
            shown = tuple(document.landscape(number) for number in numbers)
        shots.append(Shot(shown, pane.view, company))
    return tuple(shots)


def _overlay_of(pane: Pane, document: Document | None) -> Landscape | None:
    """The second landscape of a view, where the document has it and it is another surface."""
    overlay = pane.view.overlay
    if document is None or overlay is None or overlay.landscape == pane.landscape:
        return None
    if overlay.landscape not in document.landscape_ids():
        return None
    found = document.landscape(overlay.landscape)
    return found if found.dimensions == 2 else None
