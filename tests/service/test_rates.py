"""How much a client may send: a flood ends its session, and what an honest filter sends is none."""

from pathlib import Path

import pytest

from fakes.engine import random_pixels
from fakes.loose_broker import LooseBroker, greeted
from impasto.service.accounts import MESSAGE_BURST, MESSAGE_BYTES, MESSAGE_RATE, OWN, Allowance
from impasto_wire.bands import MAX_BAND, WINDOW, Band
from impasto_wire.codec import MAX_HEADER
from impasto_wire.messages import Cancel, Failed, Ping, Submit
from impasto_wire.request import MAX_STYLES, WeightedStyle

ONE, OTHER = b"\0one", b"\0other"
JOB, DIGEST = "0123456789abcdef" * 2, "ab" * 32
LONG_PING = b'{"type": "Ping", "number": 1, "x": "' + b"x" * (MAX_HEADER - 100) + b'"}'


@pytest.fixture
def broker(tmp_path: Path) -> LooseBroker:
    return greeted(tmp_path, (ONE, "one"), (OTHER, "other"), store_bytes=1 << 30)


def limits_told(broker: LooseBroker, client: bytes) -> list[Failed]:
    return [failed for failed in broker.answers(client, Failed) if failed.code == "limit"]


def test_an_allowance_grows_again_and_never_beyond_a_burst() -> None:
    allowance = Allowance()
    assert allowance.take(MESSAGE_BURST - MESSAGE_BYTES, 1000.0)
    assert not allowance.take(0, 1000.0)
    assert allowance.take(MESSAGE_RATE - MESSAGE_BYTES, 1001.0)
    assert not allowance.take(MESSAGE_BURST, 2000.0)


@pytest.mark.parametrize("frame", [LONG_PING, Band(JOB, DIGEST, 0, bytes(MAX_BAND))], ids=["long messages", "bands"])
def test_a_flood_ends_its_session_with_a_sentence_and_nobody_elses(broker: LooseBroker, frame: bytes | Band) -> None:
    for _ in range(2 * MESSAGE_BURST // MAX_HEADER):
        broker.receive(ONE, frame, "one")
        if limits_told(broker, ONE):
            break
    broker.clients.end_sessions()
    assert "4 MiB a second" in limits_told(broker, ONE)[0].message
    broker.receive(ONE, Ping(1), "one")
    assert broker.answers(ONE, Failed)[-1].code == "unavailable", "the session is over"
    broker.receive(ONE, frame, "one")
    broker.receive(ONE, frame, "one")
    assert broker.frontend.hung_up, "whoever goes on without a session loses the connection"
    broker.receive(OTHER, Ping(7), "other")
    assert not broker.answers(OTHER, Failed)


def test_an_honest_batch_at_one_moment_is_no_flood(broker: LooseBroker) -> None:
    styles = tuple(WeightedStyle(random_pixels(1, 1, seed=number).ref()) for number in range(MAX_STYLES))
    for number in range(OWN.jobs):
        broker.receive(ONE, Submit(styles[0].picture, styles, job=f"{number:032x}", purpose="final"), "one")
    for number in range(1000):
        broker.receive(ONE, Ping(number), "one")
    assert not broker.answers(ONE, Failed)


def test_bands_with_credit_are_no_flood_even_if_their_job_is_over(broker: LooseBroker) -> None:
    styles = tuple(WeightedStyle(random_pixels(1, 1, seed=number).ref()) for number in range(MAX_STYLES))
    broker.receive(ONE, Submit(styles[0].picture, styles, job=JOB, purpose="final"), "one")
    broker.receive(ONE, Cancel(JOB), "one")
    band = Band(JOB, DIGEST, 0, bytes(MAX_BAND))
    credit = MAX_STYLES * WINDOW
    assert credit * MAX_BAND > 2 * MESSAGE_BURST
    for _ in range(credit):
        broker.receive(ONE, band, "one")
    assert not broker.answers(ONE, Failed)
    for _ in range(2 * MESSAGE_BURST // MAX_BAND):
        broker.receive(ONE, band, "one")
    assert limits_told(broker, ONE)
