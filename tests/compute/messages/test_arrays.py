import msgspec
import numpy as np
import pytest

from talweg_compute.messages import Block, Points, decode_event, encode_event


@pytest.mark.parametrize(
    "array",
    [
        np.array([1.0, np.nan, np.inf, -np.inf, -0.0, 5e-324]),
        np.arange(6, dtype=np.int64).reshape(2, 3),
        np.float64(3.5),
        np.zeros((0, 2)),
        np.array([True, False]),
        np.arange(4, dtype=">f8"),
    ],
)
def test_arrays_survive_json_bit_for_bit(array: np.ndarray) -> None:
    block = msgspec.json.decode(msgspec.json.encode(Block.of(array)), type=Block)
    np.testing.assert_array_equal(block.array(), array)
    assert block.array().shape == array.shape
    assert not block.array().flags.writeable


def test_an_event_is_one_line() -> None:
    event = Points("1", Block.of([3]), {"loss": Block.of([np.nan])})
    line = encode_event(event)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert decode_event(line) == event
