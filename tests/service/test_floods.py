"""Clients that flood, that don't read, and strangers: the broker stays under its stated memory, and others are served.

`impasto serve` itself is measured, not a part of it. Short floods here, all of them together with --long.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator

import psutil
import pytest
import zmq

from fakes.engine import PATIENCE, EngineHome, RawClient, knock, random_pixels
from fakes.jobs import asking
from fakes.painter import slow
from impasto.service.accounts import MESSAGE_BYTES, OWN
from impasto.service.broker import MOST_MEMORY
from impasto.service.control import open_wire
from impasto_wire import PROTOCOL
from impasto_wire.bands import MAX_BAND, Band, pack_band
from impasto_wire.codec import FROM_ENGINE, MAX_HEADER, decode, encode
from impasto_wire.connection import read_connection
from impasto_wire.messages import Credit, Failed, Finished, Hello, Need, Ping, Submit
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Settings

JOB = "0123456789abcdef" * 2
LAYER = random_pixels(2000, 1400)
STYLE = WeightedStyle(LAYER.ref())
SUBMIT = Submit(LAYER.ref(), (STYLE,), Settings(seed=slow(1, 1)), job=JOB, purpose="final")
Dealer = zmq.Socket[bytes]


class Liars:
    """So many sessions of one client, and what they do until they are told to stop."""

    def __init__(self, home: EngineHome, count: int) -> None:
        self.connection = read_connection(home.connection_file)
        self.context = zmq.Context[Dealer]()
        self.is_over = threading.Event()
        self.dealers = [self._open() for _ in range(count)]

    def _open(self) -> Dealer:
        dealer = open_wire(self.context, self.connection).dealer
        dealer.sndhwm = dealer.rcvhwm = 2
        dealer.send(encode(Hello(PROTOCOL, "liar")))
        return dealer

    def wait_for_welcome(self) -> None:
        for dealer in self.dealers:
            assert dealer.poll(PATIENCE * 1000)

    def fetch_results(self) -> None:
        """Have a layer that is held painted for every session; ask for all bands of the paintings, and read none."""
        for dealer in self.dealers:
            dealer.send(encode(SUBMIT))
        waiting = set(self.dealers)
        end = time.monotonic() + PATIENCE
        while waiting:
            assert time.monotonic() < end, f"{len(waiting)} paintings are missing"
            for dealer in self.dealers:
                dealer.send(encode(Ping(1)))
            time.sleep(0.05)
            waiting -= {dealer for dealer in waiting if dealer.poll(10) and self._fetches_result(dealer)}

    def _fetches_result(self, dealer: Dealer) -> bool:
        while dealer.poll(0):
            message = decode(dealer.recv(), FROM_ENGINE)
            assert not isinstance(message, (Failed, Need)), message
            if isinstance(message, Finished):
                dealer.send(encode(Credit(JOB, message.picture.digest, 32)))
                return True
        return False

    def send_to_all(self, frame: bytes) -> None:
        """Send a frame again and again by every session, and read nothing: bands and long messages as fast as they are
        taken, short ones as many as don't end a session."""
        pause = 0.05 if len(frame) < MESSAGE_BYTES else 0.001
        while not self.is_over.is_set():
            for dealer in self.dealers:
                for _ in range(20):
                    with contextlib.suppress(zmq.Again):
                        dealer.send(frame, zmq.NOBLOCK, copy=False)
            time.sleep(pause)

    def close(self) -> None:
        self.context.destroy(0)


@contextlib.contextmanager
def flooding(home: EngineHome, frame: bytes, fetches_results: bool) -> Iterator[None]:
    """While the block runs, all sessions that one client may have do their worst."""
    liars = Liars(home, OWN.sessions - 2)
    thread = threading.Thread(target=liars.send_to_all, args=(frame,))
    with contextlib.closing(liars):
        liars.wait_for_welcome()
        if fetches_results:
            with home.connect() as engine:
                engine.paint(asking(LAYER, [(LAYER, 1.0)]))
            liars.fetch_results()
        thread.start()
        try:
            yield
            assert thread.is_alive()
        finally:
            liars.is_over.set()
            thread.join()


FLOODS = {
    "bands that nobody asked for": (pack_band(Band(JOB, "a" * 64, 0, bytes(MAX_BAND))), False),
    "the longest messages": (b'{"type": "Ping", "number": 1, "x": "' + b"x" * (MAX_HEADER - 100) + b'"}', False),
    "refused messages": (b"{}", False),
    "results that nobody reads": (encode(Ping(1)), True),
    "bands, and results that nobody reads": (pack_band(Band(JOB, "a" * 64, 0, bytes(MAX_BAND))), True),
}


GREETING = b"\xff" + bytes(7) + b"\x01\x7f\x03\x01" + b"CURVE".ljust(20, b"\0") + bytes(32)


def half_a_handshake(stream: socket.socket, size: int) -> None:
    """Greet, announce a command of that many bytes, and send almost all of it."""
    stream.settimeout(1.0)
    with contextlib.suppress(OSError):
        stream.sendall(GREETING + b"\x06" + struct.pack(">Q", size) + bytes(size - 1))


@contextlib.contextmanager
def half_handshakes(home: EngineHome, count: int) -> Iterator[None]:
    connection = read_connection(home.connection_file)
    with contextlib.ExitStack() as streams:
        for _ in range(count):
            stream = streams.enter_context(knock(connection))
            half_a_handshake(stream, MAX_BAND)
        yield


class Watch:
    """The most memory that a process had while it was watched."""

    def __init__(self, home: EngineHome) -> None:
        self.most = 0
        self._process = psutil.Process(home.pid())

    def look(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.most = max(self.most, self._process.memory_info().rss)
            time.sleep(0.01)


@pytest.mark.parametrize("flood", FLOODS)
@pytest.mark.parametrize(
    "seconds", [pytest.param(1.0, id="short"), pytest.param(30.0, id="long", marks=pytest.mark.long)]
)
@pytest.mark.timeout(200)
def test_the_broker_stays_under_its_memory(fresh_home: EngineHome, flood: str, seconds: float) -> None:
    fresh_home.start()
    watch = Watch(fresh_home)
    with flooding(fresh_home, *FLOODS[flood]):
        watch.look(seconds)
        with RawClient.of(fresh_home) as client:
            client.ping(7)
        watch.look(0.2)
    print(f"{flood}: {watch.most >> 20} MiB")
    assert watch.most < MOST_MEMORY


@pytest.mark.parametrize("count", [pytest.param(100, id="few"), pytest.param(400, id="many", marks=pytest.mark.long)])
def test_strangers_take_little_memory(fresh_home: EngineHome, count: int) -> None:
    fresh_home.start()
    watch = Watch(fresh_home)
    with half_handshakes(fresh_home, count):
        watch.look(0.3)
        with RawClient.of(fresh_home) as client:
            client.ping(7)
    print(f"strangers: {watch.most >> 20} MiB")
    assert watch.most < MOST_MEMORY


@pytest.mark.long
@pytest.mark.timeout(300)
def test_all_floods_together(fresh_home: EngineHome) -> None:
    fresh_home.start()
    watch = Watch(fresh_home)
    with flooding(fresh_home, *FLOODS["bands, and results that nobody reads"]), half_handshakes(fresh_home, 400):
        watch.look(30.0)
    print(f"everything: {watch.most >> 20} MiB")
    assert watch.most < MOST_MEMORY
