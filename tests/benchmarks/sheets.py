"""Six photos, each in the style of a painting, at draft, standard and fine, to look at. One JSON line a picture.

    python tests/benchmarks/sheets.py FOLDER [--size 512] [--qualities QUALITY...] [--pair PHOTO STYLE]...

FOLDER then holds every picture, and one sheet for each pair: photo, painting, and a column for each quality. SqueezeNet
judges them.
"""

import argparse
import json
import time
from pathlib import Path
from typing import get_args

from judge import Judge
from PIL import Image

from impasto.backbones import load_backbone
from impasto.devices import choose_device
from impasto.pictures.contact_sheet import contact_sheet
from impasto_wire.settings import Quality, Settings
from pictures import PAIRS, painted, picture

QUALITIES = get_args(Quality)


def main() -> None:
    """Paint every pair at every quality."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--size", type=int, default=512, metavar="LONG_SIDE")
    parser.add_argument("--qualities", nargs="+", choices=QUALITIES, default=QUALITIES, metavar="QUALITY")
    parser.add_argument("--pair", nargs=2, action="append", metavar=("PHOTO", "STYLE"))
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    judge, backbone = Judge(), load_backbone("vgg19", choose_device())
    for photo_name, style_name in chosen.pair or PAIRS:
        photo, style = picture(photo_name, chosen.size), picture(style_name)
        row = [(photo_name, photo), (style_name, picture(style_name, chosen.size))]
        for quality in chosen.qualities:
            started = time.perf_counter()
            result = painted(photo, style, Settings(quality=quality), backbone)
            seconds = round(time.perf_counter() - started, 1)
            Image.fromarray(result).save(chosen.folder / f"{photo_name}-{style_name}-{quality}.png")
            row.append((quality, result))
            figures = {"benchmark": "sheets", "pair": [photo_name, style_name], "quality": quality, "seconds": seconds}
            print(json.dumps({**figures, "judge": judge.name, **judge(result, photo, style).rounded()}), flush=True)
        Image.fromarray(contact_sheet(row, len(row))).save(chosen.folder / f"{photo_name}-{style_name}.png")


if __name__ == "__main__":
    main()
