"""What a painting will cost, before it is begun."""

import math
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from impasto.backbones import Backbone
from impasto.request import Forecast
from impasto_wire.errors import OutOfMemory
from impasto_wire.settings import Quality, Settings

from .canvas import Canvas
from .encoder import Encoder, precision
from .objective import Aim, Objective
from .recipes import IMPASTO, Recipe
from .styles import style_targets
from .team import ALONE
from .tiles import SMALLEST_TILE, STRIDE, Tiling, largest_window, smallest_side_of_whole, usual_side

# Measured in runs of 0.2 to 24 megapixels on the CPU: first the bytes that torch, the network and the process take.
# Then those for each pixel of the largest window that goes through the network, in float32, times a factor for the
# precision and for what is kept between the steps; and for each pixel of the picture (layer, iterate, gradient, copies
# to work with, what the optimiser keeps, and the layer's own maps).
_BASE_BYTES = 1000 << 20
_BYTES_PER_WINDOW_PIXEL = {"vgg19": 2_200, "vgg16": 2_600, "squeezenet": 1_000}
_KEPT = {torch.float32: 1.55, torch.bfloat16: 1.1, torch.int8: 1.2}
_PICTURES, _PICTURES_ON_GPU = 6, 4
_CONTENT_BYTES_PER_PIXEL, _CONTENT_BYTES_IN_INT8 = 32, 16
# The forward pass is about a third of an evaluation; all tiles but one run it twice.
_FORWARD = 1 / 3
_SETUP_EVALUATIONS = 2 / 3
# Measured on the CPU with 0, 1 and 3 regions, with like to like and without: what a region's own sums add to an
# evaluation, as a share of one that goes through all layers, and its style to the beginning of a scale, in evaluations.
# Then the same for like to like, at its coarse scale: a part's sums, and how many pixels go through all layers before,
# while the parts of a look are found.
_SUMS_OF_A_REGION, _SETUP_OF_A_REGION = 0.07, 0.5
_SUMS_OF_A_PART, _SEARCH = 0.03, 80_000
_MEASURED_SIDE, _MEASURED_SIDE_OF_GPU = 160, 1024
"""Sides of the pictures that the speed is measured with: a GPU would idle at a small one."""
# Measured in runs of 0.05 to 24 megapixels on a GPU, in bfloat16: half the bytes for each pixel of the window, times a
# factor for what torch reserves and doesn't use.
_BASE_BYTES_OF_GPU, _RESERVED_OF_GPU = 450 << 20, 1.18
_GIB = 1 << 30
_SHARE_OF_A_GPU = 0.7
"""How much of a GPU's memory a painting may take: the screens, GIMP and other programs need some, too."""
_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Speed:
    """Seconds of one evaluation: for each pixel, but at least `per_evaluation`, in which a GPU launches its kernels."""

    per_pixel: float
    per_evaluation: float = 0.0


def measure_speed(backbone: Backbone, recipe: Recipe = IMPASTO) -> Speed:
    """How fast a recipe is on the backbone's device."""
    if backbone.device.type != "cuda":
        return Speed(_seconds_of_evaluation(backbone, recipe, _MEASURED_SIDE) / _MEASURED_SIDE**2)
    launched = _seconds_of_evaluation(backbone, recipe, _MEASURED_SIDE)
    large = recipe.at(_MEASURED_SIDE_OF_GPU, _MEASURED_SIDE_OF_GPU)
    busy = _seconds_of_evaluation(backbone, large, _MEASURED_SIDE_OF_GPU)
    return Speed(busy / _MEASURED_SIDE_OF_GPU**2 / large.work, launched)


def forecast(
    width: int,
    height: int,
    settings: Settings,
    speed: Speed,
    recipe: Recipe = IMPASTO,
    device: torch.device = _CPU,
    budget: int | None = None,
    regions: Sequence[Settings] = (),
) -> Forecast:
    """What a layer of that size will cost, in the usual tiles or those that fit into a budget of bytes; `speed` is what
    `measure_speed` returned, `regions` are the settings of the layer's regions.

    Raises `PictureError` where the layer is too small for the network, `OutOfMemory` where the budget is too small.
    """
    recipe.check_size(width, height)
    if budget is None:
        side = usual_tile_side(width, height, settings.quality, recipe, device)
    else:
        side = tile_side_within(budget, width, height, settings.quality, recipe, device)
    sizes = recipe.sizes(width, height)
    steps = recipe.schedule(settings.quality, len(sizes))
    evaluations = _evaluations(steps, sizes, settings, regions, recipe)
    seconds = sum(
        count * max(speed.per_evaluation, speed.per_pixel * _work(*size, side, recipe))
        for count, size in zip(evaluations, sizes, strict=True)
    )
    finest_width, finest_height = sizes[-1]
    tiles = Tiling.of(finest_height, finest_width, side).count
    cut, by = "whole" if tiles == 1 else f"{tiles} tiles", str(precision(recipe, device)).removeprefix("torch.")
    plan = f"{len(sizes)} scales, {sum(steps)} steps, {cut}, {by}"
    is_nothing = all(look.strength == 0 for look in (settings, *regions))
    memory = memory_of(width, height, settings.quality, recipe, side, device)
    return Forecast(0.0 if is_nothing else seconds, memory, plan)


