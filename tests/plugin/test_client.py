"""The filter's client against an engine that says whatever the test wants. The real engine: tests/service."""

import queue
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TypeVar

import pytest

from fakes.engine import PATIENCE, random_pixels
from fakes.jobs import asking, events_of
from fakes.transport import ScriptedTransport
from impasto_plugin.engine import client
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.jobs import Done, Painted
from impasto_wire.bands import WINDOW, Band, pack_band, unpack_band
from impasto_wire.errors import EngineUnavailable, JobCancelled, PresetError, VersionMismatch, WireError
from impasto_wire.flow import outgoing_of
from impasto_wire.messages import (
    Accepted,
    AskForecast,
    Cancel,
    Cancelled,
    Credit,
    Failed,
    Finished,
    Hello,
    Need,
    Ping,
    Pong,
    Preview,
    Progress,
    Submit,
    Welcome,
)
from impasto_wire.pictures import PictureRef, Pixels
from impasto_wire.settings import Settings

LAYER = random_pixels(20, 10)
STYLES = [(random_pixels(8, 8), 1.0)]
RESULT = random_pixels(20, 10, channels=3, seed=5)
WELCOME = Welcome(1, "0.1.0", ("cpu",), ("vgg19",))

T = TypeVar("T")


def expect(transport: ScriptedTransport, kind: type[T]) -> T:
    """The next thing of a kind that the client sends."""
    while True:
        try:
            sent = transport.sent.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"no {kind.__name__} was sent") from None
        if isinstance(sent, kind):
            return sent


@pytest.fixture
def transport() -> ScriptedTransport:
    return ScriptedTransport()


@pytest.fixture
def engine(transport: ScriptedTransport) -> Iterator[Engine]:
    """A client that has been welcomed."""
    transport.say(WELCOME)
    with Engine(transport).wait_for_welcome(PATIENCE) as engine:
        yield engine
    assert transport.closed.is_set()


def test_a_session_begins_with_hello_and_keeps_its_lease(transport: ScriptedTransport, engine: Engine) -> None:
    assert expect(transport, Hello).protocol == 1
    first, second = expect(transport, Ping), expect(transport, Ping)
    assert second.number == first.number + 1
    assert engine.welcome == WELCOME


def test_a_version_mismatch_is_its_own_error(transport: ScriptedTransport) -> None:
    transport.say(Failed("", "version", "run the installer again"))
    with pytest.raises(VersionMismatch, match="installer"):
        Engine(transport).wait_for_welcome(PATIENCE)


def test_an_engine_that_does_not_greet_is_given_up(transport: ScriptedTransport) -> None:
    with pytest.raises(EngineUnavailable, match=r"does not answer within 0\.1 s"):
        Engine(transport).wait_for_welcome(0.1)
    assert transport.closed.is_set()


def test_pictures_are_sent_when_asked_for_and_as_far_as_allowed(transport: ScriptedTransport, engine: Engine) -> None:
    layer = random_pixels(1000, 1000)  # 8 bands
    job = engine.submit("final", asking(layer, STYLES))
    submit = expect(transport, Submit)
    assert submit.layer == layer.ref()
    transport.say(Need(job.name, layer.ref().digest, 3))
    offsets = [unpack_band(expect(transport, bytes)).offset for _ in range(3)]
    transport.say(Credit(job.name, layer.ref().digest, 100))
    received = [unpack_band(expect(transport, bytes)) for _ in range(5)]
    assert offsets + [band.offset for band in received] == [number << 19 for number in range(8)]
    transport.say(Need(job.name, "f" * 64, 3))  # a picture that it never had: nothing happens
    transport.say(Accepted(job.name, 0))
    assert job.next_event(PATIENCE) == Accepted(job.name, 0)


def deliver(transport: ScriptedTransport, message: Preview | Finished, pixels: Pixels) -> None:
    transport.say(message)
    assert expect(transport, Credit).digest == message.picture.digest
    outgoing = outgoing_of(message.job, pixels.ref(), pixels.data)
    outgoing.allow(WINDOW)
    for frame in outgoing.frames():
        transport.say(frame)


def test_previews_and_the_result_come_with_their_pixels(transport: ScriptedTransport, engine: Engine) -> None:
    job = engine.submit("final", asking(LAYER, STYLES))
    preview = random_pixels(10, 5, channels=3, seed=3)
    deliver(transport, Preview(job.name, preview.ref(), 1, 2), preview)
    painted = job.next_event(PATIENCE)
    assert painted == Painted(preview, 1, 2)
    deliver(transport, Finished(job.name, RESULT.ref(), 3.5), RESULT)
    assert list(events_of(job, PATIENCE)) == [Done(RESULT, 3.5)]


