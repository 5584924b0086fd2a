"""Finds the running engine, or starts it."""

import importlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from impasto_plugin.texts import _
from impasto_setup.places import note_for
from impasto_wire.connection import REMOTE, read_connection
from impasto_wire.errors import EngineUnavailable, VersionMismatch
from impasto_wire.files import WRITABLE_BY_OTHERS, Exposed, read_trusted
from impasto_wire.programs import OUT_OF_SIGHT, own_libraries

from .client import Engine
from .relay import RelayTransport

START_SECONDS = 15.0
_REPUBLISH_SECONDS = 2.5
"""A living engine looks after its connection file every second, and writes it again where it was lost."""
_RELAY_SECONDS = 5.0
_FILTER_FOLDER = Path(__file__).resolve().parents[2]
_LIBRARIES = str(_FILTER_FOLDER / "libraries")
"""Where the installer puts pyzmq for a GIMP whose Python has none."""
_NOT_INHERITED = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE")
"""Variables that GIMP sets for its own Python; the engine's Python must not see them."""


@dataclass(frozen=True)
class EngineConfig:
    """What the installer wrote about the engine: how to start it, and which file says how to reach it."""

    command: tuple[str, ...]
    connection_file: Path
    log_file: Path
    version: str
    is_beside: bool = False
    """Was it set up by this GIMP, so that it runs within the same sandbox, if any?"""

    def program(self) -> tuple[str, ...]:
        """The command line of `impasto` itself. Raises `EngineUnavailable`."""
        if "serve" not in self.command:
            raise EngineUnavailable(_("engine.json has no command that serves; run: python3 install/install.py"))
        return self.command[: self.command.index("serve")]

    def relay_command(self) -> list[str]:
        """The command line of the engine's relay. Raises `EngineUnavailable`."""
        return [*self.program(), "relay", "--connection-file", str(self.connection_file)]


