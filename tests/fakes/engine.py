"""A real engine in real processes, with every folder of its own, and a client that speaks the wire by hand."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import psutil
import zmq

from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.launcher import EngineConfig
from impasto_plugin.engine.transport import ZmqTransport
from impasto_wire import PROTOCOL
from impasto_wire.bands import MARK, Band, unpack_band
from impasto_wire.codec import FROM_ENGINE, decode, encode
from impasto_wire.connection import Connection, read_connection
from impasto_wire.messages import Hello, Ping, Pong, ToEngine, Welcome
from impasto_wire.pictures import Pixels, Samples

FAKE_PAINTER = ("--painter", "fakes.painter:open_painter")
TESTS = Path(__file__).resolve().parent.parent
IS_WINDOWS = sys.platform == "win32"
PATIENCE = 60.0 if IS_WINDOWS else 20.0
"""Seconds that something may take on a busy machine, or under Wine, before the test has failed."""

_START = """
import json, os, subprocess, sys
os.environ.update(json.loads(sys.argv[1]))
if os.name == "posix":
    os.execv(sys.argv[2], sys.argv[2:])
sys.exit(subprocess.call(sys.argv[2:], stdin=0, stdout=1, stderr=2, creationflags=subprocess.CREATE_NO_WINDOW))
"""
"""A program that starts another one with more variables, as `env` does where it is."""

T = TypeVar("T")


def wait_for(question: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
    """What `question` answers once it is true; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.005)
    return answer


def at_a_port(folder: Path) -> Path:
    """A folder in it whose path is too long for a socket, so that an engine there listens at a port.

    A GIMP in a root of its own, and whatever else sees other folders, reaches ports alone.
    """
    return folder / ("port-" * 20)


