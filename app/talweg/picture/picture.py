"""A picture: everything that is to be shown."""

from dataclasses import dataclass

from talweg.picture.frame import Frame
from talweg.picture.parts import (
    AxesPart,
    CapPart,
    CentrePart,
    ContoursPart,
    CriticalPointsPart,
    LandmarksPart,
    LinesPart,
    OverlayPart,
    PathPart,
    ProbePart,
)
from talweg.picture.surface_part import SurfacePart
from talweg.view.state import Camera


@dataclass(frozen=True, eq=False)
class Picture:
    """Everything that is to be shown; parts that did not change are the same objects as in the picture before."""

    frame: Frame
    surface: SurfacePart
    contours: ContoursPart
    critical_points: CriticalPointsPart
    lines: LinesPart
    path: PathPart | None
    axes: AxesPart
    orthographic: bool
    camera: Camera | None
    probe: ProbePart | None = None
    overlay: OverlayPart | None = None
    landmarks: LandmarksPart | None = None
    cap: CapPart | None = None
    centre: CentrePart | None = None
    legend: bool = True
    flat: bool = False
    """Whether it is a map: seen from straight above where it has no camera."""
