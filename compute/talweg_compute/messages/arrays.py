"""Arrays inside messages: JSON has neither NaN nor infinity, and both are results."""

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray


class Block(msgspec.Struct, frozen=True):
    """An array as little-endian bytes with its dtype and shape; JSON carries the bytes as base64."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, array: ArrayLike) -> "Block":
        """Pack an array.

        Args:
            array: Numbers or booleans of any shape.

        Returns:
            The packed array.
        """
        packed = np.asarray(array, order="C")
        packed = packed.astype(packed.dtype.newbyteorder("<"), copy=False)
        return cls(packed.dtype.str, packed.shape, packed.tobytes())

    def array(self) -> NDArray[np.generic]:
        """Unpack the array; it is read-only."""
        return np.frombuffer(self.data, dtype=np.dtype(self.dtype)).reshape(self.shape)
