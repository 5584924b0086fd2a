"""Style pictures take no more memory than they are of use, however many and however large they are."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.painting import order
from impasto.painting.order import LONGEST_STYLE, read_styles, read_styles_with_spaces
from impasto_presets import Preset
from impasto_presets.own import MOST_PIXELS, save_preset
from impasto_wire.errors import PresetInvalid
from impasto_wire.request import MAX_STYLES, WeightedStyle


def jpeg(path: Path, width: int, height: int) -> Path:
    noise = np.random.default_rng(3).integers(0, 256, (height // 8, width // 8), np.uint8)
    Image.fromarray(noise).resize((width, height)).save(path, "JPEG", quality=60)
    return path


def test_a_long_style_is_shrunk_as_the_filter_shrinks_it(tmp_path: Path) -> None:
    long = jpeg(tmp_path / "long.jpg", 6000, 600)
    (style,) = read_styles([WeightedStyle(long, 2.0)])
    assert style.picture.shape == (410, LONGEST_STYLE, 3)
    assert style.weight == 2.0
    small = jpeg(tmp_path / "small.jpg", 640, 480)
    (style,), _ = read_styles_with_spaces([WeightedStyle(small)])
    assert style.picture.shape == (480, 640, 3)


def test_many_styles_share_the_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(order, "MOST_STYLE_PIXELS", 40_000)
    styles = [WeightedStyle(jpeg(tmp_path / f"{number}.jpg", 640, 480)) for number in range(4)]
    found, _ = read_styles_with_spaces(styles)
    assert sum(style.picture.shape[0] * style.picture.shape[1] for style in found) <= 40_500


def test_a_style_of_small_files_and_huge_pictures_is_refused(tmp_path: Path) -> None:
    """A parcel of 1.4 MB could ask for 12 GB."""
    side = 8_000
    data = jpeg(tmp_path / "one.jpg", 64, 64).read_bytes()
    place = data.index(b"\xff\xc0")
    huge = data[: place + 5] + side.to_bytes(2, "big") * 2 + data[place + 9 :]
    assert MAX_STYLES * side * side > MOST_PIXELS
    with pytest.raises(PresetInvalid, match="megapixels together; at most 64 are allowed"):
        save_preset(tmp_path / "styles", Preset("huge", "Huge"), [WeightedStyle(huge)] * 4)
    assert not (tmp_path / "styles").exists()
