"""What a client with a valid key but bad intentions can send: the engine refuses it in a sentence and goes on."""

import json
import random
from dataclasses import replace

import psutil
import pytest

from fakes.engine import IS_WINDOWS, EngineHome, RawClient, random_pixels, wait_for
from impasto.service.accounts import OWN
from impasto.service.broker import MOST_MEMORY
from impasto_wire import PROTOCOL
from impasto_wire.bands import MAX_BAND, Band, pack_band
from impasto_wire.codec import MAX_HEADER, encode
from impasto_wire.errors import EngineUnavailable
from impasto_wire.messages import Failed, Finished, Hello, Need, Ping, Submit
from impasto_wire.pictures import PictureRef
from impasto_wire.request import WeightedStyle

JOB = "0123456789abcdef" * 2
PICTURE = random_pixels(20, 20, seed=99)
REF = PICTURE.ref()
SUBMIT = Submit(REF, (WeightedStyle(REF),), job=JOB, purpose="final")
MUTATIONS = 2_000
LONG_MUTATIONS = 50_000


def changed(**fields: object) -> bytes:
    """A Submit with fields that its dataclass would never let through."""
    return json.dumps({**json.loads(encode(SUBMIT)), **fields}).encode()


def layer(**fields: object) -> dict[str, object]:
    return {**json.loads(encode(SUBMIT))["layer"], **fields}


def assert_answers(client: RawClient) -> None:
    client.ping(42, seconds=1.0)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"", "wire"),
        (b"\x00\xff", "wire"),
        (b"{}", "wire"),
        (b"[]", "wire"),
        (b'{"type": "Fetch"}', "wire"),
        (b'{"type": "Welcome", "protocol": 1, "version": "", "devices": [], "backbones": []}', "wire"),
        (b'{"type": "Ping", "number": NaN}', "wire"),
        (b'{"type": "Ping", "number": 1e999}', "wire"),
        (b'{"type": "Ping", "number": ' + b"9" * 5000 + b"}", "wire"),
        (b'{"type": "Ping", "number": 1, "number": 2}', "wire"),
        (b"[" * 50_000, "wire"),
        (b'{"type": "Ping", "number": 1, "x": "' + b"x" * MAX_HEADER + b'"}', "wire"),
        (changed(settings={"strength": 7}), "setting"),
        (changed(settings={"strength": "high"}), "setting"),
        (changed(purpose="mischief"), "wire"),
        (changed(job="../../etc/passwd"), "wire"),
        (changed(styles=[]), "picture"),
        (changed(styles=[{"picture": layer(), "weight": -1}]), "picture"),
        (changed(layer=layer(digest="../../../etc/passwd")), "picture"),
        (changed(layer=layer(digest="A" * 64)), "picture"),
        (changed(layer=layer(width=0)), "picture"),
        (changed(layer=layer(width=-5, height=-5)), "picture"),
        (changed(layer=layer(width=100_000, height=100_000)), "picture"),
        (changed(layer=layer(width=31_000, height=31_000, samples="float", digest="c" * 64)), "picture"),
        (changed(layer=layer(channels=3)), "picture"),
        (changed(layer=layer(samples="f64")), "wire"),
        (changed(selection=layer(channels=1, width=5)), "picture"),
        (pack_band(Band(JOB, REF.digest, 0, b"x"))[:20], "wire"),
        (pack_band(Band(JOB, REF.digest, 0, bytes(MAX_BAND))) + b"x", "wire"),
        (encode(Hello(PROTOCOL, "again")), "wire"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:30]),
)
def test_what_breaks_the_protocol_is_refused_in_a_sentence(home: EngineHome, frame: bytes, code: str) -> None:
    with RawClient.of(home) as client:
        client.send(frame)
        failed = client.expect(Failed)
        assert failed.code == code
        assert failed.message
        assert_answers(client)


def test_a_refused_job_is_named_in_the_answer(home: EngineHome) -> None:
    with RawClient.of(home) as client:
        client.send(changed(settings={"strength": 7}))
        assert client.expect(Failed).job == JOB


def test_another_protocol_is_told_to_run_the_installer(home: EngineHome) -> None:
    with RawClient.of(home, hello=False) as client:
        client.send(Hello(PROTOCOL + 1, "from the future"))
        failed = client.expect(Failed)
        assert failed.code == "version"
        assert "run the installer again" in failed.message


