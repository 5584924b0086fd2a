"""Every kind of picture in every kind of file, and how each must be seen."""

import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from impasto.pictures.vips import profile_named
from samples import judge, makers

LAYOUTS: tuple[makers.Layout, ...] = ("strip", "tile", "planar", "deflate", "lzw")
FORMATS = ("png", *(f"tif-{layout}" for layout in LAYOUTS), "jpg", "webp", "avif", "gif", "bmp", "jp2")
DEPTHS = ("8", "16", "float")
MODELS = ("grey", "rgb", "cmyk", "lab", "palette")
ALPHAS = ("none", "straight", "premultiplied")
PROFILES = ("none", "srgb", "adobe", "prophoto", "linear", "grey", "cmyk")

_GAMMAS = {"srgb": 2.19921875, "adobe": 2.19921875, "prophoto": 461 / 256, "linear": 1.0, "grey": 1.75}
"""As profiles of version 2 can say them; sRGB's primaries with a power curve stand for sRGB here."""
_COLUMNS = {"adobe": judge.ADOBE_COLUMNS, "prophoto": judge.ROMM_COLUMNS}
_TYPES: dict[str, tuple[Any, int]] = {"8": (np.uint8, 255), "16": (np.uint16, 65535), "float": (np.float32, 1)}
_CHANNELS = {"grey": 1, "rgb": 3, "cmyk": 4, "lab": 3, "palette": 1}
_PHOTOMETRIC = {
    "grey": makers.GREY, "rgb": makers.RGB, "cmyk": makers.CMYK, "lab": makers.LAB, "palette": makers.PALETTE
}  # fmt: skip
_COLOURS = 64

CASES = Path(__file__).parent.parent / "data" / "cases"
with Image.open(CASES / "cmyk-icc.jpg") as _image:
    CMYK_PROFILE: bytes = _image.info["icc_profile"]


@dataclass(frozen=True)
class Cell:
    """One kind of picture in one kind of file."""

    format: str
    depth: str
    model: str
    alpha: str
    profile: str
    orientation: int

    @property
    def suffix(self) -> str:
        """What the file's name ends in."""
        return f".{self.format.partition('-')[0]}"


@dataclass(frozen=True)
class Made:
    """A file, how it is seen upright in sRGB (colours, alpha; 0..1), and how far a copy of it may be off, of 255."""

    data: bytes
    colours: judge.Floats
    alpha: judge.Floats
    tolerance: float


def cells() -> Iterator[Cell]:
    """All of them. A palette has 8 bits, and its alpha is never premultiplied."""
    for values in itertools.product(FORMATS, DEPTHS, MODELS, ALPHAS, PROFILES, range(1, 9)):
        cell = Cell(*values)
        if cell.model != "palette" or (cell.depth == "8" and cell.alpha != "premultiplied"):
            yield cell


def holds(cell: Cell) -> bool:
    """Is there such a file? (As far as there is something here to write one.)"""
    kind = (cell.model, cell.alpha, cell.depth)
    plain = cell.profile == "none" and cell.orientation == 1
    match cell.format:
        case "png":
            return cell.model in ("grey", "rgb", "palette") and cell.alpha != "premultiplied" and cell.depth != "float"
        case "jpg":
            return cell.model in ("grey", "rgb", "cmyk") and kind[1:] == ("none", "8")
        case "webp" | "avif":
            return cell.model == "rgb" and cell.alpha != "premultiplied" and cell.depth == "8"
        case "gif":
            return cell.model == "palette" and plain
        case "bmp":
            return cell.model in ("grey", "rgb", "palette") and kind[1:] == ("none", "8") and plain
        case "jp2":
            deep_grey = kind == ("grey", "none", "16")
            flat = cell.model in ("grey", "rgb") and cell.depth == "8" and cell.alpha != "premultiplied"
            return (flat or deep_grey) and plain
        case _:
            return cell.model != "palette" or cell.alpha == "none"


def made(cell: Cell) -> Made:
    """The cell's file; where its format can't hold such a picture, a TIFF or PNG of it."""
    if holds(cell):
        return _made(cell)
    return _made(replace(cell, format="png" if (cell.model, cell.alpha) == ("palette", "straight") else "tif-deflate"))


