import pytest
from torch import nn

from talweg_compute.messages import InputError
from talweg_compute.plane.restriction import restrict_layout
from talweg_compute.problem.layout import Layout


@pytest.mark.parametrize(
    ("names", "moved"),
    [
        (["0.weight"], {"0.weight"}),
        (["0", "2.1"], {"0.weight", "0.bias", "2.1.weight", "2.1.bias"}),
        (["*.weight"], {"0.weight", "1.weight", "2.0.weight", "2.1.weight"}),
        (["2"], {"2.0.weight", "2.0.bias", "2.1.weight", "2.1.bias"}),
        (["2.?.bias"], {"2.0.bias", "2.1.bias"}),
    ],
)
def test_only_the_named_parameters_move(names: list[str], moved: set[str]) -> None:
    layers = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 4))
    layout = Layout.of(nn.Sequential(nn.Linear(2, 5), nn.BatchNorm1d(5), layers))
    assert {entry.name for entry in restrict_layout(layout, names).entries if entry.trainable} == moved


def test_a_name_that_fits_nothing_is_refused() -> None:
    layout = Layout.of(nn.Sequential(nn.Linear(2, 5), nn.BatchNorm1d(5)))
    for name in ("2", "weight", "1.running_mean"):
        with pytest.raises(InputError, match=f'plane.only: got "{name}".* expected some of: 0, 1'):
            restrict_layout(layout, [name])
