"""Does like go to like? Every place of a painting, judged against its counterpart in the style's picture.

Prints one JSON line. On seven pairs, whose places were drawn by hand before anything was painted, it compares paintings
in which the style is spread alike everywhere, like to like, and by hand (regions of the photo, each in the part of the
style's picture that is its counterpart). *Place distance*: the style distance of a region to its counterpart in the
style's picture, divided by the mean distance to the other places there; the mean over the regions. Below 1 a region
looks more like its counterpart than like the rest. The judge is SqueezeNet, which isn't optimised.

    python tests/benchmarks/places.py [--size 384] [--quality draft] [--pairs 7] [--sheet FOLDER]
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

import numpy as np
import torch
import torch.nn.functional as F
from judge import LAYERS, Judge, _relative, _tensor
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from impasto.backbones import load_backbone
from impasto.request import PaintRequest, Region, WeightedStyle, drained
from impasto.transfer import stylize
from impasto_wire.settings import Quality, Settings
from pictures import Pixels, picture

Polygon = Sequence[tuple[int, int]]
"""Corners in hundredths of the picture's long side."""


@dataclass(frozen=True)
class Places:
    """A photo and a painting, and what of the one is like what of the other: polygons of both, place by place."""

    photo: str
    style: str
    pairs: tuple[tuple[str, Polygon, Polygon], ...]


# fmt: off
TUBINGEN_SKY = [
    (0, 0),
    (100, 0),
    (100, 17),
    (88, 21),
    (82, 23),
    (69, 27),
    (66, 16),
    (64, 28),
    (54, 31),
    (15, 32),
    (15, 14),
    (0, 14),
]
TUBINGEN_TOWN = [(15, 35), (54, 33), (72, 27), (100, 20), (100, 49), (72, 47), (15, 50)]
TUBINGEN_RIVER = [(15, 55), (50, 53), (75, 58), (100, 64), (100, 75), (0, 75), (0, 62)]
ROCKET_SKY = [(0, 0), (100, 0), (100, 58), (60, 58), (52, 20), (48, 20), (46, 58), (0, 58)]
ROCKET_GROUND = [(0, 61), (100, 61), (100, 66), (0, 66)]
NIGHT_SKY = [(0, 0), (100, 0), (100, 38), (35, 38), (32, 12), (28, 12), (26, 38), (0, 38)]
NIGHT_GROUND = [(0, 52), (30, 47), (60, 72), (60, 75), (0, 75)]
ESTUARY_SKY = [(0, 0), (100, 0), (100, 28), (72, 28), (40, 26), (0, 32)]
ESTUARY_LAND = [(0, 36), (22, 34), (46, 41), (100, 41), (100, 44), (46, 47), (0, 44)]
ESTUARY_WATER = [(0, 47), (45, 49), (65, 54), (38, 62), (0, 68)]
SCREAM_SKY = [(0, 0), (76, 0), (76, 26), (50, 24), (0, 27)]
SCREAM_FACE = [(36, 50), (45, 50), (48, 58), (42, 67), (36, 60)]
SCREAM_COAT = [(36, 70), (45, 70), (50, 99), (32, 99)]

PAIRS = (
    Places("tubingen", "starry_night", (
        ("sky", TUBINGEN_SKY, [(26, 0), (100, 0), (100, 30), (60, 44), (34, 46), (28, 30)]),
        ("town", TUBINGEN_TOWN, [(36, 51), (100, 46), (100, 62), (34, 62)]),
    )),
    Places("astronaut", "the_scream", (
        ("face", [(36, 14), (52, 14), (53, 28), (45, 36), (37, 28)], SCREAM_FACE),
        ("wall", [(55, 2), (71, 2), (70, 40), (58, 30)], SCREAM_SKY),
        ("helmet", [(60, 75), (75, 70), (92, 76), (95, 92), (80, 99), (62, 92)], SCREAM_COAT),
    )),
    Places("rocket", "impasto-night", (("sky", ROCKET_SKY, NIGHT_SKY), ("ground", ROCKET_GROUND, NIGHT_GROUND))),
    Places("tubingen", "granulating-watercolour", (
        ("sky", TUBINGEN_SKY, ESTUARY_SKY),
        ("town", TUBINGEN_TOWN, ESTUARY_LAND),
        ("river", TUBINGEN_RIVER, ESTUARY_WATER),
    )),
    Places("tubingen", "pointillist", (
        ("sky", TUBINGEN_SKY, ESTUARY_SKY),
        ("town", TUBINGEN_TOWN, ESTUARY_LAND),
        ("river", TUBINGEN_RIVER, ESTUARY_WATER),
    )),
    Places("rocket", "expressionist", (
        ("sky", ROCKET_SKY, [(0, 0), (100, 0), (100, 36), (55, 36), (0, 34)]),
        ("ground", ROCKET_GROUND, [(0, 62), (55, 48), (100, 52), (100, 75), (0, 75)]),
    )),
    Places("coffee", "chiaroscuro", (
        ("coffee", [(34, 12), (58, 10), (64, 20), (56, 27), (40, 27)],
         [(35, 32), (42, 30), (52, 35), (48, 42), (36, 40)]),
        ("table", [(0, 0), (25, 0), (18, 30), (12, 66), (0, 66)], [(0, 5), (30, 2), (50, 15), (30, 34), (0, 40)]),
    )),
)
# fmt: on


