"""How painting goes from one job to another and back: what the broker says, and what the paintings become."""

import time
from collections.abc import Generator
from itertools import pairwise
from pathlib import Path
from queue import SimpleQueue
from statistics import median
from threading import Thread
from typing import Any

import numpy as np
import pytest

from fakes.broker import FakeBroker, draft
from fakes.engine import PATIENCE, EngineHome, random_pixels, wait_for
from fakes.jobs import LONG, STYLES, asking, events_of, wait_until_painting
from fakes.painter import Inverter, slow
from impasto.painting.local_painter import LocalPainter
from impasto.request import PaintRequest, Step, WeightedStyle, drained
from impasto.service.queue import SLICE
from impasto.service.supervisor import MOST_BEGUN, MOST_BEGUN_WITH_QUICK
from impasto.service.task_loop import TaskLoop
from impasto.service.worker_messages import NoRoom, Turn, TurnTaken, Waiting
from impasto.transfer import IMPASTO
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.jobs import Done, Job
from impasto_wire.messages import Accepted, Cancel, Failed, Finished, Progress, Submit
from impasto_wire.pictures import PictureRef
from impasto_wire.request import WeightedStyle as WeightedRef
from impasto_wire.settings import Purpose, Settings

# What the broker says to a worker


@pytest.fixture
def broker(tmp_path: Path) -> FakeBroker:
    made = FakeBroker(tmp_path)
    made.connect("ann", "bob", "cy")
    return made


def follow(broker: FakeBroker, seconds: float, *clients: str) -> list[str | None]:
    """The job that is painted at each quarter of a second."""
    seen = []
    for _ in range(round(seconds / 0.25)):
        broker.run(0.25, *clients)
        seen.append(broker.painted())
    return seen


def test_two_clients_long_paintings_share_a_worker(broker: FakeBroker) -> None:
    jobs = [broker.submit(client) for client in ("ann", "bob")]
    seen = follow(broker, 60, "ann", "bob")
    for job in jobs:
        assert seen.count(job) * 0.25 == pytest.approx(30, abs=2 * SLICE)
    switches = sum(one != other for one, other in pairwise(seen))
    assert 5 < switches < 30
    assert broker.scheduler.painting_seconds["ann"] == pytest.approx(30, abs=2 * SLICE), "what `impasto status` shows"


def test_one_clients_two_sessions_paint_one_after_the_other(broker: FakeBroker) -> None:
    broker.connect("ann/2")
    first, second = broker.submit("ann"), broker.submit("ann/2")
    seen = follow(broker, 30, "ann", "ann/2")
    assert first in seen
    assert second not in seen


@pytest.mark.parametrize("other", ["bob", "ann/2"])
@pytest.mark.parametrize(("purpose", "settings"), [("preview", Settings()), ("final", draft())])
def test_a_preview_or_draft_interrupts_a_long_painting_which_then_goes_on(
    broker: FakeBroker, other: str, purpose: Purpose, settings: Settings
) -> None:
    broker.connect("ann/2")
    long = broker.submit("ann")
    broker.run(20, "ann", other)
    quick = broker.submit(other, purpose, settings)
    broker.run(0.75, "ann", other)
    assert broker.painted() == quick
    broker.says(Finished(broker.key(quick), PictureRef("b" * 64, 9, 9, 3, "u8"), 1.0))
    broker.jobs.announce = lambda key, message: None  # type: ignore[method-assign]
    broker.turn()
    assert broker.worker.sent[-1] == Turn(broker.key(long))
    broker.run(1, "ann", other)
    assert broker.painted() == long
    assert not broker.worker.sent


def test_the_next_turn_is_given_once_the_worker_has_taken_the_last_one(broker: FakeBroker) -> None:
    broker.submit("ann")
    broker.run(5, "ann", "bob", "cy")
    broker.submit("bob", "preview")
    broker.turn()
    assert [type(message) for message in broker.worker.sent] == [Submit]
    broker.submit("cy", "preview")
    broker.turn(0.25)
    broker.turn(0.25)
    assert len(broker.worker.sent) == 1


