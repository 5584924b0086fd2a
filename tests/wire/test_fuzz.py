"""Mutated frames through the decoder: a message, a band, or a refusal in words; never anything else, never slowly."""

import importlib.util
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from impasto_wire.bands import MARK, Band, pack_band, unpack_band
from impasto_wire.codec import FROM_ENGINE, MAX_HEADER, TO_ENGINE, decode, encode
from impasto_wire.errors import PictureError, SettingError, WireError
from impasto_wire.messages import (
    AskForecast,
    Credit,
    Failed,
    Finished,
    Hello,
    Need,
    Ping,
    Preview,
    Progress,
    Submit,
    Welcome,
)
from impasto_wire.pictures import PictureRef
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Settings

JOB, DIGEST = "0123456789abcdef" * 2, "ab" * 32
LAYER = PictureRef(DIGEST, 640, 480, 4, "u8")
MAP = PictureRef(DIGEST, 640, 480, 1, "float")
SEEDS = [
    encode(Hello(1, "filter")),
    encode(
        Submit(
            LAYER,
            (WeightedStyle(LAYER, 0.5), WeightedStyle(LAYER)),
            selection=MAP,
            detail_map=MAP,
            job=JOB,
            purpose="preview",
        )
    ),
    encode(AskForecast(JOB, 640, 480, Settings(quality="fine"))),
    encode(Credit(JOB, DIGEST, 8)),
    encode(Ping(3)),
    encode(Welcome(1, "0.1.0", ("cpu",), ("vgg19",), 2)),
    encode(Need(JOB, DIGEST, 8)),
    encode(Progress(JOB, 1, 3, 4, 60, 0.1, 1e-3, None)),
    encode(Preview(JOB, PictureRef(DIGEST, 64, 48, 3, "u8"), 1, 2)),
    encode(Finished(JOB, PictureRef(DIGEST, 64, 48, 3, "u16"), 12.5)),
    encode(Failed("", "wire", "a sentence")),
    pack_band(Band(JOB, DIGEST, 12345, b"pixels")),
]
BITS = [*(bytes([byte]) for byte in b'{}[]"-\xff\\'), b"NaN", b"1e400", b"9" * 500, b"null", b"true", b"[" * 100]
SLOWEST = 1.0


def mutated(frame: bytes, dice: random.Random) -> bytes:
    """A frame with bytes changed, put in, cut out, doubled or taken from another."""
    data = bytearray(frame)
    for _ in range(dice.randint(1, 5)):
        place = dice.randrange(len(data) + 1)
        match dice.randrange(6):
            case 0 if place < len(data):
                data[place] ^= 1 << dice.randrange(8)
            case 1:
                data[place:place] = dice.choice(BITS)
            case 2:
                del data[place : place + dice.randint(1, 16)]
            case 3:
                data[place:place] = data[place : place + dice.randint(1, 60)]
            case 4:
                other = dice.choice(SEEDS)
                cut = dice.randrange(len(other))
                data[place:] = other[cut:]
            case _:
                data[place : place + 1] = b"%d" % dice.choice((0, -1, 2**31, 2**53 + 1, 10**30))
    return bytes(data)


def fuzz(count: int) -> None:
    """Decode mutated frames as the engine and as the filter do."""
    dice = random.Random(count)
    decoded = 0
    resource = pytest.importorskip("resource", reason="only POSIX tells a process's most memory")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(count):
        frame = mutated(dice.choice(SEEDS), dice)
        begun = time.perf_counter()
        for kinds in (TO_ENGINE, FROM_ENGINE):
            try:
                message = unpack_band(frame) if frame[:1] == MARK else decode(frame, kinds)
            except (WireError, SettingError, PictureError) as refusal:
                assert len(str(refusal)) < 400, "a sentence, not the attacker's own words"
                continue
            decoded += 1
            assert isinstance(message, Band) or type(message) in kinds.values()
        assert time.perf_counter() - begun < SLOWEST
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 << 10, "KiB"
    assert decoded, "the mutations are too wild to reach the checks behind the parser"


def test_mutated_frames_are_messages_or_refused() -> None:
    fuzz(10_000)


@pytest.mark.long
@pytest.mark.timeout(2400)
def test_a_million_mutated_frames_are_messages_or_refused() -> None:
    fuzz(1_000_000)


RUNS = 1_000_000
MOST_MEMORY_MIB = 256


@pytest.mark.long
@pytest.mark.timeout(2400)
@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="atheris has no wheel for this Python")
def test_a_million_frames_that_a_fuzzer_has_thought_of_are_messages_or_refused(tmp_path: Path) -> None:
    for number, frame in enumerate(SEEDS):
        (tmp_path / str(number)).write_bytes(frame)
    limits = (f"-runs={RUNS}", "-timeout=1", f"-rss_limit_mb={MOST_MEMORY_MIB}", f"-max_len={MAX_HEADER + 100}")
    fuzzer = Path(__file__).with_name("decoder_fuzzer.py")
    done = subprocess.run([sys.executable, fuzzer, tmp_path, *limits], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {RUNS} runs" in done.stderr
