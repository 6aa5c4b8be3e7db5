from pathlib import Path

import msgspec
import numpy as np
import pytest

from talweg.analysis.noise import measure_noise
from talweg.document import Document
from talweg_compute.field import block_size_of
from talweg_compute.messages import Block, Points, Ready
from tests.app.document.test_document import PROVENANCE

SAMPLES = 6400


@pytest.fixture
def losses() -> np.ndarray:
    """Losses of all samples at 12 points [12, N]: points differ by little of what samples differ by."""
    random = np.random.default_rng(2)
    return random.gamma(1.0, 1.0, SAMPLES) + 0.1 * random.normal(size=(12, SAMPLES)) + np.arange(12)[:, None]


def write(path: Path, losses: np.ndarray, *, sums: bool = True) -> Document:
    size = block_size_of(SAMPLES)
    blocks = losses.reshape(12, -1, size).sum(-1)
    rows = np.column_stack([losses.sum(1), np.square(losses).sum(1), np.full(12, np.nan), blocks])
    error = losses.std(1, ddof=1) / np.sqrt(SAMPLES)
    document = Document.create(path)
    landscape = document.add_landscape("x", np.arange(4.0), np.arange(3.0))
    document.commit(landscape, Ready("1", msgspec.structs.replace(PROVENANCE, samples=SAMPLES)))
    fields = {"loss": Block.of(losses.mean(1)), "loss_standard_error": Block.of(error)}
    index, seen = Block.of(np.arange(12)), Block.of(np.full(12, SAMPLES))
    document.commit(landscape, Points("1", index, fields, samples=seen, sums=Block.of(rows) if sums else None))
    return document


def test_differences_of_neighbours_are_less_noisy_than_their_losses(tmp_path: Path, losses: np.ndarray) -> None:
    with write(tmp_path / "x.talweg", losses) as document:
        noise = measure_noise(document, document.newest_landscape())
    assert noise is not None
    assert noise.blocks == 64
    assert noise.standard_error == pytest.approx(1 / np.sqrt(SAMPLES), rel=0.05)
    assert noise.of_differences == pytest.approx(0.1 * np.sqrt(2 / SAMPLES), rel=0.15)


def test_without_sums_nothing_is_said(tmp_path: Path, losses: np.ndarray) -> None:
    with write(tmp_path / "x.talweg", losses, sums=False) as document:
        assert measure_noise(document, document.newest_landscape()) is None


def test_points_that_diverged_are_left_out(tmp_path: Path, losses: np.ndarray) -> None:
    losses[5] = np.inf
    losses[7, 40] = np.nan
    with np.errstate(invalid="ignore"), write(tmp_path / "x.talweg", losses) as document:
        noise = measure_noise(document, document.newest_landscape())
    assert noise is not None
    assert noise.of_differences == pytest.approx(0.1 * np.sqrt(2 / SAMPLES), rel=0.2)
