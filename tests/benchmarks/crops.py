"""A part of a print-size painting in every style at its own size, to look at. One JSON line.

    python tests/benchmarks/crops.py FOLDER [--megapixels 12] [--photo FILE] [--at ACROSS DOWN] [--styles NAME...]

As at 1:1 in the dialog, that part alone is painted, as the whole would have it (`window.py` says how nearly). FOLDER
then holds a PNG for each style, which isn't painted anew, and the photo's own part.
"""

import argparse
import functools
import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from impasto.backbones import Backbone, load_backbone
from impasto.devices import choose_device
from impasto.painting.fine_artworks import as_fine_as_needed
from impasto.pictures.files import read_picture, resized
from impasto.request import WeightedStyle, drained
from impasto.transfer import Area, Layer, recipe_named, stylize
from impasto_presets import Preset, list_presets, load_preset
from impasto_presets.preset import RANGES
from impasto_wire.settings import Settings
from pictures import Pixels, picture

CROP = 640


def crop_of(photo: Pixels, part: Area, preset: Preset, backbone_named: Callable[[str], Backbone]) -> Pixels:
    """That part of the photo, in the style as the dialog would paint it."""
    recipe = recipe_named(preset.recipe)
    settings = Settings(quality="draft", **{name: getattr(preset, name) for name in RANGES})
    styles = []
    for path, weight in preset.pictures:
        finer = drained(as_fine_as_needed(read_picture(path).pixels, photo, settings, recipe), lambda sentence: None)
        styles.append(WeightedStyle(finer, weight))
    painting = stylize(Layer(photo), styles, settings, backbone_named(recipe.backbone), recipe, part=part)
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
    part = Area(left, top, left + CROP, top + CROP)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(photo[part.top : part.bottom, part.left : part.right]).save(chosen.folder / "photo.png")
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