@dataclass
class EngineHome:
    """Where one engine keeps everything, and the engine that runs there."""

    folder: Path
    options: Sequence[str] = FAKE_PAINTER
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def connection_file(self) -> Path:
        return self.folder / "runtime" / "connection.json"

    @property
    def log_file(self) -> Path:
        return self.folder / ("local/impasto/Logs" if IS_WINDOWS else "state/impasto/log") / "engine.log"

    @property
    def spool(self) -> Path:
        return self.folder / ("local/impasto/Cache" if IS_WINDOWS else "cache/impasto") / "spool"

    @property
    def keys(self) -> Path:
        return self.folder / ("local/impasto" if IS_WINDOWS else "config/impasto") / "keys"

    @property
    def environment(self) -> dict[str, str]:
        places = {name: str(self.folder / name.lower()) for name in ("CACHE", "STATE", "CONFIG", "DATA")}
        variables = {f"XDG_{name}_HOME": place for name, place in places.items()}
        code = os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")]))
        variables["WIN_PD_OVERRIDE_LOCAL_APPDATA"] = variables["LOCALAPPDATA"] = str(self.folder / "local")
        return {**variables, "XDG_RUNTIME_DIR": str(self.folder / "runtime"), "PYTHONPATH": code}

    @property
    def command(self) -> list[str]:
        place = ("--connection-file", str(self.connection_file))
        return [sys.executable, "-m", "impasto", "serve", *place, *self.options]

    @property
    def config(self) -> EngineConfig:
        """What the installer would have written for this engine."""
        starting = (sys.executable, "-c", _START, json.dumps(self.environment))
        return EngineConfig((*starting, *self.command), self.connection_file, self.log_file, "0")

    def start(self, *options: str) -> "subprocess.Popen[bytes]":
        """Start the engine and wait until it listens."""
        before = self.connection_file.stat().st_ino if self.connection_file.exists() else None
        process = subprocess.Popen([*self.command, *options], env={**os.environ, **self.environment})
        self.processes.append(process)

        def listens() -> bool:
            assert process.poll() is None, f"the engine ended with {process.returncode}: {self.log()}"
            return self.connection_file.exists() and self.connection_file.stat().st_ino != before

        wait_for(listens, "the connection file")
        return process

    def impasto(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the command line as a person whose folders these are."""
        return subprocess.run(
            [sys.executable, "-m", "impasto", *arguments],
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def pid(self) -> int:
        return int(json.loads(self.connection_file.read_text())["pid"])

    def connect(self) -> Engine:
        return Engine.connect(self.connection_file, timeout=PATIENCE)

    def workers(self) -> list[psutil.Process]:
        """The processes that paint, or will."""
        return [child for child in psutil.Process(self.pid()).children() if is_running(child.pid)]

    def worker(self) -> psutil.Process:
        """The worker's process, once there is one."""
        return wait_for(self.workers, "a worker")[0]

    def warm_worker(self) -> psutil.Process:
        """The worker's process, once it has said what it paints with."""
        with self.connect() as engine:
            wait_for(lambda: engine.welcome and engine.welcome.devices, "a worker that is ready")
        return self.worker()

    def pictures(self) -> list[Path]:
        """Every picture, whole or half, that the engine holds."""
        return [path for path in self.spool.glob("run-*/*") if path.name != "lock"]

    def log(self) -> str:
        return self.log_file.read_text() if self.log_file.exists() else ""

    def stop(self) -> None:
        """End the engine, however it was started."""
        if self.connection_file.exists():
            with_launcher = self.pid()
            if psutil.pid_exists(with_launcher):
                if IS_WINDOWS:  # which has no signal that a process can answer
                    self.impasto("stop", "--connection-file", str(self.connection_file))
                with contextlib.suppress(psutil.NoSuchProcess):
                    psutil.Process(with_launcher).terminate()
                wait_for(lambda: not is_running(with_launcher), "the engine's end")
        for process in self.processes:
            process.terminate()
            process.wait(PATIENCE)


def is_running(pid: int) -> bool:
    """Is there such a process, and not just its status?"""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


class RawClient:
    """A client without manners: sends whatever it is told."""

    def __init__(self, connection: Connection, hello: bool = True) -> None:
        self.transport = ZmqTransport(connection)
        if hello:
            try:
                self.send(Hello(PROTOCOL, "raw"))
                self.expect(Welcome)
            except BaseException:
                self.close()  # a context that is collected with an open socket waits for ever
                raise

    @classmethod
    def of(cls, home: EngineHome, hello: bool = True) -> "RawClient":
        return cls(read_connection(home.connection_file), hello)

    def send(self, message: ToEngine | bytes) -> None:
        self.transport.send(message if isinstance(message, bytes) else encode(message))

    def receive(self, seconds: float = PATIENCE) -> Any:
        """The next message or band; None when nothing comes."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.transport.poll(left)
            if (frame := self.transport.receive()) is not None:
                return unpack_band(frame) if frame[:1] == MARK else decode(frame, FROM_ENGINE)
        return None

    def expect(self, kind: type[T], seconds: float = PATIENCE) -> T:
        """The next message of a kind, whatever comes before it."""
        seen = []
        while (message := self.receive(seconds)) is not None:
            if isinstance(message, kind):
                return message
            seen.append(message)
        raise AssertionError(f"no {kind.__name__} within {seconds} s, only {seen}")

    def ping(self, number: int, seconds: float = PATIENCE) -> None:
        """Wait for the answer to a ping; the engine's own Pong, which has number 0, is none."""
        self.send(Ping(number))
        end = time.monotonic() + seconds
        while self.expect(Pong, end - time.monotonic()).number != number:
            pass

    def close(self) -> None:
        self.transport.close()

    def __enter__(self) -> "RawClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def knock(connection: Connection) -> socket.socket:
    """A plain connection to where an engine listens, from somebody who knows nothing of ZeroMQ."""
    kind, _, place = connection.endpoint.partition("://")
    if kind == "ipc":
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(place)
        stream.settimeout(PATIENCE)
        return stream
    host, port = place.split(":")
    return socket.create_connection((host, int(port)), PATIENCE)


def stranger(connection: Connection) -> Connection:
    """The same engine, with a key that it doesn't know."""
    public, secret = zmq.curve_keypair()
    return replace(connection, client_key=public.decode(), client_secret=secret.decode())


def random_pixels(width: int, height: int, channels: int = 4, samples: Samples = "u8", seed: int = 0) -> Pixels:
    """A picture of noise."""
    import numpy as np

    rng = np.random.default_rng(seed)
    shape = (height, width, channels)
    if samples == "float":
        return Pixels(width, height, channels, samples, rng.random(shape, np.float32).astype("<f4").tobytes())
    top, dtype = (256, "<u1") if samples == "u8" else (65536, "<u2")
    return Pixels(width, height, channels, samples, rng.integers(0, top, shape).astype(dtype).tobytes())


def band(job: str, pixels: Pixels, offset: int, length: int) -> Band:
    """One stretch of a picture, ready to be sent out of turn."""
    return Band(job, pixels.ref().digest, offset, memoryview(pixels.data)[offset : offset + length])
