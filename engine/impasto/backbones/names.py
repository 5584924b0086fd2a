"""The networks' names, importable without torch."""

BACKBONES: tuple[str, ...] = ("vgg19",)
