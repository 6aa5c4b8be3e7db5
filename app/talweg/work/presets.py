"""The papers' figures as beginnings of a new landscape. Free of Qt."""

from dataclasses import dataclass

from talweg.work.draft import Draft


@dataclass(frozen=True)
class Preset:
    """A figure that a landscape can be computed for.

    Attributes:
        name: Its key.
        title: As the start page has it.
        sentence: What it shows, and where it is from.
        draft: What is filled in already.
        weights: A checkpoint of the example, or their folder, with which it can be tried.
        others: Further checkpoints of the example that it needs.
    """

    name: str
    title: str
    sentence: str
    draft: Draft
    weights: str = "digits_resnet/epoch_020.pt"
    others: tuple[str, ...] = ()


_WIDE = ("-0.5", "1.5", "51")

SURFACE = Draft()
PATH = Draft(plane="pca")
LINE = Draft(plane="checkpoints", directions="1", u=("-0.5", "1.5", "101"))
THREE = Draft(plane="checkpoints", u=_WIDE, v=_WIDE)

PRESETS = (
    Preset(
        "surface",
        "Figure 1: surface around a minimum",
        "Two random directions, filter-normalized (Li et al. 2018)",
        SURFACE,
    ),
    Preset(
        "path",
        "Training path on its PCA plane",
        "The plane that a run moves in most (Li et al. 2018, figure 9)",
        PATH,
        "digits_resnet",
    ),
    Preset(
        "line",
        "Line between two models",
        "Straight from one to the other (Goodfellow et al. 2015)",
        LINE,
        others=("digits_resnet/epoch_000.pt",),
    ),
    Preset(
        "three",
        "Plane through three models",
        "The loss between three solutions (Garipov et al. 2018)",
        THREE,
        others=("digits_resnet/epoch_005.pt", "digits_resnet/epoch_000.pt"),
    ),
)
