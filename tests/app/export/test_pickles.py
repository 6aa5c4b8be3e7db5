"""Pickles: arrays and tensors come out, nothing runs."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from talweg.export import Hints, QuestionError, import_file
from talweg_compute.messages import InputError
from tests.app.export.landscapes import only_grid

U, V = np.linspace(-1.0, 1.0, 4), np.linspace(0.0, 1.0, 3)
LOSS = np.arange(12.0).reshape(3, 4) ** 2


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_every_protocol(tmp_path, protocol, order):
    content = {"u": U, "v": V, "loss": np.array(LOSS, dtype=np.float32, order=order), "epoch": np.float64(3)}
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(content, protocol=protocol))
    assert np.array_equal(only_grid(tmp_path / "a.pkl").fields["loss"], LOSS)


def test_tensors_of_torch_save(tmp_path):
    import torch

    path = tmp_path / "a.pt"
    u, v, loss = (torch.from_numpy(values) for values in (U, V, LOSS))
    for stored in (loss, loss.float(), torch.nn.Parameter(loss), loss.t().contiguous().t(), loss.long(), loss.numpy()):
        torch.save({"u": u, "v": v, "loss": stored}, path)
        assert np.array_equal(only_grid(path).fields["loss"], LOSS)
    torch.save(torch.nn.Linear(2, 2), path)
    with pytest.raises(InputError, match=r"asks for torch\.nn\.modules\.linear\.Linear"):
        import_file(path)


def test_one_array_among_other_things(tmp_path):
    path = tmp_path / "lossgrid.p"
    path.write_bytes(pickle.dumps((LOSS, (1, 2), 0.5)))
    with pytest.raises(QuestionError, match="3 rows and 4 columns"):
        import_file(path)
    (grid,) = import_file(path, Hints(u=(0, 1), v=(0, 1)))
    assert np.array_equal(grid.fields["loss"], LOSS)


def test_nothing_that_a_pickle_asks_for_is_run(tmp_path):
    path, made = tmp_path / "a.pkl", tmp_path / "made"
    for content in (Bomb(made), {"loss": Bomb(made)}, np.array([Bomb(made)], dtype=object)):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            path.write_bytes(pickle.dumps(content, protocol=protocol))
            with pytest.raises(InputError):
                import_file(path)
    path.write_bytes(pickle.dumps({"loss": Bomb(made)}))
    with pytest.raises(InputError, match=r"asks for \w+\.mkdir, which could run code, so it was not read"):
        import_file(path)
    assert not made.exists()
    pickle.loads(path.read_bytes())  # noqa: S301 (shows that the file is what it is meant to be)
    assert made.exists()


@pytest.mark.parametrize("content", [b"\x80\x04nonsense", b"\x80\x04", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.more"])
def test_damaged_and_old_ones_get_a_sentence(tmp_path, content):
    (tmp_path / "a.pt").write_bytes(content)
    with pytest.raises(InputError, match=r"not a pickle that can be read|before PyTorch 1\.6"):
        import_file(tmp_path / "a.pt")


@pytest.mark.shared
def test_a_checkpoint_is_no_grid(shared_data: Path):
    folder = shared_data / "checkpoints" / "mbrar8_mnist" / "cnn_margin"
    with pytest.raises(InputError, match=r"asks for|there is no|nothing in this file"):
        import_file(folder / "model_10.pt")
