"""The pictures of a style as its files hold them: the artwork and the gallery's squares, JPEGs within their limits."""

import io
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFile

from impasto_presets.own import LARGEST_PICTURE, LARGEST_THUMBNAIL
from impasto_wire.errors import PictureError

from . import images

THUMBNAIL_SIDE = 320
"""The gallery's tiles are shown at half of it, for screens with twice the pixels."""
_LARGEST_FILE = 300_000_000
_MOST_PIXELS = 100_000_000
_ARTWORK_SIDES = (1600, 1280, 1024, 768, 512, 256)
_THUMBNAIL_SIDES = (THUMBNAIL_SIDE, 288, 256, 224, 192, 128)

Pixels = NDArray[np.uint8]


def read_flat(path: Path) -> Pixels:
    """The picture in a file, ``(h, w, 3)`` uint8: in sRGB, and on white where it is transparent.

    Raises `PictureError` for what is no picture, or is larger than anyone needs for looking at it.
    """
    size = path.stat().st_size if path.is_file() else 0
    if size > _LARGEST_FILE:
        raise PictureError(f"{path} takes {size / 1e6:.0f} MB; at most {_LARGEST_FILE // 10**6} can be used here")
    found = images.read_picture(path, _MOST_PIXELS)
    return _in_srgb(_on_white(found.pixels), found.metadata.profile)


def artwork_jpeg(artwork: Pixels) -> bytes:
    """The artwork as a style's picture, as large as fits."""
    return _largest_jpeg(artwork, _ARTWORK_SIDES, LARGEST_PICTURE, lowest=80, subsampling=0)


def thumbnail_jpeg(picture: Pixels) -> bytes:
    """The middle of a picture, square, as the gallery shows it; smaller where it has much fine grain."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = picture[top : top + side, left : left + side]
    return _largest_jpeg(square, _THUMBNAIL_SIDES, LARGEST_THUMBNAIL, lowest=44, subsampling=2)


def _largest_jpeg(picture: Pixels, sides: tuple[int, ...], largest: int, lowest: int, subsampling: int) -> bytes:
    """The picture with the first of those long sides at which it fits."""
    for side in sides:
        image = Image.fromarray(picture)
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        with suppress(ValueError):
            return jpeg(np.asarray(image), largest, lowest, subsampling)
    raise AssertionError(f"at {sides[-1]} pixels every picture fits")


def jpeg(picture: Pixels, largest: int, lowest: int = 40, subsampling: int = 0) -> bytes:
    """The picture as a JPEG of the best quality that fits. Raises `ValueError` if that is below `lowest`."""
    # An optimised JPEG is written in one piece, and Pillow guesses its size too small where there is much fine grain.
    ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, picture.nbytes)
    for quality in range(96, lowest - 1, -2):
        buffer = io.BytesIO()
        Image.fromarray(picture).save(
            buffer, "JPEG", quality=quality, subsampling=subsampling, optimize=True, progressive=True
        )
        if buffer.tell() < largest:
            return buffer.getvalue()
    raise ValueError(f"the picture needs more than {largest} bytes as a JPEG; make it smaller")


def _on_white(pixels: NDArray[np.generic]) -> Pixels:
    if pixels.dtype == np.uint8 and pixels.shape[2] == 3:
        return np.asarray(pixels, np.uint8)
    top = np.float32({"u1": 255, "u2": 65535, "f4": 1}[pixels.dtype.str[1:]])
    values = (pixels.astype(np.float32) / top).clip(0, 1)
    alpha = values[..., 3:] if values.shape[2] == 4 else np.float32(1)
    return np.asarray(np.rint((values[..., :3] * alpha + (1 - alpha)) * 255), np.uint8)


def _in_srgb(pixels: Pixels, profile: bytes | None) -> Pixels:
    """The picture's colours as sRGB; a profile that can't be used changes nothing."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            image = ImageCms.profileToProfile(Image.fromarray(pixels), own, ImageCms.createProfile("sRGB"))
            assert image is not None
            return np.asarray(image)
    return pixels
