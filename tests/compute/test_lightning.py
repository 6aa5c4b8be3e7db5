"""The recorder as a callback of Lightning itself, where that is installed."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from talweg_compute.messages import find_checkpoints
from talweg_compute.problem.checkpoint import read_checkpoint
from talweg_compute.recorder import lightning_recorder

lightning = pytest.importorskip("lightning", reason="Lightning is not installed")


@pytest.mark.filterwarnings("ignore")  # those of Lightning itself, of torch and of workers that load data
@pytest.mark.parametrize(("every", "expected"), [(1, [0, 1, 2, 3]), (2, [0, 2])])
def test_a_trainer_leaves_a_trajectory(tmp_path: Path, every: int, expected: list[int]) -> None:
    class Module(lightning.LightningModule):  # type: ignore[misc,name-defined]  # it may not be there
        def __init__(self) -> None:
            super().__init__()
            self.net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))

        def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
            return nn.functional.cross_entropy(self.net(batch[0]), batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.SGD(self.parameters(), lr=0.5)

    module = Module()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    loader = DataLoader(TensorDataset(torch.randn(32, 4), torch.randint(0, 2, (32,))), batch_size=8)
    trainer = lightning.Trainer(
        max_epochs=3,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path / "root",
        callbacks=[lightning_recorder(tmp_path / "run", every)],
    )
    trainer.fit(module, loader)
    found = find_checkpoints(str(tmp_path / "run"))
    assert [int(path.stem.removeprefix("step_")) for path in found] == expected
    first, last = read_checkpoint(found[0]), read_checkpoint(found[-1])
    assert all(torch.equal(first[name], value) for name, value in before.items())
    if expected[-1] == 3:
        assert all(torch.equal(last[name], value) for name, value in module.state_dict().items())
    assert not torch.equal(first["net.0.weight"], last["net.0.weight"])
