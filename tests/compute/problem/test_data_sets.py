from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from talweg_compute.messages import InputError
from talweg_compute.problem import read_data
from talweg_compute.problem.data import take_turns
from talweg_compute.problem.synthetic import spirals, swiss_roll, two_moons


def test_classes_take_turns() -> None:
    labels = np.array([2, 2, 0, 1, 2, 1, 0, 2])

    order = take_turns(labels)

    assert order.tolist() == [2, 3, 0, 6, 5, 1, 4, 7]
    assert labels[order].tolist() == [0, 1, 2, 0, 1, 2, 2, 2]


def test_balanced_subset(tmp_path: Path) -> None:
    labels = np.array([0] * 20 + [1] * 5 + [2] * 5)
    np.savez(tmp_path / "d.npz", inputs=np.arange(30.0), targets=labels)

    first, balanced = (read_data(str(tmp_path / "d.npz"), 9, balanced=balanced) for balanced in (False, True))

    assert first.targets.tolist() == [0] * 9
    assert balanced.targets.tolist() == [0, 1, 2] * 3
    assert balanced.inputs.tolist() == [0, 20, 25, 1, 21, 26, 2, 22, 27]
    assert first.sha256 != balanced.sha256
    np.savez(tmp_path / "r.npz", inputs=np.arange(30.0), targets=np.arange(30.0))
    with pytest.raises(InputError, match=r'subset: got "balanced", but .* has no class labels'):
        read_data(str(tmp_path / "r.npz"), balanced=True)


def test_synthetic_data_lie_on_their_curves() -> None:
    points, labels = two_moons(100, noise=0)
    upper, lower = points[labels == 0], points[labels == 1] - [1, 0.5]
    assert np.hypot(*upper.T) == pytest.approx(1)
    assert np.hypot(*lower.T) == pytest.approx(1)
    assert upper[:, 1].min() >= 0 >= lower[:, 1].max()

    points, labels = spirals(90, noise=0, classes=3, turns=0.5)
    radius = np.hypot(*points.T)
    angle = np.arctan2(points[:, 1], points[:, 0]) - np.pi * radius - 2 * np.pi * labels / 3
    assert np.cos(angle) == pytest.approx(1, abs=1e-5)
    assert np.bincount(labels).tolist() == [30, 30, 30]

    points, labels = swiss_roll(100, noise=0)
    n = np.hypot(*points.T) / 1.5
    sign = np.where(labels == 0, 1, -1)[:, None]
    assert points == pytest.approx(sign * 1.5 * n[:, None] * np.stack([-np.cos(n), np.sin(n)], 1), abs=1e-4)
    assert n.max() < 600 * 2 * np.pi / 360

    assert np.array_equal(two_moons(seed=3)[0], two_moons(seed=3)[0])
    assert not np.array_equal(two_moons(seed=3)[0], two_moons(seed=4)[0])


def test_named_data_take_arguments() -> None:
    samples = read_data("spirals", 40, arguments={"classes": 4, "count": 200})
    assert samples.inputs.shape == (40, 2)
    assert samples.targets.unique().tolist() == [0, 1, 2, 3]

    with pytest.raises(InputError, match=r"data_args\.clases: unknown; spirals takes count, noise, seed, classes"):
        read_data("spirals", arguments={"clases": 4})
    with pytest.raises(InputError, match=r"data_args\.root: unknown; digits takes none"):
        read_data("digits", arguments={"root": "x"})
    with pytest.raises(InputError, match=r"data_args\.noise: got -1; expected a number of at least 0"):
        read_data("two_moons", arguments={"noise": -1})
    with pytest.raises(InputError, match=r"data_args\.classes: got 1"):
        read_data("spirals", arguments={"classes": 1})


def test_image_folder(tmp_path: Path) -> None:
    for name, colour, size in (("b/1.png", (0, 255, 0), (10, 20)), ("a/1.png", (255, 0, 0), (20, 10))):
        path = tmp_path / name
        path.parent.mkdir()
        Image.new("RGB", size, colour).save(path)

    samples = read_data("image_folder", arguments={"root": str(tmp_path), "size": 8})

    assert samples.inputs.shape == (2, 3, 8, 8)
    assert samples.targets.tolist() == [0, 1]  # the folders' alphabetical order
    assert samples.inputs[0, :, 4, 4].tolist() == [1, 0, 0]
    (tmp_path / "b/1.png").write_bytes(b"nothing")
    assert len(read_data("image_folder", 1, arguments={"root": str(tmp_path), "size": 8})) == 1  # decodes one only
    with pytest.raises(InputError, match=r"1\.png cannot be read as an image"):
        read_data("image_folder", arguments={"root": str(tmp_path)})
    with pytest.raises(InputError, match=r'data_args\.root: got "", which is no folder'):
        read_data("image_folder")


def test_torchvision_data_are_never_downloaded_unasked(tmp_path: Path) -> None:
    arguments = {"root": str(tmp_path)}
    for name in ("mnist", "fashion_mnist_test", "cifar10", "cifar100_test", "svhn"):
        with pytest.raises(InputError, match=r"is not in .*; name its folder as data_args\.root, or set .*download"):
            read_data(name, arguments=arguments)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["mnist", "cifar10", "svhn"])
def test_without_a_network_downloading_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for scheme in ("http", "https"):
        monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:9")  # nobody listens there
        monkeypatch.delenv("no_proxy", raising=False)
    sentence = r"data: \w+ cannot be downloaded to .*: .*; connect to the network, or copy its files there\.$"
    with pytest.raises(InputError, match=sentence) as raised:
        read_data(name, arguments={"root": str(tmp_path), "download": True})
    assert "\n" not in str(raised.value)


def test_torchvision_data_from_a_local_folder(tmp_path: Path) -> None:
    """A file in MNIST's own format: big-endian sizes, then bytes."""
    images = np.arange(3 * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(3, 28, 28)
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part, count in (("train", 3), ("t10k", 2)):
        header = np.array([0x803, count, 28, 28], dtype=">i4").tobytes()
        (raw / f"{part}-images-idx3-ubyte").write_bytes(header + images[:count].tobytes())
        labels = np.array([0x801, count], dtype=">i4").tobytes() + bytes([7, 1, 4][:count])
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(labels)

    train = read_data("mnist", arguments={"root": str(tmp_path)})
    test = read_data("mnist_test", arguments={"root": str(tmp_path)})

    assert (train.inputs[:, 0].numpy() * 255).round().astype(np.uint8).tolist() == images.tolist()
    assert (train.targets.tolist(), test.targets.tolist()) == ([7, 1, 4], [7, 1])