@lru_cache(maxsize=4096)
def _made(cell: Cell) -> Made:
    kind, top = _TYPES[cell.depth]
    channels = _CHANNELS[cell.model]
    scene, alpha = _scene(channels)
    if cell.model == "palette":
        return _made_of_palette(cell, alpha)
    if cell.model == "lab":
        samples = _lab_samples(scene, cell.depth)
    else:
        samples = np.rint(scene * top).astype(kind) if top > 1 else scene.astype(kind)
    if cell.alpha != "none":
        scale = np.rint(alpha * top).astype(kind) if top > 1 else alpha.astype(kind)
        if cell.alpha == "premultiplied":
            premultiplied = samples.astype(np.float64) * (scale / top)[..., None]
            if cell.model == "lab" and top > 1:
                signed = samples.astype(np.float64)
                signed[..., 1:] = _signed(samples)[..., 1:]
                premultiplied = np.mod(np.rint(signed * (scale / top)[..., None]), top + 1)
            samples = (np.rint(premultiplied) if top > 1 else premultiplied).astype(kind)
        samples = np.concatenate([samples, scale[..., None]], axis=2)
    data, samples = _file(cell, samples)
    colours, found_alpha = _seen(cell, samples)
    is_loose = cell.model == "cmyk" or cell.suffix in (".jpg", ".avif", ".gif")
    return Made(
        data,
        judge.upright(colours, cell.orientation),
        judge.upright(found_alpha, cell.orientation),
        3.0 if is_loose else 1.0,
    )


def _scene(channels: int) -> tuple[judge.Floats, judge.Floats]:
    """24x16 numbers of each channel, 0..1, smooth and unlike in all directions; and an alpha."""
    x, y = np.meshgrid(np.linspace(0, 1, 24), np.linspace(0, 1, 16))
    planes = [0.1 + 0.8 * x, 0.15 + 0.7 * y, 0.5 + 0.4 * np.sin(3 * x + 2 * y), 0.1 + 0.3 * (x * y)]
    alpha = (1.3 - 1.2 * np.hypot(x - 0.3, y - 0.4)).clip(0, 1)
    return np.stack(planes[:channels], axis=-1), alpha


def _lab_samples(scene: judge.Floats, depth: str) -> NDArray[np.generic]:
    lightness, a, b = scene[..., 0] * 100, scene[..., 1] * 80 - 40, scene[..., 2] * 80 - 40
    if depth == "float":
        return np.stack([lightness, a, b], axis=-1).astype(np.float32)
    kind, top = _TYPES[depth]
    unit = 1 if depth == "8" else 256
    signed = np.int8 if depth == "8" else np.int16
    first = np.rint(lightness / 100 * top).astype(kind)
    rest = [np.rint(plane * unit).astype(signed).view(kind) for plane in (a, b)]
    return np.stack([first, *rest], axis=-1)


def _signed(samples: NDArray[np.generic]) -> judge.Floats:
    return samples.view(np.int8 if samples.dtype == np.uint8 else np.int16).astype(np.float64)


def _profile(name: str) -> bytes | None:
    if name == "none":
        return None
    if name == "cmyk":
        return CMYK_PROFILE
    if name == "grey":
        return makers.grey_profile(_GAMMAS["grey"])
    return makers.matrix_profile(_COLUMNS.get(name, judge.SRGB_COLUMNS), _GAMMAS[name])


def _file(cell: Cell, samples: NDArray[np.generic]) -> tuple[bytes, NDArray[np.generic]]:
    """The file's bytes, and the samples in it: a lossy encoder changes them."""
    profile = _profile(cell.profile)
    if cell.format.startswith("tif"):
        extra = {"none": makers.NO_ALPHA, "straight": makers.STRAIGHT, "premultiplied": makers.PREMULTIPLIED}
        layout = LAYOUTS[[f"tif-{layout}" for layout in LAYOUTS].index(cell.format)]
        data = makers.tiff(
            samples, _PHOTOMETRIC[cell.model], layout, extra[cell.alpha], None, profile, cell.orientation
        )
        return data, samples
    if cell.format == "png":
        return makers.png(samples, profile=profile, orientation=cell.orientation), samples
    data = _file_by_pillow(cell, samples, profile)
    if cell.format not in ("jpg", "avif"):
        return data, samples
    with Image.open(io.BytesIO(data)) as image:
        found = np.asarray(image)
    return data, found if found.ndim == 3 else found[..., None]


