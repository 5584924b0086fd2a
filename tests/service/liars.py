"""Clients that lie, flood, stall and die: each a function that goes on until its process is killed.

    python -m service.liars NAME CONNECTION_FILE PORT

Written from PROTOCOL.md. A liar has a key of its own (`impasto pair`); a stranger has none. It prints one line once it
is at it, and ends with its standard input.
"""

import contextlib
import itertools
import json
import os
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

import zmq

from fakes import painter
from fakes.engine import random_pixels, stranger
from fakes.painter import slow
from impasto_wire import PROTOCOL
from impasto_wire.bands import BAND, MARK, MAX_BAND, MAX_MESSAGE, WINDOW, Band, pack_band
from impasto_wire.codec import FROM_ENGINE, MAX_HEADER, decode, encode
from impasto_wire.connection import Connection, read_connection
from impasto_wire.flow import Outgoing, outgoing_of
from impasto_wire.messages import (
    AskForecast,
    Cancel,
    Credit,
    Failed,
    Finished,
    Hello,
    Keep,
    Need,
    Ping,
    Submit,
    ToEngine,
)
from impasto_wire.pictures import PictureRef, Pixels
from impasto_wire.request import MAX_STYLES, WeightedStyle
from impasto_wire.settings import Purpose, Settings

GIB = 1 << 30
LONG = Settings(seed=slow(3000, 20))
QUICK = Settings(seed=slow(1, 1))
STYLE = random_pixels(8, 8, seed=2)
MOST_JOBS = 256
CONTEXT: "zmq.Context[zmq.Socket[bytes]]" = zmq.Context()
CONTEXT.max_sockets = 4000


class Line:
    """One connection to the engine, with any key; sends whatever it is told, and reads only when it is told to."""

    def __init__(self, connection: Connection, hello: str | None = "liar", routing_id: bytes = b"") -> None:
        self._socket = CONTEXT.socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.reconnect_ivl = -1
        self._socket.sndhwm = self._socket.rcvhwm = 16
        self._socket.curve_serverkey = connection.server_key.encode()
        self._socket.curve_publickey = connection.client_key.encode()
        self._socket.curve_secretkey = connection.client_secret.encode()
        if routing_id:
            self._socket.routing_id = routing_id
        self._socket.connect(connection.endpoint)
        self._outgoing: dict[tuple[str, str], Outgoing] = {}
        if hello is not None:
            self.send(Hello(PROTOCOL, hello))

    def send(self, *frames: ToEngine | bytes, seconds: float = 0.2) -> bool:
        """Send one message; False when the engine doesn't take it within that time."""
        parts = [frame if isinstance(frame, bytes) else encode(frame) for frame in frames]
        if not self._socket.poll(int(seconds * 1000), zmq.POLLOUT):
            return False
        try:
            self._socket.send_multipart(parts, zmq.NOBLOCK)
        except zmq.Again:
            return False
        return True

    def receive(self, seconds: float = 0.0) -> Any:
        """The next message; the bytes of a band; None when nothing comes."""
        if not self._socket.poll(int(seconds * 1000)):
            return None
        frame = self._socket.recv()
        return frame if frame[:1] == MARK else decode(frame, FROM_ENGINE)

    def drain(self) -> None:
        """Read whatever has come."""
        while self.receive() is not None:
            pass

    def upload(self, message: Need | Credit, *pictures: Pixels) -> None:
        """Send the bands that the engine has given credit for."""
        picture = next((picture for picture in pictures if picture.ref().digest == message.digest), None)
        if picture is None:
            return
        outgoing = self._outgoing.setdefault(
            (message.job, message.digest), outgoing_of(message.job, picture.ref(), picture.data)
        )
        outgoing.allow(message.bands)
        for frame in outgoing.frames():
            self.send(frame)

    def finish(self, submit: Submit, *pictures: Pixels, seconds: float = 60.0) -> Finished | Failed | None:
        """Submit a job, upload what is asked for, and wait until it is done; its result isn't fetched."""
        self.send(submit)
        end = time.monotonic() + seconds
        pinged = 0.0
        while (now := time.monotonic()) < end:
            if now - pinged > 1.0:
                pinged = now
                self.send(Ping(1))
            message = self.receive(0.1)
            if isinstance(message, (Need, Credit)):
                self.upload(message, *pictures)
            elif (isinstance(message, Finished) and message.job == submit.job) or isinstance(message, Failed):
                return message
        return None

    def close(self) -> None:
        self._socket.close(0)


