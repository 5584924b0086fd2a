"""Colour spaces as ICC profiles: which ones are painted in, and pictures brought from one to another.

A picture is painted in an RGB space whose numbers are spread as the eye sees lightness (a perceptual encoding), for the
networks have learnt from such pictures. Where a file has another, its picture is converted as it is read.
"""

import struct
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from impasto.request import Picture

from .vips import VipsError, as_image, as_samples, profile_named, with_blob

Model = Literal["RGB", "GRAY", "CMYK"]

SRGB = profile_named("srgb")
"""The space of a picture without a profile."""
_SRGB_NUMBERS = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_SRGB_CURVE = struct.pack(">4s4xHxx5i", b"para", 3, *(round(65536 * number) for number in _SRGB_NUMBERS))
_LIGHTEST_MIDDLE = 68
"""L* that the middle of a perceptual encoding has at most: sRGB's 53, ProPhoto's 61. A linear one's is 76."""
_PRIMARIES = (b"rXYZ", b"gXYZ", b"bXYZ")
_SAME_PRIMARIES, _SAME_LIGHTNESS = 0.002, 0.3
_PROFILE = "icc-profile-data"
_MEANINGS = {1: ("b-w", "grey16"), 3: ("srgb", "rgb16"), 4: ("cmyk", "cmyk")}
_WIDE_COLUMNS = ((0.6735, 0.1656, 0.1251), (0.2790, 0.6753, 0.0456), (-0.0019, 0.0299, 0.7969))
"""Rec. 2020's primaries, adapted to D50."""


class ColourSpace(NamedTuple):
    """What a profile says of itself, and how its middle grey is seen."""

    model: str
    greys: tuple[float, ...]
    """L* of a quarter, the middle and three quarters of all channels."""
    columns: tuple[tuple[float, ...], ...] | None
    """X, Y and Z of its primaries, a row for each of X, Y, Z; None where it has none."""
    can_be_target: bool

    @property
    def is_perceptual(self) -> bool:
        """Are its numbers spread about as the eye sees lightness?"""
        return self.greys[1] < _LIGHTEST_MIDDLE

    def is_like(self, other: "ColourSpace") -> bool:
        """Are they one space under two names? There are many profiles of sRGB."""
        if self.columns is None or other.columns is None:
            return False
        same_primaries = np.allclose(self.columns, other.columns, atol=_SAME_PRIMARIES)
        return bool(same_primaries and np.allclose(self.greys, other.greys, atol=_SAME_LIGHTNESS))


def profile_for(image: Any, model: Model) -> bytes | None:
    """The profile in a picture's file, if it is one of such samples; a broken one counts as none."""
    if not image.get_typeof(_PROFILE):
        return None
    profile = bytes(image.get(_PROFILE))
    space = space_of(profile)
    return profile if space is not None and space.model == model else None


@lru_cache(maxsize=64)
def space_of(profile: bytes) -> ColourSpace | None:
    """What a profile describes; None where nothing can read it."""
    model = profile[16:20].decode("latin-1").strip()
    channels = {"GRAY": 1, "RGB": 3, "CMYK": 4}.get(model)
    if channels is None:
        return None
    try:
        greys = _lightness_of_greys(profile, channels)
    except VipsError:
        return None
    return ColourSpace(model, greys, _columns(profile), model == "RGB" and _can_be_target(profile))


def space_to_paint_in(profile: bytes | None, is_deep: bool) -> bytes | None:
    """The space that an RGB picture with that profile is painted in: its own, or the nearest that is perceptual."""
    if profile is None:
        return None
    space = space_of(profile)
    assert space is not None, "only profiles that fit get here"
    if space.is_perceptual and space.can_be_target:
        return profile
    if space.columns is None:
        return wide_space() if is_deep else SRGB
    own = space_of(SRGB)
    assert own is not None
    if own.columns is not None and np.allclose(space.columns, own.columns, atol=_SAME_PRIMARIES):
        return SRGB
    return matrix_profile("Perceptual RGB, primaries of the picture's own profile", space.columns)


@lru_cache(maxsize=1)
def wide_space() -> bytes:
    """A perceptual space that holds whatever ink can show, for pictures of 16 bits."""
    return matrix_profile("Rec. 2020 primaries, sRGB curve", _WIDE_COLUMNS)


def moved(pixels: Picture, source: bytes | None, target: bytes | None) -> Picture:
    """RGB pixels, with or without alpha, brought from one RGB space to another; None is sRGB."""
    source, target = source or SRGB, target or SRGB
    if source == target or _are_alike(source, target):
        return pixels
    colours = brought(pixels[..., :3], source, target)
    return colours if pixels.shape[2] == 3 else np.concatenate([colours, pixels[..., 3:]], axis=2)


