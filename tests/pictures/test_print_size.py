"""Sizes as a person says them."""

import pytest

from impasto.pictures.print_size import PrintSize, enlargement, parse_size
from impasto_wire.errors import SettingError


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1800", PrintSize(1800)),
        ("30cm@300dpi", PrintSize(3543, 300)),
        ("300 mm @ 300 ppi", PrintSize(3543, 300)),
        ("10in@150dpi", PrintSize(1500, 150)),
        ("29.7CM@72.5DPI", PrintSize(848, 72.5)),
    ],
)
def test_a_size_is_pixels_or_a_prints_long_side(text: str, size: PrintSize) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["30cm", "30@300", "cm@dpi", "", "0x10", "3e3", "-5", "1mm@10dpi", "99m@300dpi", "9" * 30]
)
def test_anything_else_gets_a_sentence(text: str) -> None:
    with pytest.raises(SettingError, match=r"^size is "):
        parse_size(text)


def test_an_enlargement_is_named() -> None:
    assert enlargement("a.png", 1000, 1772, 3543) == ["a.png is enlarged 2 times, from 1772 to 3543 pixels"]
    assert enlargement("a.png", 1000, 1772, 1772) == enlargement("a.png", 1, 1, None) == []