@dataclass
class Scene:
    """Whom a liar lies to."""

    connection: Connection
    """The engine, with the liar's own key."""
    port: int
    """Where strangers find the engine."""
    dice: random.Random = field(default_factory=lambda: random.Random(22))
    names: Iterator[int] = field(default_factory=itertools.count)

    def line(self, hello: str | None = "liar") -> Line:
        """A new session; with None, a connection that hasn't said Hello."""
        return Line(self.connection, hello)

    def knock(self) -> socket.socket:
        """A bare TCP connection."""
        return socket.create_connection(("127.0.0.1", self.port), 5.0)

    def job(self) -> str:
        """A name for a job that no other has."""
        return f"{next(self.names):032x}"

    def submission(
        self, layer: PictureRef, purpose: Purpose = "final", settings: Settings = LONG, *styles: PictureRef
    ) -> Submit:
        """A job for a layer."""
        weighted = tuple(WeightedStyle(ref) for ref in styles or (STYLE.ref(),))
        return Submit(layer, weighted, settings, job=self.job(), purpose=purpose)

    def invented(self, width: int, height: int) -> PictureRef:
        """A picture that doesn't exist."""
        return PictureRef(self.dice.randbytes(32).hex(), width, height, 4, "u8")

    @staticmethod
    def begun() -> None:
        """Say that the lie is under way."""
        print("lying", flush=True)


Act = Callable[[Scene], None]


@dataclass(frozen=True)
class Liar:
    """One way to misbehave."""

    name: str
    act: Act
    in_check: bool
    """Is it among those of the short check?"""
    paints: bool
    """Does it have pictures painted, so that others must wait for their turn?"""
    stalls: bool
    """Is its process stopped while it has messages coming?"""
    kills_painter: bool
    """Does its job end the painter? Others then wait until there is a new one."""

    @property
    def says(self) -> str:
        return (self.act.__doc__ or "").strip()


LIARS: dict[str, Liar] = {}


def liar(
    *, in_check: bool = False, paints: bool = False, stalls: bool = False, kills_painter: bool = False
) -> Callable[[Act], Act]:
    """Register a way to misbehave."""

    def register(act: Act) -> Act:
        LIARS[act.__name__] = Liar(act.__name__, act, in_check, paints, stalls, kills_painter)
        return act

    return register


# Strangers, without a key


@liar(in_check=True)
def idle_strangers(scene: Scene) -> None:
    """205 connections that say nothing; who is sent away comes again a second later."""
    scene.begun()
    knock_again(scene, 1.0)


@liar()
def strangers_that_come_again(scene: Scene) -> None:
    """205 connections that say nothing; who is sent away comes again at once, thousands of times a second."""
    scene.begun()
    knock_again(scene, 0.01)


def knock_again(scene: Scene, pause: float) -> NoReturn:
    """Keep 205 connections open."""
    knocking: list[socket.socket] = []
    while True:
        with contextlib.suppress(OSError):
            while len(knocking) < 205:
                knocking.append(scene.knock())
        time.sleep(pause)
        for stream in list(knocking):
            if is_closed(stream):
                stream.close()
                knocking.remove(stream)


def is_closed(stream: socket.socket) -> bool:
    """Has the engine hung up? What it says is thrown away."""
    stream.setblocking(False)
    try:
        return not stream.recv(1 << 16)
    except BlockingIOError:
        return False
    except OSError:
        return True


GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x01" + b"CURVE".ljust(20, b"\0") + b"\0" + bytes(31)


@liar(in_check=True)
def half_handshakes(scene: Scene) -> None:
    """195 strangers that announce a handshake's command of 2 MiB, and send all of it but the last byte."""
    command = b"\x06" + (MAX_MESSAGE).to_bytes(8, "big") + bytes(MAX_MESSAGE - 1)
    scene.begun()
    while True:
        knocking = []
        for _ in range(195):
            try:
                stream = scene.knock()
                stream.settimeout(0.5)
                stream.sendall(GREETING + command)
                knocking.append(stream)
            except OSError:
                continue
        time.sleep(0.5)
        for stream in knocking:
            stream.close()


