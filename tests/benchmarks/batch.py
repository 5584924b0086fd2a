"""What a second worker brings: pictures a minute by one and by two warm workers, each with one thread. One JSON line.

OMP_NUM_THREADS=1 python tests/benchmarks/batch.py [--pictures 8] [--size 128] [--ray]

The workers are processes, or with `--ray` those of a Ray cluster on this machine.
"""

import argparse
import io
import json
import os
import time
from contextlib import closing

import numpy as np
from PIL import Image
from skimage.data import chelsea

from impasto.batch.messages import FileJob, FilePainted, Pool
from impasto.batch.process_pool import ProcessPool
from impasto.cluster.connect import AUTO
from impasto.cluster.driver import Plan
from impasto.cluster.machines import Share
from impasto.cluster.orders import order_values
from impasto.cluster.pool import RayPool
from impasto.painting.order import Order
from impasto.pictures import files
from impasto.request import WeightedStyle
from impasto.transfer import recipe_named
from impasto_presets import list_presets
from impasto_wire.settings import Settings


def jobs(count: int, size: int) -> list[FileJob]:
    """Different pictures of one size."""
    made = []
    for number in range(count):
        buffer = io.BytesIO()
        cut = np.ascontiguousarray(chelsea()[: size * 3 // 4, 8 * number : 8 * number + size])
        Image.fromarray(cut).save(buffer, "PNG")
        made.append(FileJob(number, "picture.png", buffer.getvalue(), ".png"))
    return made


def pool_of(order: Order, workers: int, is_on_ray: bool) -> Pool:
    """That many workers, each with one thread."""
    if not is_on_ray:
        return ProcessPool(order, workers)
    plan = Plan(AUTO, Share(cpus=1, wants_gpu=False), workers)
    return RayPool(plan, order_values(order))


def paint(pool: Pool, waiting: list[FileJob]) -> float:
    """Seconds until all are painted."""
    begun, missing = time.perf_counter(), len(waiting)
    waiting = list(waiting)
    while missing:
        while waiting and pool.has_room():
            pool.give(waiting.pop(0))
        missing -= sum(isinstance(message, FilePainted) for message in pool.messages())
    return time.perf_counter() - begun


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=8)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--ray", action="store_true")
    chosen = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    style = WeightedStyle(files.read_picture(list_presets()[0].pictures[0].picture).pixels)
    order = Order((style,), Settings(quality="draft"), recipe_named("impasto"), device="cpu")
    pictures, speeds, loads = jobs(chosen.pictures, chosen.size), {}, {}
    for workers in (1, 2):
        with closing(pool_of(order, workers, chosen.ray)) as pool:
            paint(pool, pictures[: 2 * workers])  # until all are warm
            loads[workers] = os.getloadavg()[0]
            speeds[workers] = 60 * len(pictures) / paint(pool, pictures)
    figures = {"benchmark": "batch", "ray": chosen.ray, "pictures": chosen.pictures, "size": chosen.size}
    figures |= {"load": list(loads.values())}
    figures |= {f"a minute by {workers}": round(speed, 2) for workers, speed in speeds.items()}
    print(json.dumps({**figures, "ratio": round(speeds[2] / speeds[1], 2)}))


if __name__ == "__main__":
    main()
