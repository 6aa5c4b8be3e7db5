from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from talweg_compute.messages import InputError, Normalize
from talweg_compute.problem import read_data

IMAGES = np.random.default_rng(0).integers(0, 256, (6, 4, 5, 3), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2], dtype=np.uint8)


@pytest.fixture
def npz(tmp_path: Path) -> Path:
    np.savez(tmp_path / "d.npz", images=IMAGES, labels=LABELS)
    return tmp_path / "d.npz"


def test_embedded_digits() -> None:
    train, test = read_data("digits"), read_data("digits_test")

    assert train.inputs.shape == (1347, 1, 8, 8)
    assert test.inputs.shape == (450, 1, 8, 8)
    assert float(train.inputs.min()) == 0
    assert float(train.inputs.max()) == 1
    assert torch.equal(train.inputs * 16, (train.inputs * 16).round())
    assert all(set(train.targets[k : k + 10].tolist()) == set(range(10)) for k in range(0, 1290, 10))
    assert torch.bincount(test.targets).tolist() == [45] * 10
    together = torch.cat([train.inputs, test.inputs]).flatten(1).double().mul(16).sum()
    assert float(together) == 561718  # the sum of all pixels in scikit-learn's copy
    first = read_data("digits", 100)
    assert torch.equal(first.inputs, train.inputs[:100])
    assert len(first) == 100
    assert first.sha256 != train.sha256


def test_npz_of_images(npz: Path) -> None:
    normalize = Normalize((0.5, 0.4, 0.3), (0.1, 0.2, 0.3))
    plain, normal = read_data(str(npz), 4), read_data(str(npz), 4, normalize)

    expected = IMAGES[:4].transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
    np.testing.assert_array_equal(plain.inputs.numpy(), expected)
    assert plain.targets.tolist() == [0, 1, 2, 0]
    assert plain.targets.dtype == torch.int64
    mean, std = (np.float32(part).reshape(3, 1, 1) for part in (normalize.mean, normalize.std))
    np.testing.assert_array_equal(normal.inputs.numpy(), (expected - mean) / std)
    assert normal.inputs.is_contiguous()
    assert plain.sha256 != normal.sha256
    assert plain.sha256 == read_data(str(npz), 4).sha256


def test_npz_of_grey_images_and_of_arrays(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, images=IMAGES[..., 0], labels=LABELS[:, None])
    assert read_data(str(path)).inputs.shape == (6, 1, 4, 5)
    assert read_data(str(path)).targets.shape == (6,)
    np.savez(path, inputs=np.linspace(0, 1, 6).reshape(6, 1), targets=np.linspace(-1, 1, 6))
    samples = read_data(str(path))
    assert samples.inputs.dtype == samples.targets.dtype == torch.float32
    np.savez(path, inputs=np.arange(6, dtype=np.int32).reshape(3, 2), targets=LABELS[:3])
    assert read_data(str(path)).inputs.dtype == torch.int64


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"x": IMAGES}, r"holds x; expected the arrays images and labels, or inputs and targets"),
        ({"images": IMAGES / 255, "labels": LABELS}, r"images is float64 \[6, 4, 5, 3\]; expected uint8"),
        ({"images": IMAGES, "labels": LABELS[:5]}, r"holds 6 inputs but 5 targets"),
        ({"images": IMAGES[:0], "labels": LABELS[:0]}, r"holds no samples"),
        ({"inputs": IMAGES, "targets": np.array(["a"] * 6)}, r"targets of type <U1"),
        ({"inputs": np.array([None] * 6), "targets": LABELS}, r"pickled objects, which are never loaded"),
    ],
)
def test_npz_of_another_form(tmp_path: Path, arrays: dict[str, Any], words: str) -> None:
    np.savez(tmp_path / "d.npz", **arrays)
    with pytest.raises(InputError, match=words):
        read_data(str(tmp_path / "d.npz"))


def test_wrong_requests(npz: Path) -> None:
    with pytest.raises(InputError, match=r"samples: got 7; .* holds 6: ask for that many at most"):
        read_data(str(npz), 7)
    with pytest.raises(
        InputError, match=r"normalize: got 1 channels; .* have shape \[6, 3, 4, 5\] \(float32\).* 3 channels"
    ):
        read_data(str(npz), 0, Normalize((0.5,), (0.5,)))
    with pytest.raises(InputError, match=r'data: got "digit"; did you mean "digits"\? expected one of digits, digits_'):
        read_data("digit")
    with pytest.raises(InputError, match="No such file"):
        read_data(str(npz.parent / "none.npz"))
    for size in (10, 300):
        npz.write_bytes(npz.read_bytes()[:size])
        with pytest.raises(InputError, match=r"is damaged"):
            read_data(str(npz))


