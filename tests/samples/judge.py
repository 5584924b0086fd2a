"""How files are seen, by formulas and by decoders that have no part in the reader under test: everything in sRGB."""

import io
import struct
from functools import lru_cache

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, ImageCms

Floats = NDArray[np.float64]

SRGB_COLUMNS = np.array(
    [[0.4360, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7142]]  # to D50
)
ADOBE_COLUMNS = np.array([[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7446]])
ROMM_COLUMNS = np.array([[0.7977, 0.1352, 0.0313], [0.2880, 0.7119, 0.0001], [0.0, 0.0, 0.8249]])
_D50 = np.array([0.9642, 1.0, 0.8249])


def encoded(linear: Floats) -> Floats:
    """sRGB's curve, of what fits into its gamut."""
    linear = linear.clip(0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def seen_rgb(device: Floats, columns: NDArray[np.float64], gamma: float) -> Floats:
    """Numbers of an RGB space with a power curve, in sRGB."""
    return encoded(device**gamma @ (np.linalg.inv(SRGB_COLUMNS) @ columns).T)


def seen_grey(device: Floats, gamma: float) -> Floats:
    """Numbers ``(H, W, 1)`` of a grey space with a power curve, in sRGB."""
    return np.repeat(encoded(device**gamma), 3, axis=2)


def seen_lab(lab: Floats) -> Floats:
    """CIE L*a*b* under D50, in sRGB."""
    middle = (lab[..., 0] + 16) / 116
    roots = np.stack([middle + lab[..., 1] / 500, middle, middle - lab[..., 2] / 200], axis=-1)
    xyz = np.where(roots > 6 / 29, roots**3, (roots - 4 / 29) * 3 * (6 / 29) ** 2) * _D50
    return encoded(xyz @ np.linalg.inv(SRGB_COLUMNS).T)


def seen_cmyk(device: Floats, profile: bytes) -> Floats:
    """Numbers of a printer, 1 full ink, in sRGB: by lcms, with the intent that the profile's header names."""
    picture = Image.fromarray(np.rint(device * 255).astype(np.uint8), "CMYK")
    found = ImageCms.applyTransform(picture, _printed(profile))
    assert found is not None
    return np.asarray(found) / 255


@lru_cache(maxsize=4)
def _printed(profile: bytes) -> ImageCms.ImageCmsTransform:
    (intent,) = struct.unpack_from(">I", profile, 64)
    return ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(io.BytesIO(profile)),
        ImageCms.createProfile("sRGB"),
        "CMYK",
        "RGB",
        ImageCms.Intent(intent),
        ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def seen_in_file(data: bytes) -> tuple[Floats, Floats]:
    """Colours in sRGB ``(H, W, 3)`` and alpha ``(H, W)`` of an RGB file that must lie upright; 0..1."""
    samples, profile, orientation = _decoded(data)
    assert orientation in (None, 1), "viewers would turn it once more"
    colours = samples[..., :3]
    if profile is not None:
        colours = _through(profile, colours)
    return colours, samples[..., 3] if samples.shape[2] == 4 else np.ones(samples.shape[:2])


def _decoded(data: bytes) -> tuple[Floats, bytes | None, int | None]:
    if data[:4] == b"II*\0":
        page = tifffile.TiffFile(io.BytesIO(data)).pages[0]
        assert isinstance(page, tifffile.TiffPage)
        if page.dtype == np.float32:
            pixels = np.asarray(page.asarray(), np.float64)
            return pixels, _value(page, 34675), _value(page, 274)
        assert page.dtype is not None
        if page.samplesperpixel == 4:
            assert _value(page, 338) in ((2,), 2), "alpha that isn't named as such"
    with Image.open(io.BytesIO(data)) as image:
        orientation = image.getexif().get(274)
        profile = image.info.get("icc_profile")
        found = np.asarray(image.convert("RGBA" if image.has_transparency_data else "RGB")) / 255
        return found, profile, orientation


def _value(page: tifffile.TiffPage, tag: int) -> object:
    return page.tags[tag].value if tag in page.tags else None


def _through(profile: bytes, device: Floats) -> Floats:
    """A matrix profile's formula."""
    assert profile[16:20] == b"RGB ", "a profile that doesn't fit the samples"
    (count,) = struct.unpack_from(">I", profile, 128)
    tags = {}
    for number in range(count):
        tag, start, size = struct.unpack_from(">4s2I", profile, 132 + 12 * number)
        tags[tag] = profile[start : start + size]
    columns = np.array([struct.unpack_from(">3i", tags[tag], 8) for tag in (b"rXYZ", b"gXYZ", b"bXYZ")]).T / 65536
    linear = np.stack(
        [_curve(tags[tag], device[..., place]) for place, tag in enumerate((b"rTRC", b"gTRC", b"bTRC"))], axis=-1
    )
    return encoded(linear @ (np.linalg.inv(SRGB_COLUMNS) @ columns).T)


def _curve(tag: bytes, values: Floats) -> Floats:
    if tag[:4] == b"para":
        (kind,) = struct.unpack_from(">H", tag, 8)
        assert kind == 3
        gamma, a, b, c, d = (part / 65536 for part in struct.unpack_from(">5i", tag, 12))
        return np.where(values >= d, (a * values + b) ** gamma, c * values)
    (count,) = struct.unpack_from(">I", tag, 8)
    table = np.frombuffer(tag, ">u2", count, 12)
    if count <= 1:
        return values ** (table[0] / 256 if count else 1.0)
    return np.interp(values, np.linspace(0, 1, count), table / 65535)


def resolution_in_file(data: bytes) -> tuple[float, float] | None:
    """Pixels per inch that a file tells, by its own tag or by EXIF."""
    with Image.open(io.BytesIO(data)) as image:
        exif = image.getexif()
        found = image.info.get("dpi") or ((exif[282], exif[283]) if 282 in exif else None)
        return found and (float(found[0]), float(found[1]))


def upright(stored: NDArray[np.generic], orientation: int) -> NDArray[np.generic]:
    """A picture turned as EXIF's number says: what is stored as rows and columns, as it is seen."""
    turned = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: p[::-1].swapaxes(0, 1),
        7: lambda p: p[::-1, ::-1].swapaxes(0, 1),
        8: lambda p: p[:, ::-1].swapaxes(0, 1),
    }
    return turned[orientation](stored)


def samples_by_pillow(data: bytes) -> tuple[NDArray[np.generic], str]:
    """What a lossy encoder has made of the samples, as stored; and Pillow's mode."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image), image.mode
