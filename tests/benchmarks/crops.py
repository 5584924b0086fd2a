"""A part of a print-size painting at 100 %, in every style, to look at. One JSON line.

    python tests/benchmarks/crops.py FOLDER [--megapixels 12] [--photo FILE] [--at ACROSS DOWN] [--styles NAME...]

As at 1:1 in the dialog, only this part is painted, nearly as in a painting of the whole (`window.py` measures how
nearly). FOLDER then holds a PNG for each style, and the same part of the photo. A PNG that is there isn't painted
again.
"""

import argparse
import functools
import json
import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from impasto.backbones import Backbone, load_backbone
from impasto.devices import choose_device
from impasto.painting.fine_artworks import as_fine_as_needed
from impasto.painting.order import read_styles
from impasto.pictures.files import read_picture, resized
from impasto.request import PaintRequest, WeightedStyle, drained
from impasto.transfer import recipe_named, stylize
from impasto_presets import Preset, list_presets, load_preset
from impasto_wire.request import Window
from pictures import Pixels, picture

CROP = 640


def crop_of(photo: Pixels, part: Window, preset: Preset, backbone_named: Callable[[str], Backbone]) -> Pixels:
    """That part of the photo, in the style as the dialog would paint it."""
    recipe = recipe_named(preset.recipe)
    settings = replace(preset.settings, quality="draft")
    styles = []
    for style in read_styles(preset.pictures):
        finer = drained(as_fine_as_needed(style.picture, photo, settings, recipe))
        styles.append(WeightedStyle(finer, style.weight))
    request = PaintRequest(photo, tuple(styles), settings, window=part)
    painting = stylize(request, backbone_named(recipe.backbone), recipe)
    return np.asarray(drained(painting, lambda step: None), np.uint8)


def main() -> None:
    """Paint the part in every style."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--photo", type=Path, metavar="FILE")
    parser.add_argument("--at", nargs=2, type=float, default=(0.5, 0.5), metavar=("ACROSS", "DOWN"))
    parser.add_argument("--styles", nargs="+", metavar="NAME")
    chosen = parser.parse_args()
    photo = read_picture(chosen.photo).pixels[..., :3] if chosen.photo else picture("tubingen")
    scale = math.sqrt(chosen.megapixels * 1e6 / (photo.shape[0] * photo.shape[1]))
    photo = np.asarray(resized(photo, round(scale * max(photo.shape[:2]))), np.uint8)
    left, top = (round(share * (side - CROP)) for share, side in zip(chosen.at, photo.shape[1::-1], strict=True))
    part = Window(left, top, CROP, CROP)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(photo[top : top + CROP, left : left + CROP]).save(chosen.folder / "photo.png")
    backbone_named = functools.cache(lambda name: load_backbone(name, choose_device()))
    seconds = {}
    for preset in [load_preset(name) for name in chosen.styles] if chosen.styles else list_presets():
        file, started = chosen.folder / f"{preset.name}.png", time.perf_counter()
        if not file.exists():
            Image.fromarray(crop_of(photo, part, preset, backbone_named)).save(file)
            seconds[preset.name] = round(time.perf_counter() - started, 1)
    print(json.dumps({"benchmark": "crops", "size": [photo.shape[1], photo.shape[0]], "seconds": seconds}))


if __name__ == "__main__":
    main()
