"""What is known of the networks without torch: their names, and the smallest picture that they can see."""

BACKBONES: tuple[str, ...] = ("vgg19", "vgg16", "squeezenet")
"""The first is the default."""


def smallest_side(backbone: str, padding: str) -> int:
    """The smallest picture that a network's layers can all still see, in pixels.

    VGG halves four times; where incomplete pooling windows are kept, a single pixel is left of any picture.
    """
    if backbone == "squeezenet":
        return 21  # what torchvision states too
    return 1 if padding == "replicate" else 16