def test_a_preview_takes_an_idle_worker_before_it_interrupts(tmp_path: Path) -> None:
    broker = FakeBroker(tmp_path, workers=2)
    broker.connect("ann", "bob")
    long = broker.submit("ann")
    broker.run(1, "ann", "bob")
    preview = broker.submit("bob", "preview")
    broker.run(1, "ann", "bob")
    assert {broker.painted(0), broker.painted(1)} == {long, preview}


def test_so_many_tasks_are_begun_at_most(broker: FakeBroker) -> None:
    clients = [f"client {number}" for number in range(MOST_BEGUN_WITH_QUICK + 2)]
    broker.connect(*clients)
    for client in clients:
        broker.submit(client)
    broker.run(60, *clients)
    assert len(broker.worker.tasks) == MOST_BEGUN
    for client in clients:
        broker.submit(client, "preview")
    broker.run(60, *clients)
    assert len(broker.worker.tasks) == MOST_BEGUN_WITH_QUICK


def test_what_has_no_memory_beside_another_waits_for_it_and_previews_still_come(broker: FakeBroker) -> None:
    first = broker.submit("ann")
    broker.run(1, "ann", "bob", "cy")
    second = broker.submit("bob")
    broker.run(SLICE + 1, "ann", "bob", "cy", obeys=False)
    broker.says(NoRoom(broker.key(second)))
    broker.turn()
    broker.worker.sent.clear()
    broker.run(20, "ann", "bob", "cy")
    assert broker.painted() == first
    assert list(broker.worker.tasks) == [broker.key(first)]
    assert [message.position for message in broker.told("bob") if isinstance(message, Accepted)][-1] == 1
    preview = broker.submit("cy", "preview")
    broker.run(1, "ann", "bob", "cy")
    assert broker.painted() == preview
    for name in (preview, first):
        broker.says(Failed(broker.key(name), "fault", "ended"))
    broker.turn()
    broker.run(1, "ann", "bob", "cy")
    assert broker.painted() == second


def test_each_kind_is_refused_once_until_a_task_ends(broker: FakeBroker) -> None:
    broker.submit("ann")
    broker.run(5, "ann", "bob", "cy")
    for client, purpose, settings in (("bob", "final", Settings()), ("cy", "final", draft())):
        broker.submit(client, purpose, settings)  # type: ignore[arg-type]
    asked = 0
    for _ in range(80):
        broker.run(0.25, "ann", "bob", "cy", obeys=False)
        for message in broker.worker.sent:
            asked += 1
            broker.says(NoRoom(message.job))  # type: ignore[union-attr]
        broker.worker.sent.clear()
    assert asked == 2


def test_a_death_fails_the_job_that_was_painted_and_the_others_begin_again(broker: FakeBroker) -> None:
    waiting = broker.submit("ann")
    broker.run(5, "ann", "bob")
    painted = broker.submit("bob", "preview")
    broker.run(1, "ann", "bob")
    broker.dies()
    assert [message.job for message in broker.told("bob") if isinstance(message, Failed)] == [painted]
    broker.run(1, "ann", "bob")
    assert broker.painted() == waiting


def test_a_cancelled_task_gives_way_when_the_worker_has_ended_it(broker: FakeBroker) -> None:
    first = broker.submit("ann")
    broker.run(1, "ann")
    broker.jobs.cancel(next(iter(broker.clients._sessions.values())), first)
    second = broker.submit("bob")
    broker.turn()
    assert not any(isinstance(message, Submit) for message in broker.worker.sent)
    broker.run(0.5, "ann", "bob")
    assert broker.painted() == second


def test_what_was_painted_of_a_cancelled_job_is_charged_until_its_worker_stops(broker: FakeBroker) -> None:
    job = broker.submit("ann")
    broker.run(1, "ann")
    broker.jobs.cancel(next(iter(broker.clients._sessions.values())), job)
    for _ in range(20):
        broker.turn(0.5)
    assert broker.queue.seconds["ann"] > 10


# Positions


def positions(broker: FakeBroker, client: str) -> list[int]:
    return [message.position for message in broker.told(client) if isinstance(message, Accepted)]


