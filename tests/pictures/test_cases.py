"""Pictures from situations that people reported of programs of this kind: each comes out as it is seen."""

import io
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms, ImageOps

from impasto.pictures.files import decode_picture, encode_picture, in_space, read_picture, read_picture_header
from impasto.pictures.outputs import check_output
from impasto_wire.errors import PictureError
from samples import judge, makers
from samples.grid import CASES


def decoded_by_opencv(name: str) -> judge.Floats:
    """The samples of a 16-bit file."""
    return np.asarray(cv2.imread(str(CASES / name), cv2.IMREAD_UNCHANGED))[..., ::-1] / 65535


def seen_by_pillow(name: str) -> judge.Floats:
    """Upright and in sRGB, by Pillow's decoder and lcms."""
    with Image.open(CASES / name) as image:
        turned = ImageOps.exif_transpose(image)
        profile = image.info.get("icc_profile")
        if name == "linear16.png":  # 8 linear bits, which Pillow has of it, are too few
            linear = decoded_by_opencv(name)
            return judge.encoded(linear)
        if profile:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            turned = ImageCms.profileToProfile(turned, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
            assert turned is not None
        return np.asarray(turned.convert("RGB")) / 255


@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg", ".webp", ".avif"])
@pytest.mark.parametrize(
    "name",
    [
        "orient3-16.png", "orient6-16.png", "orient6-16.tif", "cmyk-icc.jpg", "style-cmyk.jpg", "grey-icc.png",
        "romm.tif", "linear16.png", "dpi300.jpg", "dpi300-16.png", "bigxmp.png", "anim.gif", "multi.tif",
        "photo.avif", "flat.png",
    ],
)  # fmt: skip
def test_a_case_comes_out_as_it_is_seen(name: str, suffix: str) -> None:
    colours, alpha = judge.seen_in_file(encode_picture(read_picture(CASES / name), suffix))
    expected = seen_by_pillow(name)
    assert colours.shape == expected.shape
    # Lossy formats and inks may be further off.
    loose = suffix in (".jpg", ".avif") or "cmyk" in name or name == "photo.avif"
    assert 255 * np.abs(colours - expected).mean() <= (3 if loose else 1)
    assert alpha.min() == 1


def test_samples_in_planes_are_read_in_their_order() -> None:
    picture = read_picture(CASES / "planar16.tif")
    stored = tifffile.imread(CASES / "planar16.tif")
    assert np.array_equal(picture.pixels, np.moveaxis(stored, 0, 2))


def test_premultiplied_alpha_is_divided_by_and_written_as_alpha() -> None:
    stored = tifffile.imread(CASES / "assoc16.tif").astype(np.float64)
    picture = read_picture(CASES / "assoc16.tif")
    assert np.array_equal(picture.pixels[..., 3], stored[..., 3])
    data = encode_picture(picture, ".tif")
    colours, alpha = judge.seen_in_file(data)
    assert np.abs(colours * alpha[..., None] - stored[..., :3] / 65535).mean() * 255 <= 1


@pytest.mark.parametrize("suffix", [".png", ".tif", ".jpg", ".webp", ".avif", ".bmp"])
@pytest.mark.parametrize("name", ["dpi300.jpg", "dpi300-16.png"])
def test_pixels_per_inch_are_kept(name: str, suffix: str) -> None:
    data = encode_picture(read_picture(CASES / name), suffix)
    assert judge.resolution_in_file(data) == pytest.approx((300, 300), abs=0.02)
    assert decode_picture(data, Path("again")).metadata.resolution == pytest.approx((300, 300), abs=0.02)


def test_metadata_above_a_formats_limit_is_left_out_and_told_before(tmp_path: Path) -> None:
    picture = read_picture(CASES / "bigxmp.png")
    assert len(picture.metadata.xmp or b"") > 65_536
    told = check_output(tmp_path / "a.jpg", metadata=picture.metadata)
    assert told == ["a.jpg: a JPEG can't hold the picture's XMP; left out"]
    assert decode_picture(encode_picture(picture, ".jpg"), Path("a.jpg")).metadata.xmp is None
    assert check_output(tmp_path / "a.png", metadata=picture.metadata) == []
    assert decode_picture(encode_picture(picture, ".png"), Path("a.png")).metadata.xmp == picture.metadata.xmp


def test_a_style_is_brought_into_the_contents_space() -> None:
    content, style = read_picture(CASES / "romm.tif"), read_picture(CASES / "style-cmyk.jpg")
    met = in_space(style, content.profile)
    assert met.profile == content.profile
    colours, _ = judge.seen_in_file(encode_picture(met, ".tif"))
    assert 255 * np.abs(colours - seen_by_pillow("style-cmyk.jpg")).mean() <= 3


@pytest.mark.parametrize("name", ["anim.gif", "multi.tif"])
def test_pages_are_counted(name: str) -> None:
    assert read_picture_header(CASES / name).pages == 3


def test_a_phones_photo_is_read_or_its_extra_is_named() -> None:
    data = (CASES / "photo.heic").read_bytes()
    try:
        import pi_heif  # noqa: F401
    except ImportError:
        with pytest.raises(PictureError, match="needs an extra: pip install 'gimp-impasto\\[heic\\]'"):
            decode_picture(data, Path("photo.heic"))
        return
    colours, _ = judge.seen_in_file(encode_picture(decode_picture(data, Path("photo.heic")), ".png"))
    expected = seen_by_pillow("dpi300.jpg")
    assert colours.shape == expected.shape
    assert 255 * np.abs(colours - expected).mean() <= 3


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for plugin in ("pi_heif", "pillow_jxl"):
        monkeypatch.setitem(sys.modules, plugin, None)
    jxl = b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(60)
    for data, extra in (((CASES / "photo.heic").read_bytes(), "heic"), (jxl, "jxl")):
        with pytest.raises(PictureError, match=rf"needs an extra: pip install 'gimp-impasto\[{extra}\]'"):
            decode_picture(data, Path("photo"))


def test_a_png_that_tells_its_gamma_is_read_by_it() -> None:
    linear = np.linspace(0, 65535, 24 * 16 * 3).reshape(16, 24, 3).astype(np.uint16)
    picture = decode_picture(makers.png(linear, gamma=1.0), Path("a.png"))
    colours, _ = judge.seen_in_file(encode_picture(picture, ".png"))
    assert 255 * np.abs(colours - judge.encoded(linear / 65535)).mean() <= 1
    usual = decode_picture(makers.png(linear, gamma=0.45455), Path("a.png"))
    assert np.array_equal(usual.pixels, linear)
