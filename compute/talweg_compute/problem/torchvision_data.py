"""Data sets that torchvision knows, from a local folder; downloaded only where the job says so."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talweg_compute.messages import InputError
from talweg_compute.problem.user_code import describe

Indexed = tuple[Any, NDArray[Any]]
"""Inputs that take an array of indices, and targets [N]."""

DEFAULT_ROOT = Path("~/.cache/talweg/data")


def image_folder(root: str = "", size: int = 224, resize: int = 0) -> Indexed:
    """Take the images of a folder with one folder a class, in alphabetical order of both.

    Args:
        root: The folder.
        size: Height and width of the crop at the centre, in pixels.
        resize: Length of the shorter side before that; 0: 8/7 of the size, as is usual for ImageNet.

    Returns:
        Images, decoded as they are asked for to uint8 [n, 3, size, size], and classes int64 [N].

    Raises:
        InputError: There is no such folder, or it holds no images in folders.
    """
    from torchvision.datasets import ImageFolder

    if not root or not Path(root).is_dir():
        raise InputError(f'data_args.root: got "{root}", which is no folder; expected one with a folder a class.')
    if not isinstance(size, int) or size < 1:
        raise InputError(f"data_args.size: got {size!r}; expected an integer of at least 1.")
    try:
        folder = ImageFolder(root)
    except FileNotFoundError as error:
        raise InputError(f"data_args.root: {root}: {describe(error)}; expected a folder of images a class.") from None
    return _Images([path for path, _ in folder.samples], size, resize or round(size * 8 / 7)), np.array(folder.targets)


class _Images:
    """Image files that are decoded when they are asked for."""

    def __init__(self, paths: list[str], size: int, resize: int) -> None:
        self._paths, self._size, self._resize = paths, size, resize

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        from torchvision.datasets.folder import default_loader
        from torchvision.transforms import functional

        images = np.empty((len(indices), 3, self._size, self._size), dtype=np.uint8)
        for place, index in enumerate(indices):
            try:
                image = functional.resize(default_loader(self._paths[index]), [self._resize])
            except OSError as error:
                raise InputError(f"data: {self._paths[index]} cannot be read as an image: {describe(error)}.") from None
            images[place] = np.moveaxis(np.asarray(functional.center_crop(image, [self._size, self._size])), 2, 0)
        return images


def _load(name: str, part: dict[str, Any], root: str = "", download: bool = False) -> Indexed:
    from torchvision import datasets

    folder = Path(root or DEFAULT_ROOT).expanduser()
    try:
        data = getattr(datasets, name)(root=str(folder), download=download, **part)
    except (RuntimeError, OSError) as error:
        if download:  # MNIST's class turns what urllib raises into a RuntimeError
            raise InputError(
                f"data: {name} cannot be downloaded to {folder}: {describe(error)}; connect to the network, or copy "
                "its files there."
            ) from None
        if "not found" not in str(error) and "corrupted" not in str(error):
            raise
        raise InputError(
            f"data: {name} is not in {folder}; name its folder as data_args.root, or set data_args.download = true."
        ) from None
    images = np.asarray(data.data)
    if images.ndim == 3:
        images = images[:, None]
    elif images.shape[3] == 3:
        images = np.moveaxis(images, 3, 1)
    return images, np.asarray(data.labels if hasattr(data, "labels") else data.targets)


def _parts(name: str, train: dict[str, Any], test: dict[str, Any]) -> tuple[Callable[..., Indexed], ...]:
    return partial(_load, name, train), partial(_load, name, test)


TORCHVISION_DATA: dict[str, tuple[Callable[..., Indexed], ...]] = {
    "mnist": _parts("MNIST", {"train": True}, {"train": False}),
    "fashion_mnist": _parts("FashionMNIST", {"train": True}, {"train": False}),
    "cifar10": _parts("CIFAR10", {"train": True}, {"train": False}),
    "cifar100": _parts("CIFAR100", {"train": True}, {"train": False}),
    "svhn": _parts("SVHN", {"split": "train"}, {"split": "test"}),
}
"""For each data set, how to load its training and its test images: uint8 [N, C, H, W] and classes [N]."""