def test_nothing_works_before_hello(home: EngineHome) -> None:
    with RawClient.of(home, hello=False) as client:
        client.send(SUBMIT)
        assert client.expect(Failed).code == "unavailable"
        client.send(pack_band(Band(JOB, REF.digest, 0, b"x")))
        assert client.expect(Failed).code == "wire"
    if IS_WINDOWS:  # where ZeroMQ would end the engine if a connection of its own were shut down
        return
    with RawClient.of(home, hello=False) as client, pytest.raises(EngineUnavailable):
        for _ in range(3):
            client.send(SUBMIT)
            client.expect(Failed)


def test_a_message_beyond_the_limit_ends_the_connection(home: EngineHome) -> None:
    with RawClient.of(home) as client, pytest.raises(EngineUnavailable):
        client.send(b"\x01" + bytes(3 << 20))
        client.expect(Failed)


def test_a_digest_that_does_not_match_fails_and_is_not_kept(home: EngineHome) -> None:
    with RawClient.of(home) as client:
        client.send(SUBMIT)
        client.expect(Need)
        client.send(pack_band(Band(JOB, REF.digest, 0, bytes(REF.size))))
        failed = client.expect(Failed)
        assert (failed.job, failed.code) == (JOB, "wire")
        client.send(SUBMIT)
        assert client.expect(Need).digest == REF.digest, "it must ask again"


def test_more_bytes_than_announced_are_refused(home: EngineHome) -> None:
    with RawClient.of(home) as client:
        client.send(SUBMIT)
        client.expect(Need)
        client.send(pack_band(Band(JOB, REF.digest, 0, bytes(REF.size + 1))))
        assert client.expect(Failed).code == "wire"


def test_a_held_picture_with_another_size_is_a_lie(home: EngineHome) -> None:
    with RawClient.of(home) as client:
        client.send(SUBMIT)
        while not isinstance(message := client.receive(), Finished):
            if isinstance(message, Need):
                client.send(pack_band(Band(JOB, REF.digest, 0, PICTURE.data)))
        lie = PictureRef(REF.digest, 200, 200, 4, "u8")
        client.send(replace(SUBMIT, job="f" * 32, layer=lie))
        failed = client.expect(Failed)
        assert (failed.job, failed.code) == ("f" * 32, "picture")


def test_a_client_cannot_pile_up_jobs_without_end(home: EngineHome) -> None:
    with RawClient.of(home) as client:
        for number in range(OWN.jobs + 1):
            if number % 100 == 0:
                client.ping(number)
            client.send(replace(SUBMIT, job=f"{number:032x}", layer=PictureRef("e" * 64, 5, 5, 4, "u8")))
        failed = client.expect(Failed)
        assert (failed.job, failed.code) == (f"{OWN.jobs:032x}", "limit")
        assert str(OWN.jobs) in failed.message
        assert_answers(client)


def test_a_job_is_submitted_once(home: EngineHome) -> None:
    wait_for(lambda: home.log().count("begins") == home.log().count(" ends\n"), "the end of this key's other jobs")
    with RawClient.of(home) as client:
        first = replace(SUBMIT, layer=PictureRef("d" * 64, 5, 5, 4, "u8"))
        client.send(first)
        client.send(first)
        assert client.expect(Failed).job == "", "the first one goes on"
        assert_answers(client)


def mutated(frame: bytes, dice: random.Random) -> bytes:
    """A frame with a few bytes changed, cut out or doubled."""
    data = bytearray(frame)
    for _ in range(dice.randint(1, 4)):
        place = dice.randrange(len(data) or 1)
        match dice.randrange(4):
            case 0 if data:
                data[place % len(data)] = dice.randrange(256)
            case 1:
                data[place:place] = dice.randbytes(dice.randint(1, 8))
            case 2:
                del data[place : place + dice.randint(1, 8)]
            case _:
                data[place:place] = data[place : place + dice.randint(1, 40)]
    return bytes(data)


def attack(home: EngineHome, count: int) -> None:
    """Send mutated frames to the live engine: it keeps answering, in bounded memory."""
    dice = random.Random(count)
    frames = [
        encode(SUBMIT),
        encode(Ping(1)),
        encode(Hello(PROTOCOL, "x")),
        pack_band(Band(JOB, REF.digest, 0, b"abc")),
    ]
    broker = psutil.Process(home.pid())
    sent = 0
    while sent < count:
        with RawClient.of(home) as client:
            for _ in range(min(50, count - sent)):
                client.send(mutated(dice.choice(frames), dice))
                sent += 1
            assert_answers(client)
        assert broker.memory_info().rss < MOST_MEMORY


def test_mutated_frames_do_not_stop_the_live_engine(home: EngineHome) -> None:
    attack(home, MUTATIONS)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_many_mutated_frames_do_not_stop_the_live_engine(home: EngineHome) -> None:
    attack(home, LONG_MUTATIONS)
