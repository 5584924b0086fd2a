"""What honest clients notice while another client lies.

    python -m service.promise [--seconds S] [--only NAME ...] [--json FILE]

One engine with the fake painter; a liar in a process of its own, with its own key or with none; beside it three honest
clients, with this machine's key and with another paired one: one stays, pings, and keeps a result that it hasn't
fetched; two begin a session for each job, a draft or a preview. Prints a row of Markdown for each liar.
"""

import argparse
import contextlib
import itertools
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from fakes.engine import PATIENCE, EngineHome, RawClient, is_running, random_pixels, wait_for
from fakes.painter import slow
from impasto_wire.bands import WINDOW, Band
from impasto_wire.connection import Connection, read_connection
from impasto_wire.errors import ImpastoError
from impasto_wire.flow import Outgoing, collect, outgoing_of
from impasto_wire.messages import Cancelled, Credit, Failed, Finished, Need, Ping, Pong, Progress, Submit
from impasto_wire.pictures import Pixels
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Purpose, Settings

from .liars import HONEST_NAMES, LIARS, STYLE, Liar

FORECASTER = ("--painter", "fakes.forecaster:open_painter")
DRAFT = Settings(seed=slow(10, 30), quality="draft")
"""What an honest job asks for."""
DRAFT_SECONDS = 0.3
LAYERS = ((300, 200), (700, 500), (400, 300), (1000, 800))
"""Sizes of honest layers: the room that one of them leaves isn't enough for the next."""
TURN_SECONDS = 5.0
"""How long another key's painting may hold up the start of a draft or a preview."""
JOB_PATIENCE = 40.0
_PING_PAUSE = 0.01
_NAMES = itertools.count(HONEST_NAMES)


class Lost(Exception):
    """What an honest client asked for, and didn't get."""


class Honest(RawClient):
    """A client with manners: pings each second, sends what is asked for, fetches what it is given."""

    def __init__(self, connection: Connection) -> None:
        self._numbers = itertools.count(1)
        self._pinged = time.monotonic()
        super().__init__(connection)

    def timed_ping(self) -> float:
        """Seconds until a ping is answered."""
        number, begun = next(self._numbers), time.perf_counter()
        self._pinged = time.monotonic()
        self.ping(number, JOB_PATIENCE)
        return time.perf_counter() - begun

    def paint(self, layer: Pixels, purpose: Purpose, settings: Settings = DRAFT) -> "Painted":
        """The painting of a layer, fetched and checked. Raises `Lost`."""
        submit = submission(layer, purpose, settings)
        begun = time.monotonic()
        finished, started = self.finish(submit, layer)
        self.fetch(finished, layer)
        return Painted(time.monotonic() - begun, started - begun)

    def finish(self, submit: Submit, layer: Pixels) -> tuple[Finished, float]:
        """Submit a job and upload its pictures; its `Finished`, and when it was begun, by the monotonic clock."""
        pictures = {picture.ref().digest: picture for picture in (layer, STYLE)}
        sending: dict[str, Outgoing] = {}
        self.send(submit)
        started = None
        for message in self._messages(submit.job):
            match message:
                case Need(digest=digest, bands=bands) | Credit(digest=digest, bands=bands):
                    ref = pictures[digest].ref()
                    outgoing = sending.setdefault(digest, outgoing_of(submit.job, ref, pictures[digest].data))
                    outgoing.allow(bands)
                    for frame in outgoing.frames():
                        self.send(frame)
                case Progress():
                    started = started or time.monotonic()
                case Finished():
                    return message, started or time.monotonic()
                case Failed() | Cancelled():
                    raise Lost(f"{submit.purpose}: {message}")
        raise Lost(f"a {submit.purpose} was not painted within {JOB_PATIENCE} s")

    def fetch(self, finished: Finished, layer: Pixels) -> None:
        """Fetch a result. Raises `Lost` unless it is the right one."""
        ref = finished.picture
        incoming, parts = collect(ref)
        self.send(Credit(finished.job, ref.digest, WINDOW))
        for message in self._messages(finished.job):
            if isinstance(message, Failed):
                raise Lost(f"a result: {message}")
            if isinstance(message, Band) and message.digest == ref.digest:
                if credit := incoming.take(message):
                    self.send(Credit(finished.job, ref.digest, credit))
                if incoming.is_complete:
                    break
        if b"".join(parts) != inverted(layer):
            raise Lost("a result is not the painting of its layer")

    def _messages(self, job: str) -> Iterator[Any]:
        """What comes for a job, until there is nothing for `JOB_PATIENCE` seconds in all."""
        end = time.monotonic() + JOB_PATIENCE
        while (now := time.monotonic()) < end:
            if now - self._pinged > 1.0:
                self._pinged = now
                self.send(Ping(next(self._numbers)))
            message = self.receive(0.2)
            if isinstance(message, Failed) and not message.job:
                raise Lost(f"the session: {message}")
            if message is not None and not isinstance(message, Pong) and getattr(message, "job", job) == job:
                yield message


