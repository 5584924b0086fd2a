"""Pictures in files: read and written at their own depth, with alpha, colour profile and metadata."""

import errno
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from impasto_wire.errors import PictureError
from impasto_wire.files import write_whole
from impasto_wire.pictures import MAX_PIXELS, SMALLEST_SIDE

from .metadata import NO_METADATA, Metadata, read_metadata, save_options, tagged_tiff

# The limit that counts is checked before anything is decoded, with our own sentence.
Image.MAX_IMAGE_PIXELS = None

_LUMA = (0.2126, 0.7152, 0.0722)
_DEEP_FORMATS = {".png", ".tif", ".tiff"}
_ALPHA_FORMATS = {*_DEEP_FORMATS, ".webp"}
FORMATS = {*_ALPHA_FORMATS, ".jpg", ".jpeg"}
"""Endings of the files that can be written."""


@dataclass(frozen=True)
class Picture:
    """A picture: ``(H, W, 3 or 4)`` uint8, uint16 or float32, RGB, straight alpha; and what its file says beside."""

    pixels: NDArray[np.generic]
    metadata: Metadata = NO_METADATA


def read_picture(path: Path, most_pixels: int = MAX_PIXELS) -> Picture:
    """The picture in a file, the right way up. Raises `PictureError` with a sentence."""
    try:
        with path.open("rb") as file:
            return _read(file, path, most_pixels)
    except FileNotFoundError as error:
        raise PictureError(f"there is no file {path}; check the name") from error
    except IsADirectoryError as error:
        raise PictureError(f"{path} is a folder; name a picture in it") from error
    except OSError as error:
        raise PictureError(f"{path} can't be read ({error.strerror}); check the file") from error


def decode_picture(data: bytes, name: Path) -> Picture:
    """The picture that a file of that name holds. Raises `PictureError` with a sentence."""
    return _read(io.BytesIO(data), name, MAX_PIXELS)


def size_in(data: bytes) -> tuple[int, int] | None:
    """Width and height of the picture in a file, the right way up, by its header alone; None if that tells nothing."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            is_on_its_side = image.getexif().get(ExifTags.Base.Orientation, 1) >= 5
            return image.size[::-1] if is_on_its_side else image.size
    except (OSError, ValueError, SyntaxError):
        return None


def _read(file: BinaryIO, name: Path, most_pixels: int) -> Picture:
    try:
        with Image.open(file) as image:
            _check_size(name, *image.size, most_pixels)
            if _is_deep(image):
                return Picture(_read_deep(file, name), read_metadata(image))
            upright = ImageOps.exif_transpose(image)
            return Picture(_as_rgb(upright), read_metadata(image, upright))
    except UnidentifiedImageError as error:
        # Pillow knows no TIFF of float RGB.
        if name.suffix.lower() in (".tif", ".tiff"):
            return Picture(_read_deep(file, name))
        raise PictureError(f"{name} is not a picture; PNG, JPEG, TIFF and WebP can be read") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise PictureError(f"{name} can't be read to its end; it may be damaged, save it again") from error


def read_grey(path: Path) -> NDArray[np.generic]:
    """The lightness of the picture in a file, ``(H, W)``, in its own samples. Raises `PictureError` with a sentence."""
    pixels = read_picture(path).pixels
    grey = pixels[..., :3].astype(np.float64) @ _LUMA
    return (grey if pixels.dtype.kind == "f" else np.rint(grey)).astype(pixels.dtype)


def check_output(path: Path, has_alpha: bool) -> None:
    """Raises `PictureError` when a picture can't be written there, before anyone has worked for it."""
    if path.suffix.lower() not in FORMATS:
        raise PictureError(f"{path.name} must end in one of {', '.join(sorted(FORMATS))}")
    if has_alpha and path.suffix.lower() not in _ALPHA_FORMATS:
        raise PictureError(f"{path.name} is a JPEG, which can't hold the picture's transparency; write a .png")
    if not path.parent.is_dir():
        raise PictureError(f"there is no folder {path.parent}; make it first")
    if not os.access(path.parent, os.W_OK):
        raise PictureError(f"the folder {path.parent} can't be written to; choose another")


def write_picture(path: Path, picture: Picture) -> None:
    """Write the picture whole or not at all. Raises `PictureError` with a sentence."""
    write_output(path, encode_picture(picture, path.suffix))


def encode_picture(picture: Picture, suffix: str) -> bytes:
    """The picture as the bytes of a file with that ending. Raises `PictureError` with a sentence."""
    suffix = suffix.lower()
    is_shallow = picture.pixels.dtype == np.uint8 or suffix not in _DEEP_FORMATS
    try:
        return _encode_shallow(picture, suffix) if is_shallow else _encode_deep(picture, suffix)
    except (OSError, ValueError, cv2.error) as error:
        raise PictureError(f"the picture can't be written as {suffix}: {error}") from error


