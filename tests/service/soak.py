"""A long time of everything at once: honest and dishonest clients, and deaths of the painter and of the engine.

    python -m service.soak [--minutes M] [--seed N]

Where it may (Linux, root), the engine's cache lies on a disk of 400 MB, which somebody else fills from time to time.
Prints what was asked, done, refused and lost; how memory and handles grow; what was left behind.
"""

import argparse
import collections
import contextlib
import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from fakes.engine import FAKE_PAINTER, EngineHome, is_running, random_pixels, wait_for
from fakes.jobs import asking
from fakes.painter import slow
from impasto_plugin.engine.launcher import find_or_start
from impasto_wire.connection import read_connection
from impasto_wire.errors import EngineUnavailable, ImpastoError, OutOfMemory, WorkerDied
from impasto_wire.pictures import Pixels
from impasto_wire.settings import Purpose, Settings

from .liars import LIARS, STYLE
from .promise import Honest, Lost, free_port, inverted

DISK_BYTES = 400 << 20
PURPOSES: tuple[Purpose, ...] = ("final", "preview", "thumbnail")
_DEATH_CODES = (WorkerDied.code, EngineUnavailable.code)
ERROR_CODES = (*_DEATH_CODES, OutOfMemory.code)
DEATH_SECONDS = 3.0
"""For so long after a death, jobs may be told of it."""
_WARM_SECONDS, _LIFE_SECONDS = 200.0, 300.0
PLAIN_LIARS = [liar.name for liar in LIARS.values() if liar.name != "thief"]
"""All but the one that needs to know its victims' names."""


@dataclass
class Sample:
    """The engine at one moment of one of its lives."""

    pid: int
    age: float
    jobs: int
    """Jobs done since the soak began."""
    memory: int
    handles: int


@dataclass
class Record:
    """What came of a soak."""

    asked: int = 0
    done: int = 0
    refused: collections.Counter[str] = field(default_factory=collections.Counter)
    """Jobs that were refused for want of room, by the sentence; nothing else may be refused."""
    told: collections.Counter[str] = field(default_factory=collections.Counter)
    """Jobs and sessions that were told of a death that there was."""
    lost: list[str] = field(default_factory=list)
    painter_kills: int = 0
    engine_kills: int = 0
    starts: int = 0
    disk_fills: int = 0
    lies: collections.Counter[str] = field(default_factory=collections.Counter)
    samples: list[Sample] = field(default_factory=list)
    orphans: int = 0
    leftovers: list[str] = field(default_factory=list)
    handles_at_rest: tuple[int, int] = (0, 0)
    """Of the engine before its first job, and of the last engine when everybody has gone."""

    def slope(self) -> float:
        """MiB of the engine's memory for each 1,000 jobs: least squares within each of its long lives.

        The first minutes of each aren't counted: it meets most liars then, and keeps the memory that a flood took.
        """
        above = below = 0.0
        for life in self._lives():
            jobs = sum(sample.jobs for sample in life) / len(life)
            memory = sum(sample.memory for sample in life) / len(life)
            above += sum((sample.jobs - jobs) * (sample.memory - memory) for sample in life)
            below += sum((sample.jobs - jobs) ** 2 for sample in life)
        return above / below * 1000 / (1 << 20) if below else 0.0

    def _lives(self) -> list[list[Sample]]:
        by_pid: dict[int, list[Sample]] = {}
        for sample in self.samples:
            if sample.age > _WARM_SECONDS:
                by_pid.setdefault(sample.pid, []).append(sample)
        return [life for life in by_pid.values() if life[-1].age > _LIFE_SECONDS]

    def summary(self) -> dict[str, object]:
        memory = [sample.memory for sample in self.samples] or [0]
        return {
            "asked": self.asked,
            "done": self.done,
            "refused": dict(self.refused),
            "told of a death": dict(self.told),
            "lost": len(self.lost),
            "painters killed": self.painter_kills,
            "engines killed": self.engine_kills,
            "engines started by clients": self.starts,
            "times the disk was full": self.disk_fills,
            "lies": sum(self.lies.values()),
            "broker, most MiB": round(max(memory) / (1 << 20)),
            "broker, MiB for each 1,000 jobs": round(self.slope(), 2),
            "handles at rest, first and last": self.handles_at_rest,
            "handles, most": max((sample.handles for sample in self.samples), default=0),
            "orphans": self.orphans,
            "files left": len(self.leftovers),
        }


