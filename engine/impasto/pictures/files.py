"""Pictures in files: one reading and one writing, so that what comes out is seen as what went in."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from impasto_wire.errors import PictureError
from impasto_wire.files import open_regular
from impasto_wire.pictures import MAX_PIXELS

from . import encode, spaces
from .decode import as_seen, check_large_file, known_format, open_file
from .formats import HEAD, Transparency, format_written
from .metadata import NO_METADATA, Metadata
from .vips import VipsError, as_image, as_samples

_LUMA = (0.2126, 0.7152, 0.0722)
_LARGE_FILE = 256 << 20
"""Bytes from which a file's header is read before the rest."""


@dataclass(frozen=True)
class PictureFile:
    """A picture: ``(H, W, 3 or 4)`` uint8, uint16 or float32, RGB, straight alpha; and what its file says beside.

    Its colours are in the space of its ICC profile, without one in sRGB; always in a perceptual encoding.
    """

    pixels: NDArray[Any]
    profile: bytes | None = None
    metadata: Metadata = NO_METADATA

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.pixels.shape[1], self.pixels.shape[0]

    @property
    def transparency(self) -> Transparency:
        """How much shows through it, whether or not it has an alpha channel."""
        if self.pixels.shape[2] == 3:
            return "none"
        is_less = self.pixels[..., 3] < _top(self.pixels)
        if not is_less.any():
            return "none"
        return "soft" if self.pixels[..., 3][is_less].any() else "hard"


@dataclass(frozen=True)
class PictureHeader:
    """What a picture's file says before its pixels are read; width and height are the upright picture's."""

    width: int
    height: int
    has_alpha: bool
    pages: int
    metadata: Metadata


def read_picture(path: Path, most_pixels: int = MAX_PIXELS) -> PictureFile:
    """The picture in a file, as it is seen. Raises `PictureError` with a sentence."""
    return decode_picture(read_file(path), path, most_pixels)


def decode_picture(data: bytes, name: Path, most_pixels: int = MAX_PIXELS, page: int = 0) -> PictureFile:
    """The picture that a file of that name holds, as it is seen. Raises `PictureError` with a sentence."""
    opened = open_file(data, name, most_pixels, page)
    return PictureFile(*as_seen(opened, name), opened.metadata)


def read_picture_header(path: Path) -> PictureHeader:
    """What a file says of its picture. Raises `PictureError` with a sentence."""
    opened = open_file(read_file(path), path, MAX_PIXELS)
    return PictureHeader(*opened.size, opened.has_alpha, opened.pages, opened.metadata)


def size_in(data: bytes) -> tuple[int, int] | None:
    """Width and height of the picture in a file, the right way up; None if its header doesn't tell."""
    try:
        return open_file(data, Path("picture"), MAX_PIXELS).size
    except PictureError:
        return None


def in_space(picture: PictureFile, profile: bytes | None) -> PictureFile:
    """The picture with its colours in the space of that profile; None is sRGB."""
    return replace(picture, pixels=spaces.moved(picture.pixels, picture.profile, profile), profile=profile)


def read_grey(path: Path) -> NDArray[Any]:
    """The lightness of the picture in a file, ``(H, W)``, in its own samples. Raises `PictureError` with a sentence."""
    pixels = read_picture(path).pixels
    grey = np.empty(pixels.shape[:2], pixels.dtype)
    for rows in (slice(start, start + 64) for start in range(0, len(pixels), 64)):  # a few at a time, to spare memory
        found = pixels[rows, :, :3].astype(np.float64) @ _LUMA
        grey[rows] = found if pixels.dtype.kind == "f" else np.rint(found)
    return grey


def encode_picture(picture: PictureFile, suffix: str) -> bytes:
    """The picture as the bytes of a file with that ending. Raises `PictureError` with a sentence."""
    format, holds = format_written(Path(f"picture{suffix}"))
    pixels = picture.pixels
    if not holds.shows_through(picture.transparency):
        raise PictureError(f"{format.with_article} can't hold the picture's transparency; write a .png")
    if holds.alpha == "none":
        pixels = pixels[..., :3]
    try:
        return encode.encoded(pixels, picture.profile, picture.metadata, format, holds)
    except (OSError, ValueError, VipsError) as error:
        raise PictureError(f"the picture can't be written as {format.name}: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def read_file(path: Path) -> bytes:
    """The bytes of a file that begins as a picture. Raises `PictureError` with a sentence."""
    try:
        with open_regular(path) as file:
            format = known_format(file.read(HEAD), path)
            if os.fstat(file.fileno()).st_size > _LARGE_FILE:
                file.seek(0)
                check_large_file(file, path, format)
            file.seek(0)
            return file.read()
    except FileNotFoundError as error:
        raise PictureError(f"there is no file {path}; check the name") from error
    except IsADirectoryError as error:
        raise PictureError(f"{path} is a folder; name a picture in it") from error
    except (OSError, ValueError) as error:  # a ValueError for names that no system takes
        reason = error.strerror if isinstance(error, OSError) else error
        raise PictureError(f"{path} can't be read ({reason}); check the file") from error


def resized(pixels: NDArray[Any], long_side: int) -> NDArray[Any]:
    """The picture ``(H, W)`` or ``(H, W, C)`` with its long side brought to `long_side` pixels; its type stays."""
    height, width = pixels.shape[:2]
    across, down = resized_size(width, height, long_side)
    image = as_image(pixels if pixels.ndim == 3 else pixels[..., None])
    has_alpha = image.bands == 4
    if has_alpha:
        # A transparent pixel's colour must not bleed into those beside it.
        image = image.premultiply(max_alpha=_top(pixels))
    image = image.resize(across / width, vscale=down / height)
    if has_alpha:
        image = image.unpremultiply(max_alpha=_top(pixels))
    # Lanczos' filter goes beyond black and white at sharp edges.
    found = as_samples(image).clip(0, _top(pixels))
    found = (np.rint(found) if pixels.dtype.kind == "u" else found).astype(pixels.dtype)
    return found if pixels.ndim == 3 else found[..., 0]


def resized_size(width: int, height: int, long_side: int) -> tuple[int, int]:
    """Width and height of a picture that was brought to that long side."""
    factor = long_side / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def _top(pixels: NDArray[Any]) -> int:
    """The largest value of such samples."""
    return 1 if pixels.dtype.kind == "f" else int(np.iinfo(pixels.dtype).max)
