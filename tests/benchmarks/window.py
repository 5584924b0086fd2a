"""The preview at 1:1, compared with the painting at the same place.

    python tests/benchmarks/window.py [QUALITY [LONG_SIDE]]

On a photo of 1600 pixels; on a smaller photo, all sizes in pixels shrink with it.

Correlation of the previewed window with the same part of the whole painting, for grey values and for their fine detail
(the difference from a blur of 4 pixels); also for a crop that is painted alone, and for the photo itself.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from impasto.request import PaintRequest, WeightedStyle

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from PIL import Image
from scipy.ndimage import gaussian_filter

from impasto.backbones import load_backbone
from impasto.transfer import areas, stylize
from impasto_wire.request import Window
from impasto_wire.settings import Settings
from pictures import Pixels, picture

SIZE = (1600, 1200)
SPOTS = ((560, 360, 1040, 840), (60, 680, 540, 1160))


def correlations(one: Pixels, other: Pixels) -> list[float]:
    """Of grey values, and of their fine detail."""
    grey = [samples.astype(float).mean(2) for samples in (one, other)]
    fine = [samples - gaussian_filter(samples, 4) for samples in grey]
    return [round(float(np.corrcoef(*map(np.ravel, pair))[0, 1]), 3) for pair in (grey, fine)]


def main() -> None:
    """Print the figures."""
    settings = Settings(quality=sys.argv[1] if len(sys.argv) > 1 else "draft")  # type: ignore[arg-type]
    scale = int(sys.argv[2]) / SIZE[0] if len(sys.argv) > 2 else 1.0
    for name in ("WHOLE", "CONTEXT", "MARGIN"):
        setattr(areas, name, round(getattr(areas, name) * scale))
    size = (round(SIZE[0] * scale), round(SIZE[1] * scale))
    photo = np.asarray(Image.fromarray(picture("tubingen")).resize(size, Image.Resampling.LANCZOS))
    style, backbone = WeightedStyle(picture("the_scream")), load_backbone("vgg19", torch.device("cpu"))

    def painted(samples: Pixels, part: Window | None = None) -> tuple[Pixels, float]:
        started = time.perf_counter()
        painting = stylize(PaintRequest(samples, (style,), settings, window=part), backbone)
        while True:
            try:
                next(painting)
            except StopIteration as done:
                return done.value, round(time.perf_counter() - started, 1)

    whole, seconds = painted(photo)
    figures = {"benchmark": "window", "quality": settings.quality, "size": size, "whole_seconds": seconds, "spots": []}
    for edges in SPOTS:
        left, top, right, bottom = (round(edge * scale) for edge in edges)
        spot = Window(left, top, right - left, bottom - top)
        rows, columns = slice(top, bottom), slice(left, right)
        applied = whole[rows, columns]
        window, window_seconds = painted(photo, spot)
        alone, _ = painted(np.ascontiguousarray(photo[rows, columns]))
        found = {
            "seconds": window_seconds,
            "window": correlations(window, applied),
            "crop_alone": correlations(alone, applied),
            "photo": correlations(photo[rows, columns], applied),
            "mean_difference": round(float(np.abs(window.astype(float) - applied).mean()), 1),
        }
        figures["spots"].append(found)  # type: ignore[attr-defined]
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