def write_output(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. Raises `PictureError` with a sentence."""
    try:
        write_whole(path, data)
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> PictureError:
    """What to tell of a file that can't be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return PictureError(f"the disk is full, so {path} can't be written; free some space and start again")
    return PictureError(f"{path} can't be written ({error.strerror}); check the folder and start again")


def resized(pixels: NDArray[np.generic], long_side: int) -> NDArray[np.generic]:
    """The picture with its long side brought to `long_side` pixels, its samples' type kept."""
    height, width = pixels.shape[:2]
    size = resized_size(width, height, long_side)
    method = cv2.INTER_AREA if long_side < max(width, height) else cv2.INTER_CUBIC
    result: NDArray[np.generic] = cv2.resize(cast(Any, pixels), size, interpolation=method)
    return result


def resized_size(width: int, height: int, long_side: int) -> tuple[int, int]:
    """Width and height of a picture that was brought to that long side."""
    factor = long_side / max(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def _check_size(path: Path, width: int, height: int, most_pixels: int = MAX_PIXELS) -> None:
    if min(width, height) < SMALLEST_SIDE:
        raise PictureError(f"{path} is {width}x{height}; both sides must be at least {SMALLEST_SIDE} pixels")
    if width * height > most_pixels:
        raise PictureError(
            f"{path} is {width}x{height}; at most {most_pixels // 10**6} megapixels can be used, scale it down"
        )


def _is_deep(image: Image.Image) -> bool:
    """Whether the file holds more than 8 bits a sample in several channels, which Pillow would cut to 8."""
    tiles = getattr(image, "tile", None)
    raw = str(tiles[0][3]) if tiles else ""
    return image.mode in ("RGB", "RGBA", "LA") and ("16" in raw or "32" in raw)


def _read_deep(file: BinaryIO, path: Path) -> NDArray[np.generic]:
    file.seek(0)
    data = np.frombuffer(file.read(), dtype=np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if data.size else None
    if pixels is None or pixels.dtype not in (np.uint16, np.float32):
        raise PictureError(f"{path} can't be read at its full depth; save it as a 16 bit PNG or TIFF")
    _check_size(path, pixels.shape[1], pixels.shape[0])
    if pixels.ndim == 2:
        return np.repeat(pixels[..., None], 3, axis=2)
    return np.ascontiguousarray(pixels[..., [2, 1, 0, 3][: pixels.shape[2]]])


def _as_rgb(image: Image.Image) -> NDArray[np.generic]:
    if image.mode.startswith("I;16"):
        return np.repeat(np.asarray(image, dtype=np.uint16)[..., None], 3, axis=2)
    if image.mode == "I":
        return np.repeat(np.clip(np.asarray(image), 0, 65535).astype(np.uint16)[..., None], 3, axis=2)
    if image.mode == "F":
        return np.repeat(np.asarray(image, dtype=np.float32)[..., None], 3, axis=2)
    has_alpha = image.has_transparency_data
    return np.array(image.convert("RGBA" if has_alpha else "RGB"))


def _encode_shallow(picture: Picture, suffix: str) -> bytes:
    pixels = picture.pixels
    if pixels.dtype == np.uint16:
        pixels = ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
    elif pixels.dtype == np.float32:
        pixels = np.rint(pixels.clip(0, 1) * 255).astype(np.uint8)
    if suffix in (".jpg", ".jpeg"):
        pixels = pixels[..., :3]
    kind = Image.registered_extensions()[suffix]
    buffer = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.save(buffer, kind, quality=95, **save_options(picture.metadata, kind))
    return buffer.getvalue()


def _encode_deep(picture: Picture, suffix: str) -> bytes:
    pixels, metadata = picture.pixels, picture.metadata
    if pixels.dtype == np.float32 and suffix == ".png":
        pixels = np.rint(pixels.clip(0, 1) * 65535).astype(np.uint16)
    ordered = np.ascontiguousarray(pixels[..., [2, 1, 0, 3][: pixels.shape[2]]])
    kinds = {
        cv2.IMAGE_METADATA_ICCP: metadata.profile,
        cv2.IMAGE_METADATA_EXIF: metadata.exif and metadata.exif.removeprefix(b"Exif\0\0"),
        cv2.IMAGE_METADATA_XMP: metadata.xmp and metadata.xmp + b"\0",  # it is taken for a C string
    }
    said = {kind: np.frombuffer(value, dtype=np.uint8) for kind, value in kinds.items() if value}
    if said and suffix == ".png":
        done, data = cv2.imencodeWithMetadata(suffix, ordered, list(said), list(said.values()))
    else:
        done, data = cv2.imencode(suffix, ordered)
    if not done:
        raise OSError("the picture could not be encoded")
    encoded = data.tobytes()
    return encoded if suffix == ".png" else tagged_tiff(encoded, metadata)
