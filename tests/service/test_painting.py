"""Jobs through a running engine and the filter's client, painted by the fake painter."""

import threading
import time

import numpy as np
import pytest

from fakes import painter
from fakes.engine import PATIENCE, EngineHome, random_pixels, wait_for
from fakes.jobs import asking, events_of
from fakes.painter import slow
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.jobs import Done, Event, Job, Painted
from impasto_wire.errors import EngineFault, JobCancelled, OutOfMemory, PictureError
from impasto_wire.messages import Accepted, Progress
from impasto_wire.pictures import Pixels, Samples
from impasto_wire.settings import Purpose, Settings

STYLE = [(random_pixels(8, 8), 1.0)]


def as_array(pixels: Pixels) -> np.ndarray:
    dtype = {"u8": "<u1", "u16": "<u2", "float": "<f4"}[pixels.samples]
    return np.frombuffer(pixels.data, dtype).reshape(pixels.height, pixels.width, pixels.channels)


def submit(engine: Engine, purpose: Purpose, steps: int = 2, milliseconds: int = 10, seed: int = 0) -> Job:
    return engine.submit(
        purpose, asking(random_pixels(16, 16, seed=seed), STYLE, Settings(seed=slow(steps, milliseconds)))
    )


def result_of(job: Job) -> Pixels:
    *_, last = events_of(job, PATIENCE)
    assert isinstance(last, Done)
    return last.picture


def wait_until_painting(job: Job) -> None:
    wait_for(lambda: isinstance(job.next_event(PATIENCE), Progress), "the first step")


@pytest.mark.parametrize("samples", ["u8", "u16", "float"])
def test_a_layer_comes_back_in_its_own_samples(home: EngineHome, samples: Samples) -> None:
    layer = random_pixels(37, 23, samples=samples)
    with home.connect() as engine:
        result = engine.paint(asking(layer, STYLE))
    assert (result.width, result.height, result.channels, result.samples) == (37, 23, 3, samples)
    np.testing.assert_array_equal(as_array(result), painter.inverted(as_array(layer)))


def test_a_layer_of_many_bands_comes_back_whole(home: EngineHome) -> None:
    layer = random_pixels(2000, 1500)  # 12 MB: 23 bands, three times the window
    with home.connect() as engine:
        result = engine.paint(asking(layer, STYLE))
    np.testing.assert_array_equal(as_array(result), painter.inverted(as_array(layer)))


def test_what_is_not_selected_stays(home: EngineHome) -> None:
    layer, selection = random_pixels(10, 10), Pixels(10, 10, 1, "u8", bytes(50) + b"\xff" * 50)
    with home.connect() as engine:
        result = as_array(engine.paint(asking(layer, STYLE, Settings(), selection=selection)))
    np.testing.assert_array_equal(result[:5], as_array(layer)[:5, :, :3])
    np.testing.assert_array_equal(result[5:], painter.inverted(as_array(layer))[5:])


def test_a_job_is_accepted_then_reports_steps_then_is_done(home: EngineHome) -> None:
    with home.connect() as engine:
        job = submit(engine, "final", steps=4, milliseconds=150)
        events: list[Event] = list(events_of(job, PATIENCE))
    kinds = [type(event) for event in events]
    assert kinds[0] is Accepted
    assert kinds[-1] is Done
    fractions = [event.fraction for event in events if isinstance(event, Progress)]
    assert fractions == sorted(fractions)
    assert len(fractions) == 4
    previews = [event for event in events if isinstance(event, Painted)]
    assert 1 <= len(previews) <= 3, "at most two a second"


def test_progress_comes_at_most_ten_times_a_second(home: EngineHome) -> None:
    seen: list[Progress] = []
    with home.connect() as engine:
        engine.paint(asking(random_pixels(8, 8), STYLE, Settings(seed=slow(500, 1))), on_progress=seen.append)
    assert 2 <= len(seen) <= 500 / 20, "500 steps of 1 ms"


def test_previews_are_small(home: EngineHome) -> None:
    seen: list[Painted] = []
    with home.connect() as engine:
        engine.paint(asking(random_pixels(2100, 30), STYLE, Settings(seed=slow(3, 200))), on_preview=seen.append)
    assert {(event.picture.width, event.picture.height, event.picture.samples) for event in seen} == {(1024, 15, "u8")}


def test_what_is_made_ready_is_told_before_the_first_step(fresh_home: EngineHome) -> None:
    fresh_home.options = ("--painter", "fakes.painter:open_preparer")
    fresh_home.start()
    seen: list[Progress] = []
    with fresh_home.connect() as engine:
        engine.paint(asking(random_pixels(5, 4), STYLE, Settings(seed=slow(2, 700))), on_progress=seen.append)
    assert [(event.note, event.fraction) for event in seen] == [("Stretching the canvas", 0), ("", 0.5), ("", 1)]


