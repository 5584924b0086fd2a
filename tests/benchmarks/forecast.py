"""Forecasts compared with measurements, of seconds and of memory, at five sizes. One JSON line.

    python tests/benchmarks/forecast.py [--quality draft] [--sizes LONG_SIDE...]

Each size is painted in a process of its own, so that its peak of memory can be measured. A ratio is the forecast
divided by the measurement.
"""

import argparse
import json
import subprocess
import sys
import time

import torch
from peaks import peak_memory

from impasto.backbones import load_backbone
from impasto.devices import choose_device
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer import forecast, measure_speed, stylize
from impasto_wire.settings import Settings
from pictures import picture

SIZES = (256, 512, 800, 1200, 2000)


def paint(long_side: int, quality: str) -> dict[str, object]:
    """One size's figures."""
    photo, style = picture("tubingen", long_side), picture("the_scream")
    settings, device = Settings.from_dict({"quality": quality}), choose_device()
    backbone = load_backbone("vgg19", device)
    told = forecast(photo.shape[1], photo.shape[0], settings, measure_speed(backbone), device=device)
    if device.type == "cuda":  # whose first job takes longer, and which keeps what measuring took
        list(stylize(PaintRequest(photo[::8, ::8], (WeightedStyle(style),), settings), backbone))
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    started = time.perf_counter()
    for _ in stylize(PaintRequest(photo, (WeightedStyle(style),), settings), backbone):
        pass
    seconds = time.perf_counter() - started
    peak = peak_memory()
    return {
        "size": [photo.shape[1], photo.shape[0]],
        "seconds": [round(told.seconds, 2), round(seconds, 2)],
        "mib": [told.bytes >> 20, peak >> 20],
        "ratio_seconds": round(told.seconds / seconds, 2),
        "ratio_bytes": round(told.bytes / peak, 2),
    }


def main() -> None:
    """Paint every size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="LONG_SIDE")
    parser.add_argument("--one", action="store_true", help="paint the only size given, in this process")
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(paint(chosen.sizes[0], chosen.quality)))
        return
    found = []
    for size in chosen.sizes:
        command = [sys.executable, __file__, "--one", "--quality", chosen.quality, "--sizes", str(size)]
        found.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    print(json.dumps({"benchmark": "forecast", "quality": chosen.quality, "forecast_and_measured": found}))


if __name__ == "__main__":
    main()
