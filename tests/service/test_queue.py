"""Whose turn it is, as a value: a painter of fixed steps stands for the worker."""

import time
from dataclasses import dataclass, field
from itertools import combinations, islice, pairwise
from typing import get_args

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impasto.service.queue import SLICE, JobKind, Queue, QueuedJob

KINDS: tuple[JobKind, ...] = get_args(JobKind)


def job(key: str, client: str, kind: JobKind = "final", session: str = "") -> QueuedJob:
    return QueuedJob(key, session or client, kind, client)


def filled(*jobs: QueuedJob) -> Queue:
    queue = Queue()
    for each in jobs:
        queue.add(each)
    return queue


def names(queue: Queue) -> list[str]:
    return [each.key for each in queue.order()]


def take_next(queue: Queue) -> str:
    following = queue.turn()
    assert following
    queue.take(following)
    return following.key


@dataclass
class Painter:
    """Paints the queue's jobs in steps, each job for so many seconds, and notes who was painted when."""

    queue: Queue
    lengths: dict[str, float]
    step: float = 0.25
    now: float = 0.0
    running: str | None = None
    begun: dict[str, float] = field(default_factory=dict)
    """What is left of each, in seconds."""
    history: list[tuple[str, str]] = field(default_factory=list)
    """Each step's client and job."""
    clients: dict[str, str] = field(default_factory=dict)

    def add(self, new: QueuedJob, seconds: float) -> None:
        self.lengths[new.key] = seconds
        self.clients[new.key] = str(new.client)
        self.queue.add(new)

    def paint(self, seconds: float) -> None:
        """Paint for so long; idle where there is nothing."""
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now += self.step
            self._step()

    def _step(self) -> None:
        turn = self.queue.turn(self.running, self.begun)
        self.running = turn.key if turn else None
        if turn is None:
            self.history.append(("", ""))
            return
        if turn.key not in self.begun:
            self.queue.take(turn)
            self.begun[turn.key] = self.lengths[turn.key]
        self.queue.charge(turn, self.step)
        self.history.append((str(turn.client), turn.key))
        self.begun[turn.key] -= self.step
        if self.begun[turn.key] <= 0:
            del self.begun[turn.key]
            self.queue.remove(turn.key)
            self.running = None

    def seconds_of(self, client: str, first: float = 0.0, last: float | None = None) -> float:
        rows = self.history[round(first / self.step) : None if last is None else round(last / self.step)]
        return sum(name == client for name, _ in rows) * self.step

    def began(self, key: str) -> float:
        """When its first step was begun."""
        return [name for _, name in self.history].index(key) * self.step


def painter() -> Painter:
    return Painter(Queue(), {})


# The order of what waits


def test_a_clients_previews_come_first_and_its_thumbnails_last() -> None:
    queue = filled(job("t", "a", "thumbnail"), job("f", "a"), job("p", "a", "preview"))
    assert names(queue) == ["p", "f", "t"]


def test_clients_take_turns_however_much_one_asks_for() -> None:
    queue = filled(job("a1", "a"), job("a2", "a"), job("a3", "a"), job("b1", "b"))
    assert names(queue) == ["a1", "b1", "a2", "a3"]


def test_a_client_that_was_just_served_waits_for_the_others() -> None:
    queue = filled(job("a1", "a"), job("a2", "a"))
    take_next(queue)
    queue.add(job("b1", "b"))
    assert names(queue) == ["b1", "a2"]


def test_a_clients_sessions_take_turns() -> None:
    queue = filled(*(job(f"{session}{number}", "a", session=session) for session in "xy" for number in range(2)))
    assert names(queue) == ["x0", "y0", "x1", "y1"]
    assert [take_next(queue) for _ in range(4)] == ["x0", "y0", "x1", "y1"]


def test_an_interrupted_job_comes_before_the_others_of_its_client() -> None:
    queue = filled(job("a1", "a", "thumbnail"), job("a2", "a", "thumbnail"))
    take_next(queue)
    queue.put_back("a1")
    assert names(queue) == ["a1", "a2"]
    queue.put_back("never begun")


