"""Which computer paints: this one, or another whose pairing file was added; remembered beside the person's styles."""

import json
import os
import re
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from impasto_plugin.texts import _
from impasto_presets import user_folder
from impasto_wire import PROTOCOL, __version__
from impasto_wire.connection import REMOTE, Connection, connection_in, read_connection
from impasto_wire.errors import EngineUnavailable, ImpastoError, VersionMismatch
from impasto_wire.files import open_regular, read_trusted, write_whole

from .client import Engine
from .launcher import EngineConfig, check_reachable, connect, find_or_start, read_config

ANSWER_SECONDS = 5.0
"""How long another computer's engine may take to answer."""
LARGEST_PAIRING = 16 << 10
"""Of a pairing file, which has less than one kilobyte."""
_PROBE_SECONDS = 3.0
_DEVICES_SECONDS = 10.0
_PLACE = re.compile(r"tcp://(?P<host>[\w.%-]{1,253}|\[[0-9A-Fa-f:.]+(%\w+)?\]):(?P<port>[1-9][0-9]{0,4})")
_LAST_PORT = 65535
_CHOSEN = "chosen"


@dataclass(frozen=True)
class Computer:
    """Another computer, which lets this one's filter use its engine."""

    endpoint: str
    """Where its engine listens, as a ZeroMQ endpoint."""

    @property
    def place(self) -> tuple[str, int]:
        """The name or address by which it is reached, and the port."""
        found = _PLACE.fullmatch(self.endpoint)
        return (found["host"].strip("[]"), int(found["port"])) if found else ("", 0)

    @property
    def name(self) -> str:
        """What a person calls it; with the port where another pairing has the same name."""
        host, port = self.place
        is_one_of_two = any(other != self and other.place[0] == host for other in computers())
        return f"{host}:{port}" if is_one_of_two else host

    @property
    def file(self) -> Path:
        """Its pairing file, which holds this computer's key."""
        return _folder() / f"{blake2b(self.endpoint.encode(), digest_size=8).hexdigest()}.json"


def _folder() -> Path:
    return user_folder().parent / "computers"


# What is remembered


def is_settled() -> bool:
    """Does `$IMPASTO_ENGINE` name the engine, whatever was chosen?"""
    return bool(os.environ.get("IMPASTO_ENGINE"))


def computers() -> list[Computer]:
    """The paired computers whose pairing files can be used, in the order of their endpoints."""
    found = []
    for file in _folder().glob("*.json"):
        with suppress(EngineUnavailable):  # a damaged file, or the note of what was chosen
            found.append(Computer(read_connection(file).endpoint))
    return sorted(found, key=lambda one: one.endpoint)


