"""What a second worker brings to one large picture: seconds by one and by two warm workers, each with one thread.

    OMP_NUM_THREADS=1 python tests/benchmarks/giant.py [--size 2048] [--quality draft] [--steps 12]

One JSON line: `finest` is the finest scale alone; `processor` is the processor time of this process, which is one of
the workers; `unlike` is the largest and the mean difference between the two paintings, in levels of 0..255.
"""

import argparse
import json
import os
import time
from contextlib import closing
from dataclasses import replace

import numpy as np
import torch
from PIL import Image
from skimage.data import chelsea

from impasto.painting.order import Order
from impasto.painting.processes import SharedPainter
from impasto.pictures import files
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer import recipe_named
from impasto_presets import list_presets
from impasto_wire.settings import Settings


def painted(together: SharedPainter, request: PaintRequest) -> tuple[np.ndarray, float, float, float]:
    """The painting, its seconds, those of its finest scale after the first step, and those of the processor."""
    begun = finest = time.perf_counter()
    computed = time.process_time()
    painting = together.paint(request)
    while True:
        try:
            step = next(painting)
        except StopIteration as finished:
            ended = time.perf_counter()
            return finished.value, ended - begun, ended - finest, time.process_time() - computed
        if not isinstance(step, str) and step.scale == step.scales and step.step == 1:
            finest = time.perf_counter()


def main() -> None:
    """Paint by one worker and by two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2048)
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--steps", type=int, help="of all scales together")
    chosen = parser.parse_args()
    photo = Image.fromarray(chelsea()).resize((chosen.size * 3 // 4, chosen.size))
    style = WeightedStyle(files.read_picture(list_presets()[0].pictures[0].picture).pixels)
    settings = Settings.from_dict({"quality": chosen.quality})
    recipe = replace(recipe_named("impasto"), total_steps=chosen.steps)
    order = Order((style,), settings, recipe, device="cpu")
    seconds, finest, computed, loads, paintings = {}, {}, {}, [], []
    for count in (1, 2):
        torch.set_num_threads(count)
        with closing(SharedPainter(order, count)) as together:
            painted(together, order.request(np.asarray(photo.resize((192, 256)))))  # until all are warm
            loads.append(os.getloadavg()[0])
            painting, seconds[count], finest[count], computed[count] = painted(
                together, order.request(np.asarray(photo))
            )
            paintings.append(painting.astype(np.int16))
    unlike = np.abs(paintings[0] - paintings[1])
    figures = {"benchmark": "giant", "size": list(photo.size), "quality": chosen.quality, "steps": chosen.steps}
    figures |= {"load": loads, "unlike": [int(unlike.max()), round(float(unlike.mean()), 4)]}
    figures |= {f"seconds by {count}": round(taken, 1) for count, taken in seconds.items()}
    figures |= {f"finest by {count}": round(taken, 1) for count, taken in finest.items()}
    figures |= {f"processor by {count}": round(taken, 1) for count, taken in computed.items()}
    ratios = {"ratio": round(seconds[1] / seconds[2], 2), "ratio of finest": round(finest[1] / finest[2], 2)}
    ratios["ratio of processor"] = round(computed[1] / computed[2], 2)
    print(json.dumps({**figures, **ratios}))


if __name__ == "__main__":
    main()
