"""A small ResNet for the embedded digits."""

from talweg_compute.problem.zoo.resnet_cifar import ResNet, check_shortcut


def digits_resnet(shortcut: str = "B") -> ResNet:
    """Build a ResNet of ten layers for grey images of 8x8 pixels: two stages of two blocks with 8 and 16 channels.

    Args:
        shortcut: "B" (projection) or "none".

    Returns:
        The model: [N, 1, 8, 8] to [N, 10], 10,978 parameters with shortcuts.

    Raises:
        InputError: The shortcut is neither.
    """
    check_shortcut(shortcut, ("B", "none"))
    return ResNet(2, (8, 16), shortcut, channels=1, pool=4)
