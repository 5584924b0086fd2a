"""Run by test_fuzz.py in a process of its own, which atheris ends itself: mutations led by what they reach.

python tests/wire/decoder_fuzzer.py CORPUS -runs=1000000
"""

import sys

import atheris

with atheris.instrument_imports(include=["impasto_wire"]):
    from impasto_wire.bands import MARK, unpack_band
    from impasto_wire.codec import FROM_ENGINE, TO_ENGINE, decode, encode
    from impasto_wire.errors import PictureError, SettingError, WireError


def decode_both_ways(frame: bytes) -> None:
    """As the engine does and as the filter does; whatever is understood must be sayable again."""
    for kinds in (TO_ENGINE, FROM_ENGINE):
        try:
            if frame[:1] == MARK:
                unpack_band(frame)
            else:
                message = decode(frame, kinds)
                assert decode(encode(message), kinds) == message
        except (WireError, SettingError, PictureError) as refusal:
            assert len(str(refusal)) < 400, "a sentence, not the attacker's own words"


atheris.Setup(sys.argv, decode_both_ways)
atheris.Fuzz()