def test_what_is_removed_is_gone() -> None:
    queue = filled(job("a1", "a"), job("a2", "a"), job("b1", "b"))
    for key in ("a1", "b1", "unknown", "a1"):
        queue.remove(key)
    assert names(queue) == ["a2"]
    assert len(queue) == 1
    queue.remove("a2")
    assert queue.turn() is None
    assert names(queue) == []


JOBS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), st.sampled_from(KINDS)), max_size=12)


@given(JOBS)
def test_taking_one_after_the_other_follows_the_order_that_was_told(jobs: list[tuple[str, str, JobKind]]) -> None:
    queue = filled(*(job(str(n), client, kind, client + name) for n, (client, name, kind) in enumerate(jobs)))
    told = names(queue)
    assert [take_next(queue) for _ in jobs] == told
    assert sorted(told, key=int) == [str(number) for number in range(len(jobs))]


def test_what_a_worker_may_not_begin_now_is_passed_over() -> None:
    queue = filled(job("a", "a"), job("p", "b", "preview"))
    assert queue.turn(may_begin=lambda each: each.kind == "final") == job("a", "a")
    assert queue.turn(may_begin=lambda each: False) is None


# Shares of painting seconds


def test_two_clients_long_paintings_alternate() -> None:
    paint = painter()
    paint.add(job("a", "a"), 600)
    paint.add(job("b", "b"), 600)
    paint.paint(120)
    for start in range(60):
        assert abs(paint.seconds_of("a", start, start + 60) - paint.seconds_of("b", start, start + 60)) <= 2 * SLICE
    assert sum(one != other for one, other in pairwise(paint.history)) < 30


def test_what_was_begun_goes_on_before_its_clients_next() -> None:
    paint = painter()
    for key in ("a1", "a2", "b1"):
        paint.add(job(key, key[0]), 30)
    paint.paint(100)
    assert paint.began("a2") > 30


@pytest.mark.parametrize("quick", [job("q", "b", "preview"), job("q", "b", "draft")])
@pytest.mark.parametrize("has_painted", [0.0, 40.0])
def test_a_preview_or_draft_comes_between_the_steps_of_anothers_painting(quick: QueuedJob, has_painted: float) -> None:
    paint = painter()
    paint.add(job("long", "a"), 600)
    if has_painted:
        paint.add(job("other", "b"), 600)
        paint.paint(has_painted)
    asked = paint.now
    paint.add(quick, 2)
    paint.paint(10)
    assert paint.began("q") - asked < 1


def test_ones_own_preview_comes_between_the_steps_of_ones_own_painting() -> None:
    paint = painter()
    paint.add(job("long", "a"), 600)
    paint.paint(20)
    paint.add(job("p", "a", "preview", "second dialog"), 2)
    paint.paint(3)
    assert paint.began("p") == 20


def test_endless_previews_stop_nobody_for_ever() -> None:
    paint = painter()
    paint.add(job("own", "a"), 600)
    paint.add(job("others", "b"), 600)
    for number in range(120):
        paint.add(job(f"p{number}", "a", "preview"), 1)
        paint.paint(1)
    assert abs(paint.seconds_of("a") - paint.seconds_of("b")) < 20
    assert any(key == "own" for _, key in paint.history)


@pytest.mark.parametrize("kind", ["final", "thumbnail"])
def test_ones_own_endless_previews_leave_a_share_to_what_is_behind(kind: JobKind) -> None:
    paint = painter()
    paint.add(job("behind", "a", kind), 900)
    paint.paint(200)
    for number in range(300):
        paint.add(job(f"p{number}", "a", "preview"), 1)
        paint.paint(1)
    assert sum(key == "behind" for _, key in paint.history) * paint.step > 200 + 300 / 16