class PlaceJudge(Judge):
    """Judges places, too."""

    def place_distance(self, result: Pixels, style: Pixels, places: Places) -> float:
        """See the module."""
        found = [self._in_mask(result, mask_of(corners, result)) for _, corners, _ in places.pairs]
        wanted = [self._in_mask(style, mask_of(corners, style)) for _, _, corners in places.pairs]
        ratios = []
        for own, grams in enumerate(found):
            distances = [_distance(grams, other) for other in wanted]
            ratios.append(distances[own] / np.mean([d for index, d in enumerate(distances) if index != own]))
        return float(np.mean(ratios))

    def _in_mask(self, pixels: Pixels, mask: NDArray[np.float32]) -> list[torch.Tensor]:
        maps, weights = self._maps(_tensor(pixels)), torch.from_numpy(mask)[None, None]
        return [_gram_in(maps[layer], weights) for layer in LAYERS]


def _gram_in(maps: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    cells = F.adaptive_avg_pool2d(weights, maps.shape[-2:]).flatten()
    flat = maps.flatten(2)[0]
    return (flat * cells) @ flat.T / cells.sum().clamp_min(1e-6)


def _distance(found: list[torch.Tensor], wanted: list[torch.Tensor]) -> float:
    return float(np.mean([_relative(*pair) for pair in zip(found, wanted, strict=True)]))


def mask_of(corners: Polygon, pixels: Pixels) -> NDArray[np.float32]:
    """1 inside of the polygon."""
    height, width = pixels.shape[:2]
    side = max(height, width) / 100
    image = Image.new("L", (width, height))
    ImageDraw.Draw(image).polygon([(x * side, y * side) for x, y in corners], fill=255)
    return np.asarray(image, np.float32) / 255


def by_hand(places: Places, photo: Pixels, style: Pixels) -> tuple[Region, ...]:
    """The photo's places, each painted in the part of the style's picture that is its counterpart."""
    regions = []
    for _, here, there in places.pairs:
        part = np.dstack([style, np.rint(mask_of(there, style) * 255).astype(np.uint8)])
        map_ = np.rint(mask_of(here, photo) * 255).astype(np.uint8)
        regions.append(Region(map_, (WeightedStyle(part),)))
    return tuple(regions)


def main() -> None:
    """Paint every pair in the three ways, judge, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--pairs", type=int, default=len(PAIRS))
    parser.add_argument("--share", type=float, default=1.0, help="the setting of like to like")
    parser.add_argument("--sheet", type=Path)
    arguments = parser.parse_args()
    quality: Quality = arguments.quality
    backbone, judge, found = load_backbone("vgg19", torch.device("cpu")), PlaceJudge(), {}
    for places in PAIRS[: arguments.pairs]:
        photo, style = picture(places.photo, arguments.size), picture(places.style, 1400)
        plain = PaintRequest(photo, (WeightedStyle(style),), Settings(quality=quality))
        ways = {
            "alike": plain,
            "like to like": replace(plain, settings=replace(plain.settings, places=arguments.share)),
            "by hand": replace(plain, regions=by_hand(places, photo, style)),
        }
        small, line, row = picture(places.style, arguments.size), {}, [photo]
        for name, request in ways.items():
            began = monotonic()
            result = np.asarray(drained(stylize(request, backbone)))
            seconds = monotonic() - began
            verdict = judge(result, photo, style).rounded()
            line[name] = {
                "place": round(judge.place_distance(result, small, places), 3),
                **verdict,
                "s": round(seconds, 1),
            }
            row.append(result)
        found[f"{places.photo} + {places.style}"] = line
        print(places.photo, places.style, json.dumps(line), flush=True)
        if arguments.sheet:
            arguments.sheet.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.concatenate(row, axis=1)).save(arguments.sheet / f"{places.photo}-{places.style}.png")
    keys = ("place", "style", "content", "edges", "s")
    means = {
        way: {key: round(float(np.mean([line[way][key] for line in found.values()])), 3) for key in keys}
        for way in ("alike", "like to like", "by hand")
    }
    print(json.dumps({"benchmark": "places", "size": arguments.size, "quality": quality, "means": means, **found}))


if __name__ == "__main__":
    main()
