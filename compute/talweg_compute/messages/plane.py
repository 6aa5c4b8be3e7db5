"""WHERE: the directions through the origin, and which keys each kind of them takes."""

from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

PlaneKind = Literal["random", "pca", "checkpoints", "initial_to_final", "gradient", "loss_fitting", "file"]
Normalization = Literal["filter", "layer", "none"]
Ignore = Literal["bias_norm", "none"]
Norm2018 = Literal["filter", "layer", "weight", "dfilter", "dlayer", ""]
Ignore2018 = Literal["biasbn", ""]

_RANDOM = ("seed", "seeds", "normalization", "ignore", "orthogonal", "only")
_KEYS: dict[str, tuple[str, ...]] = {
    "random": _RANDOM,
    "pca": ("ignore", "only", "centered"),
    "checkpoints": ("through", *_RANDOM),
    "initial_to_final": _RANDOM,
    "gradient": _RANDOM,
    "loss_fitting": ("ignore", "only", "steps"),
    "file": ("file",),
}
"""For each kind the keys that it takes beside kind, directions and compatibility."""

_KEYS_2018 = ("dir_type", "xnorm", "ynorm", "xignore", "yignore", "same_dir")
_KINDS_2018: dict[str, tuple[str, ...]] = {
    "random": ("seed", "normalization", "ignore", *_KEYS_2018),
    "checkpoints": ("through", "seed", "normalization", "ignore", *_KEYS_2018),
    "pca": ("ignore",),
    "file": ("file",),
}
"""The same for compatibility = "li2018"."""

_KIND = '"random", "pca", "checkpoints", "initial_to_final", "gradient", "loss_fitting" or "file"'
_NORMS = '"filter", "layer", "weight", "dfilter", "dlayer" or ""'


class Plane(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """WHERE: one to three directions through the origin.

    A kind that gives fewer directions than are asked for is filled up with random ones: ``checkpoints`` gives one for
    each path in ``through``, ``initial_to_final`` up to two, ``gradient`` one.
    """

    kind: Annotated[PlaneKind, Meta(description=_KIND)] = "random"
    directions: Annotated[int, Meta(ge=1, le=3, description="1 (a line), 2 (a plane) or 3 (a volume)")] = 2
    seed: Annotated[int, Meta(ge=0, le=2**63 - 1, description="an integer of at least 0")] = 1
    seeds: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=2**63 - 1)], ...],
        Meta(description="a list of different integers of at least 0: a landscape for each"),
    ] = ()
    normalization: Annotated[Normalization, Meta(description='"filter", "layer" or "none"')] = "filter"
    ignore: Annotated[Ignore, Meta(description='"bias_norm" or "none"')] = "bias_norm"
    orthogonal: Annotated[bool, Meta(description="true or false")] = False
    only: Annotated[
        tuple[str, ...], Meta(description='a list of parameters or modules that move, such as ["layer1.*", "fc"]')
    ] = ()
    through: Annotated[
        tuple[str, ...], Meta(description='a list of checkpoints, with kind = "checkpoints": one a direction')
    ] = ()
    centered: Annotated[bool, Meta(description="true or false")] = True
    steps: Annotated[int, Meta(ge=1, le=100_000, description="an integer of at least 1")] = 100
    file: Annotated[str | None, Meta(description='the path of a direction file, with kind = "file"')] = None
    compatibility: Annotated[
        Literal["li2018"] | None, Meta(description='"li2018": draw bit for bit what Li et al.\'s code draws')
    ] = None
    dir_type: Annotated[Literal["weights", "states"], Meta(description='"weights" or "states"')] = "weights"
    xnorm: Annotated[Norm2018 | None, Meta(description=_NORMS)] = None
    ynorm: Annotated[Norm2018 | None, Meta(description=_NORMS)] = None
    xignore: Annotated[Ignore2018 | None, Meta(description='"biasbn" or ""')] = None
    yignore: Annotated[Ignore2018 | None, Meta(description='"biasbn" or ""')] = None
    same_dir: Annotated[bool, Meta(description="true or false")] = False

    def __post_init__(self) -> None:
        """Check that the keys belong together."""
        if (self.kind == "file") != (self.file is not None):
            raise ValueError('a direction file (file = "directions.h5") exactly when kind = "file"')
        if (self.kind == "checkpoints") != bool(self.through):
            raise ValueError('checkpoints to go through (through = ["other.pt"]) exactly when kind = "checkpoints"')
        if len(self.through) > self.directions:
            raise ValueError(
                f"at most as many checkpoints in through as directions, which are {self.directions}; "
                f"set directions = {len(self.through)}"
            )
        if self.kind == "loss_fitting" and self.directions != 2:
            raise ValueError('directions = 2 with kind = "loss_fitting"')
        if len(set(self.seeds)) != len(self.seeds):
            raise ValueError("seeds that are all different")
        self._check_keys()

    def _check_keys(self) -> None:
        if self.compatibility is None:
            taken, setting = _KEYS[self.kind], f'kind = "{self.kind}"'
        elif self.kind in _KINDS_2018:
            taken, setting = _KINDS_2018[self.kind], f'kind = "{self.kind}" and compatibility = "li2018"'
            if self.directions == 3:
                raise ValueError('directions = 1 or 2 with compatibility = "li2018", whose code knows no volumes')
        else:
            kinds = ", ".join(f'"{kind}"' for kind in _KINDS_2018)
            raise ValueError(f'one of the kinds {kinds} with compatibility = "li2018", whose code has no other')
        for key in self._given():
            if key not in (*taken, "kind", "directions", "compatibility"):
                if key in _KEYS_2018 and self.compatibility is None:
                    raise ValueError(f'{key} only with compatibility = "li2018"')
                raise ValueError(f"no {key} with {setting}, which takes {', '.join(taken)}")

    def _given(self) -> list[str]:
        """List the keys that differ from their defaults."""
        return [name for name, default in _defaults().items() if _plain(getattr(self, name)) != default]


@cache
def _defaults() -> dict[str, Any]:
    """The value of each key of a plane that says nothing of it."""
    return {field.name: _plain(field.default) for field in msgspec.structs.fields(Plane)}


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple) else value
