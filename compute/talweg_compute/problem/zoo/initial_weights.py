"""Weights before training, as Li et al. 2018 draw them."""

from torch import nn


def draw_initial_weights(model: nn.Module) -> None:
    """Initialise a network: convolutions by He et al.'s normal distribution, linear layers by one of width 0.001.

    Args:
        model: Changed in place, from torch's global random numbers.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_in")
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
        elif isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=1e-3)
            nn.init.zeros_(module.bias)