def test_who_waits_is_told_behind_how_many_until_it_is_painted(transport: ScriptedTransport, engine: Engine) -> None:
    told: queue.Queue[int] = queue.Queue()
    progress: queue.Queue[Progress] = queue.Queue()
    painted: list[Pixels] = []

    def paint() -> None:
        painted.append(engine.paint(asking(LAYER, STYLES), progress.put, on_waiting=told.put))

    painting = threading.Thread(target=paint)
    painting.start()
    job = expect(transport, Submit).job
    transport.say(Accepted(job, 2))
    while told.get(timeout=PATIENCE) != 2:
        pass
    assert told.get(timeout=PATIENCE) == 2, "again: its sentence counts the seconds down"
    transport.say(Accepted(job, 0))
    while told.get(timeout=PATIENCE) != 0:
        pass
    transport.say(Progress(job, 1, 1, 1, 5, 0.2, 1.0, None))
    progress.get(timeout=PATIENCE)
    begun = told.qsize()
    deliver(transport, Finished(job, RESULT.ref(), 3.5), RESULT)
    painting.join(PATIENCE)
    assert painted == [RESULT]
    assert told.qsize() == begun, "it was told while it was painted"


def test_a_preview_that_is_replaced_in_mid_delivery_is_forgotten(transport: ScriptedTransport, engine: Engine) -> None:
    job = engine.submit("final", asking(LAYER, STYLES))
    older, newer = (random_pixels(10, 5, channels=3, seed=seed) for seed in (3, 4))
    transport.say(Preview(job.name, older.ref(), 1, 1))
    expect(transport, Credit)
    transport.say(pack_band(Band(job.name, older.ref().digest, 0, older.data[:50])))
    deliver(transport, Preview(job.name, newer.ref(), 1, 2), newer)
    transport.say(pack_band(Band(job.name, older.ref().digest, 50, older.data[50:])))
    deliver(transport, Finished(job.name, RESULT.ref(), 1.0), RESULT)
    assert [type(event) for event in events_of(job, PATIENCE)] == [Painted, Done]


def test_of_unread_previews_and_progress_the_latest_is_kept(transport: ScriptedTransport, engine: Engine) -> None:
    job = engine.submit("final", asking(LAYER, STYLES))
    for step in (1, 2, 3):
        preview = random_pixels(4, 4, channels=3, seed=step)
        transport.say(Progress(job.name, 1, 1, step, 3, step / 3, 0.5, None))
        deliver(transport, Preview(job.name, preview.ref(), 1, step), preview)
    deliver(transport, Finished(job.name, RESULT.ref(), 1.0), RESULT)
    finished = threading.Event()
    while not finished.is_set():
        with job._changed:
            finished.set() if any(isinstance(event, Done) for event in job._events) else job._changed.wait(PATIENCE)
    events = list(events_of(job, PATIENCE))
    assert [(type(event), getattr(event, "step", None)) for event in events] == [
        (Progress, 3),
        (Painted, 3),
        (Done, None),
    ]


@pytest.mark.parametrize(
    "ref",
    [
        PictureRef("0" * 64, 21, 10, 3, "u8"),
        PictureRef("0" * 64, 20, 10, 4, "u8"),
        PictureRef("0" * 64, 20, 10, 3, "float"),
        PictureRef("0" * 64, 30_000, 30_000, 3, "u8"),
    ],
)
def test_a_result_of_another_shape_is_refused_and_cancelled(
    transport: ScriptedTransport, engine: Engine, ref: PictureRef
) -> None:
    job = engine.submit("final", asking(LAYER, STYLES))
    transport.say(Finished(job.name, ref, 1.0))
    with pytest.raises(WireError, match="another size"):
        job.next_event(PATIENCE)
    assert expect(transport, Cancel).job == job.name


def test_a_preview_larger_than_the_layer_is_refused(transport: ScriptedTransport, engine: Engine) -> None:
    job = engine.submit("final", asking(LAYER, STYLES))
    transport.say(Preview(job.name, PictureRef("0" * 64, 30_000, 30_000, 3, "u8"), 1, 1))
    with pytest.raises(WireError, match="another size"):
        job.next_event(PATIENCE)


def test_a_result_with_a_wrong_digest_is_refused(transport: ScriptedTransport, engine: Engine) -> None:
    job = engine.submit("final", asking(LAYER, STYLES))
    transport.say(Finished(job.name, RESULT.ref(), 1.0))
    transport.say(pack_band(Band(job.name, RESULT.ref().digest, 0, bytes(len(RESULT.data)))))
    with pytest.raises(WireError, match="digest"):
        job.next_event(PATIENCE)


def test_a_failed_job_raises_the_engines_error_after_its_events(transport: ScriptedTransport, engine: Engine) -> None:
    job, other = (engine.submit("final", asking(LAYER, STYLES)) for _ in range(2))
    transport.say(Accepted(job.name, 1))
    transport.say(Failed(job.name, "preset", "no such style"))
    assert job.next_event(PATIENCE) == Accepted(job.name, 1)
    for _ in range(2):
        with pytest.raises(PresetError, match="no such style"):
            job.next_event(PATIENCE)
    transport.say(Cancelled(other.name))
    with pytest.raises(JobCancelled):
        other.next_event(PATIENCE)