@liar()
def wrong_keys(scene: Scene) -> None:
    """Strangers with keys that the engine doesn't know, one after the other."""
    scene.begun()
    while True:
        lines = [Line(stranger(scene.connection)) for _ in range(20)]
        time.sleep(0.1)
        for line in lines:
            line.close()


@liar()
def hang_ups(scene: Scene) -> None:
    """Strangers that hang up at once, as fast as they can."""
    scene.begun()
    while True:
        try:
            scene.knock().close()
        except OSError:
            time.sleep(0.01)


@liar()
def other_protocols(scene: Scene) -> None:
    """Strangers that speak HTTP, nonsense, or ZeroMQ without encryption."""
    greetings = (b"GET / HTTP/1.1\r\n\r\n" + bytes(100), os.urandom(4096), GREETING.replace(b"CURVE", b"NULL\0") * 3)
    scene.begun()
    for greeting in itertools.cycle(greetings):
        try:
            with scene.knock() as stream:
                stream.settimeout(0.2)
                stream.sendall(greeting)
                stream.recv(64)
        except OSError:
            continue


# Messages that are wrong, or too many


@liar(in_check=True)
def recipe_of_many_letters(scene: Scene) -> None:
    """A recipe of 20,000 "é", which take more room when they are encoded again."""
    line = scene.line()
    right = encode(scene.submission(STYLE.ref(), "final", QUICK))
    line.finish(scene.submission(STYLE.ref(), "final", QUICK), STYLE)
    frame = right.replace(b'"impasto"', b'"' + "é".encode() * 20_000 + b'"')
    scene.begun()
    while True:
        line.send(frame)
        line.drain()
        time.sleep(0.05)


@liar(in_check=True)
def waiting_on_a_lying_digest(scene: Scene) -> None:
    """256 jobs wait for one picture, whose bytes don't match its digest; then the same again."""
    scene.begun()
    while True:
        line = scene.line()
        lying = scene.invented(8, 8)
        for _ in range(MOST_JOBS):
            line.send(scene.submission(lying, "final", QUICK))
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            message = line.receive(0.1)
            if isinstance(message, Need):
                picture = bytes(256) if message.digest == lying.digest else STYLE.data
                line.send(pack_band(Band(message.job, message.digest, 0, picture)))
        line.close()


def announce_a_full_store(scene: Scene) -> tuple[Line, list[Need]]:
    """Announce pictures of 8 GiB in all."""
    line, needs = scene.line(), []
    for count, side in ((33, 8192), (65, 1024), (140, 128)):  # the smaller ones fill what the larger ones leave
        for _ in range(count):
            line.send(scene.submission(scene.invented(side, side)))
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        if isinstance(message := line.receive(0.05), Need):
            needs.append(message)
    return line, needs


def announce_again(scene: Scene, line: Line) -> None:
    """Announce what takes the room that others have left since."""
    for side in (1024, 256, 64):
        line.send(scene.submission(scene.invented(side, side)))
    line.drain()


@liar(in_check=True)
def store_reserved_for_nothing(scene: Scene) -> None:
    """Pictures of 8 GiB are announced, and nothing is sent but pings."""
    line, _ = announce_a_full_store(scene)
    more = scene.line()
    scene.begun()
    while True:
        line.send(Ping(1))
        line.drain()
        announce_again(scene, more)
        time.sleep(0.1)


@liar()
def store_reserved_a_byte_a_second(scene: Scene) -> None:
    """Pictures of 8 GiB are announced, and a byte of each comes every second."""
    line, needs = announce_a_full_store(scene)
    more = scene.line()
    scene.begun()
    for offset in itertools.count():
        for need in needs:
            line.send(pack_band(Band(need.job, need.digest, offset, b"x")))
        line.drain()
        line.send(Ping(1))
        for _ in range(10):
            announce_again(scene, more)
            time.sleep(0.1)