def test_thumbnails_come_without_previews(home: EngineHome) -> None:
    with home.connect() as engine:
        events = list(events_of(submit(engine, "thumbnail"), PATIENCE))
    assert not [event for event in events if isinstance(event, Painted)]


def test_so_many_steps_are_enough(home: EngineHome) -> None:
    seen: list[Progress] = []
    with home.connect() as engine:
        pixels = random_pixels(5, 4)
        painting = engine.paint(
            asking(pixels, STYLE, Settings(seed=slow(100, 50))),
            on_progress=seen.append,
            enough=lambda progress: progress.step >= 5,
        )
    np.testing.assert_array_equal(as_array(painting), painter.inverted(as_array(pixels)))
    assert max(event.step for event in seen) < 20


def test_the_engine_is_not_sent_twice_what_it_holds(home: EngineHome) -> None:
    from impasto_plugin.engine import transport

    sent: list[int] = []

    class Counting(transport.ZmqTransport):
        def send(self, frame: bytes) -> None:
            sent.append(len(frame))
            super().send(frame)

    from impasto_wire.connection import read_connection

    layer = random_pixels(400, 400, seed=77)
    with Engine(Counting(read_connection(home.connection_file))).wait_for_welcome(PATIENCE) as engine:
        engine.paint(asking(layer, STYLE))
        assert sum(sent) > len(layer.data)
        sent.clear()
        engine.paint(asking(layer, STYLE, Settings(seed=slow(3, 10))))
        assert sum(sent) < 10_000


def test_many_jobs_of_one_session_send_a_picture_once(home: EngineHome) -> None:
    layer = random_pixels(300, 300, seed=78)
    with home.connect() as engine:
        jobs = [engine.submit("thumbnail", asking(layer, STYLE, Settings(seed=slow(1, n)))) for n in range(1, 9)]
        results = {bytes(result_of(job).data) for job in jobs}
    assert results == {painter.inverted(as_array(layer)).tobytes()}


def test_a_cancelled_job_ends_at_once_and_the_next_one_runs(home: EngineHome) -> None:
    with home.connect() as engine:
        job = submit(engine, "final", steps=1000, milliseconds=20)
        wait_until_painting(job)
        job.cancel()
        with pytest.raises(JobCancelled):
            job.next_event(0)
        begun = time.monotonic()
        assert result_of(submit(engine, "final", seed=1)).width == 16
        assert time.monotonic() - begun < 5


def test_a_job_is_cancelled_before_its_pictures_are_there(home: EngineHome) -> None:
    with home.connect() as engine:
        engine.submit("final", asking(random_pixels(3000, 2000, seed=3), STYLE)).cancel()
        assert engine.paint(asking(random_pixels(16, 16), STYLE)).width == 16
        wait_for(lambda: not [path for path in home.pictures() if path.suffix == ".part"], "the half picture's end")


def test_is_cancelled_stops_a_painting(home: EngineHome) -> None:
    stop = threading.Event()
    with home.connect() as engine, pytest.raises(JobCancelled):
        engine.paint(
            asking(random_pixels(8, 8), STYLE, Settings(seed=slow(1000, 20))),
            on_progress=lambda _: stop.set(),
            is_cancelled=stop.is_set,
        )


def test_a_newer_preview_drops_the_older_one_of_its_session_only(home: EngineHome) -> None:
    with home.connect() as engine, home.connect() as other:
        older = submit(engine, "preview", steps=1000, milliseconds=10)
        wait_until_painting(older)
        others = submit(other, "preview", seed=1)
        newer = submit(engine, "preview", seed=2)
        with pytest.raises(JobCancelled):
            result_of(older)
        assert result_of(others) != result_of(newer)


def test_a_preview_interrupts_a_thumbnail_which_then_goes_on(home: EngineHome) -> None:
    with home.connect() as engine:
        thumbnail = submit(engine, "thumbnail", steps=150, milliseconds=20)
        wait_until_painting(thumbnail)
        begun = time.monotonic()
        result_of(submit(engine, "preview", seed=1))
        assert time.monotonic() - begun < 2.5, "the thumbnail takes 3 s"
        fractions = [event.fraction for event in events_of(thumbnail, PATIENCE) if isinstance(event, Progress)]
        assert fractions[0] > 0.01, "it must not begin again"


