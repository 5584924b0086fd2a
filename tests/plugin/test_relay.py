"""The filter where ZeroMQ can't be imported: the same messages, through `impasto relay`."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.engine import PATIENCE, EngineHome, is_running, random_pixels, wait_for
from fakes.jobs import asking, events_of
from fakes.painter import slow
from impasto_plugin.engine import launcher
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.launcher import connect, find_or_start
from impasto_plugin.engine.relay import RelayTransport
from impasto_wire import PROTOCOL
from impasto_wire.codec import encode
from impasto_wire.errors import EngineUnavailable
from impasto_wire.messages import Hello, Progress
from impasto_wire.settings import Settings
from impasto_wire.streams import write_frame

STYLES = [(random_pixels(8, 8), 1.0)]
LONG = Settings(seed=slow(1000, 20))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EngineHome]:
    """A place for an engine, and a filter without ZeroMQ."""
    monkeypatch.setattr(launcher, "has_zmq", lambda: False)
    engine = EngineHome(tmp_path)
    yield engine
    engine.stop()


def relays(home: EngineHome) -> list[int]:
    import psutil

    found = []
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended since
            if "relay" in child.cmdline():
                found.append(child.pid)
    return found


def test_a_layer_is_painted_through_the_relay(home: EngineHome) -> None:
    layer = random_pixels(1500, 1000)  # 6 MB: more than any pipe holds
    with find_or_start(home.config) as engine:
        assert relays(home)
        seen: list[Progress] = []
        result = engine.paint(asking(layer, STYLES, Settings(seed=slow(5, 50))), on_progress=seen.append)
    rgb = bytearray(layer.data)
    del rgb[3::4]
    assert result.data == bytes(rgb).translate(bytes(range(255, -1, -1)))
    assert seen
    wait_for(lambda: not relays(home), "the relay's end")


def test_the_filter_needs_no_zmq_for_that(home: EngineHome, checkout: Path) -> None:
    home.start()
    script = f"""
import sys
sys.modules["zmq"] = None
sys.path[:0] = [{str(checkout / "gimp_plugin/impasto-filter")!r}]
from pathlib import Path
from impasto_plugin.engine.launcher import EngineConfig, find_or_start
from impasto_wire.pictures import Pixels
from impasto_wire.request import PaintRequest, WeightedStyle
config = EngineConfig({home.config.command!r}, Path({str(home.connection_file)!r}), Path({str(home.log_file)!r}), "0")
with find_or_start(config) as engine:
    picture = Pixels(4, 4, 4, "u8", bytes(64))
    print(engine.paint(PaintRequest(picture, (WeightedStyle(picture),))).data == b"\\xff" * 48)
"""
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_a_filter_that_is_killed_takes_its_relay_and_its_job_with_it(home: EngineHome) -> None:
    home.start()
    transport = RelayTransport(home.config.relay_command(), {**os.environ, **home.environment})
    engine = Engine(transport).wait_for_welcome(PATIENCE)
    job = engine.submit("final", asking(random_pixels(20, 20), STYLES, LONG))
    wait_for(lambda: isinstance(job.next_event(PATIENCE), Progress), "the first step")
    assert transport._process.stdin
    transport._process.stdin.close()  # all that is left of a killed process: its closed pipes
    with connect(home.config, PATIENCE) as other:
        begun = time.monotonic()  # a relay takes its time to start on a busy machine
        assert other.paint(asking(random_pixels(9, 9), STYLES)).width == 9
        assert time.monotonic() - begun < 4, "the job would have gone on for 20 s, the lease for 5 s"
    wait_for(lambda: not is_running(transport._process.pid), "the relay's end")
    engine.close()


def test_an_engine_that_dies_is_told_through_the_relay(home: EngineHome) -> None:
    process = home.start()
    with connect(home.config, PATIENCE) as engine:
        job = engine.submit("final", asking(random_pixels(20, 20), STYLES, LONG))
        wait_for(lambda: isinstance(job.next_event(PATIENCE), Progress), "the first step")
        process.kill()
        process.wait()
        with pytest.raises(EngineUnavailable, match="ended"):
            list(events_of(job, PATIENCE))


def test_a_relay_that_is_killed_ends_the_session(home: EngineHome) -> None:
    home.start()
    relay = [*home.command[:3], "relay", "--connection-file", str(home.connection_file)]
    transport = RelayTransport(relay, {**os.environ, **home.environment})
    with Engine(transport).wait_for_welcome(PATIENCE) as engine:
        job = engine.submit("final", asking(random_pixels(20, 20), STYLES, LONG))
        transport._process.kill()
        with pytest.raises(EngineUnavailable, match="ended"):
            list(events_of(job, PATIENCE))


def test_no_engine_is_the_same_sentence_through_the_relay(home: EngineHome) -> None:
    with pytest.raises(EngineUnavailable, match="not running"):
        connect(home.config, PATIENCE)


def test_a_relay_that_cannot_be_started_is_a_sentence() -> None:
    with pytest.raises(EngineUnavailable, match="can't be started"):
        RelayTransport(["/nowhere/python"], {})


def test_a_relay_whose_filter_has_gone_ends_without_a_word(home: EngineHome) -> None:
    """On Windows a pipe that nobody reads is an invalid argument, not a broken pipe."""
    home.start()
    relay = subprocess.Popen(
        home.config.relay_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert relay.stdin
    assert relay.stdout
    assert relay.stderr
    relay.stdout.close()
    write_frame(relay.stdin, encode(Hello(PROTOCOL, "a filter that has gone")))  # the answer can't be written
    assert relay.wait(PATIENCE) == 0
    assert relay.stderr.read() == b""
    relay.stdin.close()
    relay.stderr.close()
