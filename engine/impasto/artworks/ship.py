"""From artworks to the files that are shipped: a JPEG within its size limit, and its thumbnail."""

import io
import logging
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .styles import paint

log = logging.getLogger(__name__)

LONG_SIDE = 1024
LARGEST_PICTURE, LARGEST_THUMBNAIL = 350_000, 20_000
THUMBNAIL_SIDE = 256


def ship(name: str, folder: Path) -> list[Path]:
    """Paint one artwork and write its picture and thumbnail into a folder of styles."""
    artwork = Image.fromarray(paint(name, LONG_SIDE))
    small = artwork.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    files = {
        folder / f"{name}.jpg": jpeg(np.asarray(artwork), LARGEST_PICTURE),
        folder / f"{name}.thumb.jpg": jpeg(np.asarray(small), LARGEST_THUMBNAIL),
    }
    for path, data in files.items():
        path.write_bytes(data)
        log.info("%s: %d bytes", path.name, len(data))
    return list(files)


def jpeg(picture: NDArray[np.uint8], largest: int) -> bytes:
    """The picture as a JPEG of the best quality that fits, its colour at full resolution."""
    for quality in range(96, 40, -2):
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "JPEG", quality=quality, subsampling=0)
        if buffer.tell() <= largest:
            return buffer.getvalue()
    raise ValueError(f"the picture needs more than {largest} bytes as a JPEG; paint it smaller")