def test_positions_are_told_to_some_in_each_turn_and_to_all_in_the_end(broker: FakeBroker) -> None:
    for session in range(8):
        broker.connect(f"ann/{session}")
        for _ in range(25):
            broker.submit(f"ann/{session}")
    broker.turn()
    told = sum(len(positions(broker, f"ann/{session}")) for session in range(8))
    assert told <= 65
    assert broker.scheduler.are_positions_waiting()
    for _ in range(8):
        broker.turn(0.01)
    assert not broker.scheduler.are_positions_waiting()
    assert sorted(place for session in range(8) for place in positions(broker, f"ann/{session}")) == list(range(200))
    broker.turn(0.01)
    assert sum(len(positions(broker, f"ann/{session}")) for session in range(8)) == 200, "none is told again"


def seconds_of_turns(broker: FakeBroker, waiting: int) -> list[float]:
    """Seconds of the processor for turns of the loop with so many jobs queued, whose order changes each time."""
    for number in range(waiting):
        client = f"client {number % 20}/{number % 40}"
        if number < 40:
            broker.connect(client)
        broker.submit(client)
    for _ in range(waiting // 20):
        broker.turn()
    times = []
    for _ in range(2 * waiting // 64 + 10):
        broker.queue.changes += 1
        begun = time.thread_time()
        broker.turn()
        times.append(time.thread_time() - begun)
    return times


def test_a_turn_of_the_loop_takes_about_as_long_however_many_jobs_wait(tmp_path: Path) -> None:
    few, many = (sorted(seconds_of_turns(FakeBroker(tmp_path / str(waiting)), waiting)) for waiting in (200, 2000))
    assert median(many) < 3 * median(few) + 1e-4


@pytest.mark.long
def test_a_turn_of_the_loop_takes_less_than_5_ms_behind_2000_jobs(tmp_path: Path) -> None:
    assert sorted(seconds_of_turns(FakeBroker(tmp_path), 2000))[-3] < 0.005


# What a worker does


class Loop:
    """A worker's loop in a thread, with the fake painter: what it is sent, and what it says."""

    def __init__(self, folder: Path, painter: Inverter) -> None:
        self.inbox: SimpleQueue[Any] = SimpleQueue()
        self.said: SimpleQueue[Any] = SimpleQueue()
        self.layer = random_pixels(8, 8)
        (folder / self.layer.ref().digest).write_bytes(self.layer.data)
        loop = TaskLoop(folder, self.inbox, self.said.put, lambda: painter, 60)
        Thread(target=loop.run, daemon=True).start()

    def submit(self, job: str, steps: int, milliseconds: int = 5) -> None:
        ref, settings = self.layer.ref(), Settings(seed=slow(steps, milliseconds))
        self.inbox.put(Submit(ref, (WeightedRef(ref),), settings, job=job, purpose="thumbnail"))

    def says(self, *kinds: type) -> Any:
        """The next thing of these kinds that it says."""
        while not isinstance(message := self.said.get(timeout=PATIENCE), kinds):
            pass
        return message


def test_a_worker_takes_the_turn_that_it_is_told_and_then_the_one_begun_last(tmp_path: Path) -> None:
    loop = Loop(tmp_path, Inverter())
    loop.submit("a", 1000)
    assert loop.says(TurnTaken) == TurnTaken("a")
    loop.submit("b", 1000)
    assert loop.says(TurnTaken) == TurnTaken("b")
    loop.inbox.put(Turn("a"))
    assert loop.says(TurnTaken) == TurnTaken("a")
    loop.inbox.put(Turn("unknown"))
    assert loop.says(TurnTaken) == TurnTaken("b"), "it never idles"
    loop.inbox.put(Cancel("b"))
    assert loop.says(TurnTaken) == TurnTaken("a")
    loop.inbox.put(Cancel("a"))
    assert loop.says(Waiting, TurnTaken) == Waiting()


class Narrow(Inverter):
    """Has memory for one painting."""

    def has_room_for(self, width: int, height: int, settings: Settings, recipe: str) -> bool:
        return False


def test_a_worker_refuses_what_has_no_room_beside_others_and_goes_on(tmp_path: Path) -> None:
    loop = Loop(tmp_path, Narrow())
    loop.submit("a", 100)
    assert loop.says(TurnTaken) == TurnTaken("a")
    loop.submit("b", 3)
    assert loop.says(NoRoom, TurnTaken) == NoRoom("b")
    assert loop.says(Finished).job == "a"
    assert loop.says(Waiting)
    loop.submit("b", 3)
    assert loop.says(Finished).job == "b"


# What the paintings become


def interleaved(*paintings: Generator[Step | str, Any, Any]) -> list[Any]:
    """What each painting returns where they take their steps in turn."""
    results: dict[int, Any] = {}
    while len(results) < len(paintings):
        for number, painting in enumerate(paintings):
            if number not in results:
                try:
                    next(painting)
                except StopIteration as finished:
                    results[number] = finished.value
    return [results[number] for number in range(len(paintings))]


def test_a_painting_that_was_interrupted_is_the_same_bytes(squeezenet_weights: Path) -> None:
    rng = np.random.default_rng(3)
    pictures = [rng.integers(0, 256, (48, 64, 4), np.uint8) for _ in range(3)]
    for picture in pictures:
        picture[..., 3] = 255
    style = WeightedStyle(pictures[2])
    requests = [
        PaintRequest(pictures[0], (style,), Settings(quality="draft")),
        PaintRequest(pictures[1], (style,), Settings(quality="draft", seed=5)),
    ]

    def painter() -> LocalPainter:
        return LocalPainter("cpu", IMPASTO.on("squeezenet"), squeezenet_weights)

    alone = [drained(painter().paint(request)) for request in requests]
    both = painter()
    for painting, undisturbed in zip(interleaved(*map(both.paint, requests)), alone, strict=True):
        assert painting.tobytes() == undisturbed.tobytes()
    assert alone[0].tobytes() != alone[1].tobytes()


# With real processes


def pair(home: EngineHome, port: int, name: str) -> Engine:
    path = home.folder / f"{name}.json"
    done = home.impasto("pair", name, "--endpoint", f"tcp://127.0.0.1:{port}", "--output", str(path))
    assert done.returncode == 0, done.stderr
    return Engine.connect(path, PATIENCE)


def fractions(job: Job, seconds: float) -> list[float]:
    return [event.fraction for event in events_of(job, seconds) if isinstance(event, Progress)]


def is_painted(job: Job) -> bool:
    *_, last = events_of(job, PATIENCE)
    return isinstance(last, Done)


def test_another_keys_preview_comes_within_seconds_and_the_painting_goes_on(fresh_home: EngineHome) -> None:
    from service.test_remote import free_port

    port = free_port()
    fresh_home.start("--bind", f"tcp://127.0.0.1:{port}")
    fresh_home.warm_worker()
    with fresh_home.connect() as ann, pair(fresh_home, port, "bob") as bob:
        long = ann.submit("final", asking(random_pixels(30, 20), STYLES, LONG))
        wait_until_painting(long)
        time.sleep(0.5)
        reached = fractions(long, 0.1)[-1]
        asked = time.monotonic()
        preview = bob.submit("preview", asking(random_pixels(20, 20), STYLES, Settings(seed=slow(20, 20))))
        assert is_painted(preview)
        assert time.monotonic() - asked < 5
        assert min(fractions(long, 0.5)) >= reached, "it goes on where it was"


@pytest.mark.long
def test_two_keys_long_paintings_both_go_on_for_a_minute(fresh_home: EngineHome) -> None:
    from service.test_remote import free_port

    port = free_port()
    fresh_home.start("--bind", f"tcp://127.0.0.1:{port}")
    fresh_home.warm_worker()
    with fresh_home.connect() as ann, pair(fresh_home, port, "bob") as bob:
        jobs = [
            engine.submit("final", asking(random_pixels(30, 20), STYLES, Settings(seed=slow(4000, 20))))
            for engine in (ann, bob)
        ]
        wait_for(lambda: all(isinstance(job.next_event(0), (Accepted, Progress)) for job in jobs), "both accepted")
        time.sleep(60)
        one, other = (fractions(job, 0.5)[-1] for job in jobs)
        assert one == pytest.approx(other, abs=2 * SLICE / 80)
        for job in jobs:
            job.cancel()