def _file_by_pillow(cell: Cell, samples: NDArray[np.generic], profile: bytes | None) -> bytes:
    mode = {"cmyk": "CMYK"}.get(cell.model)
    image = Image.fromarray(samples[..., 0] if samples.shape[2] == 1 else samples, mode)
    options: dict[str, Any] = {
        "jpg": {"format": "JPEG", "quality": 97, "subsampling": 0, "dpi": (300, 300)},
        "webp": {"format": "WEBP", "lossless": True, "exact": True},
        "avif": {"format": "AVIF", "quality": 95, "subsampling": "4:4:4", "speed": 9},
        "bmp": {"format": "BMP", "dpi": (300, 300)},
        "jp2": {"format": "JPEG2000"},
    }[cell.format]
    if cell.orientation != 1:
        options["exif"] = b"Exif\0\0" + makers.exif_orientation(cell.orientation)
    if profile:
        options["icc_profile"] = profile
    buffer = io.BytesIO()
    image.save(buffer, **options)
    return buffer.getvalue()


def _seen(cell: Cell, samples: NDArray[np.generic]) -> tuple[judge.Floats, judge.Floats]:
    count = _CHANNELS[cell.model]
    top = _TYPES[cell.depth][1]
    alpha = samples[..., count] / top if cell.alpha != "none" else np.ones(samples.shape[:2])
    if cell.model == "lab":
        numbers = samples[..., :3].astype(np.float64)
        if cell.depth != "float":
            numbers[..., 1:] = _signed(np.ascontiguousarray(samples[..., 1:3])) / (1 if cell.depth == "8" else 256)
            numbers[..., 0] *= 100 / top
    else:
        numbers = samples[..., :count].astype(np.float64) / top
    if cell.alpha == "premultiplied":
        numbers = numbers / np.where(alpha > 0, alpha, 1)[..., None]
        numbers = numbers if cell.model == "lab" else numbers.clip(0, 1)
    return _colours(cell, numbers), alpha


def _colours(cell: Cell, numbers: judge.Floats) -> judge.Floats:
    """A model's numbers as seen: a profile that isn't one of such samples counts as none."""
    match cell.model:
        case "lab":
            return judge.seen_lab(numbers)
        case "cmyk":
            return judge.seen_cmyk(numbers, CMYK_PROFILE if cell.profile == "cmyk" else profile_named("cmyk"))
        case "grey":
            is_own = cell.profile == "grey"
            return judge.seen_grey(numbers, _GAMMAS["grey"]) if is_own else np.repeat(numbers, 3, axis=2)
        case _:
            if cell.profile in ("none", "grey", "cmyk"):
                return numbers
            columns = _COLUMNS.get(cell.profile, judge.SRGB_COLUMNS)
            return judge.seen_rgb(numbers, columns, _GAMMAS[cell.profile])


def _made_of_palette(cell: Cell, alpha: judge.Floats) -> Made:
    scene, _ = _scene(3)
    palette = np.stack(np.meshgrid(*[np.linspace(20, 235, 4)] * 3), axis=-1).reshape(-1, 3).astype(np.int64)
    distances = np.abs(scene[:, :, None] * 255 - palette).sum(axis=3)
    indices = distances.argmin(axis=2).astype(np.uint8)[..., None]
    is_there = alpha > 0.4
    profile = _profile(cell.profile)
    if cell.alpha != "none":
        # The last entry is the one that can't be seen.
        indices[~is_there] = _COLOURS - 1
        indices[is_there & (indices[..., 0] == _COLOURS - 1)] = 0
    visibility = np.array([255] * (_COLOURS - 1) + [0])
    if cell.format.startswith("tif"):
        layout = LAYOUTS[[f"tif-{layout}" for layout in LAYOUTS].index(cell.format)]
        full = np.zeros((256, 3), np.int64)
        full[:_COLOURS] = palette
        data = makers.tiff(indices, makers.PALETTE, layout, None, full, profile, cell.orientation)
    elif cell.format == "png":
        entries = visibility if cell.alpha != "none" else None
        data = makers.png(indices, palette, entries, profile, cell.orientation)
    else:
        image = Image.fromarray(indices[..., 0], "L")
        image.putpalette(palette.astype(np.uint8).tobytes())
        buffer = io.BytesIO()
        options = {"transparency": _COLOURS - 1} if cell.alpha != "none" else {}
        image.save(buffer, {"gif": "GIF", "bmp": "BMP"}[cell.format], **options)
        data = buffer.getvalue()
    colours = _colours(cell, palette[indices[..., 0]] / 255)
    seen = (indices[..., 0] != _COLOURS - 1).astype(np.float64) if cell.alpha != "none" else np.ones(indices.shape[:2])
    return Made(data, judge.upright(colours, cell.orientation), judge.upright(seen, cell.orientation), 3.0)
