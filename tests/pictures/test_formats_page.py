"""docs/formats.md says what works: its table is made here by trying, format by format.

`python tests/pictures/test_formats_page.py` writes it anew.
"""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.pictures.files import PictureFile, decode_picture, encode_picture
from impasto.pictures.formats import FORMATS, WRITABLE, Format
from impasto.pictures.metadata import Metadata
from impasto.pictures.sequences import encode_sequence, open_sequence
from impasto.pictures.spaces import wide_space
from impasto_wire.errors import PictureError

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
_BEGIN, _END = "<!-- made by tests/pictures/test_formats_page.py -->\n", "<!-- end -->\n"
_PILLOW = {"JPEG 2000": "JPEG2000", "JPEG XL": "JXL"}


def table() -> str:
    """A row for each format."""
    head = (
        "format",
        "endings",
        "read",
        "written",
        "bits written",
        "colour profile",
        "alpha",
        "animation, pages",
        "pixels per inch",
    )
    rows = [head, ("---",) * len(head), *(_row(format) for format in FORMATS)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _row(format: Format) -> tuple[str, ...]:
    names = " ".join(f"`{suffix}`" for suffix in format.suffixes)
    suffix = format.suffixes[0]
    read = f"with the extra `[{format.extra}]`" if format.extra else "yes"
    if suffix not in WRITABLE:
        return (f"{format.name}", names, read, "no", "", "", "", "", "")
    found = "without loss" if _is_lossless(suffix) else "with loss"
    return (
        format.name,
        names,
        read,
        found,
        _depth(suffix),
        _profile(suffix),
        _alpha(suffix),
        _sequence(suffix),
        _per_inch(suffix),
    )


def _noise(dtype: type, channels: int) -> np.ndarray:
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    return (np.random.default_rng(1).random((40, 50, channels)) * top).astype(dtype)


def _again(picture: PictureFile, suffix: str) -> PictureFile:
    return decode_picture(encode_picture(picture, suffix), Path("again"))


def _is_lossless(suffix: str) -> bool:
    pixels = _noise(np.uint8, 3)
    return np.array_equal(_again(PictureFile(pixels), suffix).pixels, pixels)


def _depth(suffix: str) -> str:
    found = []
    for dtype, name in ((np.uint8, "8"), (np.uint16, "16"), (np.float32, "float")):
        again = _again(PictureFile(_noise(dtype, 3)), suffix).pixels
        if again.dtype == dtype:
            exact = not _is_lossless(suffix) or np.array_equal(again, _noise(dtype, 3))
            assert exact
            found.append("12" if suffix == ".avif" and name == "16" else name)
    return ", ".join(found)


def _profile(suffix: str) -> str:
    kept = _again(PictureFile(_noise(np.uint8, 3), wide_space()), suffix).profile == wide_space()
    return "kept" if kept else "converted to sRGB"


def _alpha(suffix: str) -> str:
    pixels = _noise(np.uint8, 4)
    try:
        encode_picture(PictureFile(pixels), suffix)
    except PictureError:
        pixels[..., 3] = np.where(pixels[..., 3] > 99, 255, 0)
        try:
            encode_picture(PictureFile(pixels), suffix)
        except PictureError:
            return "no"
        return "on or off"
    return "yes"


def _sequence(suffix: str) -> str:
    pictures = [PictureFile(np.full((24, 32, 3), value, np.uint8)) for value in (20, 120, 220)]
    for kind in ("frames", "pages"):
        try:
            data = encode_sequence(pictures, kind, (50, 100, 150), 0, suffix)
        except PictureError:
            continue
        again = open_sequence(data, Path(f"again{suffix}"))
        assert again is not None
        assert again.count == 3
        return kind
    return "the first"


def _per_inch(suffix: str) -> str:
    again = _again(PictureFile(_noise(np.uint8, 3), metadata=Metadata(resolution=(300, 300))), suffix)
    return "kept" if again.metadata.resolution == pytest.approx((300, 300), abs=0.1) else "no"


def page_with(rows: str) -> str:
    """The page, with that table."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    return before + _BEGIN + rows + _END + rest.partition(_END)[2]


def test_the_page_says_what_works() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_with(table()), f"run python {Path(__file__).name} to write it anew"


@pytest.mark.parametrize("format", [format for format in FORMATS if format.extra or not format.holds])
def test_what_is_only_read_is_read(format: Format) -> None:
    if format.name not in _PILLOW:
        pytest.skip("there is nothing here that writes it")
    if format.extra:
        pytest.importorskip("pillow_jxl")
    pixels = _noise(np.uint8, 3)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, _PILLOW[format.name], **({"lossless": True} if format.extra else {}))
    assert np.array_equal(decode_picture(buffer.getvalue(), Path("a")).pixels, pixels)


if __name__ == "__main__":
    PAGE.write_text(page_with(table()), encoding="utf-8")
    sys.stdout.write(table())
