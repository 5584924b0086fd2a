"""Maps as JSON can hold them: exactly what they were, small, and never more than what they say."""

import json
import zlib
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fakes.gimp_modules  # noqa: F401  before the plug-in's modules
from impasto_plugin.image.packed import LARGEST_MAP, MOST_PACKED, packed, unpacked
from impasto_wire.pictures import Pixels


@given(st.integers(1, 40), st.integers(1, 40), st.data())
def test_a_map_comes_back_as_it_was(width: int, height: int, data: st.DataObject) -> None:
    map_ = Pixels(width, height, 1, "u8", data.draw(st.binary(min_size=width * height, max_size=width * height)))
    assert unpacked(json.loads(json.dumps(packed(map_)))) == map_


def test_a_selected_rectangle_of_24_megapixels_is_kept_exactly_in_little_room() -> None:
    rows = (bytes(1000) + b"\xff" * 4000 + bytes(1000)) * 4000
    told = packed(Pixels(6000, 4000, 1, "u8", rows))
    assert told["size"] == [6000, 4000]
    assert len(told["packed"]) < MOST_PACKED / 4


def test_the_same_map_is_the_same_object() -> None:
    told = packed(Pixels(2, 2, 1, "u8", b"abcd"))
    assert unpacked(told) is unpacked(dict(told)), "24 tries with one mask would take its memory 24 times"


def told(data: bytes, width: int = 2, height: int = 2) -> dict[str, object]:
    return {"size": [width, height], "packed": b64encode(data).decode()}


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        None,
        {"size": [2, 2]},
        {"size": 4, "packed": ""},
        told(b"nothing"),
        told(zlib.compress(b"abc")),
        told(zlib.compress(b"abcd"), 0, 4),
        told(zlib.compress(b"abcd"), LARGEST_MAP, 2),
    ],
)
def test_a_damaged_map_is_refused(damaged: object) -> None:
    with pytest.raises(ValueError, match=r".*"):
        unpacked(damaged)


def test_what_unpacks_to_more_than_it_says_takes_no_more() -> None:
    assert len(unpacked(told(zlib.compress(bytes(1 << 26)))).data) == 4
