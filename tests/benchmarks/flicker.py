"""How much an animation flickers: mean change between paintings where the source does not change. One JSON line.

    python tests/benchmarks/flicker.py [--frames 4] [--size 256] [--quality draft] [--backbone NAME --weights FILE]

A disc moves over a photo that doesn't move. It is painted frame by frame, and as `impasto batch --frames` does; the
change is in levels of 0..255.
"""

import argparse
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.data import chelsea

from impasto.batch.file_painter import FilePainter
from impasto.batch.messages import FileJob, FilePainted, FrameFiles
from impasto.painting.order import Order, read_styles
from impasto.transfer import recipe_named
from impasto_presets import load_preset
from impasto_wire.settings import Settings


def sequence(count: int, size: int) -> list[np.ndarray]:
    """The frames, ``(size * 3 / 4, size, 3)``."""
    photo = Image.fromarray(chelsea()[:300, :400]).resize((size, size * 3 // 4))
    frames = []
    for number in range(count):
        frame = np.array(photo)
        down, across = np.mgrid[: frame.shape[0], :size]
        centre = size * (0.25 + 0.04 * number)
        frame[np.hypot(across - centre, down - size * 0.35) < size * 0.12] = (200, 60, 40)
        frames.append(frame)
    return frames


def encoded(frame: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "PNG")
    return buffer.getvalue()


def painted(painter: FilePainter, frames: list[bytes], is_animation: bool) -> list[np.ndarray]:
    """The paintings of all frames."""
    paintings: list[bytes] = []
    for number, frame in enumerate(frames):
        before = None
        if is_animation and paintings:
            before = FrameFiles(("before.png", frames[number - 1]), ("painting.png", paintings[-1]))
        *_, news = painter.paint(FileJob(number, "frame.png", frame, ".png", before))
        assert isinstance(news, FilePainted), news
        paintings.append(news.data)
    return [np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), np.float32) for data in paintings]


def flicker(sources: list[np.ndarray], paintings: list[np.ndarray]) -> float:
    """Mean change from frame to frame where the sources are the same."""
    changes = [
        np.abs(later - earlier)[(after == before).all(axis=2)].mean()
        for before, after, earlier, later in zip(sources, sources[1:], paintings, paintings[1:], strict=False)
    ]
    return float(np.mean(changes))


def main() -> None:
    """Paint both ways."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=4)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--quality", default="draft")
    parser.add_argument("--style", default="impasto-night")
    parser.add_argument("--backbone", default="vgg19")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep the paintings there")
    chosen = parser.parse_args()
    preset = load_preset(chosen.style)
    styles = read_styles(preset.pictures)
    recipe = recipe_named("impasto").on(chosen.backbone)
    painter = FilePainter(Order(styles, replace(Settings(), quality=chosen.quality), recipe, weights=chosen.weights))
    sources = sequence(chosen.frames, chosen.size)
    frames = [encoded(source) for source in sources]
    figures: dict[str, object] = {"benchmark": "flicker", "frames": chosen.frames, "size": chosen.size}
    found = {}
    for name, is_animation in (("alone", False), ("carried", True)):
        paintings = painted(painter, frames, is_animation)
        found[name] = flicker(sources, paintings)
        for number, painting in enumerate(paintings if chosen.save else []):
            Image.fromarray(painting.astype(np.uint8)).save(chosen.save / f"{name}{number}.png")
    figures |= {name: round(value, 2) for name, value in found.items()}
    print(json.dumps({**figures, "ratio": round(found["carried"] / found["alone"], 3)}))


if __name__ == "__main__":
    main()