@pytest.mark.parametrize("noise", [b"\x00", b"{}", b'{"type": "Fetch"}', b"\x01short"])
def test_an_engine_that_talks_nonsense_ends_the_session(
    transport: ScriptedTransport, engine: Engine, noise: bytes
) -> None:
    job = engine.submit("final", asking(LAYER, STYLES))
    transport.say(noise)
    with pytest.raises(WireError):
        job.next_event(PATIENCE)
    with pytest.raises(WireError):
        engine.submit("final", asking(LAYER, STYLES))


def test_a_lost_connection_ends_every_job(transport: ScriptedTransport, engine: Engine) -> None:
    jobs = [engine.submit("thumbnail", asking(LAYER, STYLES)) for _ in range(3)]
    transport.hang_up()
    for job in jobs:
        with pytest.raises(EngineUnavailable, match="hung up"):
            job.next_event(PATIENCE)


def test_the_engines_last_words_are_heard_though_nothing_can_be_sent_any_more(
    transport: ScriptedTransport, engine: Engine
) -> None:
    job = engine.submit("final", asking(LAYER, STYLES))
    expect(transport, Submit)
    transport.is_broken.set()
    transport.say(Need(job.name, LAYER.ref().digest, 8))
    transport.say(Failed("", "unavailable", "the engine was stopped"))
    with pytest.raises(EngineUnavailable, match="was stopped"):
        job.next_event(PATIENCE)


def test_silence_is_given_up_after_a_while(transport: ScriptedTransport) -> None:
    transport.say(WELCOME)
    with Engine(transport, silence_seconds=0.3).wait_for_welcome(PATIENCE) as engine:
        job = engine.submit("final", asking(LAYER, STYLES))
        with pytest.raises(EngineUnavailable, match=r"silent for 0\.3 s"):
            job.next_event(PATIENCE)


def test_a_stall_of_ones_own_is_no_silence_of_the_engine(
    transport: ScriptedTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A laptop that slept for an hour, on a system whose clock counts that."""
    slept = [0.0]
    monkeypatch.setattr(client, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + slept[0]))
    transport.say(WELCOME)
    with Engine(transport).wait_for_welcome(PATIENCE) as engine:
        job = engine.submit("final", asking(LAYER, STYLES))
        expect(transport, Submit)
        slept[0] = 3600.0
        expect(transport, Ping)
        expect(transport, Ping)
        transport.say(Accepted(job.name, 0))
        assert job.next_event(PATIENCE) == Accepted(job.name, 0)


def test_a_question_that_is_given_up_is_cancelled(transport: ScriptedTransport, engine: Engine) -> None:
    with pytest.raises(EngineUnavailable, match="no forecast"):
        engine.forecast(640, 480, Settings(), timeout=0.05)
    question = expect(transport, AskForecast)
    assert expect(transport, Cancel).job == question.job


def test_a_sign_of_life_is_enough(transport: ScriptedTransport) -> None:
    transport.say(WELCOME)
    with Engine(transport, silence_seconds=2.0).wait_for_welcome(PATIENCE) as engine:
        job = engine.submit("final", asking(LAYER, STYLES))
        for _ in range(4):
            transport.say(Pong(expect(transport, Ping).number))  # a second apart
        assert job.next_event(0) is None


def test_cancel_ends_the_job_here_at_once_and_there_soon(transport: ScriptedTransport, engine: Engine) -> None:
    job = engine.submit("final", asking(LAYER, STYLES))
    transport.say(Accepted(job.name, 0))
    job.cancel()
    with pytest.raises(JobCancelled):
        job.next_event(0)
    assert expect(transport, Cancel).job == job.name
    transport.say(Finished(job.name, RESULT.ref(), 1.0))  # crossed on the way: nobody minds
    other = engine.submit("final", asking(LAYER, STYLES))
    transport.say(Accepted(other.name, 0))
    assert other.next_event(PATIENCE) == Accepted(other.name, 0)


def test_an_error_in_a_callback_cancels_the_job(transport: ScriptedTransport, engine: Engine) -> None:
    def answer() -> None:
        name = expect(transport, Submit).job
        transport.say(Progress(name, 1, 1, 1, 3, 0.3, 0.5, None))

    threading.Thread(target=answer, daemon=True).start()
    with pytest.raises(ZeroDivisionError):
        engine.paint(asking(LAYER, STYLES), on_progress=lambda _: 1 // 0)
    expect(transport, Cancel)


def test_events_may_be_waited_for_with_a_time_limit(engine: Engine) -> None:
    job = engine.submit("final", asking(LAYER, STYLES))
    assert job.next_event(0) is None
    assert list(events_of(job, 0.05)) == []
