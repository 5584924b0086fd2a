"""Processes that die, hang or vanish: the others hear of it, and the next job works."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from fakes import painter
from fakes.engine import PATIENCE, EngineHome, RawClient, band, is_running, random_pixels, wait_for
from fakes.painter import slow
from impasto_plugin.client import Engine
from impasto_plugin.jobs import Done, Job
from impasto_plugin.transport import ZmqTransport
from impasto_wire.bands import Band, pack_band
from impasto_wire.connection import read_connection
from impasto_wire.errors import EngineUnavailable, WorkerDied
from impasto_wire.messages import (
    Accepted,
    Cancel,
    Credit,
    Failed,
    Finished,
    Forecast,
    Forecasted,
    Need,
    Ping,
    Pong,
    Preview,
    Progress,
    Submit,
    WeightedStyle,
)
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Settings

STYLE = random_pixels(8, 8)
STYLES = [(STYLE, 1.0)]
JOB = "0123456789abcdef" * 2
LONG = Settings(seed=slow(1000, 20))

DRAWS_FOREVER = """
import sys
from pathlib import Path
from fakes.engine import random_pixels
from impasto_plugin.client import Engine
from impasto_wire.settings import Settings
engine = Engine.connect(Path(sys.argv[1]), 20)
engine.paint(random_pixels(64, 64), [(random_pixels(8, 8), 1.0)], Settings(seed=int(sys.argv[2])),
             on_progress=lambda _: print("painting", flush=True))
