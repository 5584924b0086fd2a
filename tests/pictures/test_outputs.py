"""Where paintings are written: whole or not at all, and never lost."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.pictures import outputs
from impasto.pictures.files import PictureFile, decode_picture, read_picture
from impasto.pictures.metadata import Metadata, exif_from
from impasto.pictures.outputs import check_output, write_output, write_picture
from impasto_wire.errors import PictureError
from samples.grid import CASES

PICTURE = PictureFile(np.full((16, 16, 3), 99, np.uint8))


def kept_in(error: PictureError) -> Path:
    """Where the sentence says that the painting is."""
    return Path(str(error).partition("kept as ")[2].partition(";")[0])


@pytest.mark.parametrize("name", ["gone/a.png", "folder.png", f"{'long' * 70}.png"])
def test_a_painting_whose_place_fails_is_kept_elsewhere_and_the_sentence_says_where(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(PictureError, match=r"can't be written .*; the painting is kept as ") as caught:
        write_picture(tmp_path / name, PICTURE)
    kept = kept_in(caught.value)
    assert np.array_equal(read_picture(kept).pixels, PICTURE.pixels)
    kept.unlink()


def test_a_painting_that_its_format_refuses_is_kept_as_a_tiff(tmp_path: Path) -> None:
    glass = PictureFile(np.full((16, 16, 4), 99, np.uint8))
    with pytest.raises(PictureError, match="can't hold the picture's transparency") as caught:
        write_picture(tmp_path / "a.jpg", glass)
    kept = kept_in(caught.value)
    assert kept.suffix == ".tif"
    assert np.array_equal(read_picture(kept).pixels, glass.pixels)


@pytest.mark.parametrize(
    ("name", "size", "sentence"),
    [
        ("a.webp", (16_384, 9), "a WebP has at most 16383 pixels a side"),
        ("a.jpg", (9, 65_501), "a JPEG has at most 65500 pixels a side"),
        ("a.avif", (16_385, 9), "an AVIF has at most 16384 pixels a side"),
        ("a.bmp", (40_000, 9), "a BMP has at most 32767 pixels a side"),
        ("a.gif", (70_000, 9), "a GIF has at most 65535 pixels a side"),
    ],
)
def test_a_formats_largest_side_is_known(tmp_path: Path, name: str, size: tuple[int, int], sentence: str) -> None:
    with pytest.raises(PictureError, match=sentence):
        check_output(tmp_path / name, size)


@pytest.mark.parametrize(("suffix", "side"), [(".webp", 16_383), (".jpg", 65_500), (".avif", 16_384), (".gif", 65_535)])
def test_what_is_just_within_a_limit_is_written(tmp_path: Path, suffix: str, side: int) -> None:
    check_output(tmp_path / f"a{suffix}", (side, 8))
    write_picture(tmp_path / f"a{suffix}", PictureFile(np.zeros((8, side, 3), np.uint8)))
    assert read_picture(tmp_path / f"a{suffix}").size == (side, 8)


@pytest.mark.parametrize("size", [59_900, 60_000, 60_001, 65_600])
def test_metadata_near_a_jpegs_limit_is_kept_or_left_out_as_was_said(tmp_path: Path, size: int) -> None:
    metadata = Metadata(xmp=b"<x:xmpmeta>" + b" " * (size - 23) + b"</x:xmpmeta>")
    told = check_output(tmp_path / "a.jpg", metadata=metadata)
    write_picture(tmp_path / "a.jpg", PictureFile(PICTURE.pixels, metadata=metadata))
    kept = read_picture(tmp_path / "a.jpg").metadata.xmp
    assert (kept is None) == bool(told)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif"])
def test_exif_near_a_limit_is_kept_or_left_out_as_was_said(tmp_path: Path, suffix: str) -> None:
    for length in (64_900, 66_000):
        exif = Image.Exif()
        exif[0x010E] = "x" * length
        metadata = Metadata(exif.tobytes())
        path = tmp_path / f"a{suffix}"
        told = check_output(path, metadata=metadata)
        write_picture(path, PictureFile(PICTURE.pixels, metadata=metadata))
        found = exif_from(read_picture(path).metadata.exif)
        assert (found.get(0x010E) is None) == bool(told), length


def test_iptc_is_kept_in_its_own_format_and_named_where_it_is_left_out(tmp_path: Path) -> None:
    records = b"\x1c\x02\x78\x00\x05Hello"
    block = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + len(records).to_bytes(4, "big") + records
    for name, iptc in (("a.jpg", block), ("a.tif", records + b"\0" * 2)):
        metadata = Metadata(iptc=iptc)
        assert check_output(tmp_path / name, metadata=metadata) == []
        write_picture(tmp_path / name, PictureFile(PICTURE.pixels, metadata=metadata))
        found = read_picture(tmp_path / name).metadata.iptc
        assert found is not None
        assert found.startswith(iptc[:20])
        assert check_output(tmp_path / "a.png", metadata=metadata) == [
            "a.png: a PNG can't hold the picture's IPTC; left out"
        ]


def test_writers_of_one_file_never_mix(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    pieces = [bytes([number]) * 300_000 for number in range(6)]
    writers = [threading.Thread(target=write_output, args=(path, piece)) for piece in pieces]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert path.read_bytes() in pieces
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", sorted(path.name for path in CASES.iterdir() if path.suffix != ".md"))
def test_a_file_that_ends_anywhere_gets_a_sentence_or_its_picture(name: str) -> None:
    data = (CASES / name).read_bytes()
    for share in (0.002, 0.02, 0.3, 0.7, 0.98):
        try:
            decode_picture(data[: int(len(data) * share)], Path(name))
        except PictureError as error:
            assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        b"%PDF-1.4",
        b"",
        b"#VRML",
        b"\x08\xf2\xa6\xb6" * 99,
    ],
)
def test_other_loaders_of_libvips_are_never_asked(data: bytes) -> None:
    with pytest.raises(PictureError, match="is not a picture; PNG, TIFF, JPEG"):
        decode_picture(data, Path("a.png"))


def test_nothing_is_kept_where_nothing_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs, "_other_folders", lambda path: iter([tmp_path / "gone.png" / "x"]))
    (tmp_path / "gone.png").write_bytes(b"")
    with pytest.raises(PictureError, match="check the folder and start again"):
        write_picture(tmp_path / "nowhere" / "a.png", PICTURE)
