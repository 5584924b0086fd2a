"""Time and memory of one painting: a 512x341 photo, from pixels to pixels, network loaded. One JSON line."""

import argparse
import json
import time

import numpy as np
import torch
from peaks import peak_memory
from skimage.data import chelsea
from skimage.transform import resize

from impasto.backbones import load_backbone
from impasto.devices import choose_device, describe_device, working_dtype
from impasto.pictures import files
from impasto.request import PaintRequest, WeightedStyle
from impasto.transfer import stylize
from impasto_presets import list_presets
from impasto_wire.settings import Settings


def main() -> None:
    """Paint once and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quality", default="standard")
    parser.add_argument("--device", default="auto")
    chosen = parser.parse_args()
    device = choose_device(chosen.device)
    photo = np.rint(resize(chelsea(), (341, 512), anti_aliasing=True) * 255).astype(np.uint8)
    style = WeightedStyle(files.read_picture(list_presets()[0].pictures[0].picture).pixels)
    backbone = load_backbone("vgg19", device)
    list(
        stylize(PaintRequest(photo[::8, ::8], (style,), Settings(quality="draft")), backbone)
    )  # a GPU's first job takes longer
    started = time.monotonic()
    steps = list(stylize(PaintRequest(photo, (style,), Settings(quality=chosen.quality)), backbone))
    figures = {
        "benchmark": "painting",
        "quality": chosen.quality,
        "size": [512, 341],
        "seconds": round(time.monotonic() - started, 2),
        "peak_mib": peak_memory() >> 20,
        "steps": len(steps),
        "style_loss": round(steps[-1].style_loss, 4),
        "content_loss": round(steps[-1].content_loss, 4),
        "device": describe_device(device),
        "dtype": str(working_dtype(device)).removeprefix("torch."),
        "torch": torch.__version__,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
