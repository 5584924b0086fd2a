"""FLOP/s of the convolutions in one evaluation, divided by those of a large matrix product in the same precision.

    python tests/benchmarks/versus_limit.py [--size WIDTH HEIGHT]

Counted by formula: forward and backward of every convolution up to the deepest layer, no halo, no recomputation. 8-bit
integers are compared with a product in float32: above 1, they are quicker than that can be.
"""

import argparse
import json
import time
from collections.abc import Callable

import torch

from impasto.backbones import Backbone, load_backbone
from impasto.devices import choose_device, describe_device, working_dtype
from impasto.transfer.canvas import Canvas
from impasto.transfer.encoder import Encoder
from impasto.transfer.objective import Aim, Objective
from impasto.transfer.recipes import IMPASTO, Recipe
from impasto.transfer.styles import style_targets
from impasto.transfer.team import ALONE

ROUNDS = 5


def best(work: Callable[[], object], device: torch.device) -> float:
    """Seconds of the quickest of a few rounds."""
    found = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        found.append(time.perf_counter() - started)
    return min(found)


def operations(backbone: Backbone, recipe: Recipe, width: int, height: int) -> float:
    """Floating-point operations of an evaluation's convolutions."""
    deepest = max(recipe.layers, key=lambda name: list(backbone.cells).index(name))
    total = 0
    for name in list(backbone.cells)[: list(backbone.cells).index(deepest) + 1]:
        weight, _ = backbone.parameter_of(name.replace("relu", "conv"))
        total += 2 * weight.numel() * (height // backbone.cells[name]) * (width // backbone.cells[name])
    return 2.0 * total


def main() -> None:
    """Print the ratio for all layers and for the shallow ones."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", nargs=2, type=int, default=(512, 384), metavar=("WIDTH", "HEIGHT"))
    width, height = parser.parse_args().size
    device = choose_device()
    dtype, backbone = working_dtype(device), load_backbone("vgg19", device)
    side = 2048 if device.type == "cpu" else 8192
    matrix = torch.rand(side, side, device=device, dtype=torch.float32 if dtype is torch.int8 else dtype)
    product = 2 * side**3 / best(lambda: matrix @ matrix, device)
    figures: dict[str, object] = {
        "benchmark": "versus_limit",
        "device": describe_device(device),
        "dtype": str(dtype).removeprefix("torch."),
        "product_tflops": round(product / 1e12, 3),
    }
    large = IMPASTO.at(1 << 20, 1 << 20)
    for name, recipe in (("all layers", IMPASTO), ("first layers", large)):
        picture = torch.rand(1, 3, height, width, device=device)
        encoder, canvas = Encoder(backbone, recipe, dtype), Canvas(torch.rand_like(picture))
        targets, portion = style_targets(encoder, [(picture, 1.0)]), ALONE.portion(height, 0)
        objective = Objective(encoder, canvas, [Aim(targets, 1, 1)], max(width, height), portion)
        seconds = best(lambda objective=objective, picture=picture: objective.evaluate(picture), device)  # type: ignore[misc]
        ratio = operations(backbone, recipe, width, height) / seconds / product
        figures[name] = {"seconds": round(seconds, 3), "of_the_limit": round(ratio, 2)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
