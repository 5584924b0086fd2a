"""Time from Submit to the first preview, and to the first with the painting's palette and texture: 12 MP, engine warm.

    python tests/benchmarks/first_preview.py

Also the cold start of `impasto serve`: until it listens, and until its worker can paint. A preview has the painting's
texture when its distance from the painting, for SqueezeNet, is half that of the photo.
"""

import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from judge import Judge
from PIL import Image

from fakes.engine import EngineHome
from fakes.jobs import asking
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.jobs import Painted
from impasto_wire.errors import JobCancelled
from impasto_wire.pictures import Pixels
from pictures import Pixels as Samples
from pictures import picture

SIZE = (4000, 3000)


def opaque(samples: Samples) -> Pixels:
    """A picture as the plug-in sends it."""
    height, width = samples.shape[:2]
    alpha = np.full((height, width, 1), 255, np.uint8)
    return Pixels(width, height, 4, "u8", np.concatenate([samples, alpha], axis=2).tobytes())


def previews_of(engine: Engine, photo: Samples, style: Samples, count: int) -> list[tuple[float, Samples]]:
    """Seconds since Submit and pictures of the first previews."""
    found: list[tuple[float, Samples]] = []
    layer, brush = opaque(photo), opaque(style)
    started = time.perf_counter()

    def keep(painted: Painted) -> None:
        pixels = painted.picture
        samples = np.frombuffer(pixels.data, np.uint8).reshape(pixels.height, pixels.width, -1)[..., :3]
        found.append((time.perf_counter() - started, samples.copy()))

    with contextlib.suppress(JobCancelled):
        engine.paint(asking(layer, [(brush, 1.0)]), on_preview=keep, is_cancelled=lambda: len(found) >= count)
    return found


def main() -> None:
    """Print the figures."""
    photo = np.asarray(Image.fromarray(picture("tubingen")).resize(SIZE))
    style = picture("the_scream")
    judge = Judge()
    with tempfile.TemporaryDirectory() as folder:
        home = EngineHome(Path(folder), options=())
        started = time.perf_counter()
        home.start()
        listens = time.perf_counter() - started
        try:
            home.warm_worker()
            ready = time.perf_counter() - started
            with home.connect() as engine:
                previews_of(engine, photo[:512, :512], style, 1)
                previews = previews_of(engine, photo, style, 12)
        finally:
            home.stop()
    height, width = previews[0][1].shape[:2]
    small = np.asarray(Image.fromarray(photo).resize((width, height)))
    before = judge.style(small, style)
    distances = [(seconds, judge.style(pixels, style)) for seconds, pixels in previews]
    figures = {
        "benchmark": "first_preview",
        "listens": round(listens, 2),
        "ready": round(ready, 2),
        "first": round(distances[0][0], 2),
        "textured": next((round(seconds, 2) for seconds, distance in distances if distance < before / 2), None),
        "photo": round(before, 3),
        "previews": [[round(seconds, 2), round(distance, 3)] for seconds, distance in distances],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
