"""What the preview shows at 1:1 against what Apply gives at that very spot: a photo of 1 MP, the settings as they are.

    python tests/benchmarks/window.py [QUALITY]

Correlation of the previewed window with the same part of the whole painting, of grey values and of their fine detail
(what a blur of 4 pixels takes away); beside it the same for a crop painted alone and for the photo itself.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import torch
from pictures import Pixels, picture
from PIL import Image
from scipy.ndimage import gaussian_filter

from impasto.backbones import load_backbone
from impasto.transfer import Area, Layer, StylePicture, stylize
from impasto_wire.settings import Settings

SIZE = (1200, 900)
SPOTS = (Area(400, 300, 720, 620), Area(60, 520, 380, 840))


def correlations(one: Pixels, other: Pixels) -> list[float]:
    """Of grey values, and of their fine detail."""
    grey = [samples.astype(float).mean(2) for samples in (one, other)]
    fine = [samples - gaussian_filter(samples, 4) for samples in grey]
    return [round(float(np.corrcoef(*map(np.ravel, pair))[0, 1]), 3) for pair in (grey, fine)]


def main() -> None:
    """Print the figures."""
    settings = Settings(quality=sys.argv[1] if len(sys.argv) > 1 else "draft")  # type: ignore[arg-type]
    photo = np.asarray(Image.fromarray(picture("tubingen")).resize(SIZE, Image.Resampling.LANCZOS))
    style, backbone = StylePicture(picture("the_scream")), load_backbone("vgg19", torch.device("cpu"))

    def painted(samples: Pixels, part: Area | None = None) -> tuple[Pixels, float]:
        started = time.perf_counter()
        painting = stylize(Layer(samples), [style], settings, backbone, part=part)
        while True:
            try:
                next(painting)
            except StopIteration as done:
                return done.value, round(time.perf_counter() - started, 1)

    whole, seconds = painted(photo)
    figures = {"benchmark": "window", "quality": settings.quality, "whole_seconds": seconds, "spots": []}
    for spot in SPOTS:
        rows, columns = slice(spot.top, spot.bottom), slice(spot.left, spot.right)
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