def test_finals_of_two_sessions_take_turns(home: EngineHome) -> None:
    order: list[str] = []
    with home.connect() as first, home.connect() as second, home.connect() as third:
        running = submit(third, "final", steps=20, milliseconds=50)
        wait_until_painting(running)
        jobs = [(name, submit(first, "final", seed=n)) for n, name in enumerate(("a1", "a2", "a3"))]
        wait_for(lambda: isinstance(jobs[-1][1].next_event(PATIENCE), Accepted), "the first session's jobs")
        jobs += [(name, submit(second, "final", seed=n + 9)) for n, name in enumerate(("b1", "b2"))]

        def follow(name: str, job: Job) -> None:
            result_of(job)
            order.append(name)

        threads = [threading.Thread(target=follow, args=named) for named in jobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        result_of(running)
    assert order == ["a1", "b1", "a2", "b2", "a3"]


def test_a_waiting_job_hears_how_it_moves_up(home: EngineHome) -> None:
    with home.connect() as engine:
        jobs = [submit(engine, "final", steps=4, milliseconds=50, seed=n) for n in range(4)]
        positions = [event.position for event in events_of(jobs[3], PATIENCE) if isinstance(event, Accepted)]
        for job in jobs[:3]:
            result_of(job)
    assert positions == sorted(positions, reverse=True)
    assert positions[-2:] == [1, 0], "the one that runs counts"


@pytest.mark.parametrize(
    ("seed", "error"),
    [(painter.OUT_OF_MEMORY, OutOfMemory), (painter.USES_ALL_MEMORY, OutOfMemory), (painter.RAISES, EngineFault)],
)
def test_what_fails_in_the_worker_is_the_same_error_here(home: EngineHome, seed: int, error: type[Exception]) -> None:
    with home.connect() as engine:
        with pytest.raises(error, match=r"half|log has the details"):
            engine.paint(asking(random_pixels(8, 8), STYLE, Settings(seed=seed)))
        assert engine.paint(asking(random_pixels(8, 8), STYLE)).width == 8


def test_pixels_that_do_not_fit_their_shape_are_refused_before_they_are_sent(home: EngineHome) -> None:
    with home.connect() as engine, pytest.raises(PictureError, match="needs 256"):
        engine.paint(asking(Pixels(8, 8, 4, "u8", bytes(255)), STYLE))


def test_nothing_is_left_of_previews_and_results(fresh_home: EngineHome) -> None:
    fresh_home.start()
    layer = random_pixels(50, 50)
    with fresh_home.connect() as engine:
        engine.paint(asking(layer, STYLE, Settings(seed=slow(4, 200))))
        held = {layer.ref().digest, STYLE[0][0].ref().digest}
        wait_for(lambda: {path.name for path in fresh_home.pictures()} == held, "the result's deletion")


def test_keep_finishes_a_job_with_what_there_is(home: EngineHome) -> None:
    with home.connect() as engine:
        job = submit(engine, "final", steps=1000, milliseconds=20)
        wait_until_painting(job)
        kept = time.monotonic()
        job.keep()
        assert result_of(job).width == 16
        assert time.monotonic() - kept < 5, "the whole job takes 20 s"


def test_keep_leaves_a_waiting_job_as_it_is(home: EngineHome) -> None:
    with home.connect() as engine:
        running, waiting = (submit(engine, "final", steps=15, milliseconds=20, seed=n) for n in range(2))
        wait_until_painting(running)
        waiting.keep()
        result_of(running)
        steps = [event.step for event in events_of(waiting, PATIENCE) if isinstance(event, Progress)]
        assert steps[-1] > 1


def test_a_forecast_is_answered_while_a_job_is_painted(home: EngineHome) -> None:
    with home.connect() as engine:
        job = submit(engine, "final", steps=1000, milliseconds=10)
        wait_until_painting(job)
        told = engine.forecast(30, 20, Settings(seed=slow(40, 50)))
        assert (told.seconds, told.bytes, told.plan) == (2.0, 6000, "in one piece")
        regions = (Settings(), Settings(places=0.5))
        assert engine.forecast(30, 20, Settings(seed=slow(40, 50)), regions=regions).seconds == 6.0
        job.cancel()


def test_a_forecast_that_cannot_be_kept_is_the_jobs_own_error(home: EngineHome) -> None:
    with home.connect() as engine:
        with pytest.raises(OutOfMemory, match="choose Paint at"):
            engine.forecast(30, 20, Settings(seed=painter.OUT_OF_MEMORY))
        with pytest.raises(PictureError, match="gigapixel"):
            engine.forecast(100_000, 100_000, Settings())
        assert engine.forecast(1, 1, Settings()).bytes == 10


def test_a_painter_that_nobody_needs_is_closed_and_opened_again(fresh_home: EngineHome) -> None:
    fresh_home.options = (*fresh_home.options, "--rest", "0.2")
    fresh_home.start()
    with fresh_home.connect() as engine:
        for times in (1, 2):
            assert engine.paint(asking(random_pixels(8, 8), STYLE, Settings(seed=slow(1, times)))).width == 8
            wait_for(lambda times=times: fresh_home.log().count("memory is free") == times, "the painter's rest")  # type: ignore[misc]
