"""What files that somebody drops or chooses fill into a draft. Free of Qt."""

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from talweg.work.draft import ALONG_TRAJECTORY, Draft
from talweg.work.presets import LINE, PATH, SURFACE, THREE
from talweg_compute.messages import InputError, list_functions, list_networks
from talweg_compute.messages.reading import CHECKPOINT_SUFFIXES, natural_order

_MOST_FILES, _LONGEST = 20, 50_000  # bytes: what is read while somebody types
_SAMPLES = ({"images", "labels"}, {"inputs", "targets"})
"""Arrays of an .npz file of data."""


def take_files(draft: Draft, paths: Sequence[Path]) -> Draft | None:
    """Fill files into a draft, each where it belongs.

    A folder is a training path, and its own plane is taken unless another one was chosen; one checkpoint is the origin,
    or one more of a plane through several; two are a line, three a plane. A Python file is the model, an .npz file with
    samples the data.

    Args:
        draft: What was typed before.
        paths: Files and folders that came together.

    Returns:
        The draft with them; None where one of them is nothing for a draft.

    Raises:
        InputError: They are more checkpoints than a plane goes through.
    """
    models = sorted((path for path in paths if is_checkpoint(path)), key=lambda path: natural_order(path.name))
    for path in paths:
        if path in models:
            continue
        if path.is_dir():
            plane = PATH.plane if draft.plane == SURFACE.plane else draft.plane
            draft = replace(draft, weights=str(path), plane=plane)
        elif path.suffix == ".py":
            draft = replace(draft, model=name_network(path))
        elif holds_samples(path):
            draft = replace(draft, data=str(path))
        else:
            return None
    return _take_models(draft, models) if models else draft


def is_checkpoint(path: Path) -> bool:
    """Tell whether a file is named as checkpoints are."""
    return path.suffix.lower() in CHECKPOINT_SUFFIXES and path.is_file()


def holds_samples(path: Path) -> bool:
    """Tell whether an .npz file holds samples rather than a landscape."""
    if path.suffix.lower() != ".npz":
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.removesuffix(".npy") for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile):
        return False
    return any(wanted <= names for wanted in _SAMPLES)


def networks_beside(draft: Draft) -> tuple[str, ...]:
    """List the networks in Python files beside the weights, each as ``file.py:Name``; nothing in them is run."""
    if draft.folder is None or not draft.checkpoints:
        return ()
    try:
        files = [file for file in sorted(draft.folder.glob("*.py"))[:_MOST_FILES] if file.stat().st_size < _LONGEST]
        likely = [file for file in files if b"Module" in file.read_bytes()]
    except OSError:
        return ()
    return tuple(f"{file.name}:{name}" for file in likely for name in list_networks(file))


def samples_beside(draft: Draft) -> tuple[str, ...]:
    """List the .npz files with samples beside the weights, by their names."""
    if draft.folder is None or not draft.checkpoints:
        return ()
    return tuple(file.name for file in sorted(draft.folder.glob("*.npz"))[:_MOST_FILES] if holds_samples(file))


def name_network(file: Path) -> str:
    """Name the only network of a Python file; of several none, which the field then asks for."""
    return _name_function(file, list_networks(file) or list_functions(file))


def name_samples(file: Path) -> str:
    """Name the only function of a Python file that can give samples; of several none, which the field asks for."""
    networks = list_networks(file)
    return _name_function(file, tuple(name for name in list_functions(file) if name not in networks))


def _name_function(file: Path, names: tuple[str, ...]) -> str:
    return f"{file}:{names[0]}" if file.suffix == ".py" and len(names) == 1 else str(file)


def _take_models(draft: Draft, models: Sequence[Path]) -> Draft:
    first, *others = map(str, models)
    if len(models) > 3:
        raise InputError(
            f"These are {len(models)} checkpoints: two make a line, three a plane; for a training path choose "
            "their folder."
        )
    if others:
        shape = LINE if len(others) == 1 else THREE
        return replace(
            draft,
            weights=first,
            other="; ".join(others),
            plane=shape.plane,
            directions=shape.directions,
            u=shape.u,
            v=shape.v,
        )
    further = draft.plane == "checkpoints" and draft.weights.strip() and not draft.is_trajectory
    if further and first != draft.weights.strip() and len(draft.others) < int(draft.directions):
        return replace(draft, other="; ".join((*draft.others, first)))
    plane = SURFACE.plane if draft.plane in ALONG_TRAJECTORY else draft.plane
    return replace(draft, weights=first, plane=plane)
