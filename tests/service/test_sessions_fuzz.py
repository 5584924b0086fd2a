"""Whole sessions, several at a time, in any order of messages: the engine answers what the protocol says, once."""

import itertools
import json
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from fakes.engine import EngineHome, RawClient, random_pixels, wait_for
from fakes.jobs import assert_engine_is_well
from fakes.painter import slow
from impasto_wire import PROTOCOL
from impasto_wire.bands import WINDOW, Band, pack_band
from impasto_wire.codec import encode
from impasto_wire.connection import Connection, read_connection
from impasto_wire.flow import Incoming, collect
from impasto_wire.messages import (
    Accepted,
    AskForecast,
    Cancel,
    Cancelled,
    Credit,
    Failed,
    Finished,
    Forecasted,
    Hello,
    Keep,
    Need,
    Ping,
    Pong,
    Preview,
    Progress,
    Submit,
    Welcome,
)
from impasto_wire.pictures import PictureRef, Pixels
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Purpose, Settings

from .promise import free_port, inverted

PICTURES = [random_pixels(20 + number, 9, seed=number) for number in range(5)]
BY_DIGEST = {picture.ref().digest: picture for picture in PICTURES}
PURPOSES: tuple[Purpose, ...] = ("final", "preview", "thumbnail")
GARBAGE = [
    b"",
    b"{}",
    b"\x00\xff",
    b"[" * 50_000,
    b'{"type": "Fetch"}',
    b'{"type": "Ping", "number": NaN}',
    b'{"type": "Ping", "number": 1, "number": 2}',
    b'{"type": "Welcome", "protocol": 1, "version": "", "devices": [], "backbones": []}',
    b"\x01" + bytes(40),
    encode(Hello(PROTOCOL, "again")),
]

MOST_JOBS = 256
"""Of a paired client, as PROTOCOL.md says."""

Ending = Finished | Failed | Cancelled


@dataclass
class Job:
    """A job as its client should see it."""

    submit: Submit
    may_fail: bool = False
    """Was something wrong with it, or was the painter killed?"""
    may_be_cancelled: bool = False
    is_spoilt: bool = False
    """Was a wrong band sent for it? When it has failed, its name is free again."""
    ending: Ending | None = None
    is_cancelled_too: bool = False
    """Was it cancelled after it was finished?"""
    needs: dict[str, int] = field(default_factory=dict)
    """How many bands of a picture, by its digest, the engine can take now."""
    sent: dict[str, int] = field(default_factory=dict)
    """How many bytes of it have been sent."""
    result: Incoming | None = None
    parts: list[memoryview] = field(default_factory=list)
    credit: int = 0
    """How many more bands of the result may come."""

    @property
    def is_lie(self) -> bool:
        """Does nobody have its layer?"""
        return self.submit.layer.digest not in BY_DIGEST


