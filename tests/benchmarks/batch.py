"""What a second worker brings: pictures a minute of one and of two warm workers, a thread each. One JSON line.

OMP_NUM_THREADS=1 python tests/benchmarks/batch.py [--pictures 8] [--size 128] [--ray]

With `--ray` the workers are those of a Ray cluster on this machine, else processes.
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

from impasto.batch.messages import Crew, Job, Painted
from impasto.batch.process_pool import Processes
from impasto.cluster.connect import AUTO
from impasto.cluster.driver import Plan
from impasto.cluster.machines import Share
from impasto.cluster.orders import order_values
from impasto.cluster.pool import Cluster
from impasto.painting.order import Order
from impasto.pictures import files
from impasto.request import WeightedStyle
from impasto.transfer import recipe_named
from impasto_presets import list_presets
from impasto_wire.settings import Settings


def jobs(count: int, size: int) -> list[Job]:
    """Pictures of one size, each another."""
    made = []
    for number in range(count):
        buffer = io.BytesIO()
        cut = np.ascontiguousarray(chelsea()[: size * 3 // 4, 8 * number : 8 * number + size])
        Image.fromarray(cut).save(buffer, "PNG")
        made.append(Job(number, "picture.png", buffer.getvalue(), ".png"))
    return made


def crew_of(order: Order, workers: int, is_on_ray: bool) -> Crew:
    """So many workers with a thread each."""
    if not is_on_ray:
        return Processes(order, workers)
    plan = Plan(AUTO, Share(cpus=1, wants_gpu=False), workers)
    return Cluster(plan, order_values(order))


def paint(crew: Crew, waiting: list[Job]) -> float:
    """Seconds until all are painted."""
    begun, missing = time.perf_counter(), len(waiting)
    waiting = list(waiting)
    while missing:
        while waiting and crew.has_room():
            crew.give(waiting.pop(0))
        missing -= sum(isinstance(news, Painted) for news in crew.news())
    return time.perf_counter() - begun


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=8)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--ray", action="store_true")
    chosen = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    style = WeightedStyle(files.read_picture(list_presets()[0].pictures[0].path).pixels)
    order = Order((style,), Settings(quality="draft"), recipe_named("impasto"), device="cpu")
    pictures, speeds, loads = jobs(chosen.pictures, chosen.size), {}, {}
    for workers in (1, 2):
        with closing(crew_of(order, workers, chosen.ray)) as crew:
            paint(crew, pictures[: 2 * workers])  # until all are warm
            loads[workers] = os.getloadavg()[0]
            speeds[workers] = 60 * len(pictures) / paint(crew, pictures)
    figures = {"benchmark": "batch", "ray": chosen.ray, "pictures": chosen.pictures, "size": chosen.size}
    figures |= {"load": list(loads.values())}
    figures |= {f"a minute by {workers}": round(speed, 2) for workers, speed in speeds.items()}
    print(json.dumps({**figures, "ratio": round(speeds[2] / speeds[1], 2)}))


if __name__ == "__main__":
    main()
