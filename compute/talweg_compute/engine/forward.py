"""From flat weights to outputs: the model as it is, or with its batch normalization folded into convolutions."""

import copy
from typing import Protocol

import torch
from torch import Tensor, fx, nn

from talweg_compute.problem.layout import Layout, named_tensors
from talweg_compute.problem.problem import OpenProblem

_PROBE_SAMPLES = 4
_FOLDING_TOLERANCE = 1e-4  # relative, of the outputs in float32: folding only changes the order of roundings


class Forward(Protocol):
    """A copy of a model that can be moved to any weights of its layout."""

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size] on the forward's device."""

    def __call__(self, inputs: Tensor) -> Tensor:
        """Map inputs [N, …] to outputs [N, …]."""


def build_forward(problem: OpenProblem, device: torch.device, dtype: torch.dtype) -> Forward:
    """Build the fastest forward pass that is right for the model.

    Args:
        problem: Its model is copied, never changed.
        device: Where it runs.
        dtype: Of weights and activations.

    Returns:
        The folded forward pass where the model can be traced and folding gives its outputs, otherwise the plain one.
    """
    try:
        folded = FoldedForward(problem.model, problem.layout, device, torch.float32)
    except Exception:  # tracing runs the user's code with symbolic values, which may raise anything
        return PlainForward(problem.model, problem.layout, device, dtype)
    plain = PlainForward(problem.model, problem.layout, device, torch.float32)
    if not _agree(plain, folded, problem, device):
        return PlainForward(problem.model, problem.layout, device, dtype)
    return FoldedForward(problem.model, problem.layout, device, dtype)


class PlainForward:
    """The model with all its tensors as views of one flat vector."""

    def __init__(self, model: nn.Module, layout: Layout, device: torch.device, dtype: torch.dtype) -> None:
        self._model = copy.deepcopy(model).to(device=device, dtype=dtype).eval().requires_grad_(False)
        self._weights = torch.zeros(layout.size, device=device, dtype=dtype)
        _bind(self._model, layout, self._weights)

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size]."""
        self._weights.copy_(weights)

    def __call__(self, inputs: Tensor) -> Tensor:
        """Map inputs [N, …] to outputs [N, …]."""
        outputs: Tensor = self._model(inputs)
        return outputs


class FoldedForward:
    """The traced model, with every batch normalization that follows a convolution folded into it.

    In eval mode y = γ (W x + b - μ) / √(σ² + ε) + β is a convolution with W γ/√(σ² + ε) and bias
    (b - μ) γ/√(σ² + ε) + β. Both are computed in float32 for each point, so that any tensor may move.

    Raises:
        ValueError: There is nothing to fold.
    """

    def __init__(self, model: nn.Module, layout: Layout, device: torch.device, dtype: torch.dtype) -> None:
        self._layout = layout
        traced = fx.symbolic_trace(copy.deepcopy(model).eval().requires_grad_(False))
        self._pairs = _fold_graph(traced)
        if not self._pairs:
            raise ValueError("no convolution is followed by batch normalization")
        self._epsilon = {norm: float(model.get_submodule(norm).eps) for _, norm in self._pairs}  # type: ignore[arg-type]
        traced = traced.to(device=device, dtype=dtype).to(memory_format=torch.channels_last)
        self._traced = traced
        folded = {f"{conv}.{part}" for conv, _ in self._pairs for part in ("weight", "bias")}
        self._convolutions = [traced.get_submodule(conv) for conv, _ in self._pairs]
        self._others = {
            name: tensor
            for name, tensor in named_tensors(traced).items()
            if name not in folded and tensor.is_floating_point()
        }

    def load(self, weights: Tensor) -> None:
        """Take weights, float32 [size]."""
        views = self._layout.views(weights)
        for name, tensor in self._others.items():
            tensor.copy_(views[name])
        for (conv, norm), module in zip(self._pairs, self._convolutions, strict=True):
            scale = torch.rsqrt(views[f"{norm}.running_var"] + self._epsilon[norm])
            if f"{norm}.weight" in views:
                scale = scale * views[f"{norm}.weight"]
            shift = -views[f"{norm}.running_mean"]
            if f"{conv}.bias" in views:
                shift = shift + views[f"{conv}.bias"]
            bias = shift * scale
            if f"{norm}.bias" in views:
                bias = bias + views[f"{norm}.bias"]
            kernel = views[f"{conv}.weight"]
            module.weight.copy_(kernel * scale.view(-1, *[1] * (kernel.ndim - 1)))  # type: ignore[operator]
            module.bias.copy_(bias)  # type: ignore[operator]

    def __call__(self, inputs: Tensor) -> Tensor:
        """Map inputs [N, …] to outputs [N, …]."""
        outputs: Tensor = self._traced(inputs)
        return outputs


def _fold_graph(traced: fx.GraphModule) -> list[tuple[str, str]]:
    """Take batch normalizations out of a graph where a convolution feeds nothing else; returns (conv, norm) names."""
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
        conv, norm = modules[str(source.target)], modules[node.target]
        foldable = (
            type(conv) is nn.Conv2d
            and type(norm) is nn.BatchNorm2d
            and norm.track_running_stats
            and uses[id(conv)] == uses[id(norm)] == 1
        )
        if not foldable:
            continue
        node.replace_all_uses_with(source)
        traced.graph.erase_node(node)
        if conv.bias is None:
            conv.bias = nn.Parameter(torch.zeros(conv.out_channels), requires_grad=False)
        pairs.append((str(source.target), str(node.target)))
    traced.delete_all_unused_submodules()
    traced.recompile()
    return pairs


@torch.no_grad()
def _agree(plain: Forward, folded: Forward, problem: OpenProblem, device: torch.device) -> bool:
    inputs = channels_last(problem.samples.inputs[:_PROBE_SAMPLES]).to(device)
    weights = problem.origin.to(device)
    try:
        plain.load(weights)
        folded.load(weights)
        expected, found = plain(inputs), folded(inputs)
    except Exception:  # a model that cannot run folded runs plain
        return False
    largest = float(expected.abs().max())
    return bool(((found - expected).abs() <= _FOLDING_TOLERANCE * largest).all())


def channels_last(inputs: Tensor) -> Tensor:
    """Lay images out channel by channel for each pixel, as fast convolutions want them; others stay."""
    return inputs.contiguous(memory_format=torch.channels_last) if inputs.ndim == 4 else inputs


def _bind(model: nn.Module, layout: Layout, weights: Tensor) -> None:
    """Make a model's parameters and buffers views of one vector, tied ones included."""
    views = layout.views(weights)
    bound = {id(tensor): views[name] for name, tensor in named_tensors(model).items() if name in views}
    for module in model.modules():
        for parameter in module._parameters.values():
            if parameter is not None:
                parameter.data = bound.get(id(parameter), parameter.data)
        for name, buffer in module._buffers.items():
            if buffer is not None and id(buffer) in bound:
                module._buffers[name] = bound[id(buffer)]
