"""Files of several pictures: the frames of an animation, or a TIFF's pages."""

import io
import struct
from collections.abc import Iterator
from collections.abc import Sequence as Several
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from PIL import Image as Pillow

from impasto_wire.errors import PictureError
from impasto_wire.pictures import MAX_PIXELS

from . import encode, formats
from .decode import damaged, open_file
from .files import PictureFile, decode_picture
from .formats import Format, format_of, format_written
from .vips import VipsError

Kind = Literal["frames", "pages"]

_HOLD: dict[Kind, tuple[Format, ...]] = {
    "frames": (formats.GIF, formats.WEBP, formats.PNG),
    "pages": (formats.TIFF,),
}
_USUAL_MILLISECONDS = 100
_MOST = 10_000
"""Pictures of one file that are painted: all of them are in memory until the last is."""


@dataclass(frozen=True)
class Sequence:
    """The pictures in a file. Times are in milliseconds; `loop` is how often it is played, 0 for ever."""

    data: bytes
    name: Path
    kind: Kind
    count: int
    times: tuple[int, ...] = ()
    loop: int = 0
    is_uniform: bool = True
    """Have all the same size?"""

    def picture(self, number: int) -> PictureFile:
        """One of them, counted from 0, as it is seen. Raises `PictureError`."""
        if format_of(self.data[: formats.HEAD]) is formats.PNG:
            return self._frame_of_png(number)
        return decode_picture(self.data, self.name, page=number)

    def _frame_of_png(self, number: int) -> PictureFile:
        still = decode_picture(self.data, self.name)
        try:
            with Pillow.open(io.BytesIO(self.data), formats=["PNG"]) as image:
                image.seek(number + bool(getattr(image, "default_image", False)))
                pixels = np.asarray(image.convert("RGBA"))
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise damaged(self.name) from error
        return PictureFile(pixels, still.profile, still.metadata)


def open_sequence(data: bytes, name: Path) -> Sequence | None:
    """The pictures of a file that holds several; None where it holds one. Raises `PictureError`."""
    opened = open_file(data, name, MAX_PIXELS)
    format = format_of(data[: formats.HEAD])
    if format is formats.PNG:
        return _of_png(data, name, opened.size)
    if opened.pages < 2:
        return None
    if format is formats.TIFF:
        _check_count(name, "pages", opened.pages, opened.size)
        sizes = {open_file(data, name, MAX_PIXELS, page).size for page in range(opened.pages)}
        return Sequence(data, name, "pages", opened.pages, is_uniform=len(sizes) == 1)
    if format not in _HOLD["frames"]:
        return None
    _check_count(name, "frames", opened.pages, opened.size)
    image = opened.image
    times = tuple(image.get("delay")) if image.get_typeof("delay") else ()
    return Sequence(data, name, "frames", opened.pages, times, image.get("loop") if image.get_typeof("loop") else 0)


def _check_count(name: Path, kind: Kind, count: int, size: tuple[int, int]) -> None:
    """Raises `PictureError` for more pictures than can be painted as one file."""
    most = min(_MOST, MAX_PIXELS // (size[0] * size[1]))
    if count > most:
        raise PictureError(
            f"{name} holds {count} {kind} of {size[0]}x{size[1]}; at most {most} can be painted together, take it "
            "apart and paint them with: impasto batch"
        )


def _of_png(data: bytes, name: Path, size: tuple[int, int]) -> Sequence | None:
    """The frames of an APNG, as its chunks tell of them: nothing is decoded for that."""
    times: list[int] = []
    count = loop = 0
    for chunk, place in _chunks_of_png(data):
        if chunk == b"acTL":
            count, loop = struct.unpack_from(">2I", data, place)
        elif chunk == b"fcTL":
            shown, divisor = struct.unpack_from(">20xHH", data, place)
            times.append(round(1000 * shown / (divisor or 100)))
        elif chunk == b"IDAT" and not count:
            return None
    if count < 2:
        return None
    if len(times) < count:
        raise damaged(name)
    _check_count(name, "frames", count, size)
    return Sequence(data, name, "frames", count, tuple(times[:count]), loop)


def _chunks_of_png(data: bytes) -> Iterator[tuple[bytes, int]]:
    """The whole chunks of a PNG: their names, and where their content begins."""
    place = len(b"\x89PNG\r\n\x1a\n")
    while place + 12 <= len(data):
        length, chunk = struct.unpack_from(">I4s", data, place)
        if place + 12 + length > len(data):
            return
        yield chunk, place + 8
        place += 12 + length


def can_hold(path: Path, kind: Kind) -> bool:
    """Can a file of that name hold several pictures of that kind? Raises `PictureError`."""
    return format_written(path)[0] in _HOLD[kind]


def encode_sequence(pictures: Several[PictureFile], kind: Kind, times: Several[int], loop: int, suffix: str) -> bytes:
    """Pictures as one file with that ending, all in the first one's space and size. Raises `PictureError`."""
    format, holds = format_written(Path(f"pictures{suffix}"))
    first = pictures[0]
    if format not in _HOLD[kind]:
        raise PictureError(f"{format.with_article} can't hold {len(pictures)} {kind}")
    if any(picture.size != first.size for picture in pictures):
        raise PictureError(f"{len(pictures)} {kind} of different sizes can't be written as one {format.name}")
    stacked = np.concatenate([encode.of_depth(pixels, holds) for pixels in _alike(pictures)])
    times = tuple(times) or (_USUAL_MILLISECONDS,) * len(pictures)
    try:
        if format is formats.PNG:
            return _png(stacked, first, times, loop)
        extra: dict[str, Any] = {"page-height": first.size[1]}
        if kind == "frames":
            extra |= {"delay": list(times), "loop": loop}
        return encode.encoded(stacked, first.profile, first.metadata, format, holds, extra)
    except (OSError, ValueError, VipsError) as error:
        raise PictureError(f"the {kind} can't be written as {format.name}: {error}") from error


def _alike(pictures: Several[PictureFile]) -> list[Any]:
    """Their pixels, all with alpha if one has it."""
    if len({picture.pixels.shape[2] for picture in pictures}) == 1:
        return [picture.pixels for picture in pictures]
    return [_with_alpha(picture.pixels) for picture in pictures]


def _with_alpha(pixels: Any) -> Any:
    top = 1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
    return pixels if pixels.shape[2] == 4 else np.pad(pixels, ((0, 0), (0, 0), (0, 1)), constant_values=top)


def _png(stacked: Any, first: PictureFile, times: Several[int], loop: int) -> bytes:
    """An APNG, which has 8 bits here."""
    eight = encode.of_depth(stacked, formats.Holds())
    frames = [Pillow.fromarray(frame) for frame in np.split(eight, len(times))]
    buffer = io.BytesIO()
    frames[0].save(
        buffer,
        "PNG",
        save_all=True,
        append_images=frames[1:],
        duration=list(times),
        loop=loop,
        icc_profile=first.profile,
        exif=first.metadata.exif or b"",
        dpi=first.metadata.resolution,
    )
    return buffer.getvalue()