"""


def wait_until_painting(job: Job) -> None:
    wait_for(lambda: isinstance(job.next_event(PATIENCE), Progress), "the first step")


def assert_engine_is_well(home: EngineHome) -> None:
    """It answers a ping within a second, and paints the next job right."""
    with RawClient.of(home) as client:
        client.ping(7, seconds=1.0)
    layer = random_pixels(30, 20, seed=4)
    with home.connect() as engine:
        begun = time.monotonic()
        result = engine.paint(layer, STYLES, Settings(seed=slow(2, 10)))
        assert time.monotonic() - begun < 10
    assert bytes(result.data[:3]) == bytes(255 - value for value in layer.data[:3])


def submission(layer: Pixels, job: str = JOB, settings: Settings = LONG) -> Submit:
    return Submit(job, "final", settings, layer.ref(), (WeightedStyle(STYLE.ref()),))


def send_whole(client: RawClient, job: str, pixels: Pixels) -> None:
    """A small picture in one band."""
    client.send(pack_band(band(job, pixels, 0, len(pixels.data))))


def start_painting(client: RawClient, layer: Pixels, settings: Settings = LONG) -> None:
    """Submit a job by hand, send whatever is asked for, and wait for its first step."""
    by_digest = {picture.ref().digest: picture for picture in (layer, STYLE)}
    client.send(submission(layer, settings=settings))
    while not isinstance(message := client.receive(), Progress):
        if isinstance(message, Need):
            send_whole(client, JOB, by_digest[message.digest])


def test_a_worker_killed_in_mid_job_is_told_within_two_seconds_and_replaced(home: EngineHome) -> None:
    worker = home.warm_worker()
    with home.connect() as engine:
        job = engine.submit("final", LONG, random_pixels(64, 64), STYLES)
        wait_until_painting(job)
        killed = time.monotonic()
        worker.kill()
        with pytest.raises(WorkerDied, match="try again"):
            list(job.events(PATIENCE))
        assert time.monotonic() - killed < 2.0
        assert engine.paint(random_pixels(9, 9), STYLES, Settings()).width == 9
    assert home.worker().pid != worker.pid
    assert_engine_is_well(home)


def test_a_painter_that_crashes_takes_only_its_own_job(home: EngineHome) -> None:
    with home.connect() as engine, home.connect() as other:
        thumbnail = engine.submit("thumbnail", Settings(seed=slow(30, 20)), random_pixels(20, 20), STYLES)
        wait_until_painting(thumbnail)
        doomed = other.submit("final", Settings(seed=painter.DIES), random_pixels(21, 20), STYLES)
        waiting = engine.submit("final", Settings(), random_pixels(22, 20), STYLES)
        with pytest.raises(WorkerDied):
            list(doomed.events(PATIENCE))
        for job in (thumbnail, waiting):
            *_, last = job.events(PATIENCE)
            assert isinstance(last, Done)
    assert_engine_is_well(home)


def test_a_worker_that_does_not_stop_is_replaced_when_it_is_needed(fresh_home: EngineHome) -> None:
    fresh_home.start()
    worker = fresh_home.warm_worker()
    with fresh_home.connect() as engine:
        stuck = engine.submit("final", Settings(seed=painter.HANGS), random_pixels(20, 20), STYLES)
        wait_for(lambda: stuck.next_event(PATIENCE), "the job's acceptance")
        stuck.cancel()
        assert engine.paint(random_pixels(9, 9), STYLES, Settings()).width == 9
    assert not is_running(worker.pid)


def test_a_worker_that_reads_nothing_stops_nobody(fresh_home: EngineHome) -> None:
    fresh_home.start()
    worker = fresh_home.warm_worker()
    worker.suspend()
    with RawClient.of(fresh_home) as one, RawClient.of(fresh_home) as two:
        for number in range(256):  # 40 KiB from each, more than a pipe holds
            for client in (one, two):
                client.send(Forecast(f"{number:032x}", 640, 480, Settings()))
        for client in (one, two):
            client.ping(7)
        worker.resume()
        assert one.expect(Forecasted).bytes == 640 * 480 * 10
    assert_engine_is_well(fresh_home)


def test_a_worker_that_cannot_load_is_tried_again_and_each_job_is_told(fresh_home: EngineHome) -> None:
    fresh_home.options = ("--painter", "fakes.no_such_module:open_painter")
    fresh_home.start()
    with fresh_home.connect() as engine, pytest.raises(WorkerDied):
        engine.paint(random_pixels(9, 9), STYLES, Settings())
    assert "no_such_module" in fresh_home.log(), "the log says why"


def test_missing_weights_are_told_to_each_job(fresh_home: EngineHome) -> None:
    from impasto_wire.errors import WeightsMissing

    fresh_home.options = ("--painter", "fakes.painter:open_without_weights")
    fresh_home.start()
    with fresh_home.connect() as engine:
        for _ in range(2):
            with pytest.raises(WeightsMissing, match="no weights"):
                engine.paint(random_pixels(9, 9), STYLES, Settings())


def test_a_killed_client_frees_the_worker_at_once(home: EngineHome) -> None:
    script = [sys.executable, "-c", DRAWS_FOREVER, str(home.connection_file), str(slow(1000, 20))]
    client = subprocess.Popen(script, env=home.environment, stdout=subprocess.PIPE)
    assert client.stdout
    assert client.stdout.readline() == b"painting\n"
    client.kill()
    killed = time.monotonic()
    assert_engine_is_well(home)
    assert time.monotonic() - killed < 4, "the job would have gone on for 20 s, the lease for 5 s"
    client.wait()
    client.stdout.close()


def test_a_client_that_falls_silent_loses_its_lease(home: EngineHome) -> None:
    with RawClient.of(home) as client:
        start_painting(client, random_pixels(20, 20))
        begun = time.monotonic()
        with home.connect() as engine:  # waits for the worker
            assert engine.paint(random_pixels(9, 9), STYLES, Settings(seed=slow(2, 10))).width == 9
        assert 3.5 < time.monotonic() - begun < 8
        client.send(Ping(1))
        answer = client.expect(Failed)
        assert (answer.job, answer.code) == ("", "unavailable")


def test_a_stopped_client_comes_back_to_a_sentence(home: EngineHome) -> None:
    script = [sys.executable, "-c", DRAWS_FOREVER, str(home.connection_file), str(slow(1000, 20))]
    client = subprocess.Popen(script, env=home.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert client.stdout
    client.stdout.readline()
    client.send_signal(signal.SIGSTOP)
    assert_engine_is_well_after_the_lease(home)
    client.send_signal(signal.SIGCONT)
    _, errors = client.communicate(timeout=PATIENCE)
    assert b"EngineUnavailable" in errors


def assert_engine_is_well_after_the_lease(home: EngineHome) -> None:
    with home.connect() as engine:
        assert engine.paint(random_pixels(9, 9), STYLES, Settings(seed=slow(2, 10))).width == 9


def test_an_engine_that_falls_silent_is_given_up(fresh_home: EngineHome) -> None:
    process = fresh_home.start()
    transport = ZmqTransport(read_connection(fresh_home.connection_file))
    with Engine(transport, silence_seconds=4.0).wait_for_welcome(PATIENCE) as engine:
        job = engine.submit("final", LONG, random_pixels(20, 20), STYLES)
        wait_until_painting(job)
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(EngineUnavailable, match="silent"):
            list(job.events(PATIENCE))
        process.send_signal(signal.SIGCONT)


def test_a_killed_engine_is_noticed_at_once(fresh_home: EngineHome) -> None:
    process = fresh_home.start()
    with fresh_home.connect() as engine:
        job = engine.submit("final", LONG, random_pixels(20, 20), STYLES)
        wait_until_painting(job)
        process.kill()
        killed = time.monotonic()
        with pytest.raises(EngineUnavailable):
            list(job.events(PATIENCE))
        assert time.monotonic() - killed < 2
        with pytest.raises(EngineUnavailable):
            engine.submit("final", LONG, random_pixels(20, 20), STYLES)
    process.wait()


def test_bands_twice_or_out_of_order_fail_their_job_alone(home: EngineHome) -> None:
    layer = random_pixels(100, 100, seed=11)
    with home.connect() as engine:
        peaceful = engine.submit("final", Settings(seed=slow(20, 20)), random_pixels(20, 20), STYLES)
        for first, second in ((0, 0), (1000, 0), (0, 2000)):
            with RawClient.of(home) as client:
                client.send(submission(layer))
                client.expect(Need)
                client.send(pack_band(band(JOB, layer, first, 1000)))
                client.send(pack_band(band(JOB, layer, second, 1000)))
                failed = client.expect(Failed)
                assert (failed.job, failed.code) == (JOB, "wire")
        *_, last = peaceful.events(PATIENCE)
        assert isinstance(last, Done)
    assert_engine_is_well(home)


def test_a_client_that_never_sends_its_bands_stops_nobody(home: EngineHome) -> None:
    with RawClient.of(home) as client:
        client.send(submission(random_pixels(100, 100, seed=12)))
        client.expect(Need)
        assert_engine_is_well(home)


def test_a_client_that_never_fetches_its_pictures_stops_nobody(home: EngineHome) -> None:
    with RawClient.of(home) as client:
        start_painting(client, random_pixels(20, 20, seed=13), Settings(seed=slow(10, 100)))
        assert len({client.expect(Preview).picture.digest, client.expect(Finished).picture.digest}) >= 1
        assert_engine_is_well(home)
        client.send(Ping(1))
        client.expect(Pong)


def test_a_client_that_never_reads_loses_its_session_and_the_engine_keeps_its_memory(home: EngineHome) -> None:
    import psutil

    broker = psutil.Process(home.pid())
    before = broker.memory_info().rss
    with RawClient.of(home) as client:
        for number in range(200_000):
            try:
                client.send(Ping(number))
            except EngineUnavailable:
                break
        wait_for(lambda: client_is_gone(home), "the end of a session that doesn't read")
        assert_engine_is_well(home)
    assert broker.memory_info().rss - before < 64 << 20


def client_is_gone(home: EngineHome) -> bool:
    return "ends" in home.log().rpartition("(raw)")[2]


@pytest.mark.parametrize("moment", ["upload", "job", "result"])
def test_a_client_that_leaves_takes_its_pictures_with_it(fresh_home: EngineHome, moment: str) -> None:
    fresh_home.start()
    layer = random_pixels(900, 900)  # 3.2 MB: 7 bands
    moments: dict[str, Callable[[RawClient], None]] = {"upload": in_upload, "job": in_job, "result": in_result}
    with RawClient.of(fresh_home) as client:
        client.send(submission(layer, settings=LONG if moment == "job" else Settings()))
        moments[moment](client)
    wait_for(lambda: not passing(fresh_home, layer), "the deletion of what nobody wants")
    assert_engine_is_well(fresh_home)


def passing(home: EngineHome, layer: Pixels) -> list[str]:
    held = {layer.ref().digest, STYLE.ref().digest}
    return [path.name for path in home.pictures() if path.name not in held]


def in_upload(client: RawClient) -> None:
    client.expect(Need)
    client.send(pack_band(band(JOB, random_pixels(900, 900), 0, 1 << 19)))


def in_job(client: RawClient) -> None:
    upload_all(client, random_pixels(900, 900))
    client.expect(Progress)


def in_result(client: RawClient) -> None:
    upload_all(client, random_pixels(900, 900))
    ref = client.expect(Finished).picture
    client.send(Credit(JOB, ref.digest, 1))
    assert client.expect(Band).offset == 0


def upload_all(client: RawClient, layer: Pixels) -> None:
    from impasto_wire.flow import outgoing_of

    waiting = {picture.ref().digest: outgoing_of(JOB, picture.ref(), picture.data) for picture in (layer, STYLE)}
    while not isinstance(message := client.receive(), Accepted):
        if isinstance(message, (Need, Credit)):
            waiting[message.digest].allow(message.bands)
            for frame in waiting[message.digest].frames():
                client.send(frame)


def test_results_wait_for_a_slow_reader(home: EngineHome) -> None:
    layer = random_pixels(1200, 900, seed=5)  # a result of 3.2 MB, fetched band by band
    with RawClient.of(home) as client:
        client.send(submission(layer, settings=Settings()))
        upload_all(client, layer)
        ref = client.expect(Finished).picture
        got = b""
        while len(got) < ref.size:
            client.send(Ping(1))
            client.send(Credit(JOB, ref.digest, 1))
            got += client.expect(Band).payload
    assert got[:3] == bytes(255 - value for value in layer.data[:3])
    assert len(got) == 1200 * 900 * 3


def test_only_the_latest_preview_waits(home: EngineHome) -> None:
    layer = random_pixels(20, 20, seed=14)
    with RawClient.of(home) as client:
        start_painting(client, layer, Settings(seed=slow(30, 50)))
        steps = [client.expect(Preview).step for _ in range(2)]
        assert steps == sorted(steps), "no credit was given: the newer takes the older's place"
        client.send(Cancel(JOB))


def test_an_engine_object_may_be_closed_twice(home: EngineHome) -> None:
    engine: Engine = home.connect()
    engine.close()
    engine.close()
    with pytest.raises(EngineUnavailable):
        engine.submit("final", Settings(), random_pixels(4, 4), STYLES)