class Client:
    """One session, and all that may come in it."""

    def __init__(self, connection: Connection) -> None:
        self.line = RawClient(connection)
        self.jobs: dict[str, Job] = {}
        self.questions: set[str] = set()
        self.pings: deque[int] = deque()
        self.numbers = itertools.count(1)
        self.pinged = time.monotonic()
        self.refusals = 0
        """How many answers must come that name no job."""

    def ping(self) -> None:
        self.pings.append(next(self.numbers))
        self.pinged = time.monotonic()
        self.line.send(Ping(self.pings[-1]))

    def pump(self) -> None:
        """Take whatever has come. Fails at what must not come."""
        if time.monotonic() - self.pinged > 1.0:
            self.ping()
        while (message := self.line.receive(0.001)) is not None:
            self._take(message)

    def settle(self) -> None:
        """Wait until every ping is answered: then everything before it is, too."""
        self.ping()

        def is_answered() -> bool:
            self.pump()
            return not self.pings

        wait_for(is_answered, "the answer to a ping")
        assert self.refusals == 0, "messages that break the protocol were not answered"

    def _take(self, message: Any) -> None:
        match message:
            case Welcome() | Pong(number=0):
                return
            case Pong(number=number):
                assert number == self.pings.popleft(), "pings are answered once, in order"
            case Failed(job="", code=code):
                assert code != "unavailable", f"the session ended: {message}"
                self.refusals -= 1
                assert self.refusals >= 0, f"refused what was right: {message}"
            case Forecasted(job=name) | Failed(job=name) if name in self.questions:
                self.questions.remove(name)
            case _:
                assert message.job in self.jobs, f"of another's job: {message}"
                self._take_for(self.jobs[message.job], message)

    def _take_for(self, job: Job, message: Any) -> None:
        match message:
            case Need(digest=digest, bands=bands):
                assert job.ending is None
                job.needs[digest], job.sent[digest] = bands, 0
            case Credit(digest=digest, bands=bands):
                job.needs[digest] = job.needs.get(digest, 0) + bands
            case Accepted() | Progress() | Preview():
                assert job.ending is None or job.may_be_cancelled, f"after the end: {message}"
            case Band():
                if job.result and message.digest == job.result.ref.digest:
                    job.credit -= 1
                    assert job.credit >= 0, "more bands than were allowed"
                    job.result.take(message)
            case Finished() | Failed() | Cancelled():
                self._end(job, message)

    def _end(self, job: Job, message: Ending) -> None:
        job.needs.clear()
        if isinstance(job.ending, Finished) and isinstance(message, Cancelled) and job.may_be_cancelled:
            assert not job.is_cancelled_too
            job.is_cancelled_too = True
            return
        assert job.ending is None, f"ended twice: {job.ending}, {message}"
        job.ending = message
        if isinstance(message, Failed):
            assert job.may_fail, message
        elif isinstance(message, Cancelled):
            assert job.may_be_cancelled, message
        else:
            assert not job.is_lie
            job.result, job.parts = collect(message.picture)

    def submit(self, submit: Submit, **said: bool) -> None:
        """Submit a job that isn't refused at once for its name."""
        if submit.purpose == "preview":
            for job in self.jobs.values():
                job.may_be_cancelled |= job.submit.purpose == "preview"
        self.jobs[submit.job] = Job(submit, **said)
        self.line.send(submit)

    def open_jobs(self) -> list[Job]:
        return [job for job in self.jobs.values() if job.ending is None]

    def uploads(self) -> list[tuple[Job, str]]:
        """What the engine waits for."""
        return [(job, digest) for job in self.open_jobs() for digest, bands in job.needs.items() if bands]

    def send_band(self, job: Job, digest: str, length: int) -> None:
        """The next band of a picture."""
        picture = BY_DIGEST[digest]
        offset = job.sent[digest]
        payload = picture.data[offset : offset + length]
        if not payload:
            return
        job.sent[digest] += len(payload)
        job.needs[digest] -= 1
        self.line.send(pack_band(Band(job.submit.job, digest, offset, payload)))

    def cancel(self, job: Job) -> None:
        job.may_be_cancelled = True
        self.line.send(Cancel(job.submit.job))

    def end_all(self) -> None:
        """Send whatever is asked for, and wait until every job has ended and every question is answered."""
        for job in self.open_jobs():
            if job.is_lie:
                self.cancel(job)

        def is_over() -> bool:
            self.pump()
            for job, digest in self.uploads():
                if digest in BY_DIGEST:
                    self.send_band(job, digest, 1 << 19)
            return not self.open_jobs() and not self.questions

        wait_for(is_over, "the end of every job, and an answer to every question")
        self.settle()

    def fetch_all(self) -> None:
        """Fetch every result that is still there, and look at it."""
        for name, job in self.jobs.items():
            if job.result and not job.may_be_cancelled and not job.result.is_complete:
                job.credit += WINDOW
                self.line.send(Credit(name, job.result.ref.digest, WINDOW))
                wait_for(lambda job=job: self.pump() or job.result.is_complete, "a result")  # type: ignore[misc]
            if job.result and job.result.is_complete:
                assert b"".join(job.parts) == inverted(BY_DIGEST[job.submit.layer.digest])


clients = st.integers(0, 7)
pictures = st.sampled_from(PICTURES)
any_place = st.integers(0, 10_000)


