"""Programs saved by ``torch.export.save``: a model without its code."""

from pathlib import Path
from typing import Any, Self

import torch
from torch import fx, nn

from talweg_compute.messages import InputError
from talweg_compute.problem.user_code import describe

SUFFIX = ".pt2"


class ExportedModel(nn.Module):
    """A program as a module with weights of its own. It was exported in eval mode and stays so."""

    def __init__(self, program: nn.Module) -> None:
        super().__init__()
        self.program = program

    def forward(self, *inputs: Any) -> Any:
        """Run the program."""
        return self.program(*inputs)

    def train(self, mode: bool = True) -> Self:
        """Stay as the program was exported; torch's own modules of programs refuse both modes."""
        self.training = False
        return self


def load_program(path: Path) -> ExportedModel:
    """Load a program.

    Args:
        path: A .pt2 file.

    Returns:
        The model, with the program's weights.

    Raises:
        InputError: The file is missing or no program, was exported in training mode, or takes batches of one size only.
    """
    if not path.is_file():
        raise InputError(f'model: got "{path}"; there is no such file: correct the path.')
    try:
        program = torch.export.load(path)
        module = program.module()
    except Exception as error:
        raise InputError(
            f"model: {path} cannot be read as an exported program: {describe(error)}; expected what "
            "torch.export.save wrote with a torch of this version or an older one: export it again."
        ) from error
    if any(_trains(node) for node in program.graph.nodes):
        raise InputError(
            f"model: {path} was exported in training mode, with batch normalization or dropout at work; call "
            "model.eval() before torch.export.export."
        )
    for node in program.graph.nodes:
        if node.op == "placeholder" and node.name in program.graph_signature.user_inputs:
            shape = tuple(getattr(node.meta.get("val"), "shape", ()))
            if shape and isinstance(batch := shape[0], int):
                raise InputError(
                    f"model: {path} takes batches of {batch} only; export it with dynamic_shapes that leave the first "
                    "dimension free, ({0: torch.export.Dim.DYNAMIC},)."
                )
    return ExportedModel(module)


def _trains(node: fx.Node) -> bool:
    """Tell whether an operation has an argument ``train`` or ``training`` that is set."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return False
    given = dict(zip((argument.name for argument in schema.arguments), node.args, strict=False)) | dict(node.kwargs)
    return given.get("train") is True or given.get("training") is True
