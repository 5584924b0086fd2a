"""How much a picture's file may ask for: checked by what its header says, before anything is decoded."""

from pathlib import Path

import psutil

from impasto_wire.errors import PictureError
from impasto_wire.pictures import SMALLEST_SIDE

LONGEST_SIDE = 500_000
"""Pixels. Some decoders take a while for each row, however short it is."""
FREE_SAMPLES, FREE_COSTLY_SAMPLES = 96 << 20, 16 << 20
"""Bytes of samples that any file may unpack into: reading them takes at most five times as much memory, and less than
2 seconds on one core. Those that take long, JPEG 2000's and those in a colour space of their own, may be fewer."""
MOST_TIMES_LARGER, MOST_TIMES_LARGER_COSTLY = 200, 60
"""Times the file's own size that more samples than those may take. Photos and paintings, written with loss at a low
quality, take up to 150 times as much, usually a tenth of that; one colour all over, a thousand times and more."""
_LARGEST_OVERHEAD = 64 << 20
"""Bytes of a file beside its samples."""
_COPIES = 3
"""So many times the samples are in memory while they are read."""


def check_claim(
    name: Path, size: tuple[int, int], pixel_bytes: int, file_bytes: int, most_pixels: int, is_costly: bool
) -> None:
    """Raises `PictureError` for a picture that is too small or too large to be used, that can't be in a file of so many
    bytes, or that doesn't fit into the memory. A pixel takes `pixel_bytes` once it is read."""
    width, height = size
    found = f"{name} is {width}x{height}"
    if min(size) < SMALLEST_SIDE:
        raise PictureError(f"{found}; both sides must be at least {SMALLEST_SIDE} pixels")
    if width * height > most_pixels:
        raise PictureError(f"{found}; at most {most_pixels // 10**6} megapixels can be used, scale it down")
    if max(size) > LONGEST_SIDE:
        raise PictureError(f"{found}; both sides must be at most {LONGEST_SIDE} pixels, cut it into pieces")
    samples = width * height * pixel_bytes
    free_samples, times = FREE_SAMPLES, MOST_TIMES_LARGER
    if is_costly:
        free_samples, times = FREE_COSTLY_SAMPLES, MOST_TIMES_LARGER_COSTLY
    if samples <= free_samples:
        return
    if samples > times * file_bytes:
        raise PictureError(
            f"{name} says that it is {width}x{height}, which is too much for a file of {file_bytes / 1e6:.3g} MB; "
            "it is damaged, harmful or of one colour, write it as a TIFF without compression if you trust it"
        )
    needed, free = _COPIES * samples, psutil.virtual_memory().available
    if needed > free:
        raise PictureError(
            f"{found}, which takes {needed / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free; "
            "close other programs, or scale it down"
        )


def check_file(name: Path, file_bytes: int, samples: int) -> None:
    """Raises `PictureError` for a file that is much larger than its samples, or than the memory that is free."""
    if file_bytes > 2 * samples + _LARGEST_OVERHEAD:
        raise PictureError(
            f"{name} takes {file_bytes / 1e9:.1f} GB, much more than its picture needs; it may be damaged, "
            "save it again"
        )
    free = psutil.virtual_memory().available
    if file_bytes > free:
        raise PictureError(
            f"{name} takes {file_bytes / 1e9:.1f} GB, and {free / 1e9:.1f} GB of memory are free; "
            "close other programs, or scale it down"
        )
