"""What the tests of exports and imports share."""

from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[2] / "data" / "golden_reference"


@pytest.fixture
def golden_surface() -> Path:
    """A surface of Li et al.'s code with 5 points along x and 3 along y."""
    stem = "m.t7_weights_xignore=biasbn_xnorm=filter_yignore=biasbn_ynorm=filter"
    return GOLDEN / f"{stem}.h5_[-1.0,1.0,5]x[-1.0,1.0,3].h5"


@pytest.fixture
def golden_line() -> Path:
    """A surface of Li et al.'s code along one direction."""
    return GOLDEN / "m.t7_states_xnorm=filter.h5_[-1.0,1.0,3].h5"


@pytest.fixture
def golden_vtp() -> tuple[Path, Path]:
    """A 4 x 4 surface of Li et al.'s code, and what their exporter made of it: cut at 10, ln(z + 0.1)."""
    return GOLDEN / "sq.h5", GOLDEN / "sq.h5_train_loss_zmax=10_log.vtp"