USER_FILE = """
import random
import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, IterableDataset, TensorDataset

def tensors():
    return TensorDataset(torch.arange(12.0).view(4, 3), torch.tensor([0, 1, 2, 1]))

def loader():
    return DataLoader(tensors(), batch_size=2, shuffle=True)

class Dicts(Dataset):
    def __len__(self):
        return 3
    def __getitem__(self, index):
        if index > 2:
            raise AssertionError
        return {"image": Image.fromarray(np.full((4, 5, 3), 51 * index, dtype=np.uint8)), "label": index}

class Stream(IterableDataset):
    def __iter__(self):
        for index in range(100):
            yield np.float32([index, random.random(), np.random.rand(), torch.rand(()).item()]), float(index)

class Ragged(Dicts):
    def __getitem__(self, index):
        return torch.zeros(index), 0

class Single(Dicts):
    def __getitem__(self, index):
        return torch.zeros(3)

class Failing(Dicts):
    def __getitem__(self, index):
        return [torch.zeros(3), 1 // (1 - index)]

def nothing():
    return None
"""


@pytest.fixture
def user_file(tmp_path: Path) -> str:
    (tmp_path / "mine.py").write_text(USER_FILE)
    return str(tmp_path / "mine.py")


@pytest.mark.parametrize("kind", ["torch.arange(8.0).view(4, 2)", "__import__('numpy').arange(8.0).reshape(4, 2)"])
def test_all_inputs_and_all_targets_are_data_too(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(f"import torch\ndef both():\n    return {kind}, torch.arange({{}}) % 3\n".replace("{}", "4"))
    whole, first = read_data(f"{file}:both"), read_data(f"{file}:both", 3)
    assert whole.inputs.tolist() == torch.arange(8.0).view(4, 2).tolist()
    assert whole.targets.tolist() == [0, 1, 2, 0]
    assert (first.inputs.tolist(), first.targets.tolist()) == (whole.inputs[:3].tolist(), [0, 1, 2])
    file.write_text(file.read_text().replace("arange(4)", "arange(5)"))
    with pytest.raises(InputError, match="4 inputs but 5 targets"):
        read_data(f"{file}:both", 3)


def test_datasets(user_file: str) -> None:
    tensors = read_data(f"{user_file}:tensors", 3)
    assert tensors.inputs.tolist() == torch.arange(9.0).view(3, 3).tolist()
    assert tensors.targets.tolist() == [0, 1, 2]

    loaded = read_data(f"{user_file}:loader", 3)  # in the order of its Dataset, item by item
    assert loaded.inputs.tolist() == tensors.inputs.tolist()
    assert loaded.targets.tolist() == [0, 1, 2]

    images = read_data(f"{user_file}:Dicts")
    assert images.inputs.shape == (3, 3, 4, 5)
    assert images.inputs[2].unique().tolist() == [pytest.approx(0.4)]
    assert images.targets.tolist() == [0, 1, 2]

    stream = read_data(f"{user_file}:Stream", 5)
    assert stream.inputs.shape == (5, 4)
    assert stream.targets.dtype == torch.float32
    assert stream.sha256 == read_data(f"{user_file}:Stream", 5).sha256  # random numbers are fixed


@pytest.mark.parametrize(
    ("function", "words"),
    [
        ("Ragged", r"inputs of .* differ in shape: \[0\] in item 0, \[1\] in item 1"),
        ("Single", r"item 0 of .* is an object of type Tensor; expected \(input, target\)"),
        ("Failing", r"item 1 of .* failed: ZeroDivisionError: .* \(mine\.py, line \d+\)"),
        ("nothing", r"returned an object of type NoneType; expected a torch Dataset"),
        ("tensors", r"samples: got 9; .* holds 4"),
    ],
)
def test_datasets_of_another_form(user_file: str, function: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_data(f"{user_file}:{function}", 9 if function == "tensors" else 0)


NESTED_FILE = """
import numpy as np
import torch

def pairs():
    inputs = [(torch.full((2,), float(k)), np.arange(3) + k) for k in range(4)]
    return [(both, {"class": k % 2, "box": [0.5, float(k)]}) for k, both in enumerate(inputs)]

def named():
    return [{"input_ids": [k, 1, 2], "attention_mask": [1, 1, 0], "label": k} for k in range(4)]

def torn():
    return [((torch.zeros(2), torch.zeros(3)), 0), (torch.zeros(2), 0)]
"""


def test_tuples_and_dicts(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(NESTED_FILE)
    samples = read_data(f"{tmp_path / 'mine.py'}:pairs", 3)
    first, second = samples.inputs
    assert first.tolist() == [[0, 0], [1, 1], [2, 2]]
    assert second.tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4]]
    assert second.dtype == torch.int64
    assert samples.targets["class"].tolist() == [0, 1, 0]
    assert samples.targets["box"].dtype == torch.float32
    assert len(samples) == 3
    with pytest.raises(InputError, match="tuples or dicts of tensors"):
        samples.tensors()

    named = read_data(f"{tmp_path / 'mine.py'}:named")
    assert list(named.inputs) == ["input_ids", "attention_mask"]
    assert named.inputs["input_ids"][3].tolist() == [3, 1, 2]
    assert named.targets.tolist() == [0, 1, 2, 3]
    with pytest.raises(InputError, match=r"inputs of .* differ in structure between item 0 and item 1"):
        read_data(f"{tmp_path / 'mine.py'}:torn")


LOADER_FILE = """
import torch
from torch.utils.data import DataLoader, SubsetRandomSampler, TensorDataset

ROWS = TensorDataset(torch.arange(15.0).view(5, 3), torch.arange(5) % 2)

def plain(): return DataLoader(ROWS, batch_size=2, shuffle=True)
def some(): return DataLoader(ROWS, batch_size=2, sampler=SubsetRandomSampler([4, 1]))

def pad(items):
    rows = torch.nn.utils.rnn.pad_sequence([row for row, _ in items], batch_first=True)
    return rows, torch.tensor([label for _, label in items])

def fail(items): raise ValueError

RAGGED = [(torch.ones(1 + number), number % 2) for number in range(4)]
def padded(): return DataLoader(RAGGED, batch_size=2, collate_fn=pad)
def failing(): return DataLoader(ROWS, batch_size=2, collate_fn=fail)

def triples(): return [(torch.full((2,), float(k)), k % 2, k) for k in range(4)]
def extra(): return [{"image": torch.ones(2), "label": k % 2, "name": str(k), "weight": 0.5} for k in range(4)]
def columns(): return [{"age": float(k), "income": [1.0, k], "name": "x", "label": k % 2} for k in range(4)]
def single(): return [{"signal": torch.full((2,), float(k)), "class": k % 2} for k in range(4)]
def answer(): return [{"x": torch.ones(2), "price": float(k)} for k in range(4)]
"""


@pytest.fixture
def loader_file(tmp_path: Path) -> str:
    (tmp_path / "mine.py").write_text(LOADER_FILE)
    return str(tmp_path / "mine.py")


def test_loaders(loader_file: str) -> None:
    plain = read_data(f"{loader_file}:plain", 4)
    assert plain.inputs.tolist() == torch.arange(12.0).view(4, 3).tolist()
    assert plain.targets.tolist() == [0, 1, 0, 1]
    assert "returned a DataLoader; the items of its data set are taken" in " ".join(plain.notes)
    assert read_data(f"{loader_file}:some").inputs[:, 0].tolist() == [12, 3]
    assert read_data(f"{loader_file}:failing").inputs.shape == (5, 3)
    padded = read_data(f"{loader_file}:padded")
    assert padded.inputs.tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]]
    assert padded.targets.tolist() == [0, 1, 0, 1]


