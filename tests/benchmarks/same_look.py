"""Does strength mean the same at every size? The distance of each result from the painting, both resized to 256 pixels.

python tests/benchmarks/same_look.py [--sizes LONG_SIDE...] [--quality standard] [--save FOLDER]
"""

import argparse
import json
import time
from pathlib import Path

from judge import Judge
from PIL import Image

from impasto.backbones import load_backbone
from impasto.devices import choose_device
from impasto_wire.settings import Settings
from pictures import painted, picture, short_side

SIZES = (256, 512, 1024)
JUDGED_AT = 256


def main() -> None:
    """Paint one pair at every size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="LONG_SIDE")
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--save", type=Path, metavar="FOLDER")
    chosen = parser.parse_args()
    if chosen.save:
        chosen.save.mkdir(parents=True, exist_ok=True)
    judge, backbone = Judge(), load_backbone("vgg19", choose_device())
    style = picture("the_scream")
    found = []
    for size in chosen.sizes:
        photo = picture("tubingen", size)
        started = time.perf_counter()
        result = painted(photo, style, Settings(quality=chosen.quality), backbone)
        seconds = time.perf_counter() - started
        verdict = judge(*(short_side(pixels, JUDGED_AT) for pixels in (result, photo, style)))
        found.append({"long_side": size, "seconds": round(seconds, 1), **verdict.rounded()})
        if chosen.save:
            Image.fromarray(result).save(chosen.save / f"size-{size}.png")
    distances = [figures["style"] for figures in found]
    spread = max(distances) / min(distances) - 1
    figures = {"benchmark": "same_look", "judge": judge.name, "quality": chosen.quality, "spread": round(spread, 3)}
    print(json.dumps({**figures, "sizes": found}))


if __name__ == "__main__":
    main()
