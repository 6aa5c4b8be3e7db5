"""Size, colours and background of figures and movies, as options of the command line."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from talweg.lettering import POINTS_ON_PAPER, size_on_paper, text_factor_on_paper
from talweg_compute.messages import InputError

if TYPE_CHECKING:
    from talweg.figures.render import FigureOptions


@dataclass(frozen=True)
class PixelOptions:
    """Options of what a picture is drawn into.

    Attributes:
        size: Width and height in pixels.
        mm: Width and height on paper in millimetres, instead of --size; text is then 7 points high.
        dpi: Pixels an inch on paper; 300 with --mm.
        scale: So many pixels for each of --size: the same figure, finer.
        text_factor: Size of text and lines, in units of the usual one.
        theme: Light or dark colours.
        transparent: Leave the background transparent; for a dark page take --theme dark as well.
        overlays: Draw axes, scalar bar and legend.
    """

    size: Annotated[tuple[int, int] | None, Parameter(negative="")] = None
    mm: Annotated[tuple[float, float] | None, Parameter(negative="")] = None
    dpi: float | None = None
    scale: float = 1.0
    text_factor: float = 1.0
    theme: Literal["light", "dark"] = "light"
    transparent: Annotated[bool, Parameter(alias="--no-background", negative="")] = False
    overlays: bool = True

    def figure(self, usual: tuple[int, int] = (1600, 1200)) -> "FigureOptions":
        """Return the options as rendering takes them.

        Args:
            usual: The size where none was given.

        Raises:
            InputError: A value is out of range, or two contradict each other.
        """
        from talweg.figures.render import FigureOptions

        for name, value in (("scale", self.scale), ("text-factor", self.text_factor), ("dpi", self.dpi or 1.0)):
            if not value > 0:
                raise InputError(f"{name}: got {value:g}; expected a positive number.")
        size, dpi, text = self.size or usual, self.dpi, self.text_factor
        if self.mm is not None:
            if self.size is not None:
                raise InputError("size: got --size and --mm; give one of them.")
            dpi = dpi or 300.0
            size = size_on_paper(self.mm, dpi)
            text *= text_factor_on_paper(POINTS_ON_PAPER, size, dpi)
        return FigureOptions(size, self.scale, self.theme, self.transparent, self.overlays, text, dpi)
