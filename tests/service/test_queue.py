"""The order of jobs, as a value."""

from hypothesis import given
from hypothesis import strategies as st

from impasto.service.queue import PRIORITY, Queue, QueuedJob


def filled(*places: tuple[str, str, str]) -> Queue:
    queue = Queue()
    for job, session, purpose in places:
        queue.add(QueuedJob(job, session, purpose))  # type: ignore[arg-type]
    return queue


def names(queue: Queue) -> list[str]:
    return [place.key for place in queue.order()]


def test_previews_come_first_and_thumbnails_last() -> None:
    queue = filled(("t", "a", "thumbnail"), ("f", "a", "final"), ("p", "a", "preview"))
    assert names(queue) == ["p", "f", "t"]


def test_sessions_take_turns_however_much_one_asks_for() -> None:
    queue = filled(("a1", "a", "final"), ("a2", "a", "final"), ("a3", "a", "final"), ("b1", "b", "final"))
    assert names(queue) == ["a1", "b1", "a2", "a3"]


def test_a_session_that_was_just_served_waits_for_the_others() -> None:
    queue = filled(("a1", "a", "final"), ("a2", "a", "final"))
    first = queue.first()
    assert first
    queue.take(first)
    queue.add(QueuedJob("b1", "b", "final"))
    assert names(queue) == ["b1", "a2"]


def test_an_interrupted_job_comes_before_the_others_of_its_session() -> None:
    queue = filled(("a1", "a", "thumbnail"), ("a2", "a", "thumbnail"))
    first = queue.first()
    assert first
    queue.take(first)
    queue.put_back(first)
    assert names(queue) == ["a1", "a2"]


def test_what_is_removed_or_forgotten_is_gone() -> None:
    queue = filled(("a1", "a", "final"), ("a2", "a", "final"), ("b1", "b", "final"))
    queue.remove("a1")
    assert names(queue) == ["a2", "b1"]
    queue.forget("a")
    assert names(queue) == ["b1"]
    assert len(queue) == 1
    assert filled().first() is None


PLACES = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(PRIORITY)), max_size=12)


@given(PLACES)
def test_taking_one_after_the_other_follows_the_order_that_was_told(places: list[tuple[str, str]]) -> None:
    queue = filled(*((str(number), session, purpose) for number, (session, purpose) in enumerate(places)))
    told = names(queue)
    taken = []
    while place := queue.first():
        queue.take(place)
        taken.append(place.key)
    assert taken == told
    assert sorted(taken, key=int) == [str(number) for number in range(len(places))]
