"""Recordings without a GPU: what is asked of torch, in which order."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch

from talweg_compute.engine import captured
from talweg_compute.engine.captured import CapturedCall, CapturedFunction


class Stream:
    """Writes down for whom it waits."""

    device = torch.device("cpu")

    def __init__(self, name: str, waits: list[tuple[str, str]]) -> None:
        self.name, self.waits = name, waits

    def wait_stream(self, other: "Stream") -> None:
        self.waits.append((self.name, other.name))


@contextmanager
def nothing(*_: Any, **__: Any) -> Iterator[None]:
    yield


def test_a_recording_that_fails_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[tuple[str, str]] = []
    current, side = Stream("current", waits), Stream("side", waits)
    monkeypatch.setattr(captured, "_side_stream", lambda device: side)
    monkeypatch.setattr(captured, "_refusing_to_wait", nothing)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: current)
    monkeypatch.setattr(torch.cuda, "stream", nothing)
    called: list[list[tuple[str, str]]] = []

    def fail_at_first(x: Any) -> Any:
        called.append(list(waits))
        if len(called) == 2:  # in the second warm-up, where waiting is refused
            raise RuntimeError("it waits")
        return x + 1

    notes: list[str] = []
    function = CapturedFunction(fail_at_first, notes.append, record=CapturedCall, new_pool=lambda: None)
    assert float(function(torch.ones(1))) == 2
    assert called[-1] == [("side", "current"), ("current", "side")]  # before the call that is not recorded
    assert len(notes) == 1