def read_config(folder: Path = _FILTER_FOLDER) -> EngineConfig:
    """The engine's configuration, from `$IMPASTO_ENGINE` or `engine.json`. Raises `EngineUnavailable`.

    It names a program that is then run, so it isn't believed where others could have written it.
    """
    path = Path(os.environ.get("IMPASTO_ENGINE") or note_for(folder))
    try:
        values = json.loads(read_trusted(path.resolve(), WRITABLE_BY_OTHERS, may_be_roots=True))
        return EngineConfig(
            tuple(map(str, values["command"])),
            Path(_connection_file(values)).expanduser(),
            Path(values["log_file"]).expanduser(),
            str(values["version"]),
            bool(values.get("is_beside")),
        )
    except FileNotFoundError as error:
        raise EngineUnavailable(
            _("the Impasto engine is not installed; choose Filters ▸ Artistic ▸ Impasto Style Transfer to set it up")
        ) from error
    except Exposed as error:
        raise EngineUnavailable(
            _(
                "others can change {path}, which names a program to run; "
                "delete it and choose Filters ▸ Artistic ▸ Impasto Style Transfer again"
            ).format(path=path)
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineUnavailable(
            _("{path} is damaged; delete it and choose Filters ▸ Artistic ▸ Impasto Style Transfer again").format(
                path=path
            )
        ) from error


def _connection_file(values: dict[str, str]) -> str:
    file = values["connection_file"]
    return values.get("sandbox_connection_file", file) if _sandbox() else file


def _sandbox() -> str | None:
    """The sandbox that this GIMP runs in, where it can't start other programs or see all files; None if in none."""
    if os.environ.get("FLATPAK_ID"):
        return "Flatpak"
    return "Snap" if os.environ.get("SNAP_NAME") == "gimp" else None


def _sandbox_between(config: EngineConfig) -> str | None:
    """The sandbox that keeps this GIMP from starting that engine; None if none does."""
    return None if config.is_beside else _sandbox()


def find_or_start(config: EngineConfig, timeout: float = START_SECONDS) -> Engine:
    """A session with the running engine; starts it if none answers. Raises `EngineUnavailable` in a sentence."""
    stale = _stamp(config.connection_file)
    if stale:
        try:
            return connect(config)
        except VersionMismatch:
            raise
        except EngineUnavailable:
            if not _is_replaceable(config):
                raise
    if _sandbox_between(config) and (engine := _await_republished(config, stale)):
        return engine
    return _await(config, start(config), stale, timeout)


def _await_republished(config: EngineConfig, stale: tuple[int, int] | None) -> Engine | None:
    """A session, if the engine that runs outside this sandbox writes its connection file again; else None."""
    end = time.monotonic() + _REPUBLISH_SECONDS
    while time.monotonic() < end:
        if _stamp(config.connection_file) not in (None, stale):
            return connect(config)
        time.sleep(0.02)
    return None


def connect(config: EngineConfig, timeout: float = 2.0) -> Engine:
    """A session with the running engine, directly or through a relay. Raises `EngineUnavailable`."""
    if has_zmq():
        return Engine.connect(config.connection_file, timeout)
    check_reachable(config)
    transport = RelayTransport(config.relay_command(), environment())
    return Engine(transport).wait_for_welcome(timeout + _RELAY_SECONDS)


def check_reachable(config: EngineConfig) -> None:
    """Raises `EngineUnavailable` where there is neither ZeroMQ nor a relay, whatever the engine does."""
    if has_zmq():
        return
    if sandbox := _sandbox_between(config):
        raise EngineUnavailable(
            _(
                "GIMP's {sandbox} has no ZeroMQ for the Impasto filter; "
                "run once, in a terminal: python3 install/install.py --service"
            ).format(sandbox=sandbox)
        )
    config.program()


def has_zmq() -> bool:
    """Can ZeroMQ be imported: this Python's own, or the one that the installer put into the filter's folder?"""
    if _LIBRARIES not in sys.path:
        sys.path.append(_LIBRARIES)
    try:
        zmq = importlib.import_module("zmq")
    except Exception:  # a package that was built for another Python can raise anything
        return False
    return hasattr(zmq, "DEALER")  # a folder that a removed package has left is a module too


def environment() -> dict[str, str]:
    """The environment of the engine's programs: all variables but those that GIMP has set for its own Python.

    On Windows GIMP puts the folder of its own programs and libraries first on the PATH.
    """
    own = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    if sys.platform == "win32":
        gimps = Path(sys.executable).parent
        own["PATH"] = os.pathsep.join(word for word in own.get("PATH", "").split(os.pathsep) if Path(word) != gimps)
    return own


def start(config: EngineConfig) -> "subprocess.Popen[bytes]":
    """Start the engine in a session of its own, so that it goes on when the plug-in ends."""
    if sandbox := _sandbox_between(config):
        raise EngineUnavailable(
            _(
                "GIMP's {sandbox} can't start the Impasto engine; "
                "run once, in a terminal: python3 install/install.py --service"
            ).format(sandbox=sandbox)
        )
    try:
        with own_libraries():
            return subprocess.Popen(
                config.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(),
                start_new_session=True,
                creationflags=OUT_OF_SIGHT,
            )
    except OSError as error:
        raise EngineUnavailable(
            _(
                "the Impasto engine can't be started ({reason}); choose Filters ▸ Artistic ▸ Impasto Style Transfer "
                "to set it up again, or run: python3 install/install.py"
            ).format(reason=error.strerror)
        ) from error


def _await(
    config: EngineConfig, process: "subprocess.Popen[bytes]", stale: tuple[int, int] | None, timeout: float
) -> Engine:
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        stamp = _stamp(config.connection_file)
        if stamp and stamp != stale:
            try:
                return connect(config, max(0.5, end - time.monotonic()))
            except VersionMismatch:
                raise
            except EngineUnavailable:
                stale = stamp
        if process.poll():  # 0: another engine had just been started
            raise EngineUnavailable(
                _("the Impasto engine could not start; its log is {log}").format(log=config.log_file)
            )
        time.sleep(0.02)
    raise EngineUnavailable(
        _("the Impasto engine did not start within {seconds:g} s; its log is {log}").format(
            seconds=timeout, log=config.log_file
        )
    )


def _stamp(path: Path) -> tuple[int, int] | None:
    """A file's time and number, which differ when it has been written again; None if there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _is_replaceable(config: EngineConfig) -> bool:
    """Would an engine that is started here write this file again? Not another machine's, nor a sandbox's own copy."""
    try:
        return read_connection(config.connection_file).pid != REMOTE
    except EngineUnavailable:
        if _sandbox_between(config) or not config.connection_file.exists():
            return True
        return str(config.connection_file) in config.command  # else a person put it there, to use another machine's