@liar(in_check=True, paints=True)
def session_per_job(scene: Scene) -> None:
    """A new session for each job, four at a time: nobody has waited longer than a newcomer."""
    scene.begun()

    def paint_again() -> None:
        while True:
            line = scene.line()
            line.finish(scene.submission(STYLE.ref(), "final", Settings(seed=slow(10, 40))), STYLE)
            line.close()

    for _ in range(3):
        threading.Thread(target=paint_again, daemon=True).start()
    paint_again()


@liar(in_check=True, paints=True)
def endless_previews(scene: Scene) -> None:
    """Previews without end from four sessions: within its purpose, each is first."""
    scene.begun()

    def preview_again() -> None:
        line = scene.line()
        while True:
            line.finish(scene.submission(STYLE.ref(), "preview", Settings(seed=slow(20, 20))), STYLE)

    for _ in range(3):
        threading.Thread(target=preview_again, daemon=True).start()
    preview_again()


@liar(paints=True)
def replaced_previews(scene: Scene) -> None:
    """Each preview replaces the one before, as fast as they can be sent."""
    line = scene.line()
    line.finish(scene.submission(STYLE.ref(), "preview", QUICK), STYLE)
    scene.begun()
    while True:
        line.send(scene.submission(STYLE.ref(), "preview", Settings(seed=slow(500, 20))))
        line.drain()


@liar(in_check=True, paints=True)
def long_paintings(scene: Scene) -> None:
    """255 paintings of a minute each."""
    line = scene.line()
    line.finish(scene.submission(STYLE.ref(), "final", QUICK), STYLE)
    for _ in range(MOST_JOBS - 1):
        line.send(scene.submission(STYLE.ref()))
        line.drain()
    scene.begun()
    keep_pinging(line)


def keep_pinging(*lines: Line) -> NoReturn:
    """Read everything, and ping each second."""
    while True:
        for line in lines:
            line.send(Ping(1))
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            for line in lines:
                line.drain()
            time.sleep(0.02)


@liar(paints=True)
def many_thumbnails(scene: Scene) -> None:
    """Thumbnails without end."""
    line = scene.line()
    line.finish(scene.submission(STYLE.ref(), "final", QUICK), STYLE)
    for _ in range(MOST_JOBS - 1):
        line.send(scene.submission(STYLE.ref(), "thumbnail"))
        line.drain()
    scene.begun()
    keep_pinging(line)


@liar(in_check=True)
def forecast_of_a_gigapixel_row(scene: Scene) -> None:
    """255 questions what a layer of 1,000,000,000 x 1 pixels would cost."""
    line = scene.line()
    line.send(AskForecast(scene.job(), 640, 480, Settings()))
    line.receive(20.0)
    scene.begun()
    for _ in range(MOST_JOBS - 1):
        line.send(AskForecast(scene.job(), 10**9, 1, Settings()))
        line.drain()
    keep_pinging(line)


@liar()
def forecast_flood(scene: Scene) -> None:
    """Questions as fast as they can be sent, from three sessions."""
    lines = [scene.line() for _ in range(3)]
    scene.begun()
    while True:
        for line in lines:
            line.send(AskForecast(scene.job(), 640, 480, Settings()))
            line.drain()


@liar()
def forecasts_whose_asker_leaves(scene: Scene) -> None:
    """Questions, and their asker is gone before the answer."""
    scene.begun()
    while True:
        line = scene.line()
        for _ in range(MOST_JOBS - 1):
            line.send(AskForecast(scene.job(), 10**6, 1000, Settings()))
        time.sleep(0.05)
        line.close()


@liar(in_check=True)
def sessions_that_do_not_read(scene: Scene) -> None:
    """30 sessions that ask for 16 MiB of a result, twice, and read none of it."""
    layer = random_pixels(2600, 2200, seed=3)
    lines = []
    scene.begun()
    for _ in range(30):
        line = scene.line()
        lines.append(line)
        for _ in range(2):
            done = line.finish(scene.submission(layer.ref(), "final", QUICK), layer, STYLE)
            if isinstance(done, Finished):
                line.send(Credit(done.job, done.picture.digest, 32))
    while True:
        for line in lines:
            line.send(Ping(1))
        time.sleep(1.0)


@liar()
def pings_that_nobody_reads(scene: Scene) -> None:
    """Pings as fast as they can be sent, from ten sessions that don't read."""
    scene.begun()
    while True:
        lines = [scene.line() for _ in range(10)]
        end = time.monotonic() + 6.0
        while time.monotonic() < end:
            for line in lines:
                line.send(Ping(1), seconds=0.0)
        for line in lines:
            line.close()