def test_connecting_again_and_many_sessions_gain_nothing() -> None:
    paint = painter()
    paint.add(job("honest", "b"), 600)
    for number in range(240):
        paint.add(job(f"a{number}", "a", session=f"session {number}"), 0.5)
        paint.paint(0.5)
    assert abs(paint.seconds_of("a") - paint.seconds_of("b")) <= 2 * SLICE + 1


def test_being_away_earns_no_credit_and_pays_no_debt() -> None:
    paint = painter()
    paint.add(job("a", "a"), 600)
    paint.paint(100)
    paint.add(job("b", "b"), 600)
    paint.paint(30)
    assert abs(paint.seconds_of("b", 100) - 15) <= SLICE
    paint.queue.remove("b")
    paint.begun.pop("b", None)
    paint.running = None
    paint.paint(100)
    paint.add(job("b2", "b"), 600)
    paint.paint(30)
    assert abs(paint.seconds_of("b", 230) - 15) <= SLICE


def test_each_clients_seconds_are_told() -> None:
    paint = painter()
    paint.add(job("a", "a"), 5)
    paint.add(job("b", "b"), 2)
    paint.paint(20)
    assert paint.queue.seconds == pytest.approx({"a": 5, "b": 2}, abs=0.1)


ARRIVALS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(KINDS),
        st.floats(0.5, 25),
        st.sampled_from((0, 0, 1, 5, 20)),
    ),
    min_size=2,
    max_size=14,
)


@hypothesis.settings(deadline=None, max_examples=40)
@given(ARRIVALS)
def test_clients_that_ask_at_the_same_time_are_painted_for_as_long(
    arrivals: list[tuple[str, JobKind, float, int]],
) -> None:
    """Within what a head start and a slice allow, over any stretch in which both have jobs; and every job ends."""
    paint, active = Painter(Queue(), {}, step=0.5), []
    for number, (client, kind, seconds, pause) in enumerate(arrivals):
        paint.add(job(str(number), client, kind), seconds)
        for _ in range(max(1, round(pause / paint.step))):
            paint.paint(paint.step)
            active.append(clients_with_jobs(paint))
    while clients_with_jobs(paint):
        paint.paint(paint.step)
        active.append(clients_with_jobs(paint))
        assert paint.now < 2000, "a job never ends"
    most = 2 * (3 * SLICE + paint.step) + 0.05 * len(arrivals)
    for one, other in combinations("abc", 2):
        ahead = low = high = 0.0
        for (client, _), asking in zip(paint.history, active, strict=True):
            if not {one, other} <= asking:
                ahead = low = high = 0.0
                continue
            ahead += paint.step * ((client == one) - (client == other))
            low, high = min(low, ahead), max(high, ahead)
            assert ahead - low <= most
            assert high - ahead <= most


def clients_with_jobs(paint: Painter) -> set[str]:
    waiting = {str(each.client) for each in paint.queue.order()}
    return waiting | {paint.clients[key] for key in paint.begun}


# What it costs


def seconds_of_a_turn(waiting: int, rounds: int = 20) -> float:
    """The best of several rounds: a job comes, the next one is begun, its positions are told, it ends."""
    queue = filled(*(job(str(n), f"client {n % 20}", "final", f"session {n % 40}") for n in range(waiting)))
    times = []
    for number in range(rounds):
        begun = time.perf_counter()
        queue.add(job(f"new {number}", "client 3"))
        queue.remove(take_next(queue))
        times.append(time.perf_counter() - begun)
    return min(times)


def test_a_turn_takes_as_long_however_many_jobs_wait() -> None:
    assert seconds_of_a_turn(20_000) < 5 * seconds_of_a_turn(200) + 1e-4


@pytest.mark.long
def test_no_message_takes_longer_than_5_ms_behind_2000_jobs() -> None:
    assert seconds_of_a_turn(2000) < 0.005
    queue = filled(*(job(str(n), f"client {n % 20}") for n in range(2000)))
    begun = time.perf_counter()
    first = list(islice(queue.order(), 64))
    assert time.perf_counter() - begun < 0.005
    assert len({each.client for each in first[:20]}) == 20
    assert len(list(queue.order())) == 2000
