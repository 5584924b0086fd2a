"""Shipped artworks at the size that a large layer's finest scale needs: painted once, then kept in the cache.

`python -m impasto.painting.fine_artworks NAME SIZE FILE` is the process that paints one; it ends when the process that
started it ends.
"""

import hashlib
import importlib.util
import logging
import math
import os
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil
from PIL import Image

from impasto.folders import folders
from impasto.pictures.files import read_picture
from impasto.request import Picture
from impasto_presets import list_presets
from impasto_wire.errors import PictureError
from impasto_wire.programs import OUT_OF_SIGHT
from impasto_wire.settings import Settings

if TYPE_CHECKING:
    from impasto.transfer import Recipe

log = logging.getLogger(__name__)

LARGEST, STEP = 4096, 512
_POLL_SECONDS = 0.2
_BYTES_PER_PIXEL = 400
"""Memory that painting an artwork takes; at 2048 and 4096 pixels, oil paintings took 300 and more."""
_SAME = 2.0
"""Two pictures with a smaller mean difference, of 255, are the same one, decoded by different programs."""


def as_fine_as_needed(
    picture: Picture, layer: Picture, settings: Settings, recipe: "Recipe"
) -> Generator[str, None, Picture]:
    """The style picture; if it is a shipped artwork, at the size that the layer's finest scale needs.

    While that is being painted, it yields a sentence about it. Where it can't be painted, the picture stays as it is.
    """
    long_side = max(picture.shape[:2])
    finest = max(recipe.sizes(layer.shape[1], layer.shape[0])[-1])
    needed = math.ceil(finest * settings.brush_size)
    if min(finest, needed) <= long_side or settings.strength == 0 or importlib.util.find_spec("scipy") is None:
        return picture
    size = _affordable(min(LARGEST, math.ceil(needed / STEP) * STEP))
    name = shipped_name_of(picture) if size > long_side else None
    if name is None:
        return picture
    finer = yield from painted(name, size)
    return picture if finer is None else finer


def painted(name: str, size: int) -> Generator[str, None, Picture | None]:
    """A shipped style's artwork at a size, from the cache or painted into it; None where that fails."""
    file = _cache_file(name, size)
    if not file.exists():
        sentence = f"Painting the artwork at {size} pixels, this once"
        yield sentence
        if not (yield from _paint_into(file, name, size, sentence)):
            return None
    try:
        return read_picture(file).pixels
    except PictureError:
        log.warning("the cached artwork %s is damaged; it will be painted again", file.name)
        file.unlink(missing_ok=True)
        return None


def shipped_name_of(picture: Picture) -> str | None:
    """The shipped style whose picture this is, whichever program decoded it; None for any other picture."""
    if picture.dtype != np.uint8:
        return None
    height, width = picture.shape[:2]
    small = None
    for preset in list_presets():
        with Image.open(preset.pictures[0].picture, formats=("JPEG", "PNG")) as image:
            if image.size != (width, height):
                continue
            image.draft("RGB", (width // 8, height // 8))
            shipped = np.asarray(image.convert("RGB"), np.float32)
        if small is None or small.shape != shipped.shape:
            size = shipped.shape[1::-1]
            small = np.asarray(Image.fromarray(picture[..., :3]).resize(size, Image.Resampling.BOX), np.float32)
        if np.abs(shipped - small).mean() < _SAME:
            return preset.name
    return None


def _affordable(size: int) -> int:
    """The size, or the largest smaller one that the free memory is enough for."""
    while size > STEP and _BYTES_PER_PIXEL * size**2 > psutil.virtual_memory().available:
        size -= STEP
    return size


def _cache_file(name: str, size: int) -> Path:
    """Where an artwork is kept. Another version of it has another shipped picture, and so another file."""
    shipped = next(preset for preset in list_presets() if preset.name == name).pictures[0].picture
    version = hashlib.sha256(shipped.read_bytes()).hexdigest()[:12]
    return folders().cache / "artworks" / f"{name}-{version}-{size}.jpg"


def _paint_into(file: Path, name: str, size: int, sentence: str) -> Generator[str, None, bool]:
    """Paint an artwork in a process of its own, which is killed if the caller stops waiting; was it painted?"""
    part = file.with_name(f"{file.stem}.{os.getpid()}.part.jpg")
    command = [sys.executable, "-m", "impasto.painting.fine_artworks", name, str(size), str(part)]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, creationflags=OUT_OF_SIGHT
        )
        try:
            while process.poll() is None:
                try:
                    process.wait(_POLL_SECONDS)
                except subprocess.TimeoutExpired:
                    yield sentence
        finally:
            process.kill()
            process.communicate()
        if process.returncode == 0:
            part.replace(file)
            return True
        log.warning("the artwork %s could not be painted at %d pixels; the shipped picture is enlarged", name, size)
    except OSError as error:
        log.warning("the artwork %s can't be kept (%s); the shipped picture is enlarged", name, error.strerror)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return False


def _end_with_parent() -> None:
    """Wait until the process that started this one closes its pipe, and end."""
    while os.read(0, 1):
        pass
    os._exit(1)


def main() -> None:
    """Paint one artwork into a file."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    from impasto_artworks import paint

    name, size, file = sys.argv[1:]
    Image.fromarray(paint(name, int(size))).save(file, quality=96, subsampling=0)


if __name__ == "__main__":
    main()
