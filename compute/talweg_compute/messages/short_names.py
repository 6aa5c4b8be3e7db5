"""Files by their names alone, as far as that tells them apart."""

from collections.abc import Sequence
from pathlib import PurePath


def tell_apart(paths: Sequence[str | PurePath]) -> tuple[str, ...]:
    """Name files as briefly as tells them apart: ``model.pt``, but ``a/model.pt`` and ``b/model.pt``.

    Args:
        paths: Any number of them.

    Returns:
        Their names, each with as many folders as it takes; two paths that are the same keep the same name.
    """
    parts = [PurePath(path).parts for path in paths]
    names = []
    for own in parts:
        others = [other for other in parts if other != own]
        length = next(
            (count for count in range(1, len(own)) if all(other[-count:] != own[-count:] for other in others)), len(own)
        )
        names.append(PurePath(*own[-length:]).as_posix())
    return tuple(names)
