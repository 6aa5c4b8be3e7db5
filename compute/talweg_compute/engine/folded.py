"""A model with its batch normalization folded into the layers before it: fewer operations for the same outputs."""

import copy
from typing import Any

import torch
from torch import Tensor, fx, nn

from talweg_compute.engine.device import wants_channels_last
from talweg_compute.engine.fused import fuse_convolutions
from talweg_compute.problem.habits import hand_on_habits
from talweg_compute.problem.layout import Layout, convert, named_tensors
from talweg_compute.problem.nested import Nested, call_model

_FOLDABLE: dict[type[nn.Module], type[nn.Module]] = {
    nn.Linear: nn.BatchNorm1d,
    nn.Conv1d: nn.BatchNorm1d,
    nn.Conv2d: nn.BatchNorm2d,
    nn.Conv3d: nn.BatchNorm3d,
    nn.ConvTranspose1d: nn.BatchNorm1d,
    nn.ConvTranspose2d: nn.BatchNorm2d,
    nn.ConvTranspose3d: nn.BatchNorm3d,
}
_TRANSPOSED = (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)


class FoldedForward:
    """The traced model, with every batch normalization that follows a linear layer or a convolution folded into it.

    In eval mode y = γ (W x + b - μ) / √(σ² + ε) + β is a convolution with W γ/√(σ² + ε) and bias
    (b - μ) γ/√(σ² + ε) + β. Both are computed in float32 for each point, so that any tensor may move.

    Args:
        model: Copied, never changed.
        layout: Order of its tensors.
        device: Where it runs.
        dtype: Of weights and activations.
        fuse: Convolutions do the additions and ReLUs that follow them, too.
        channels_last: Whether images may have their channels last in memory.

    Raises:
        ValueError: There is nothing to fold, or to fuse.
    """

    def __init__(
        self,
        model: nn.Module,
        layout: Layout,
        device: torch.device,
        dtype: torch.dtype,
        *,
        fuse: bool = False,
        channels_last: bool = True,
    ) -> None:
        self.dtype, self.channels_last = dtype, channels_last and wants_channels_last(device)
        self._layout = layout
        own = copy.deepcopy(model).eval().requires_grad_(False)
        originals = named_tensors(own)  # kept until the end, so that no new tensor gets the id of one of them
        names = {id(tensor): name for name, tensor in originals.items()}  # as the layout has them, ties too
        traced = fx.symbolic_trace(own)
        _reshape_for_views(traced)
        pairs = _fold_graph(traced)
        if not pairs:
            raise ValueError("no batch normalization follows a linear layer or a convolution alone")
        self._pairs = [_Pair(traced.get_submodule(layer), own.get_submodule(norm), names) for layer, norm in pairs]
        others = {name: names[id(tensor)] for name, tensor in named_tensors(traced).items() if id(tensor) in names}
        if fuse and not fuse_convolutions(traced, device):
            raise ValueError("no addition or ReLU follows a convolution alone")
        traced = convert(traced, device, dtype)
        hand_on_habits(model, traced)  # tracing leaves hooks out
        for parameter in traced.parameters():
            if parameter.ndim == 4 and self.channels_last:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        self._traced = traced
        tensors = named_tensors(traced)
        self._others = {others[name]: tensors[name] for name in others if tensors[name].is_floating_point()}

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size]."""
        views = self._layout.views(weights)
        for name, tensor in self._others.items():
            tensor.copy_(views[name])
        for pair in self._pairs:
            pair.load(views)

    def __call__(self, inputs: Nested) -> Nested:
        """Map inputs [N, …] to outputs [N, …]."""
        outputs: Nested = call_model(self._traced, inputs)
        return outputs


class _Pair:
    """A layer, and the names in the layout of what is folded into it."""

    def __init__(self, layer: Any, norm: Any, names: dict[int, str]) -> None:  # of any of the types in _FOLDABLE
        self.layer = layer
        self._epsilon = float(norm.eps)
        self._axis = int(isinstance(layer, _TRANSPOSED))  # of the output channels in the weight
        self._kernel = names[id(layer.weight)]
        self._bias = None if layer.bias is None else names[id(layer.bias)]
        self._mean, self._variance = names[id(norm.running_mean)], names[id(norm.running_var)]
        self._gamma = None if norm.weight is None else names[id(norm.weight)]
        self._beta = None if norm.bias is None else names[id(norm.bias)]
        layer.weight = nn.Parameter(torch.empty_like(layer.weight), requires_grad=False)  # its own, where it was tied
        layer.bias = nn.Parameter(torch.zeros(len(norm.running_mean)), requires_grad=False)

    def load(self, views: dict[str, Tensor]) -> None:
        scale = torch.rsqrt(views[self._variance] + self._epsilon)
        if self._gamma is not None:
            scale = scale * views[self._gamma]
        shift = -views[self._mean]
        if self._bias is not None:
            shift = shift + views[self._bias]
        bias = shift * scale
        if self._beta is not None:
            bias = bias + views[self._beta]
        kernel = views[self._kernel]
        shape = [1] * kernel.ndim
        shape[self._axis] = -1
        self.layer.weight.copy_(kernel * scale.view(shape))
        self.layer.bias.copy_(bias)


def _reshape_for_views(traced: fx.GraphModule) -> None:
    """Let ``.view`` copy where channels are last: only what flattens images needs them in another order."""
    for node in traced.graph.nodes:
        if node.op == "call_method" and node.target == "view" and torch.dtype not in map(type, node.args):
            node.target = "reshape"


def _fold_graph(traced: fx.GraphModule) -> list[tuple[str, str]]:
    """Take batch normalizations out of a graph where a layer feeds nothing else; returns (layer, norm) names."""
    modules = dict(traced.named_modules(remove_duplicate=False))
    uses: dict[int, int] = {}
    for node in traced.graph.nodes:
        if node.op == "call_module":
            uses[id(modules[node.target])] = uses.get(id(modules[node.target]), 0) + 1
    pairs = []
    for node in list(traced.graph.nodes):
        source = node.args[0] if node.op == "call_module" and node.args else None
        if not isinstance(source, fx.Node) or source.op != "call_module" or len(source.users) != 1:
            continue
        layer, norm = modules[str(source.target)], modules[node.target]
        foldable = (
            _FOLDABLE.get(type(layer)) is type(norm)
            and norm.track_running_stats
            and not (isinstance(layer, _TRANSPOSED) and layer.groups > 1)
            and uses[id(layer)] == uses[id(norm)] == 1
        )
        if not foldable:
            continue
        node.replace_all_uses_with(source)
        traced.graph.erase_node(node)
        pairs.append((str(source.target), str(node.target)))
    traced.delete_all_unused_submodules()
    traced.recompile()
    return pairs
