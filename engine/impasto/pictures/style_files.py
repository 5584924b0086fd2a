"""The pictures of a style as its files hold them: the artwork and the gallery's squares, JPEGs within their limits."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from impasto_presets.own import LARGEST_PICTURE, LARGEST_THUMBNAIL
from impasto_wire.errors import PictureError

from . import files

THUMBNAIL_SIDE = 320
"""The gallery's tiles are shown at half of it, for screens with twice the pixels."""
_LARGEST_FILE = 300_000_000
_MOST_PIXELS = 100_000_000
_ARTWORK_SIDES = (1600, 1280, 1024, 768, 512, 256)
_THUMBNAIL_SIDES = (THUMBNAIL_SIDE, 288, 256, 224, 192, 128)

FlatPicture = NDArray[np.uint8]


def read_flat(path: Path) -> FlatPicture:
    """The picture in a file, ``(h, w, 3)`` uint8: in sRGB, and on white where it is transparent.

    Raises `PictureError` for what is no picture, or is larger than anyone needs for looking at it.
    """
    size = path.stat().st_size if path.is_file() else 0
    if size > _LARGEST_FILE:
        raise PictureError(f"{path} takes {size / 1e6:.0f} MB; at most {_LARGEST_FILE // 10**6} can be used here")
    found = files.read_picture(path, _MOST_PIXELS)
    return _on_white(files.in_space(found, None).pixels)


def artwork_jpeg(artwork: FlatPicture) -> bytes:
    """The artwork as a style's picture, as large as fits.

    Every frequency is rounded alike, and colour less finely than light. JPEG's usual tables round fine grain away,
    which viewers hardly miss but a style's statistics do: at the same size they lose 1.2 to 2.5 times as much.
    """
    finest_first = ({"qtables": [[step] * 64, [round(2.4 * step)] * 64], "subsampling": 0} for step in range(2, 49))
    return _largest_jpeg(artwork, _ARTWORK_SIDES, LARGEST_PICTURE, list(finest_first))


def thumbnail_jpeg(picture: FlatPicture) -> bytes:
    """The middle of a picture, square, as the gallery shows it; smaller where it has much fine grain."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = picture[top : top + side, left : left + side]
    finest_first = ({"quality": quality, "subsampling": 2} for quality in range(96, 43, -2))
    return _largest_jpeg(square, _THUMBNAIL_SIDES, LARGEST_THUMBNAIL, list(finest_first))


def _largest_jpeg(
    picture: FlatPicture, sides: tuple[int, ...], largest: int, finest_first: Sequence[Mapping[str, Any]]
) -> bytes:
    """The picture with the first of those long sides at which it fits, and of it the finest that fits."""
    for side in sides:
        image = Image.fromarray(picture)
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        for options in finest_first:
            data = _jpeg(image, options)
            if len(data) <= largest:
                return data
    raise AssertionError(f"at {sides[-1]} pixels every picture fits")


def _jpeg(image: Image.Image, options: Mapping[str, Any]) -> bytes:
    # An optimised JPEG is written in one piece, and Pillow guesses its size too small where there is much fine grain.
    ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 3 * image.width * image.height)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", optimize=True, progressive=True, **options)
    return buffer.getvalue()


def _on_white(pixels: NDArray[np.generic]) -> FlatPicture:
    if pixels.dtype == np.uint8 and pixels.shape[2] == 3:
        return np.asarray(pixels, np.uint8)
    top = np.float32({"u1": 255, "u2": 65535, "f4": 1}[pixels.dtype.str[1:]])
    flat = np.empty((*pixels.shape[:2], 3), np.uint8)
    for rows in (slice(start, start + 64) for start in range(0, len(pixels), 64)):  # a few at a time, to spare memory
        values = (pixels[rows].astype(np.float32) / top).clip(0, 1)
        alpha = values[..., 3:] if values.shape[2] == 4 else np.float32(1)
        flat[rows] = np.rint((values[..., :3] * alpha + (1 - alpha)) * 255)
    return flat
