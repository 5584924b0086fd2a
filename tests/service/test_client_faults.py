"""Clients that die, hang, fall silent or send nonsense: the engine lets go of them, and the others notice nothing."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from fakes.engine import PATIENCE, EngineHome, RawClient, band, random_pixels, wait_for
from fakes.jobs import LONG, STYLE, STYLES, asking, assert_engine_is_well, events_of
from fakes.painter import slow
from impasto_plugin.engine.jobs import Done
from impasto_wire.bands import Band, pack_band
from impasto_wire.errors import EngineUnavailable
from impasto_wire.flow import outgoing_of
from impasto_wire.messages import (
    Accepted,
    Cancel,
    Credit,
    Failed,
    Finished,
    Need,
    Ping,
    Pong,
    Preview,
    Progress,
    Submit,
)
from impasto_wire.pictures import Pixels
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Settings

JOB = "0123456789abcdef" * 2

DRAWS_FOREVER = """
import sys
from pathlib import Path
from fakes.engine import random_pixels
from fakes.jobs import asking
from impasto_plugin.engine.client import Engine
from impasto_wire.settings import Settings
engine = Engine.connect(Path(sys.argv[1]), 20)
engine.paint(asking(random_pixels(64, 64), [(random_pixels(8, 8), 1.0)], Settings(seed=int(sys.argv[2]))),
             on_progress=lambda _: print("painting", flush=True))
"""


def submission(layer: Pixels, job: str = JOB, settings: Settings = LONG) -> Submit:
    return Submit(layer.ref(), (WeightedStyle(STYLE.ref()),), settings, job=job, purpose="final")


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
            assert engine.paint(asking(random_pixels(9, 9), STYLES, Settings(seed=slow(2, 10)))).width == 9
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
        assert engine.paint(asking(random_pixels(9, 9), STYLES, Settings(seed=slow(2, 10)))).width == 9


def test_bands_twice_or_out_of_order_fail_their_job_alone(home: EngineHome) -> None:
    layer = random_pixels(100, 100, seed=11)
    with home.connect() as engine:
        peaceful = engine.submit("final", asking(random_pixels(20, 20), STYLES, Settings(seed=slow(20, 20))))
        for first, second in ((0, 0), (1000, 0), (0, 2000)):
            with RawClient.of(home) as client:
                client.send(submission(layer))
                client.expect(Need)
                client.send(pack_band(band(JOB, layer, first, 1000)))
                client.send(pack_band(band(JOB, layer, second, 1000)))
                failed = client.expect(Failed)
                assert (failed.job, failed.code) == (JOB, "wire")
        *_, last = events_of(peaceful, PATIENCE)
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
        client.expect(Preview)
        client.expect(Finished)
        assert_engine_is_well(home)
        client.send(Ping(1))
        client.expect(Pong)


def test_a_client_that_never_reads_loses_its_session_and_the_engine_keeps_its_memory(home: EngineHome) -> None:
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
