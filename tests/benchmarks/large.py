"""A layer of print size: time, peak memory, and the distance of crops at 100 % from the painting. One JSON line.

    python tests/benchmarks/large.py [--megapixels 24] [--quality draft] [--memory-budget GIB] [--save FOLDER]

The same photo is also painted at 1 megapixel. Each size is painted in a process of its own, so that its peak of
memory can be measured. SqueezeNet judges the crops; `enlarged` is the result of 1 megapixel, enlarged to the large
size.
"""

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from judge import Judge
from peaks import peak_memory
from PIL import Image

from impasto.backbones import load_backbone
from impasto.devices import choose_device
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer import stylize
from impasto_wire.settings import Settings
from pictures import Pixels, picture

PHOTO, STYLE = "tubingen", "the_scream"
CROP, ACROSS = 512, 4


def paint(megapixels: float, quality: str, budget: float | None, path: Path) -> dict[str, object]:
    """Paint one size into a file; its figures."""
    photo, style = sized(megapixels), WeightedStyle(picture(STYLE))
    backbone = load_backbone("vgg19", choose_device())
    settings = Settings.from_dict({"quality": quality})
    started, finest = time.perf_counter(), 0
    budget_bytes = None if budget is None else int(budget * (1 << 30))
    painting = stylize(PaintRequest(photo, (style,), settings), backbone, memory_budget=budget_bytes)
    while True:
        try:
            finest = next(painting).step
        except StopIteration as finished:
            Image.fromarray(np.asarray(finished.value)).save(path, compress_level=1)
            break
    return {
        "size": [photo.shape[1], photo.shape[0]],
        "minutes": round((time.perf_counter() - started) / 60, 2),
        "peak_gib": round(peak_memory() / (1 << 30), 2),
        "full_resolution_steps": finest,
    }


def sized(megapixels: float) -> Pixels:
    """The photo, enlarged or shrunk to that many megapixels."""
    photo = picture(PHOTO)
    height, width = photo.shape[:2]
    return picture(PHOTO, round(max(height, width) * math.sqrt(megapixels * 1e6 / (height * width))))


def crops(pixels: Pixels) -> Pixels:
    """Squares of the picture at its own size, evenly spread, side by side ``(CROP, n * CROP, 3)``."""
    places = [np.linspace(0, side - CROP, ACROSS).astype(int) for side in pixels.shape[:2]]
    cut = [pixels[top : top + CROP, left : left + CROP] for top in places[0] for left in places[1]]
    return np.concatenate(cut, axis=1)


def judged(judge: Judge, result: Pixels) -> float:
    """Distance of the result's crops to those of the painting at the same size, or at its own where that is smaller."""
    style = picture(STYLE, min(max(result.shape[:2]), max(picture(STYLE).shape[:2])))
    return round(judge.style(crops(result), crops(style)), 3)


def main() -> None:
    """Paint both sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megapixels", type=float, default=24)
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--memory-budget", type=float, metavar="GIB")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep both results there")
    parser.add_argument("--one", type=Path, metavar="PNG", help="paint the one size in this process")
    chosen = parser.parse_args()
    if chosen.save:
        chosen.save.mkdir(parents=True, exist_ok=True)
    if chosen.one:
        print(json.dumps(paint(chosen.megapixels, chosen.quality, chosen.memory_budget, chosen.one)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.save or Path(scratch)
        figures: dict[str, object] = {"benchmark": "large", "quality": chosen.quality}
        budget = [] if chosen.memory_budget is None else ["--memory-budget", str(chosen.memory_budget)]
        paths = {}
        for megapixels in (1.0, chosen.megapixels):
            paths[megapixels] = folder / f"{megapixels:g}mp-{chosen.quality}.png"
            command = [sys.executable, __file__, "--megapixels", str(megapixels), "--quality", chosen.quality, *budget]
            command += ["--one", str(paths[megapixels])]
            printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
            figures[f"{megapixels:g} MP"] = json.loads(printed)
        Image.MAX_IMAGE_PIXELS = None
        small, large = (np.asarray(Image.open(path)) for path in paths.values())
        enlarged = Image.fromarray(small).resize(large.shape[1::-1], Image.Resampling.BICUBIC)
        judge = Judge()
        figures["style"] = {
            "judge": judge.name,
            "1 MP": judged(judge, small),
            f"{chosen.megapixels:g} MP": judged(judge, large),
            "enlarged": judged(judge, np.asarray(enlarged)),
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