def chosen_computer() -> Computer | None:
    """The computer that paints, which may be gone from the paired ones; None: this one."""
    if is_settled():
        return None
    try:
        endpoint = json.loads(read_trusted(_folder() / f"{_CHOSEN}.json"))["endpoint"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return Computer(endpoint) if isinstance(endpoint, str) else None


def choose_computer(computer: Computer | None) -> None:
    """Let that computer paint from now on; None: this one. Raises `EngineUnavailable`, and the earlier one stays."""
    file = _folder() / f"{_CHOSEN}.json"
    try:
        if computer is None:
            file.unlink(missing_ok=True)
        else:
            _write(file, json.dumps({"endpoint": computer.endpoint}).encode())
    except OSError as error:
        raise _unwritable(error) from error


def add_computer(file: Path) -> Computer:
    """Keep a copy of a pairing file, which only this person can read, in place of an earlier one for that endpoint.

    Raises `EngineUnavailable` if it is none, or can't be used here.
    """
    data = _read_pairing(file)
    connection = _pairing_in(data, file.name)
    computer = Computer(connection.endpoint)
    _keep(computer, connection.as_bytes())
    return computer


def forget_computer(computer: Computer) -> bytes:
    """Delete a computer's pairing file, and return what was in it; if it was chosen, this computer paints.

    Raises `EngineUnavailable`.
    """
    try:
        data = computer.file.read_bytes() if computer.file.exists() else b""
        computer.file.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(error) from error
    if chosen_computer() == computer:
        choose_computer(None)
    return data


def bring_back(computer: Computer, data: bytes) -> None:
    """Keep the pairing file of a computer that was forgotten. Raises `EngineUnavailable`."""
    _keep(computer, data)


def _keep(computer: Computer, data: bytes) -> None:
    try:
        _write(computer.file, data)
    except OSError as error:
        raise _unwritable(error) from error


def _write(file: Path, data: bytes) -> None:
    """Write a file into a folder that only this person can enter."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        file.parent.chmod(0o700)
    write_whole(file, data, 0o600)


def _unwritable(error: OSError) -> EngineUnavailable:
    text = _("{folder} can't be written ({reason}), so nothing was changed; make room there and try again")
    return EngineUnavailable(text.format(folder=_folder(), reason=error.strerror))


# Pairing files


def is_pairing(file: Path) -> bool:
    """Does a file look like a pairing file, or one that was one? Pictures and styles don't."""
    try:
        with open_regular(file) as opened:
            return file.suffix.lower() == ".json" or opened.read(64).lstrip().startswith(b"{")
    except OSError:
        return file.suffix.lower() == ".json"


def _read_pairing(file: Path) -> bytes:
    try:
        with open_regular(file) as opened:
            data = opened.read(LARGEST_PAIRING + 1)
    except OSError as error:
        text = _("“{file}” can't be read ({reason}); copy the pairing file once more")
        raise EngineUnavailable(text.format(file=file.name, reason=error.strerror)) from error
    if len(data) > LARGEST_PAIRING:
        text = _("“{file}” is too large for a pairing file, which has less than {size} kB; choose another")
        raise EngineUnavailable(text.format(file=file.name, size=LARGEST_PAIRING >> 10))
    return data


def _pairing_in(data: bytes, name: str) -> Connection:
    """The connection that a pairing file holds. Raises `EngineUnavailable`."""
    values = _values_in(data)
    if not isinstance(values, dict) or not {"endpoint", "server_key"} <= set(values):
        text = _("“{file}” is no pairing file; make one on the other computer with: impasto pair")
        raise EngineUnavailable(text.format(file=name))
    if values.get("protocol") != PROTOCOL and isinstance(values.get("protocol"), int):
        text = _("“{file}” is of Impasto {version}, and here is {own}; install the same on both, and pair again")
        raise VersionMismatch(text.format(file=name, version=str(values.get("version"))[:20], own=__version__))
    try:
        connection = connection_in(data)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        text = _("“{file}” is damaged; copy the pairing file once more, or pair again on the other computer")
        raise EngineUnavailable(text.format(file=name)) from error
    host, port = Computer(connection.endpoint).place
    if connection.pid != REMOTE or not host or port > _LAST_PORT:
        text = _("“{file}” leads to no other computer; make a pairing file there with: impasto pair")
        raise EngineUnavailable(text.format(file=name))
    return connection


def _values_in(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


# Its engine


def config_of(computer: Computer | None) -> EngineConfig:
    """How a computer's engine is reached; None: this one's. Raises `EngineUnavailable`."""
    if computer is None:
        return read_config()
    try:
        here = read_config()
    except EngineUnavailable:  # no engine is needed here, unless it relays
        here = EngineConfig((), computer.file, computer.file, "")
    return replace(here, connection_file=computer.file)


def engine_of(computer: Computer | None) -> Engine:
    """A session with a computer's engine; this one's is started if need be. Raises `EngineUnavailable`, in a sentence
    that names the other computer.
    """
    if computer is None:
        return find_or_start(read_config())
    config, name = config_of(computer), computer.name
    try:
        read_connection(computer.file)
    except EngineUnavailable as error:
        text = _("this computer's pairing with {computer} can't be read any more; add its pairing file once more")
        raise EngineUnavailable(text.format(computer=name)) from error
    check_reachable(config)
    began = time.monotonic()
    try:
        return connect(config, ANSWER_SECONDS)
    except VersionMismatch as error:
        text = _("{computer} has another version of Impasto; install the same on both computers, and pair again")
        raise VersionMismatch(text.format(computer=name)) from error
    except EngineUnavailable as error:
        raise _why_not(computer, time.monotonic() - began >= ANSWER_SECONDS) from error


def _why_not(computer: Computer, is_silent: bool) -> EngineUnavailable:
    """Why a computer's engine gives no session, as far as a plain connection to its port can tell."""
    host, port = computer.place
    try:
        socket.create_connection((host, port), _PROBE_SECONDS).close()
    except socket.gaierror:
        text = _("no computer is called {computer} in this network; connect to the network where it is")
    except ConnectionRefusedError:
        text = _(
            "{computer} is on, but has no engine at port {port}; run there: impasto serve --bind tcp://0.0.0.0:{port}"
        )
    except (OSError, ValueError):
        text = _("{computer} doesn't answer; switch it on, and let its firewall open port {port} to this computer")
    else:
        text = _("{computer} doesn't take this pairing, or not any more; pair again there, and add the new file")
        if is_silent:
            text = _("{computer} is on, but its engine doesn't answer within {seconds:g} s; start that again there")
    return EngineUnavailable(text.format(computer=computer.name, port=port, seconds=ANSWER_SECONDS))


def broken_off(computer: Computer | None, error: ImpastoError) -> ImpastoError:
    """What ended a session with a computer's engine, as a person should read it."""
    if computer is None or not isinstance(error, EngineUnavailable):
        return error
    return EngineUnavailable(_("the connection to {computer} was lost; try again").format(computer=computer.name))


def answer_of(computer: Computer) -> str:
    """What another computer's engine says of itself, in a sentence. Waits for it; raises `ImpastoError`."""
    with engine_of(computer) as engine:
        end = time.monotonic() + _DEVICES_SECONDS
        while not (engine.welcome and engine.welcome.devices) and time.monotonic() < end:
            time.sleep(0.05)
        assert engine.welcome
        version, devices = engine.welcome.version, engine.welcome.devices
    if version != __version__:
        text = _("{computer} answers, with Impasto {version}; here is {own}: install the same on both")
    elif devices:
        text = _("{computer} answers: Impasto {version}, {devices}")
    else:
        text = _("{computer} answers: Impasto {version}; its network is still being loaded")
    return text.format(computer=computer.name, version=version, own=__version__, devices="; ".join(devices))