class Soak:
    """One engine, and everybody who uses and harms it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.port = free_port()
        options = (*FAKE_PAINTER, "--bind", f"tcp://127.0.0.1:{self.port}", "--idle-minutes", "0")
        self.home = EngineHome(folder, options)
        self.record = Record()
        self.is_over = threading.Event()
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self._liar = ""
        self._died_at = 0.0
        self._seeds = itertools.count(1)
        self.home.start()
        self._files = {name: self._pair(name) for name in ("liar", "one", "two")}
        self.home.warm_worker()
        self._first_handles = self._handles()

    def _pair(self, name: str) -> Path:
        path = self.home.folder / f"{name}.json"
        done = self.home.impasto("pair", name, "--endpoint", f"tcp://127.0.0.1:{self.port}", "--output", str(path))
        assert done.returncode == 0, done.stderr
        return path

    def run(self, seconds: float) -> Record:
        """Everything at once, for so long; then stop the engine and look for what it left."""
        actors = (
            self._use_as_the_filter_does,
            self._use_as_the_filter_does,
            lambda: self._use_by_hand("one"),
            lambda: self._use_by_hand("two"),
            self._lie,
            self._kill,
            self._watch,
            self._fill_the_disk,
        )
        threads = [threading.Thread(target=self._guarded, args=(actor,)) for actor in actors]
        for thread in threads:
            thread.start()
        self.is_over.wait(seconds)
        self.is_over.set()
        for thread in threads:
            thread.join()
        self._look_for_leftovers()
        return self.record

    def _guarded(self, actor: Callable[[], None]) -> None:
        try:
            actor()
        except Exception as error:
            self.record.lost.append(f"an actor of the soak ended: {error!r}")
            raise

    # Honest clients

    def _layer(self) -> tuple[Pixels, Purpose, Settings]:
        with self._lock:
            width, height = self._dice.randint(16, 500), self._dice.randint(16, 500)
            settings = Settings(seed=slow(self._dice.randint(1, 8), self._dice.randint(1, 20)))
            return random_pixels(width, height, seed=next(self._seeds)), self._dice.choice(PURPOSES), settings

    def _use_as_the_filter_does(self) -> None:
        """A session after the other; the engine is started where there is none."""
        while not self.is_over.is_set():
            is_there = self._pid() is not None
            with self._told(), find_or_start(self.home.config, timeout=30.0) as engine:
                with self._lock:
                    self.record.starts += not is_there
                for _ in range(3):
                    layer, purpose, settings = self._layer()
                    with self._told(is_job=True) as errors:
                        result = engine.paint(asking(layer, [(STYLE, 1.0)], settings), purpose=purpose)
                        if result.data != inverted(layer):
                            raise Lost("a result is not the painting of its layer")
                    if errors:
                        break

    def _use_by_hand(self, key: str) -> None:
        """A session of many jobs after the other, by another key."""
        connection = read_connection(self._files[key])
        while not self.is_over.is_set():
            with self._told(), Honest(connection) as client:
                for _ in range(10):
                    layer, purpose, settings = self._layer()
                    with self._told(is_job=True) as errors:
                        client.paint(layer, purpose, settings)
                    if errors or self.is_over.is_set():
                        break

    @contextlib.contextmanager
    def _told(self, is_job: bool = False) -> Iterator[list[Exception]]:
        """Count what comes of what is asked within: a job, or a session. Yields the error, once there is one."""
        begun, errors = time.monotonic(), list[Exception]()
        with self._lock:
            self.record.asked += is_job
        try:
            yield errors
        except ImpastoError as error:
            errors.append(error)
            self._count(error.code, str(error), begun)
        except (Lost, AssertionError) as error:
            errors.append(error)
            code = next((code for code in ERROR_CODES if f"code='{code}'" in str(error)), "")
            self._count(code, str(error), begun)
        else:
            with self._lock:
                self.record.done += is_job
            return
        self.is_over.wait(0.2)

    def _count(self, code: str, sentence: str, begun: float) -> None:
        with self._lock:
            is_of_a_death = self._died_at > begun - DEATH_SECONDS
            if code == OutOfMemory.code:
                self.record.refused[sentence.partition("message=")[2] or sentence] += 1
            elif is_of_a_death and code in ("", *_DEATH_CODES):
                self.record.told[code or "silence"] += 1
            else:
                self.record.lost.append(f"{code}: {sentence[:300]} (beside {self._liar})")

    # What harms

    def _lie(self) -> None:
        """One liar after the other."""
        while not self.is_over.is_set():
            with self._lock:
                name, seconds = self._dice.choice(PLAIN_LIARS), self._dice.uniform(2, 8)
                self.record.lies[name] += 1
                self._liar = name
                if LIARS[name].kills_painter:
                    self._died_at = time.monotonic() + seconds + 2
            command = [sys.executable, "-m", "service.liars", name, str(self._files["liar"]), str(self.port)]
            environment = {**os.environ, **self.home.environment}
            with subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as liar:
                self.is_over.wait(seconds)
                liar.kill()

    def _kill(self) -> None:
        """Now and then the painter, and seldom the engine."""
        while not self.is_over.wait(self._dice.uniform(5, 25)):
            with self._lock:
                self._died_at = time.monotonic()
            if self._dice.random() < 0.03:
                self._kill_the_engine()
            else:
                with contextlib.suppress(Exception):
                    self._dice.choice(self.home.workers()).kill()
                    self.record.painter_kills += 1
            with self._lock:
                self._died_at = max(self._died_at, time.monotonic())

    def _kill_the_engine(self) -> None:
        if (pid := self._pid()) is None:
            return
        broker = psutil.Process(pid)
        workers = broker.children()
        broker.kill()
        self.record.engine_kills += 1
        try:
            wait_for(lambda: not any(is_running(worker.pid) for worker in workers), "the end of its painters", 8.0)
        except AssertionError:
            self.record.orphans += sum(is_running(worker.pid) for worker in workers)
        wait_for(lambda: self._pid() is not None or self.is_over.is_set(), "an engine that a client started", 60.0)
        with self._lock:
            self._died_at = time.monotonic() + 2.0  # who connects while it starts may be told so

    def _pid(self) -> int | None:
        """The engine's process, if there is one."""
        with contextlib.suppress(OSError, ValueError, KeyError):
            pid = int(json.loads(self.home.connection_file.read_text())["pid"])
            return pid if is_running(pid) else None
        return None

    def _fill_the_disk(self) -> None:
        """Somebody else's file takes all the room that there is, for a few seconds."""
        cache = self.home.folder / "cache"
        if not cache.is_mount():
            return
        while not self.is_over.wait(self._dice.uniform(20, 60)):
            self.record.disk_fills += 1
            with contextlib.suppress(OSError), (cache / "somebody-elses").open("wb") as file:
                while True:
                    file.write(bytes(1 << 20))
            self.is_over.wait(self._dice.uniform(2, 8))
            (cache / "somebody-elses").unlink(missing_ok=True)

    # What is looked at

    def _handles(self) -> int:
        return int(psutil.Process(self.home.pid()).num_fds())

    def _watch(self) -> None:
        born: dict[int, float] = {}
        while not self.is_over.wait(1.0):
            with contextlib.suppress(psutil.Error, OSError):
                if (pid := self._pid()) is None:
                    continue
                age = time.monotonic() - born.setdefault(pid, time.monotonic())
                process = psutil.Process(pid)
                memory, handles = process.memory_info().rss, process.num_fds()
                self.record.samples.append(Sample(pid, age, self.record.done, memory, handles))

    def _look_for_leftovers(self) -> None:
        def passing() -> list[Path]:
            return [path for path in self.home.pictures() if "." in path.name]

        if self._pid() is None:
            find_or_start(self.home.config, timeout=30.0).close()
        with contextlib.suppress(AssertionError):
            wait_for(lambda: not passing(), "the end of what is passing", 15.0)
        self.record.leftovers += [path.name for path in passing()]
        self.home.warm_worker()
        with contextlib.suppress(AssertionError):
            wait_for(lambda: self._handles() <= self._first_handles, "the end of all connections", 10.0)
        self.record.handles_at_rest = self._first_handles, self._handles()
        self.home.stop()
        self.record.leftovers += [path.name for path in self.home.spool.glob("*")]
        folder = str(self.home.folder)
        for process in psutil.process_iter(["cmdline", "pid"]):
            command = process.info["cmdline"] or []
            if process.info["pid"] != os.getpid() and any(folder in word for word in command):
                self.record.orphans += 1


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A small disk as the folder of an engine's cache, where this process may make one."""
    cache = folder / "cache"
    cache.mkdir()
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        yield
        return
    options = f"size={DISK_BYTES},mode=0700"
    is_made = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "soak", str(cache)], check=False).returncode == 0
    try:
        yield
    finally:
        if is_made:
            subprocess.run(["umount", "-l", str(cache)], check=False)


def soak(folder: Path, seconds: float, seed: int) -> Record:
    """A soak of so many seconds."""
    with small_disk(folder):
        made = Soak(folder, seed)
        try:
            return made.run(seconds)
        finally:
            made.home.stop()


def main() -> None:
    """Print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=22)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        record = soak(Path(folder), arguments.minutes * 60, arguments.seed)
    for name, value in record.summary().items():
        print(f"{name:34}{value}")
    for sentence in record.lost[:20]:
        print("  lost:", sentence)
    for name in record.leftovers[:20]:
        print("  left:", name)


if __name__ == "__main__":
    main()
