"""Time and quality of each pair at each quality, compared with another checkout. One JSON line for each.

    python tests/benchmarks/quicker.py --against FOLDER [--qualities QUALITY...] [--size 512] [--float32]
        [--processor AVX2] [--pair PHOTO STYLE]...

Each checkout paints a pair in a process of its own, its network loaded and warm, one after the other. SqueezeNet judges
both. The pairs are others than those by which the recipe was chosen. With `--processor` this one is used as
if it were a lesser one, without bfloat16; a checkout that knows no 8-bit integers paints in float32 then.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

CHECKOUT = Path(__file__).resolve().parent.parent.parent
FRESH = (
    ("astronaut", "the_scream"),
    ("coffee", "palette-knife"),
    ("chelsea", "impression"),
    ("tubingen", "pastel"),
    ("rocket", "woodcut"),
)
"""Pairs by which nothing was chosen."""


def measure(folder: Path, quality: str, is_float32: bool) -> None:
    """Paint the pair in a folder with the code on this process's path; leave the painting and print the seconds."""
    from dataclasses import replace

    import torch

    from impasto.backbones import load_backbone
    from impasto.transfer import stylize
    from impasto.transfer.recipes import IMPASTO
    from impasto_wire.settings import Settings

    recipe = replace(IMPASTO, precision="float32" if is_float32 else "fast")
    if "ATEN_CPU_CAPABILITY" in os.environ and importlib.util.find_spec("impasto.int8") is None:
        recipe = replace(recipe, precision="float32")  # it would use the bfloat16 that is there
    backbone = load_backbone("vgg19", torch.device("cpu"))
    photo, style = (np.load(folder / f"{name}.npy") for name in ("photo", "style"))

    def painting_of(layer: np.ndarray[Any, Any], quality: Any) -> Any:
        settings = Settings(quality=quality)
        try:
            from impasto.request import PaintRequest, WeightedStyle
        except ImportError:  # the checkout is older than the request
            from impasto.transfer import Layer, StylePicture

            return stylize(Layer(layer), [StylePicture(style)], settings, backbone, recipe)  # type: ignore[call-arg, attr-defined]
        return stylize(PaintRequest(layer, (WeightedStyle(style),), settings), backbone, recipe)

    list(painting_of(np.ascontiguousarray(photo[::4, ::4]), "draft"))
    painting, started = painting_of(photo, quality), time.perf_counter()
    while True:
        try:
            next(painting)
        except StopIteration as finished:
            np.save(folder / "painting.npy", finished.value)
            break
    print(time.perf_counter() - started)


def measure_in(checkout: Path, folder: Path, quality: str, is_float32: bool) -> tuple[float, np.ndarray[Any, Any]]:
    """Seconds and the painting, with a checkout's code."""
    path = os.pathsep.join(str(checkout / part) for part in ("engine", "gimp_plugin/impasto-filter", "install"))
    command = [sys.executable, __file__, "--measure", str(folder), "--qualities", quality]
    done = subprocess.run(
        [*command, *(["--float32"] if is_float32 else [])],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout.splitlines()[-1]), np.load(folder / "painting.npy")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", type=Path, default=CHECKOUT, metavar="FOLDER")
    parser.add_argument("--qualities", nargs="+", default=["draft", "standard"], metavar="QUALITY")
    parser.add_argument("--size", type=int, default=512, metavar="LONG_SIDE")
    parser.add_argument("--float32", action="store_true", help="as where there is no faster precision")
    parser.add_argument(
        "--processor", choices=("AVX2", "AVX2_VNNI"), help="what an Intel or AMD processor multiplies by"
    )
    parser.add_argument("--pair", nargs=2, action="append", metavar=("PHOTO", "STYLE"))
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure, chosen.qualities[0], chosen.float32)
        return
    if chosen.processor:
        os.environ.update(ATEN_CPU_CAPABILITY="avx2", ONEDNN_MAX_CPU_ISA=chosen.processor)
    from judge import Judge

    from pictures import picture

    judge = Judge()
    with tempfile.TemporaryDirectory() as name:
        for photo_name, style_name in chosen.pair or FRESH:
            photo, style = picture(photo_name, chosen.size), picture(style_name)
            np.save(Path(name) / "photo.npy", photo)
            np.save(Path(name) / "style.npy", style)
            for quality in chosen.qualities:
                line: dict[str, Any] = {"benchmark": "quicker", "pair": [photo_name, style_name], "quality": quality}
                for side, checkout in (("here", CHECKOUT), ("there", chosen.against.resolve())):
                    seconds, painting = measure_in(checkout, Path(name), quality, chosen.float32)
                    line[side] = {"seconds": round(seconds, 2), **judge(painting, photo, style).rounded()}
                line["ratio"] = round(line["here"]["seconds"] / line["there"]["seconds"], 3)
                print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
