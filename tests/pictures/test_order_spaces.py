"""Content and style meet in the content's colour space, whatever each came in."""

from pathlib import Path

import numpy as np
from PIL import ImageCms

from impasto.painting.order import Order
from impasto.pictures.files import PictureFile, encode_picture, in_space, read_picture
from impasto.request import WeightedStyle
from impasto.transfer import recipe_named
from impasto_wire.settings import Settings
from samples import judge
from samples.grid import CASES
from samples.makers import matrix_profile


def order_of(*names: str, per_inch: float | None = None) -> Order:
    pictures = [read_picture(CASES / name) for name in names]
    return Order(
        tuple(WeightedStyle(picture.pixels) for picture in pictures),
        Settings(),
        recipe_named("impasto"),
        style_profiles=tuple(picture.profile for picture in pictures),
        per_inch=per_inch,
    )


def test_every_style_is_seen_alike_in_the_contents_space() -> None:
    names = ("style-cmyk.jpg", "romm.tif", "linear16.png", "grey-icc.png")
    content = read_picture(CASES / "romm.tif")
    request = order_of(*names).request(content.pixels, profile=content.profile)
    for name, style in zip(names, request.styles, strict=True):
        own, _ = judge.seen_in_file(encode_picture(read_picture(CASES / name), ".png"))
        there, _ = judge.seen_in_file(encode_picture(PictureFile(np.asarray(style.picture), content.profile), ".png"))
        assert 255 * np.abs(own - there).mean() <= 1, name


def test_a_style_in_the_contents_own_space_stays_as_it_is() -> None:
    content = read_picture(CASES / "romm.tif")
    request = order_of("romm.tif").request(content.pixels, profile=content.profile)
    assert request.styles[0].picture is not None
    assert np.array_equal(request.styles[0].picture, content.pixels)


def test_a_style_stays_as_it_is_in_any_profile_of_srgb() -> None:
    style = read_picture(CASES / "dpi300.jpg")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert in_space(style, srgb).pixels is style.pixels
    assert in_space(style, matrix_profile(judge.ADOBE_COLUMNS, 2.2)).pixels is not style.pixels
    assert in_space(style, matrix_profile(judge.SRGB_COLUMNS, 1.8)).pixels is not style.pixels


def test_a_painting_has_its_pictures_or_its_prints_pixels_per_inch(tmp_path: Path) -> None:
    picture = read_picture(CASES / "dpi300.jpg")
    own, printed = order_of("flat.png"), order_of("flat.png", per_inch=150)
    for order, resolution in ((own, 300), (printed, 150)):
        finished = order.finished(picture, picture.pixels)
        assert judge.resolution_in_file(encode_picture(finished, ".jpg")) == (resolution, resolution)
