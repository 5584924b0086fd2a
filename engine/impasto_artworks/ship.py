"""From artworks to the files that are shipped: a JPEG within its size limit, and its thumbnail."""

import logging
from pathlib import Path

from impasto.pictures.style_files import artwork_jpeg, thumbnail_jpeg

from .styles import paint

log = logging.getLogger(__name__)

LONG_SIDE = 1024


def ship(name: str, folder: Path) -> list[Path]:
    """Paint one artwork and write its picture and thumbnail into a folder of styles."""
    artwork = paint(name, LONG_SIDE)
    files = {
        folder / f"{name}.jpg": artwork_jpeg(artwork),
        folder / f"{name}.thumb.jpg": thumbnail_jpeg(artwork),
    }
    for path, data in files.items():
        path.write_bytes(data)
        log.info("%s: %d bytes", path.name, len(data))
    return list(files)
