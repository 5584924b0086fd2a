"""What a painting will cost, before it is begun."""

import time
from dataclasses import dataclass

import torch

from impasto.backbones import Backbone
from impasto.devices import working_dtype
from impasto_wire.settings import Settings

from .canvas import Canvas
from .objective import Balance, Objective, style_targets
from .pyramid import scale_sizes
from .recipes import IMPASTO, Recipe
from .tiles import cut_tiles, tile_side

# Read off runs of 0.1 to 2 megapixels on the CPU, float32: what torch, network and process take, then what each pixel
# adds: of the largest window that goes through the network, and of the picture (layer, iterate, its L-BFGS pairs).
_BASE_BYTES = 750 << 20
_BYTES_PER_WINDOW_PIXEL = 4_600
_FLOATS_PER_PICTURE_PIXEL = 3 * 6
# Forward is a third of an evaluation, about; tiles run it twice.
_TILED = 4 / 3
_SETUP_EVALUATIONS = 2 / 3


@dataclass(frozen=True)
class Forecast:
    """Seconds and bytes that a painting will take, and the plan in words."""

    seconds: float
    bytes: int
    plan: str


def measure_speed(backbone: Backbone, recipe: Recipe = IMPASTO, side: int = 160) -> float:
    """Seconds that one evaluation takes for each pixel, on the backbone's device."""
    device = backbone.means.device
    noise = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0)).to(device)
    dtype = working_dtype(device)
    targets = style_targets(backbone, [(noise, 1.0)], recipe, dtype)
    objective = Objective(backbone, recipe, Canvas(noise, None, None, None), targets, Balance(1, 1), dtype, side)
    objective.evaluate(noise)
    started = time.monotonic()
    losses, _ = objective.evaluate(noise)
    losses.total.item()
    return (time.monotonic() - started) / side**2


def forecast(width: int, height: int, settings: Settings, speed: float, recipe: Recipe = IMPASTO) -> Forecast:
    """What a layer of that size will cost; `speed` as `measure_speed` tells it."""
    sizes = scale_sizes(width, height, recipe.coarsest)
    steps = recipe.schedule(settings.quality, len(sizes))
    seconds = sum((count + _SETUP_EVALUATIONS) * _work(*size) for count, size in zip(steps, sizes, strict=True)) * speed
    window = max((t.bottom - t.top) * (t.right - t.left) for t in cut_tiles(height, width, tile_side(height, width)))
    pairs = 3 * 2 * min(recipe.history, steps[-1])
    picture = 4 * (_FLOATS_PER_PICTURE_PIXEL + pairs) * width * height
    tiles = len(cut_tiles(height, width, tile_side(height, width)))
    plan = f"{len(sizes)} scales, {sum(steps)} steps, " + ("whole" if tiles == 1 else f"{tiles} tiles")
    is_nothing = settings.strength == 0
    return Forecast(0.0 if is_nothing else seconds, _BASE_BYTES + _BYTES_PER_WINDOW_PIXEL * window + picture, plan)


def _work(width: int, height: int) -> float:
    """Pixels that one evaluation of a scale runs through the network, halos and second passes included."""
    tiles = cut_tiles(height, width, tile_side(height, width))
    pixels = sum((tile.bottom - tile.top) * (tile.right - tile.left) for tile in tiles)
    return pixels * (_TILED if len(tiles) > 1 else 1)