def _evaluations(
    steps: Sequence[int],
    sizes: Sequence[tuple[int, int]],
    settings: Settings,
    regions: Sequence[Settings],
    recipe: Recipe,
) -> Iterator[float]:
    """What each scale costs, in evaluations of a layer without regions whose style is spread alike everywhere."""
    divided = sum(look.places > 0 and look.strength > 0 for look in (settings, *regions))
    like = recipe.like
    for number, (count, size) in enumerate(zip(steps, sizes, strict=True), start=1):
        is_coarse = like is not None and number < len(sizes) and max(size) <= like.up_to
        parts = (like.parts_of_each(divided) - 1) * divided if like and is_coarse else 0
        each = 1 + _SUMS_OF_A_REGION * len(regions) / recipe.at(*size).work + _SUMS_OF_A_PART * parts
        setup = _SETUP_EVALUATIONS + _SETUP_OF_A_REGION * (len(regions) + parts)
        yield count * each + setup + (_SEARCH * divided / math.prod(size) if is_coarse else 0)


def memory_of(width: int, height: int, quality: Quality, recipe: Recipe, side: int, device: torch.device = _CPU) -> int:
    """Bytes that painting a layer of that size takes in tiles of that side, network and libraries included."""
    finest_width, finest_height = recipe.sizes(width, height)[-1]
    window = largest_window(finest_height, finest_width, side, recipe.at(finest_width, finest_height).halo)
    fixed, window_pixel = _bytes_of(width, height, quality, recipe, device)
    return fixed + window_pixel * window


def _bytes_of(width: int, height: int, quality: Quality, recipe: Recipe, device: torch.device) -> tuple[int, int]:
    """Bytes that painting a layer of that size takes whatever the tiles, and for each pixel of the largest window."""
    sizes = recipe.sizes(width, height)
    pixels = math.prod(sizes[-1])
    kept = recipe.optimiser.kept_pictures(recipe.schedule(quality, len(sizes))[-1], 3 * pixels)
    pictures, by = _PICTURES, precision(recipe, device)
    factor = _KEPT[by]
    if device.type == "cuda":
        pictures, factor = _PICTURES_ON_GPU, _RESERVED_OF_GPU * by.itemsize / 4
    content = _CONTENT_BYTES_IN_INT8 if by is torch.int8 else _CONTENT_BYTES_PER_PIXEL
    picture_pixel = round(12 * (pictures + kept)) + content
    return base_bytes(device) + picture_pixel * pixels, round(_BYTES_PER_WINDOW_PIXEL[recipe.backbone] * factor)


def base_bytes(device: torch.device) -> int:
    """Bytes that torch, the network and the process take, however many paintings are under way."""
    return _BASE_BYTES_OF_GPU if device.type == "cuda" else _BASE_BYTES


def usual_tile_side(width: int, height: int, quality: Quality, recipe: Recipe, device: torch.device) -> int:
    """The side of the tiles where no memory budget is given: on a GPU the largest that its memory holds, for where a
    picture is cut, the halos are computed twice."""
    if device.type != "cuda":
        return usual_side(height, width)
    try:
        return tile_side_within(share_of_gpu(device), width, height, quality, recipe, device)
    except OutOfMemory:
        return SMALLEST_TILE  # it may still be enough


def share_of_gpu(device: torch.device) -> int:
    """Bytes of a GPU's memory that paintings may take."""
    return int(_SHARE_OF_A_GPU * torch.cuda.get_device_properties(device).total_memory)


def tile_side_within(
    budget: int, width: int, height: int, quality: Quality, recipe: Recipe, device: torch.device = _CPU
) -> int:
    """The side of the largest tiles with which a layer of that size is painted in `budget` bytes.

    Raises `OutOfMemory`, which says how much is needed, when not even the smallest tiles fit.
    """
    finest_width, finest_height = recipe.sizes(width, height)[-1]
    whole = -(-max(finest_width, finest_height) // STRIDE) * STRIDE
    if memory_of(width, height, quality, recipe, whole, device) <= budget:
        return max(SMALLEST_TILE, whole)
    # Where it is cut, a tile's window has at least its core's pixels: from there down, the first that fits is near.
    sides = range(SMALLEST_TILE, min(whole, smallest_side_of_whole(finest_width * finest_height)) + STRIDE, STRIDE)
    fixed, window_pixel = _bytes_of(width, height, quality, recipe, device)
    window = (budget - fixed) // window_pixel
    fitting = bisect_right(sides, window, key=lambda side: min(side, finest_width) * min(side, finest_height))
    for side in reversed(sides[:fitting]):
        if memory_of(width, height, quality, recipe, side, device) <= budget:
            return side
    needed = memory_of(width, height, quality, recipe, SMALLEST_TILE, device)
    raise OutOfMemory(
        f"memory_budget is {budget / _GIB:.2g} GiB; painting {width}x{height} takes at least "
        f"{math.ceil(needed / _GIB * 10) / 10:g} GiB, allow that or paint a smaller copy"
    )


def _seconds_of_evaluation(backbone: Backbone, recipe: Recipe, side: int) -> float:
    """How long one evaluation of a square picture takes, measured at the second one."""
    noise = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0)).to(backbone.device)
    encoder = Encoder.of(backbone, recipe)
    targets = style_targets(encoder, [(noise, 1.0)], side)
    objective = Objective(encoder, Canvas(noise), [Aim(targets, 1, 1)], side, ALONE.portion(side, 0))
    objective.evaluate(noise)[0].total.item()
    started = time.monotonic()
    losses, _ = objective.evaluate(noise)
    losses.total.item()
    return time.monotonic() - started


def _work(width: int, height: int, side: int, recipe: Recipe) -> float:
    """What one evaluation of a scale costs, in pixels that go through all layers; with halos and second passes."""
    at_scale = recipe.at(width, height)
    tiles = Tiling.of(height, width, side, at_scale.halo)
    return at_scale.work * tiles.pixels * (1 + _FORWARD * (tiles.count - 1) / tiles.count)
