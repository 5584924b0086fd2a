"""A fault of the engine's own, met for one session, ends that session alone: raised from every handler in turn."""

from pathlib import Path

import pytest

from fakes.broker import OWN_KEY
from fakes.loose_broker import LooseBroker, greeted
from impasto.service.clients import Clients
from impasto.service.jobs import Jobs
from impasto.service.scheduler import Scheduler
from impasto.service.session import Session
from impasto_wire.bands import Band
from impasto_wire.codec import encode
from impasto_wire.messages import (
    AskForecast,
    AskStatus,
    Cancel,
    Credit,
    Failed,
    Keep,
    Ping,
    Submit,
    ToEngine,
)
from impasto_wire.pictures import PictureRef
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Settings

JOB = "0123456789abcdef" * 2
REF = PictureRef("a" * 64, 9, 9, 4, "u8")
SUBMIT = Submit(REF, (WeightedStyle(REF),), job=JOB, purpose="final")
MESSAGES: dict[str, tuple[type, str, ToEngine | Band]] = {
    "Submit": (Jobs, "submit", SUBMIT),
    "a band": (Jobs, "take_band", Band(JOB, REF.digest, 0, b"x")),
    "Credit": (Jobs, "credit", Credit(JOB, REF.digest, 1)),
    "Keep": (Jobs, "keep", Keep(JOB)),
    "Cancel": (Jobs, "cancel", Cancel(JOB)),
    "AskForecast": (Scheduler, "forecast", AskForecast(JOB, 9, 9, Settings())),
    "AskStatus": (Clients, "_report", AskStatus()),
    "Ping": (Session, "send_frame", Ping(1)),
}


@pytest.fixture
def broker(tmp_path: Path) -> LooseBroker:
    return greeted(tmp_path, (b"\0liar", OWN_KEY), (b"\0honest", OWN_KEY))


@pytest.mark.parametrize("name", MESSAGES)
def test_a_fault_in_a_handler_ends_that_session_alone(
    broker: LooseBroker, name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    kind, handler, message = MESSAGES[name]
    with monkeypatch.context() as patched:

        def break_down(*_: object) -> None:
            raise ZeroDivisionError("of our own")

        patched.setattr(kind, handler, break_down)
        broker.receive(b"\0liar", message)
    broker.clients.end_sessions()
    assert "of our own" in caplog.text
    assert broker.is_alive(b"\0honest")
    assert not broker.is_alive(b"\0liar")


def test_jobs_that_wait_for_one_picture_fail_without_nesting(broker: LooseBroker) -> None:
    """One job's upload turns out to be a lie; hundreds wait for the same picture, which does not fit any more."""
    for number in range(250):
        broker.receive(b"\0liar", Submit(REF, (WeightedStyle(REF),), job=f"{number:032x}", purpose="final"))
    broker.store.limit = 0  # nothing fits from now on
    broker.receive(b"\0liar", Cancel(f"{0:032x}"))
    assert len(broker.answers(b"\0liar", Failed)) == 249
    assert broker.is_alive(b"\0liar")
    assert broker.is_alive(b"\0honest")


def test_a_recipe_has_a_short_name(broker: LooseBroker) -> None:
    """It is encoded again for the worker, where letters may take more bytes than the client sent."""
    broker.receive(b"\0honest", SUBMIT)
    frame = encode(SUBMIT).replace(b'"impasto"', b'"' + "é".encode() * 20_000 + b'"')
    broker.receive(b"\0liar", frame)
    [failed] = broker.answers(b"\0liar", Failed)
    assert failed.code == "setting"