def test_what_takes_no_part_is_told(loader_file: str) -> None:
    triples = read_data(f"{loader_file}:triples")
    assert (triples.inputs[:, 0].tolist(), triples.targets.tolist()) == ([0, 1, 2, 3], [0, 1, 0, 1])
    assert len(triples.notes) == 1
    assert "have 3 parts: the first is taken as the input" in triples.notes[0]
    extra = read_data(f"{loader_file}:extra")
    assert extra.inputs.tolist() == [[1, 1]] * 4
    assert len(extra.notes) == 1
    assert "hold name, weight as well, which take no part" in extra.notes[0]


def test_keys_of_any_name(loader_file: str) -> None:
    columns = read_data(f"{loader_file}:columns")
    assert {name: column.tolist() for name, column in columns.inputs.items()} == {
        "age": [0, 1, 2, 3],
        "income": [[1, 0], [1, 1], [1, 2], [1, 3]],
    }
    assert "hold name as well" in columns.notes[0]
    single, answer = read_data(f"{loader_file}:single"), read_data(f"{loader_file}:answer")
    assert (single.inputs[:, 1].tolist(), single.targets.tolist(), single.notes) == ([0, 1, 2, 3], [0, 1, 0, 1], ())
    assert (answer.inputs.shape, answer.targets.tolist(), answer.notes) == ((4, 2), [0, 1, 2, 3], ())
