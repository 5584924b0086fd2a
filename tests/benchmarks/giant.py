"""What a second process brings to one large picture: seconds of its finest scale's steps, a thread each. One JSON line.

OMP_NUM_THREADS=1 python tests/benchmarks/giant.py [--size 1024] [--quality draft]
"""

import argparse
import json
import os
import time

import numpy as np
from PIL import Image
from skimage.data import chelsea

from impasto import images
from impasto.order import Order
from impasto.together import paint_together
from impasto.transfer import Layer, StylePicture, recipe_named
from impasto_presets import list_presets
from impasto_wire.settings import Settings


def main() -> None:
    """Paint with one process and with two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--quality", default="draft")
    chosen = parser.parse_args()
    photo = Image.fromarray(chelsea()).resize((chosen.size * 3 // 4, chosen.size))
    style = StylePicture(images.read_picture(list_presets()[0].pictures[0].path).pixels)
    settings = Settings.from_dict({"quality": chosen.quality})
    order = Order((style,), settings, recipe_named("impasto"), device="cpu")
    seconds, whole, loads = {}, {}, []
    for count in (1, 2):
        loads.append(os.getloadavg()[0])
        begun = finest = None
        for step in paint_together(order, Layer(np.asarray(photo)), count):
            if isinstance(step, str):
                continue
            begun = begun or time.perf_counter()  # once all have met and loaded
            if step.scale == step.scales and step.step == 1:
                finest = time.perf_counter()
        assert begun and finest
        seconds[count], whole[count] = time.perf_counter() - finest, time.perf_counter() - begun
    figures = {"benchmark": "giant", "size": list(photo.size), "quality": chosen.quality, "load": loads}
    figures |= {f"seconds by {count}": round(taken, 1) for count, taken in whole.items()}
    figures |= {f"finest by {count}": round(taken, 1) for count, taken in seconds.items()}
    ratios = {"ratio": round(whole[1] / whole[2], 2), "ratio of finest": round(seconds[1] / seconds[2], 2)}
    print(json.dumps({**figures, **ratios}))


if __name__ == "__main__":
    main()
