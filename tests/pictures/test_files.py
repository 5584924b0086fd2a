"""Pictures survive the way from file to file: depth, alpha, profile, orientation."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from impasto.pictures.files import PictureFile, read_grey, read_picture, resized
from impasto.pictures.metadata import Metadata
from impasto.pictures.outputs import check_output, write_picture
from impasto_wire.errors import PictureError

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def samples(dtype: type, channels: int) -> np.ndarray:
    white = {np.uint8: 255, np.uint16: 65535, np.float32: 1}[dtype]
    return (np.random.default_rng(0).random((12, 16, channels)) * white).astype(dtype)


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize(
    ("name", "dtype"),
    [("a.png", np.uint8), ("a.png", np.uint16), ("a.tif", np.uint8), ("a.tif", np.uint16), ("a.tif", np.float32)],
)
def test_what_is_written_is_read_again_bit_for_bit(tmp_path: Path, name: str, dtype: type, channels: int) -> None:
    pixels = samples(dtype, channels)
    write_picture(tmp_path / name, PictureFile(pixels))
    again = read_picture(tmp_path / name).pixels
    assert again.dtype == dtype
    assert np.array_equal(again, pixels)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp", "a.jpg", "a.avif"])
def test_profile_and_metadata_are_kept(tmp_path: Path, dtype: type, name: str) -> None:
    exif = Image.Exif()
    exif[0x013B], exif[0x0110] = "Käthe".encode(), "Pinhole"
    metadata = Metadata(exif.tobytes(), b"<x:xmpmeta/>", resolution=(300, 300))
    write_picture(tmp_path / name, PictureFile(samples(dtype, 3), SRGB, metadata))
    write_picture(tmp_path / name, read_picture(tmp_path / name))
    again = read_picture(tmp_path / name)
    assert again.pixels.shape == (12, 16, 3)
    assert again.profile == SRGB
    assert again.metadata.xmp == b"<x:xmpmeta/>"
    assert again.metadata.resolution == pytest.approx((300, 300), abs=0.01)
    kept = Image.Exif()
    kept.load(again.metadata.exif or b"")
    assert (kept[0x013B].encode("latin-1").decode(), kept[0x0110]) == ("Käthe", "Pinhole")


def test_sixteen_bits_into_a_jpeg_are_rounded_to_eight(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.jpg", PictureFile(np.full((12, 16, 3), 32896, np.uint16)))
    assert read_picture(tmp_path / "a.jpg").pixels.mean() == pytest.approx(128, abs=1)


def test_a_photo_is_read_the_right_way_up(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    Image.new("RGB", (20, 10)).save(tmp_path / "a.jpg", exif=exif)
    upright = read_picture(tmp_path / "a.jpg")
    assert upright.pixels.shape == (20, 10, 3)
    write_picture(tmp_path / "again.jpg", upright)  # its metadata must not turn it once more
    assert read_picture(tmp_path / "again.jpg").pixels.shape == (20, 10, 3)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "CMYK", "I;16", "F"])
def test_every_kind_of_picture_becomes_rgb(tmp_path: Path, mode: str) -> None:
    Image.new(mode, (16, 12)).save(tmp_path / "a.tif")
    assert read_picture(tmp_path / "a.tif").pixels.shape == (12, 16, 4 if mode == "LA" else 3)


def test_a_grey_picture_of_sixteen_bits_keeps_them(tmp_path: Path) -> None:
    grey = np.arange(256, dtype=np.uint16).reshape(16, 16) * 257 + 3
    assert cv2.imwrite(str(tmp_path / "a.png"), grey)
    assert np.array_equal(read_picture(tmp_path / "a.png").pixels[..., 1], grey)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_map_is_a_pictures_lightness(tmp_path: Path, dtype: type) -> None:
    pixels = samples(dtype, 3)
    pixels[0, 0], pixels[0, 1] = np.iinfo(dtype).max, 0
    write_picture(tmp_path / "a.png", PictureFile(pixels))
    grey = read_grey(tmp_path / "a.png")
    assert grey.dtype == dtype
    assert (grey[0, 0], grey[0, 1]) == (np.iinfo(dtype).max, 0)
    assert pixels[3, 3].min() <= grey[3, 3] <= pixels[3, 3].max()


def test_a_truncated_picture_is_told_in_a_sentence(tmp_path: Path) -> None:
    Image.fromarray(samples(np.uint8, 3)).resize((300, 300)).save(tmp_path / "whole.jpg")
    (tmp_path / "a.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:3000])
    with pytest.raises(PictureError, match="damaged"):
        read_picture(tmp_path / "a.jpg")


def test_a_picture_of_more_than_a_gigapixel_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (16, 16)).save(path)
    data = bytearray(path.read_bytes())
    data[16:24] = (40_000).to_bytes(4, "big") * 2
    import zlib

    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(PictureError, match="40000x40000; at most 1000 megapixels"):
        read_picture(path)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("a.jp2", "must end in"), ("a.jpg", "can't hold"), ("nowhere/a.png", "there is no folder")],
)
def test_an_output_that_cannot_be_is_told_before_the_work(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(PictureError, match=sentence):
        check_output(tmp_path / name, transparency="soft")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_resizing_keeps_the_samples_and_the_proportions(dtype: type) -> None:
    small = resized(samples(dtype, 4), 8)
    assert small.shape == (6, 8, 4)
    assert small.dtype == dtype
