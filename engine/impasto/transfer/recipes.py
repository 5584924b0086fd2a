"""Recipes: everything that defines an objective and its schedule, as small values."""

import math
from dataclasses import dataclass

from impasto_wire.settings import Quality


@dataclass(frozen=True)
class Recipe:
    """What is minimised, and how long at which scale."""

    backbone: str
    content_layer: str
    style_layers: tuple[tuple[str, float], ...]
    variation_weight: float
    box_weight: float
    history: int
    coarsest: int
    """Long side of the coarsest scale, in pixels; each further scale doubles it."""
    steps: dict[Quality, tuple[int, ...]]
    """Steps of each scale from the coarsest on; scales past the end take the last number."""

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that must be run."""
        return tuple({self.content_layer, *(name for name, _ in self.style_layers)})

    def schedule(self, quality: Quality, scales: int) -> list[int]:
        """Steps of each of that many scales, coarse to fine."""
        steps = self.steps[quality]
        return [steps[min(index, len(steps) - 1)] for index in range(scales)]


def content_weight(strength: float, detail: float) -> float:
    """What multiplies the content loss: 3 where strength and detail are 0.5."""
    return 3.0 * math.pow(64, 0.5 - strength) * math.pow(4, detail - 0.5)


def style_share(strength: float) -> float:
    """How far colours and statistics go from the layer's own (0) to the style's (1): all the way from 0.5 on."""
    return min(1.0, 2 * strength)


IMPASTO = Recipe(
    backbone="vgg19",
    content_layer="relu4_2",
    style_layers=(("relu1_1", 1.0), ("relu2_1", 1.0), ("relu3_1", 1.0), ("relu4_1", 1.0), ("relu5_1", 1.0)),
    variation_weight=1.0,
    box_weight=50.0,
    history=10,
    coarsest=128,
    steps={"draft": (30, 10, 3, 2), "standard": (80, 50, 25, 8, 4), "fine": (150, 100, 60, 20, 8)},
)