class Sessions(RuleBasedStateMachine):
    """Several clients of several keys, which do what they like."""

    def __init__(self, home: EngineHome, connections: list[Connection]) -> None:
        super().__init__()
        self.home, self.connections = home, connections
        self.broker = home.pid()
        self.clients: list[Client] = [Client(connections[0])]
        self.names = (f"{number:032x}" for number in itertools.count(1))
        self.kills = 0

    def pick(self, number: int) -> Client:
        return self.clients[number % len(self.clients)]

    def job_of(self, client: Client, place: int) -> Job | None:
        jobs = list(client.jobs.values())
        return jobs[place % len(jobs)] if jobs else None

    def new_job(self, layer: PictureRef, style: Pixels, purpose: Purpose, steps: int = 2) -> Submit:
        styles = (WeightedStyle(style.ref()),)
        return Submit(layer, styles, Settings(seed=slow(steps, 5)), job=next(self.names), purpose=purpose)

    def submit_a_lie(self, client: Client, style: Pixels = PICTURES[0], purpose: Purpose = "final") -> Job:
        """A job whose layer nobody has."""
        submit = self.new_job(PictureRef(next(self.names) * 2, 9, 9, 4, "u8"), style, purpose)
        client.submit(submit, may_fail=True)
        return client.jobs[submit.job]

    # Sessions begin and end

    @precondition(lambda self: len(self.clients) < 6)
    @rule(key=st.integers(0, 2))
    def connect(self, key: int) -> None:
        self.clients.append(Client(self.connections[key]))

    @precondition(lambda self: len(self.clients) > 1)
    @rule(number=clients)
    def leave(self, number: int) -> None:
        client = self.pick(number)
        self.clients.remove(client)
        client.line.close()

    # What is right

    @rule(number=clients)
    def ping(self, number: int) -> None:
        self.pick(number).ping()

    @rule(number=clients, layer=pictures, style=pictures, purpose=st.sampled_from(PURPOSES), steps=st.integers(1, 12))
    def submit(self, number: int, layer: Pixels, style: Pixels, purpose: Purpose, steps: int) -> None:
        self.pick(number).submit(self.new_job(layer.ref(), style, purpose, steps))

    @rule(number=clients, place=any_place, length=st.sampled_from((1 << 19, 1 << 19, 300, 77)))
    def send_a_band(self, number: int, place: int, length: int) -> None:
        client = self.pick(number)
        if uploads := client.uploads():
            job, digest = uploads[place % len(uploads)]
            if digest in BY_DIGEST:
                client.send_band(job, digest, length)

    @rule(number=clients)
    def send_all_bands(self, number: int) -> None:
        client = self.pick(number)
        client.pump()
        for job, digest in client.uploads():
            if digest in BY_DIGEST:
                client.send_band(job, digest, 1 << 19)

    @rule(number=clients, place=any_place, bands=st.integers(1, 40))
    def fetch(self, number: int, place: int, bands: int) -> None:
        client = self.pick(number)
        if (job := self.job_of(client, place)) and job.result:
            job.credit += bands
            client.line.send(Credit(job.submit.job, job.result.ref.digest, bands))

    @rule(number=clients, place=any_place)
    def keep(self, number: int, place: int) -> None:
        client = self.pick(number)
        if job := self.job_of(client, place):
            client.line.send(Keep(job.submit.job))

    @rule(number=clients, place=any_place)
    def cancel(self, number: int, place: int) -> None:
        client = self.pick(number)
        if job := self.job_of(client, place):
            client.cancel(job)

    @rule(number=clients, width=st.integers(1, 3000), height=st.integers(1, 3000))
    def forecast(self, number: int, width: int, height: int) -> None:
        client = self.pick(number)
        name = next(self.names)
        client.questions.add(name)
        client.line.send(AskForecast(name, width, height, Settings()))

    @rule(milliseconds=st.integers(1, 60))
    def wait(self, milliseconds: int) -> None:
        end = time.monotonic() + milliseconds / 1000
        while time.monotonic() < end:
            for client in self.clients:
                client.pump()

    # What is wrong

    @rule(number=clients, frame=st.sampled_from(GARBAGE))
    def garbage(self, number: int, frame: bytes) -> None:
        client = self.pick(number)
        client.refusals += 1
        client.line.send(frame)

    @rule(number=clients, layer=pictures, values=st.sampled_from(({"strength": 7}, {"seed": -1}, {"quality": "best"})))
    def submit_with_wrong_settings(self, number: int, layer: Pixels, values: dict[str, object]) -> None:
        client = self.pick(number)
        submit = self.new_job(layer.ref(), layer, "final")
        client.jobs[submit.job] = Job(submit, may_fail=True)
        client.line.send(json.dumps({**json.loads(encode(submit)), "settings": values}).encode())

    @rule(number=clients, style=pictures, purpose=st.sampled_from(PURPOSES))
    def submit_what_nobody_has(self, number: int, style: Pixels, purpose: Purpose) -> None:
        self.submit_a_lie(self.pick(number), style, purpose)

    @rule(number=clients, place=any_place)
    def submit_again(self, number: int, place: int) -> None:
        client = self.pick(number)
        client.pump()
        job = self.job_of(client, place)
        if job and job.is_lie and job.ending is None and not job.may_be_cancelled and not job.is_spoilt:
            client.refusals += 1
            client.line.send(job.submit)

    @rule(number=clients, place=any_place, wrong=st.sampled_from(("offset", "beyond", "bytes")))
    def send_a_wrong_band(self, number: int, place: int, wrong: str) -> None:
        client = self.pick(number)
        if not (uploads := client.uploads()):
            self.submit_a_lie(client)
            client.settle()
            uploads = client.uploads()
        job, digest = uploads[place % len(uploads)]
        size = BY_DIGEST[digest].ref().size if digest in BY_DIGEST else job.submit.layer.size
        offset, payload = {"offset": (7, b"x"), "beyond": (0, bytes(size + 1)), "bytes": (0, bytes(size))}[wrong]
        job.may_fail = job.is_spoilt = True
        job.sent[digest] = job.sent.get(digest, 0) + len(payload)
        client.line.send(pack_band(Band(job.submit.job, digest, offset, payload)))

    @rule(number=clients, other=clients, place=any_place)
    def touch_anothers_job(self, number: int, other: int, place: int) -> None:
        if len(self.clients) == 1:
            self.connect(1)
        client = self.pick(number)
        owner = next(owner for owner in (self.pick(other), *self.clients) if owner is not client)
        if not (jobs := owner.open_jobs()):
            jobs = [self.submit_a_lie(owner)]
            owner.settle()
        name = jobs[place % len(jobs)].submit.job
        client.line.send(Cancel(name))
        client.line.send(Keep(name))
        client.line.send(Credit(name, "ab" * 32, 32))
        client.line.send(pack_band(Band(name, "ab" * 32, 0, b"x")))

    @precondition(lambda self: self.kills < 1)
    @rule()
    def kill_the_painter(self) -> None:
        """Until there is another, any job may fail of it."""
        killed = self.home.worker()
        self.kills += 1
        for client in self.clients:
            for job in client.open_jobs():
                job.may_fail = True
        killed.kill()

        def is_replaced() -> bool:
            for client in self.clients:
                client.pump()
            return any(worker.pid != killed.pid for worker in self.home.workers())

        wait_for(is_replaced, "another painter")

    @precondition(lambda self: sum(len(client.jobs) for client in self.clients) < 200)
    @rule()
    def submit_more_than_may_be(self) -> None:
        """By a session of a paired key."""
        self.connect(1)
        client = self.clients[-1]
        for _ in range(MOST_JOBS + 4):
            self.submit_a_lie(client)
            client.pump()
        client.settle()
        assert len(client.open_jobs()) <= MOST_JOBS
        for job in client.open_jobs():
            if job.is_lie:
                client.cancel(job)
        client.settle()

    # In the end

    def teardown(self) -> None:
        try:
            for client in self.clients:
                client.end_all()
                for other in self.clients:
                    other.pump()
            for client in self.clients:
                client.fetch_all()
                client.settle()
            assert self.home.pid() == self.broker
        finally:
            for client in self.clients:
                client.line.close()
        wait_for(lambda: not self._passing(), "the deletion of what nobody wants")

    def _passing(self) -> list[Path]:
        return [path for path in self.home.pictures() if path.name not in BY_DIGEST]


@pytest.mark.parametrize(
    ("examples", "steps"),
    [
        pytest.param(6, 40, id="few"),
        pytest.param(150, 100, id="many", marks=pytest.mark.long),
    ],
)
@pytest.mark.timeout(1800)
def test_whole_sessions_are_answered_as_the_protocol_says(fresh_home: EngineHome, examples: int, steps: int) -> None:
    port = free_port()
    fresh_home.start("--bind", f"tcp://127.0.0.1:{port}")
    fresh_home.warm_worker()
    connections = [read_connection(fresh_home.connection_file)]
    for name in ("one", "two"):
        file = fresh_home.folder / f"{name}.json"
        paired = fresh_home.impasto("pair", name, "--endpoint", f"tcp://127.0.0.1:{port}", "--output", str(file))
        assert paired.returncode == 0, paired.stderr
        connections.append(read_connection(file))
    run_state_machine_as_test(
        lambda: Sessions(fresh_home, connections),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=examples < 100,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert_engine_is_well(fresh_home)