@liar()
def ping_flood(scene: Scene) -> None:
    """Pings as fast as they can be sent, and every answer is read."""
    lines = [scene.line() for _ in range(5)]
    scene.begun()
    while True:
        for line in lines:
            line.send(Ping(1), seconds=0.0)
            line.drain()


@liar()
def hello_flood(scene: Scene) -> None:
    """Hello, again and again in one session, with a name that would forge lines in the log."""
    line = scene.line()
    scene.begun()
    while True:
        line.send(Hello(PROTOCOL, "x\n2026-01-01 CRITICAL root: " + "y" * 60_000))
        line.drain()


@liar(in_check=True)
def flood_behind_a_long_queue(scene: Scene) -> None:
    """Five sessions, each with 255 jobs of 18 pictures that wait; then bands of 1 MiB as fast as they can be sent."""
    lines = [scene.line() for _ in range(5)]
    styles = [scene.invented(1, 1) for _ in range(MAX_STYLES)]
    for line in lines:
        for _ in range(MOST_JOBS - 1):
            line.send(scene.submission(STYLE.ref(), "final", LONG, *styles))
            line.drain()
    scene.begun()
    flood_with_bands(scene, lines)


def flood_with_bands(scene: Scene, lines: list[Line]) -> NoReturn:
    """Bands of 1 MiB of jobs that don't exist."""
    frame = pack_band(Band(scene.job(), "ab" * 32, 0, bytes(MAX_BAND)))
    while True:
        for line in lines:
            line.send(frame, seconds=0.0)
            line.drain()


@liar()
def bands_unasked(scene: Scene) -> None:
    """Bands of 1 MiB that nobody asked for, from ten sessions."""
    lines = [scene.line() for _ in range(10)]
    scene.begun()
    flood_with_bands(scene, lines)


@liar()
def bands_out_of_order(scene: Scene) -> None:
    """Bands twice, with gaps, beyond the end, too long, and of a wrong digest."""
    line, layer = scene.line(), random_pixels(700, 700, seed=4)
    scene.begun()
    while True:
        submit = scene.submission(layer.ref(), "final", QUICK, layer.ref())
        line.send(submit)
        wrong = scene.dice.choice(
            (
                [(0, layer.data[:BAND]), (0, layer.data[:BAND])],
                [(BAND, layer.data[:BAND])],
                [(0, layer.data[:BAND]), (BAND, bytes(MAX_BAND)), (BAND + MAX_BAND, bytes(MAX_BAND))],
                [(0, bytes(MAX_BAND)), (MAX_BAND, bytes(len(layer.data) - MAX_BAND))],
                [(2**63, b"x"), (2**64 - 1, b"x")],
                [(0, bytes(MAX_BAND + 1))],
            )
        )
        for offset, payload in wrong:
            line.send(pack_band(Band(submit.job, layer.ref().digest, offset, payload)))
        line.drain()


@liar()
def tiny_pictures(scene: Scene) -> None:
    """8,500 pictures of 4 bytes, all of which the engine holds; then more."""
    scene.begun()
    while True:
        line = scene.line()
        for _ in range(250):
            pictures = [Pixels(1, 1, 4, "u8", scene.dice.randbytes(4)) for _ in range(17)]
            refs = [picture.ref() for picture in pictures]
            line.send(scene.submission(refs[0], "thumbnail", QUICK, *refs[1:]))
            while isinstance(message := line.receive(0.02), Need) or message is not None:
                if isinstance(message, Need):
                    line.upload(message, *pictures)
        line.close()


@liar()
def results_never_fetched(scene: Scene) -> None:
    """Paintings that are finished and never fetched, 255 in each of two sessions."""
    layer = random_pixels(1000, 1000, seed=5)
    scene.begun()
    lines = []
    for _ in range(2):
        line = scene.line()
        lines.append(line)
        for _ in range(MOST_JOBS - 1):
            line.finish(scene.submission(layer.ref(), "final", QUICK), layer, STYLE)
            for other in lines:
                other.drain()
    keep_pinging(*lines)


