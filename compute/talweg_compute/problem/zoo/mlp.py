"""A plain multi-layer perceptron."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from talweg_compute.messages import InputError

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "tanh": torch.tanh,
    "gelu": functional.gelu,
}


class MLP(nn.Module):
    """Linear layers ``fc1``, ``fc2``, … with an activation between them."""

    def __init__(self, sizes: Sequence[int], activation: str, bias: bool) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[activation]
        self.layers = [f"fc{number}" for number in range(1, len(sizes))]
        for name, before, after in zip(self.layers, sizes[:-1], sizes[1:], strict=True):
            self.add_module(name, nn.Linear(before, after, bias))

    def forward(self, x: Tensor) -> Tensor:
        """Map inputs [N, …], flattened, to outputs [N, sizes[-1]]."""
        out = x.flatten(1)
        for name in self.layers[:-1]:
            out = self.activation(self.get_submodule(name)(out))
        outputs: Tensor = self.get_submodule(self.layers[-1])(out)
        return outputs


def mlp(sizes: Sequence[int] = (784, 128, 10), activation: str = "relu", bias: bool = True) -> MLP:
    """Build a perceptron.

    Args:
        sizes: Width of the input, of each hidden layer, and of the output.
        activation: "relu", "tanh" or "gelu".
        bias: Whether the layers have biases.

    Returns:
        The model, whose layers are named ``fc1``, ``fc2``, … in order.

    Raises:
        InputError: An argument is none of these.
    """
    numbers = isinstance(sizes, list | tuple) and all(type(size) is int and size > 0 for size in sizes)
    if not numbers or len(sizes) < 2:
        raise InputError(
            f"model_args.sizes: got {sizes!r}; expected a list of at least two positive integers, "
            "from the input's width to the output's."
        )
    if activation not in ACTIVATIONS:
        raise InputError(f'model_args.activation: got {activation!r}; expected "relu", "tanh" or "gelu".')
    if not isinstance(bias, bool):
        raise InputError(f"model_args.bias: got {bias!r}; expected true or false.")
    return MLP(sizes, activation, bias)