@dataclass(frozen=True)
class Painted:
    """How long a job took until its result was there, and until its first step was seen, in seconds."""

    seconds: float
    started_after: float


def submission(layer: Pixels, purpose: Purpose, settings: Settings) -> Submit:
    """An honest job; liars know its name."""
    styles = (WeightedStyle(STYLE.ref()),)
    return Submit(layer.ref(), styles, settings, job=f"{next(_NAMES):032x}", purpose=purpose)


def inverted(layer: Pixels) -> bytes:
    """What the fake painter makes of a layer."""
    rgb = bytearray(layer.data)
    del rgb[3::4]
    return bytes(rgb).translate(bytes(range(255, -1, -1)))


@dataclass
class Notice:
    """What honest clients noticed, in seconds."""

    pings: list[float] = field(default_factory=list)
    drafts: list[Painted] = field(default_factory=list)
    previews: list[Painted] = field(default_factory=list)
    asked: int = 0
    lost: list[str] = field(default_factory=list)
    share: float = 0.0
    """Painting seconds of the drafts and previews that were done, for each second of the watch."""

    @property
    def painted_seconds(self) -> float:
        """How long drafts and previews were painted, by what they asked for."""
        return DRAFT_SECONDS * (len(self.drafts) + len(self.previews))

    @property
    def ping_99th(self) -> float:
        waits = sorted(self.pings) or [float("inf")]
        return waits[int(len(waits) * 0.99)]

    @property
    def slowest_draft(self) -> float:
        return max((job.seconds for job in self.drafts), default=float("inf"))

    @property
    def latest_preview(self) -> float:
        """Seconds until the first step of a preview was seen, at worst."""
        return max((job.started_after for job in self.previews), default=float("inf"))


@dataclass
class Outcome:
    """A liar, and what came of it."""

    name: str
    notice: Notice
    broker_mib: float
    """Most memory that the broker had, in MiB."""
    is_engine_alive: bool
    is_let_in_again: bool
    """Does a later session with the liar's key work?"""


