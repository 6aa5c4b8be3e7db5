from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from talweg_compute.messages import InputError
from talweg_compute.problem import build_loss
from talweg_compute.problem.losses import LossFunction

OUTPUTS = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
LABELS = torch.tensor([0, 1, 2, 3, 0, 1])


def test_cross_entropy_has_one_value_a_sample() -> None:
    loss = build_loss("cross_entropy")

    expected = [-float(OUTPUTS[k].log_softmax(0)[LABELS[k]]) for k in range(6)]
    torch.testing.assert_close(loss(OUTPUTS, LABELS), torch.tensor(expected))
    assert loss(OUTPUTS.double(), LABELS).dtype == torch.float64
    correct = loss.correct(OUTPUTS, LABELS)
    assert correct is not None
    assert correct.tolist() == [float(OUTPUTS[k].argmax() == LABELS[k]) for k in range(6)]


def test_cross_entropy_of_probabilities_and_of_pixels() -> None:
    loss = build_loss("cross_entropy")
    one_hot = functional.one_hot(LABELS, 4).float()
    torch.testing.assert_close(loss(OUTPUTS, one_hot), loss(OUTPUTS, LABELS))
    assert torch.equal(loss.correct(OUTPUTS, one_hot), loss.correct(OUTPUTS, LABELS))

    pixels, classes = torch.randn(2, 4, 3, 3), torch.randint(0, 4, (2, 3, 3))
    assert loss(pixels, classes).shape == (2,)
    torch.testing.assert_close(loss(pixels, classes).mean(), functional.cross_entropy(pixels, classes))
    torch.testing.assert_close(loss.correct(pixels, classes).mean(), (pixels.argmax(1) == classes).float().mean())


def test_mse_of_labels_is_that_of_li_et_al() -> None:
    loss = build_loss("mse")
    expected = functional.mse_loss(OUTPUTS.softmax(1), functional.one_hot(LABELS, 4).float())
    torch.testing.assert_close(loss(OUTPUTS, LABELS).mean(), expected)
    assert loss.correct(OUTPUTS, LABELS).tolist() == (OUTPUTS.argmax(1) == LABELS).float().tolist()


def test_mse_of_numbers_does_not_broadcast() -> None:
    loss = build_loss("mse")
    targets = torch.arange(6.0)

    assert loss(torch.zeros(6, 1), targets).tolist() == [0, 1, 4, 9, 16, 25]
    assert loss(torch.zeros(6, 2), torch.ones(6, 2)).tolist() == [1] * 6
    assert loss.correct(torch.zeros(6, 1), targets) is None
    with pytest.raises(InputError, match=r"mse failed on outputs of shape \[6, 4\] .* and targets of shape \[6\]"):
        loss.checked(OUTPUTS, targets)


def test_arguments_of_losses() -> None:
    smooth = build_loss("cross_entropy", {"label_smoothing": 0.1})
    mixed = 0.9 * functional.one_hot(LABELS, 4) + 0.1 / 4
    expected = -(mixed * OUTPUTS.log_softmax(1)).sum(1)
    torch.testing.assert_close(smooth(OUTPUTS, LABELS), expected)

    hinge = build_loss("multi_margin", {"margin": 0.5})
    gaps = (0.5 - OUTPUTS.gather(1, LABELS[:, None]) + OUTPUTS).clamp(min=0).sum(1) - 0.5
    torch.testing.assert_close(hinge(OUTPUTS, LABELS), gaps / 4)
    assert hinge.correct(OUTPUTS, LABELS).tolist() == (OUTPUTS.argmax(1) == LABELS).float().tolist()

    with pytest.raises(InputError, match=r"loss_args\.smoothing: unknown; cross_entropy takes label_smoothing\."):
        build_loss("cross_entropy", {"smoothing": 0.1})
    with pytest.raises(InputError, match=r"loss_args\.p: unknown; mse takes none\."):
        build_loss("mse", {"p": 1})


def test_users_losses(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from torch.nn import functional as F\n"
        "def each(o, t): return F.multi_margin_loss(o, t, reduction='none')\n"
        "def mean(o, t): return F.multi_margin_loss(o, t)\n"
        "def total(o, t): return F.multi_margin_loss(o, t, reduction='sum')\n"
        "def number(o, t): return 3.0\n"
        "def matrix(o, t): return o\n"
        "def fails(o, t): return o @ o\n"
    )
    each = build_loss(f"{tmp_path / 'mine.py'}:each").checked(OUTPUTS[:1], LABELS[:1])
    mean = build_loss(f"{tmp_path / 'mine.py'}:mean").checked(OUTPUTS[:3], LABELS[:3])
    total = build_loss(f"{tmp_path / 'mine.py'}:total").checked(OUTPUTS[:3], LABELS[:3])

    assert (each.per_sample, mean.per_sample, total.per_sample) == (True, False, False)
    assert (each.is_sum, mean.is_sum, total.is_sum) == (False, False, True)
    torch.testing.assert_close(total(OUTPUTS, LABELS).sum(), each(OUTPUTS, LABELS).sum())
    assert mean(OUTPUTS, LABELS).shape == (6,)
    torch.testing.assert_close(mean(OUTPUTS, LABELS).sum(), each(OUTPUTS, LABELS).sum())
    for function, words in (
        ("number", "returned an object of type float"),
        ("matrix", r"returned a tensor of shape \[2, 4\] .* one value a sample, \[2\], or their mean or sum, \[\]"),
        ("fails", r"failed on outputs of shape \[2, 4\].*RuntimeError: .*mat1 .*\(mine\.py, line 7\)"),
    ):
        with pytest.raises(InputError, match=words):
            build_loss(f"{tmp_path / 'mine.py'}:{function}").checked(OUTPUTS[:2], LABELS[:2])


def test_unknown_name() -> None:
    with pytest.raises(InputError, match=r'loss: got "crossentropy"; did you mean "cross_entropy"\?'):
        build_loss("crossentropy")


def test_a_sum_is_told_from_a_mean_where_every_loss_is_0() -> None:
    def total(outputs: Tensor, targets: Tensor) -> Tensor:
        return functional.cross_entropy(outputs, targets, reduction="sum")

    certain = 200.0 * functional.one_hot(LABELS, 4)
    assert float(total(certain, LABELS)) == 0
    assert LossFunction("mine", total).checked(certain[:3], LABELS[:3]).is_sum
    assert not LossFunction("mine", functional.cross_entropy).checked(certain[:3], LABELS[:3]).is_sum


def test_a_sum_of_outputs_with_a_number_for_all_samples() -> None:
    def total(outputs: Any, targets: Tensor) -> Tensor:
        scores, _ = outputs
        return functional.cross_entropy(scores, targets, reduction="sum")

    assert LossFunction("mine", total).checked((OUTPUTS[:3], torch.tensor(3.0)), LABELS[:3]).is_sum


def test_a_column_of_losses_is_one_value_a_sample() -> None:
    column = LossFunction("mine", lambda outputs, targets: outputs[:, :1].square()).checked(OUTPUTS[:3], LABELS[:3])
    assert column.per_sample
    assert column(OUTPUTS, LABELS).tolist() == OUTPUTS[:, 0].square().tolist()