@liar()
def results_fetched_slowly(scene: Scene) -> None:
    """A result of 12 MB is fetched a band a second, by twenty sessions."""
    layer = random_pixels(2000, 2000, seed=6)
    fetching = []
    scene.begun()
    for _ in range(20):
        line = scene.line()
        if isinstance(done := line.finish(scene.submission(layer.ref(), "final", QUICK), layer, STYLE), Finished):
            fetching.append((line, done))
    while True:
        for line, done in fetching:
            line.send(Credit(done.job, done.picture.digest, 1))
            line.drain()
        time.sleep(1.0)


@liar()
def submit_flood(scene: Scene) -> None:
    """Jobs as fast as they can be sent, far more than a session may have, each for a picture of its own."""
    lines = [scene.line() for _ in range(3)]
    scene.begun()
    while True:
        for line in lines:
            line.send(scene.submission(scene.invented(64, 64)))
            line.drain()


@liar(in_check=True, paints=True)
def submit_keep_cancel(scene: Scene) -> None:
    """Submit, Keep and Cancel of the same job, as fast as they can be sent."""
    line = scene.line()
    line.finish(scene.submission(STYLE.ref(), "final", QUICK), STYLE)
    scene.begun()
    while True:
        submit = scene.submission(STYLE.ref())
        line.send(submit)
        line.send(Keep(submit.job))
        line.send(Cancel(submit.job))
        line.drain()


@liar()
def credit_of_a_thousand_million(scene: Scene) -> None:
    """Credit of 1,000,000,000 bands for a result, none and fewer than none, for previews, and for what isn't there."""
    layer, line = random_pixels(1500, 1500, seed=7), scene.line()
    scene.begun()
    while True:
        done = line.finish(scene.submission(layer.ref(), "final", QUICK), layer, STYLE)
        for bands in (10**9, 0, -1, 2**53):
            for digest in (done.picture.digest if isinstance(done, Finished) else "00" * 32, "ab" * 32):
                line.send(Credit(done.job if done else scene.job(), digest, bands))
                line.send(Credit(scene.job(), digest, bands))
        line.drain()


@liar(in_check=True)
def thief(scene: Scene) -> None:
    """Credit, Keep, Cancel and Submit under the names that the others use for their jobs."""
    line = scene.line()
    scene.begun()
    while True:
        for number in range(HONEST_NAMES, HONEST_NAMES + 400):
            job = f"{number:032x}"
            line.send(Cancel(job))
            line.send(Keep(job))
            line.send(Credit(job, "ab" * 32, 32))
            line.send(replace(scene.submission(scene.invented(9, 9)), job=job))
            line.send(Cancel(job))
            line.drain()


HONEST_NAMES = 1 << 64
"""The number of the honest clients' first job; the others follow."""


@liar(in_check=True, paints=True)
def malformed_frames(scene: Scene) -> None:
    """Messages with bytes changed, cut out and doubled; several frames; none; what must not be sent."""
    line = scene.line()
    right: list[bytes] = [
        encode(scene.submission(STYLE.ref(), "final", QUICK)),
        encode(Ping(1)),
        encode(AskForecast(scene.job(), 99, 99, Settings())),
        encode(Credit(scene.job(), "ab" * 32, 1)),
        pack_band(Band(scene.job(), "ab" * 32, 0, b"abc")),
        b'{"type": "Welcome", "protocol": 1}',
        b"\x01",
        b"",
        b"[" * 50_000,
        '{"type": "Ping", "number": 1}'.encode("utf-16"),
    ]
    scene.begun()
    while True:
        frame = bytearray(scene.dice.choice(right))
        for _ in range(scene.dice.randint(0, 3)):
            place = scene.dice.randrange(len(frame) or 1)
            frame[place : place + scene.dice.randint(0, 3)] = scene.dice.randbytes(scene.dice.randint(0, 3))
        frames = [bytes(frame)] * scene.dice.choice((1, 1, 1, 2, 9))
        if not line.send(*frames):
            line = scene.line()
        line.drain()


