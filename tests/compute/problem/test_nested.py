from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

from talweg_compute.problem.nested import are_close, cut, map_tensors, take, tensors_of

ONES = torch.ones(3, 2)


class Named(NamedTuple):
    logits: Tensor
    hidden: Any = None


class ModelOutput(OrderedDict[str, Any]):
    """As that of transformers: items are attributes as well, and what is None is an attribute alone."""

    def __init__(self, **items: Any) -> None:
        super().__init__({name: item for name, item in items.items() if item is not None})
        vars(self).update(items)

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        vars(self)[key] = value


@dataclass(frozen=True)
class Plain:
    logits: Tensor
    name: str = "mine"


def double(nested: Any) -> Any:
    return map_tensors(lambda tensor: 2 * tensor, nested)


def test_what_models_return_keeps_its_types() -> None:
    pair = double((ONES, None))
    assert type(pair) is tuple
    assert pair[1] is None
    assert torch.equal(pair[0], 2 * ONES)
    named = double(Named(ONES))
    assert type(named) is Named
    assert torch.equal(named.logits, 2 * ONES)
    output = ModelOutput(logits=ONES, past=None)
    found = double(output)
    assert type(found) is ModelOutput
    assert found.past is None
    assert torch.equal(found.logits, 2 * ONES)
    assert torch.equal(found["logits"], 2 * ONES)
    assert torch.equal(output.logits, ONES)
    plain = double(Plain(ONES))
    assert (type(plain), plain.name) == (Plain, "mine")
    assert torch.equal(plain.logits, 2 * ONES)
    assert type(double([ONES, 3])) is list
    assert type(double(ONES.max(1))) is type(ONES.max(1))
    assert [len(list(tensors_of(each))) for each in (pair, named, found, plain, [1, {"a": ONES}], "text")] == [
        1,
        1,
        1,
        1,
        1,
        0,
    ]


def test_a_number_for_all_samples_stays() -> None:
    rows, number = take((ONES, torch.tensor(2.0)), slice(1))
    assert rows.shape == (1, 2)  # type: ignore[union-attr]
    assert number == 2.0


def test_comparison() -> None:
    assert are_close((ONES, None), (ONES + 1e-6, None), 1e-5)
    assert not are_close(ONES, ONES + 1e-4, 1e-5)
    assert not are_close((ONES, ONES), (ONES,), 1e-5)
    assert not are_close(ONES, ONES[:2], 1e-5)
    assert are_close(ONES > 0, ONES > 0, 0)
    assert not are_close(ONES > 0, ONES > 1, 0)
    odd = torch.tensor([1.0, torch.nan, torch.inf])
    assert are_close(odd, odd.clone(), 0)
    assert not are_close(odd, torch.tensor([1.0, 2.0, torch.inf]), 0.1)
    assert are_close(torch.empty(0), torch.empty(0), 0)


def test_no_batch_has_a_single_sample_where_there_are_others() -> None:
    def ends(stop: int, size: int) -> list[int]:
        batches = cut(2, 2 + stop, size)
        assert [each.start for each in batches] == [2, *[each.stop for each in batches[:-1]]]
        return [len(each) for each in batches]

    assert ends(10, 4) == [4, 4, 2]
    assert ends(9, 4) == [4, 3, 2]
    assert ends(5, 2) == [2, 3]
    assert ends(3, 1) == [1, 1, 1]
    assert ends(1, 4) == [1]
    assert ends(8, 4) == [4, 4]