def _are_alike(source: bytes, target: bytes) -> bool:
    one, other = space_of(source), space_of(target)
    return one is not None and other is not None and one.is_like(other)


def brought(samples: Picture, source: bytes, target: bytes) -> Picture:
    """Samples without alpha ``(H, W, 1, 3 or 4)``, grey, RGB or CMYK, brought into an RGB space; their type stays.

    By the way of L*a*b*: what lcms makes of two profiles at once is 20 levels off in places at 16 bits.
    """
    meaning = _MEANINGS[samples.shape[2]][samples.dtype != np.uint8]
    if samples.dtype == np.float32:
        integers = np.rint(samples.clip(0, 1) * np.float32(65535)).astype(np.uint16)
    else:
        integers = samples
    tagged = with_blob(as_image(integers, meaning), _PROFILE, source)
    lab = tagged.icc_import(embedded=True, intent="auto", black_point_compensation=True, pcs="lab")
    return _exported(lab, target, samples.dtype)


def from_lab(lab: NDArray[np.float32], target: bytes, dtype: np.dtype[Any]) -> Picture:
    """CIE L*a*b* under D50 in an RGB space, as uint8, uint16 or float32."""
    return _exported(as_image(lab, "lab"), target, dtype)


def _exported(lab: Any, target: bytes, dtype: np.dtype[Any]) -> Picture:
    depth = 8 if dtype == np.uint8 else 16
    tagged = with_blob(lab, _PROFILE, target)
    found = as_samples(tagged.icc_export(intent="relative", black_point_compensation=True, pcs="lab", depth=depth))
    return found if dtype != np.float32 else found.astype(np.float32) / np.float32(65535)


def power_profile(gamma: float) -> bytes:
    """sRGB's primaries with a power curve, as old PNGs describe their numbers."""
    own = space_of(SRGB)
    assert own is not None
    assert own.columns is not None
    curve = struct.pack(">4s4xHxxi", b"para", 0, round(65536 * gamma))
    return matrix_profile(f"sRGB primaries, gamma {gamma:.2f}", own.columns, curve)


def matrix_profile(name: str, columns: tuple[tuple[float, ...], ...], curve: bytes = _SRGB_CURVE) -> bytes:
    """A display's profile with those primaries (rows X, Y, Z under D50) and a curve (ICC.1:2010)."""
    tags = {
        b"desc": _text(name),
        b"cprt": _text("No copyright"),
        b"wtpt": _xyz((0.9642, 1, 0.8249)),
        **{
            tag: _xyz(column)
            for tag, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), zip(*columns, strict=True), strict=True)
        },
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body = b"", b""
    for tag, data in tags.items():
        table += struct.pack(">4s2I", tag, 128 + 4 + 12 * len(tags) + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    header = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x",
        132 + len(table) + len(body), 0x04200000, b"mntr", b"RGB ", b"XYZ ", b"acsp", 0xF6D6, 0x10000, 0xD32D,
    )  # fmt: skip
    return header + struct.pack(">I", len(tags)) + table + body


def _text(text: str) -> bytes:
    encoded = text.encode("utf-16-be")
    return struct.pack(">4s4x2I2s2s2I", b"mluc", 1, 12, b"en", b"US", len(encoded), 28) + encoded


def _xyz(values: tuple[float, ...]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(65536 * value) for value in values))


def _lightness_of_greys(profile: bytes, channels: int) -> tuple[float, ...]:
    """Raises `VipsError` for what is no profile."""
    greys = np.array([16384, 32768, 49152], np.uint16).repeat(channels).reshape(1, 3, channels)
    tagged = with_blob(as_image(greys, {1: "grey16", 3: "rgb16", 4: "cmyk"}[channels]), _PROFILE, profile)
    lab = as_samples(tagged.icc_import(embedded=True, intent="relative", pcs="lab"))
    return tuple(map(float, lab[0, :, 0]))


def _can_be_target(profile: bytes) -> bool:
    """Can colours be brought into that space? A scanner's profile tells only the way out of it."""
    white = as_image(np.array([[[50, 0, 0]]], np.float32), "lab")
    try:
        with_blob(white, _PROFILE, profile).icc_export(intent="relative", pcs="lab").avg()
    except VipsError:
        return False
    return True


def _columns(profile: bytes) -> tuple[tuple[float, ...], ...] | None:
    """The primaries of a matrix profile."""
    found = {}
    try:
        (count,) = struct.unpack_from(">I", profile, 128)
        for number in range(min(count, 100)):
            tag, start, _ = struct.unpack_from(">4s2I", profile, 132 + 12 * number)
            if tag in _PRIMARIES:
                found[tag] = [value / 65536 for value in struct.unpack_from(">3i", profile, start + 8)]
        primaries = [found[tag] for tag in _PRIMARIES]
    except (struct.error, KeyError):
        return None
    return tuple(zip(*primaries, strict=True))