@liar()
def large_messages(scene: Scene) -> None:
    """Messages of 64 KiB with thousands of fields that mean nothing, from ten sessions."""
    lines = [scene.line() for _ in range(10)]
    fields: dict[str, object] = {f"x{number}": number for number in range(4000)}
    frame = json.dumps({"type": "Ping", "number": 1, **fields}).encode()
    assert MAX_HEADER // 2 < len(frame) <= MAX_HEADER, len(frame)
    scene.begun()
    while True:
        for line in lines:
            line.send(frame, seconds=0.0)
            line.drain()


@liar()
def too_large_frames(scene: Scene) -> None:
    """Frames beyond the 2 MiB that end a connection, again and again."""
    scene.begun()
    while True:
        line = scene.line()
        line.send(b"\x01" + bytes(MAX_MESSAGE + 1))
        line.send(b"\x01" + bytes(MAX_MESSAGE + 1))
        line.receive(0.05)
        line.close()


@liar()
def no_hello(scene: Scene) -> None:
    """Everything but Hello; and Hello with an address of one's own, or from the future."""
    scene.begun()
    while True:
        lines = [scene.line(None), Line(scene.connection, routing_id=b"another's"), scene.line(None)]
        lines[-1].send(Hello(PROTOCOL + 1, "from the future"))
        for line in lines:
            for message in (Ping(1), scene.submission(STYLE.ref()), Cancel(scene.job())):
                line.send(message)
            line.send(pack_band(Band(scene.job(), "ab" * 32, 0, bytes(MAX_BAND))))
        time.sleep(0.02)
        for line in lines:
            line.close()


@liar()
def many_sessions(scene: Scene) -> None:
    """400 sessions with one key, each of which pings."""
    lines: list[Line] = []
    scene.begun()
    for _ in range(400):
        lines.append(scene.line())
        for line in lines[::20]:
            line.send(Ping(1), seconds=0.0)
    while True:
        for line in lines:
            line.send(Ping(1), seconds=0.0)
            line.drain()
        time.sleep(0.5)


@liar()
def short_sessions(scene: Scene) -> None:
    """Sessions that begin and end at once."""
    scene.begun()
    while True:
        line = scene.line()
        line.receive(0.05)
        line.close()


# Those that stall and die


@liar(in_check=True, paints=True, stalls=True)
def stalls_with_messages_coming(scene: Scene) -> None:
    """A client that is stopped while previews and results of 8 MB are on their way to it."""
    layer = random_pixels(1800, 1500, seed=8)
    lines = [scene.line() for _ in range(4)]
    for line in lines:
        done = line.finish(scene.submission(layer.ref(), "final", QUICK), layer, STYLE)
        line.send(scene.submission(layer.ref()))
        if isinstance(done, Finished):
            line.send(Credit(done.job, done.picture.digest, 32))
    scene.begun()
    keep_pinging(*lines)


@liar(in_check=True)
def dies_in_an_upload(scene: Scene) -> None:
    """Clients that die when half of their picture has been sent."""
    layer = random_pixels(1500, 1000, seed=9)
    scene.begun()
    while True:
        line = scene.line()
        line.send(scene.submission(replace(layer.ref(), digest=scene.dice.randbytes(32).hex())))
        while (message := line.receive(0.5)) is not None:
            if isinstance(message, Need):
                for offset in range(0, len(layer.data) // 2, BAND)[:WINDOW]:
                    line.send(pack_band(Band(message.job, message.digest, offset, layer.data[offset : offset + BAND])))
                break
        time.sleep(0.02)
        line.close()


@liar(paints=True)
def dies_while_painting(scene: Scene) -> None:
    """Clients that die as soon as their painting has begun."""
    scene.begun()
    while True:
        line = scene.line()
        line.finish(scene.submission(STYLE.ref()), STYLE, seconds=0.3)
        line.close()


@liar(paints=True, kills_painter=True)
def painting_that_ends_the_painter(scene: Scene) -> None:
    """Paintings in which the painter's process dies."""
    line = scene.line()
    scene.begun()
    while True:
        line.finish(scene.submission(STYLE.ref(), "final", Settings(seed=painter.DIES)), STYLE)
        time.sleep(0.5)


def main() -> None:
    """Lie until standard input ends."""
    name, file, port = sys.argv[1:]

    def end_with_input() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=end_with_input, daemon=True).start()
    LIARS[name].act(Scene(read_connection(Path(file)), int(port)))


if __name__ == "__main__":
    main()
