"""What comes out is seen as what went in: every kind of picture, in every format, through reading and writing."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from impasto.pictures.files import PictureFile, decode_picture, encode_picture
from impasto.pictures.formats import WRITABLE
from impasto_wire.errors import PictureError
from samples import judge
from samples.grid import FORMATS, Cell, Made, cells, made

_SAMPLE = 97
"""One in so many cells is tried in each run; all of them with --long. It has no factor in common with the grid."""
_LOSSY = (".jpg", ".avif", ".gif")


@dataclass
class Tally:
    """How a run over cells went."""

    seen: int = 0
    told: int = 0
    worst: float = 0
    where: object = None


def check(cell: Cell, tally: Tally) -> None:
    """The cell's picture, read and written in its format, is seen as it was; or one sentence says why not."""
    source = made(cell)
    try:
        picture = read(source.data)
    except PictureError as error:
        assert (cell.format, cell.model) == ("tif-planar", "grey"), error
        assert cell.alpha != "none"
        assert "separate planes" in str(error)
        tally.told += 1
        return
    suffix = cell.suffix
    if suffix not in WRITABLE:
        with pytest.raises(PictureError, match="must end in one of"):
            encode_picture(picture, suffix)
        tally.told += 1
        suffix = ".png"
    if not can_show_through(suffix, source):
        with pytest.raises(PictureError, match="can't hold the picture's transparency"):
            encode_picture(picture, suffix)
        tally.told += 1
        suffix = ".png"
    off = difference(source, encode_picture(picture, suffix))
    tally.seen += 1
    tolerance = max(source.tolerance, 3.0 if suffix in _LOSSY else 1.0)
    assert off <= tolerance, f"{off:.2f} of 255 off: {cell}"
    if off / tolerance > tally.worst:
        tally.worst, tally.where = off / tolerance, (off, cell)


@lru_cache(maxsize=64)
def read(data: bytes) -> PictureFile:
    return decode_picture(data, Path("picture"))


def can_show_through(suffix: str, source: Made) -> bool:
    is_opaque = bool((source.alpha > 254.5 / 255).all())
    is_hard = bool(((source.alpha > 254.5 / 255) | (source.alpha == 0)).all())
    return is_opaque or (suffix not in (".jpg", ".bmp") and (suffix != ".gif" or is_hard))


def difference(source: Made, data: bytes) -> float:
    """Mean difference, of 255, of colours where they can be seen, or of alpha, whichever is larger."""
    colours, alpha = judge.seen_in_file(data)
    assert colours.shape == source.colours.shape
    off = np.abs(colours - source.colours) * source.alpha[..., None]
    return float(255 * max(off.mean(), np.abs(alpha - source.alpha).mean()))


def of_format(format: str, step: int) -> Iterator[Cell]:
    yield from [cell for number, cell in enumerate(cells()) if number % step == 0 and cell.format == format]


def run(format: str, step: int, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    for cell in of_format(format, step):
        check(cell, tally)
    with capsys.disabled():
        print(f"\n{format}: {tally.seen} cells seen alike, {tally.told} sentences; nearest to its limit: {tally.where}")
    assert tally.seen


@pytest.mark.parametrize("format", FORMATS)
def test_a_picture_is_seen_as_it_was(format: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(format, _SAMPLE, capsys)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("format", FORMATS)
def test_every_picture_is_seen_as_it_was(format: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(format, 1, capsys)
