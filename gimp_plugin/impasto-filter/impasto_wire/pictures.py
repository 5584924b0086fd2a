"""Pictures as the wire knows them: raw interleaved samples, named by a digest."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

from .errors import PictureError

Samples = Literal["u8", "u16", "float"]

BYTES_PER_SAMPLE: dict[Samples, int] = {"u8": 1, "u16": 2, "float": 4}
MAX_PIXELS = 1_000_000_000
SMALLEST_SIDE = 8
"""Pixels; of less the network sees nothing."""
DIGEST_BYTES = 32


def digest_of(data: bytes | bytearray | memoryview) -> str:
    """BLAKE2b-256 of a picture's bytes, as 64 hexadecimal digits."""
    return blake2b(data, digest_size=DIGEST_BYTES).hexdigest()


def check_size(width: int, height: int) -> None:
    """Raise `PictureError` for a size that no picture can have here."""
    if width < 1 or height < 1:
        raise PictureError(f"a picture is {width}x{height}; both sides must be at least 1 pixel")
    if width * height > MAX_PIXELS:
        raise PictureError(f"a picture is {width}x{height}; at most a gigapixel can be painted, scale it down")


@dataclass(frozen=True)
class PictureRef:
    """A picture by its digest and shape.

    Little-endian samples, rows from the top, straight alpha, perceptual encoding.
    """

    digest: str
    width: int
    height: int
    channels: int
    samples: Samples

    def __post_init__(self) -> None:
        if len(self.digest) != 2 * DIGEST_BYTES or not all(c in "0123456789abcdef" for c in self.digest):
            raise PictureError(f"a picture's digest is {self.digest[:80]!r}; it must be 64 hexadecimal digits")
        check_size(self.width, self.height)
        if self.channels not in (1, 3, 4):
            raise PictureError(f"a picture has {self.channels} channels; it must have 1, 3 or 4")

    @property
    def size(self) -> int:
        """Bytes that the picture's samples take."""
        return self.width * self.height * self.channels * BYTES_PER_SAMPLE[self.samples]


@dataclass(frozen=True)
class Pixels:
    """A picture with its samples: ``len(data) == width * height * channels * bytes per sample``."""

    width: int
    height: int
    channels: int
    samples: Samples
    data: bytes | bytearray | memoryview

    def ref(self) -> PictureRef:
        """The picture's name on the wire. Raises `PictureError` when the data don't fit the shape."""
        ref = PictureRef(digest_of(self.data), self.width, self.height, self.channels, self.samples)
        if len(self.data) != ref.size:
            raise PictureError(
                f"a {self.width}x{self.height} picture holds {len(self.data)} bytes; it needs {ref.size}"
            )
        return ref