class Stage:
    """An engine on which liars appear one after the other. Close it at the end."""

    def __init__(self, folder: Path) -> None:
        self.home = EngineHome(folder, FORECASTER)
        self.port = free_port()
        sizes = itertools.cycle(LAYERS)
        self._lock = threading.Lock()
        self._layers = (random_pixels(*next(sizes), seed=seed) for seed in itertools.count(1000))
        self._start()
        self.liars_file, self._paired_file = (self._pair(name) for name in ("liar", "paired"))
        self.idle = self._idle()

    def _start(self) -> None:
        self.home.start("--bind", f"tcp://127.0.0.1:{self.port}", "--idle-minutes", "0")
        self.home.warm_worker()
        self._pid = self.home.pid()

    def _pair(self, name: str) -> Path:
        path = self.home.folder / f"{name}.json"
        done = self.home.impasto("pair", name, "--endpoint", f"tcp://127.0.0.1:{self.port}", "--output", str(path))
        assert done.returncode == 0, done.stderr
        return path

    def _layer(self) -> Pixels:
        with self._lock:
            return next(self._layers)

    def _idle(self) -> Notice:
        """What honest clients notice while nobody lies."""
        with self._honest_clients() as notice, measured(notice):
            time.sleep(3.0)
        assert not notice.lost, notice.lost
        return notice

    @property
    def idle_draft(self) -> float:
        """Seconds that an honest draft takes while nobody lies."""
        return statistics.median(job.seconds for job in self.idle.drafts)

    def watch(self, liar: Liar, seconds: float) -> Outcome:
        """Let a liar lie for so long."""
        broker = psutil.Process(self.home.pid())
        forget_peak(broker)
        peak = 0
        with self._honest_clients() as notice, self._lying(liar), measured(notice):
            end = time.monotonic() + seconds
            while time.monotonic() < end and is_running(self._pid):
                time.sleep(0.05)
                with contextlib.suppress(psutil.Error):
                    peak = max(peak, broker.memory_info().rss)
        is_alive = is_running(self._pid)
        with contextlib.suppress(psutil.Error):
            peak = max(peak, peak_memory(broker))
        outcome = Outcome(liar.name, notice, peak / (1 << 20), is_alive, is_alive and self._is_let_in_again())
        if not is_alive:
            self.home.connection_file.unlink(missing_ok=True)
            self._start()
        return outcome

    def _is_let_in_again(self) -> bool:
        connection = read_connection(self.liars_file)

        def paints() -> bool:
            try:
                with Honest(connection) as client:
                    client.paint(self._layer(), "final")
            except (ImpastoError, AssertionError, Lost):
                return False
            return True

        try:
            return wait_for(paints, "a later session with the liar's key")
        except AssertionError:
            return False

    @contextlib.contextmanager
    def _lying(self, liar: Liar) -> Iterator[None]:
        """A process that lies; in the end it is killed."""
        command = [sys.executable, "-m", "service.liars", liar.name, str(self.liars_file), str(self.port)]
        process = subprocess.Popen(
            command, env={**os.environ, **self.home.environment}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin
        assert process.stdout
        try:
            assert process.stdout.readline() == b"lying\n", f"{liar.name} didn't begin"
            if liar.stalls:
                process.send_signal(signal.SIGSTOP)
            yield
            assert process.poll() is None, f"{liar.name} ended by itself"
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()

    @contextlib.contextmanager
    def _honest_clients(self) -> Iterator[Notice]:
        """What they notice, whole once the context ends."""
        notice, is_over = Notice(), threading.Event()
        own, paired = read_connection(self.home.connection_file), read_connection(self._paired_file)
        ready = [threading.Event(), threading.Event()]
        threads = [
            threading.Thread(target=guarded, args=(notice, act), name=act.__name__)
            for act in (
                lambda: self._ping(notice, own, is_over, ready[0]),
                lambda: self._paint(notice, own, paired, is_over, ready[1]),
            )
        ]
        for thread in threads:
            thread.start()
        try:
            for event in ready:
                event.wait(PATIENCE)
            yield notice
        finally:
            is_over.set()
            for thread in threads:
                thread.join()

    def _ping(self, notice: Notice, own: Connection, is_over: threading.Event, ready: threading.Event) -> None:
        """Ping, and keep a result meanwhile."""
        layer = self._layer()
        with Honest(own) as client:
            kept, _ = client.finish(submission(layer, "final", Settings(seed=slow(1, 1))), layer)
            notice.asked += 1
            ready.set()
            while not is_over.is_set():
                notice.pings.append(client.timed_ping())
                time.sleep(_PING_PAUSE)
            client.fetch(kept, layer)

    def _paint(
        self, notice: Notice, own: Connection, paired: Connection, is_over: threading.Event, ready: threading.Event
    ) -> None:
        """Drafts by newcomers with one key, previews by newcomers with the other."""
        ready.set()
        while not is_over.is_set():
            notice.asked += 2
            with losses_of(notice), Honest(paired) as newcomer:
                notice.drafts.append(newcomer.paint(self._layer(), "final"))
            with losses_of(notice), Honest(own) as newcomer:
                notice.previews.append(newcomer.paint(self._layer(), "preview"))

    def close(self) -> None:
        self.home.stop()


@contextlib.contextmanager
def measured(notice: Notice) -> Iterator[None]:
    """Count from now on, and until then, what share of the painter's time the honest ones had."""
    notice.pings.clear()
    painted, begun = notice.painted_seconds, time.monotonic()
    yield
    notice.share = (notice.painted_seconds - painted) / (time.monotonic() - begun)


@contextlib.contextmanager
def losses_of(notice: Notice) -> Iterator[None]:
    """Note what was lost, and go on."""
    try:
        yield
    except (ImpastoError, AssertionError, Lost) as error:
        notice.lost.append(f"{type(error).__name__}: {str(error)[:300]}")
        time.sleep(0.2)


def guarded(notice: Notice, act: Callable[[], None]) -> None:
    """A thread of an honest client: its end by an error is a loss."""
    with losses_of(notice):
        act()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def forget_peak(process: psutil.Process) -> None:
    """Let the system count a process's most memory from now on."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{process.pid}/clear_refs").write_text("5")


def peak_memory(process: psutil.Process) -> int:
    """Most bytes of memory that a process had; where the system doesn't say so, what it has now."""
    try:
        lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    except OSError:
        return int(process.memory_info().rss)
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))


def row(outcome: Outcome, idle_draft: float) -> str:
    """One line of the table."""
    notice = outcome.notice
    lost = f"{len(notice.lost)} of {notice.asked}" if notice.lost else "0"
    ending = "" if outcome.is_engine_alive else " **engine dead**"
    again = "" if outcome.is_let_in_again else " (no later session)"
    late = max(0.0, notice.slowest_draft - idle_draft)
    cells = (
        outcome.name.replace("_", " "),
        f"{1000 * notice.ping_99th:.0f}",
        f"{late:.1f}",
        f"{notice.latest_preview:.1f}",
        f"{100 * notice.share:.0f}",
        f"{lost}{ending}{again}",
        f"{outcome.broker_mib:.0f}",
    )
    return "| " + " | ".join(cells) + " |"


HEAD = """| attack | ping p99, ms | draft late by, s | preview starts after, s | painting time, % | lost | broker, MiB |
|---|---|---|---|---|---|---|"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="for which each of them lies")
    parser.add_argument("--only", nargs="+", default=list(LIARS), choices=list(LIARS))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was noticed there, whole")
    arguments = parser.parse_args()
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        try:
            print(HEAD)
            idle = Outcome("nobody lies", stage.idle, 0.0, is_engine_alive=True, is_let_in_again=True)
            print(row(idle, stage.idle_draft), flush=True)
            for name in arguments.only:
                outcomes.append(stage.watch(LIARS[name], arguments.seconds))
                print(row(outcomes[-1], stage.idle_draft), flush=True)
        finally:
            stage.close()
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(outcome) for outcome in outcomes], indent=1))


if __name__ == "__main__":
    main()
