"""CURVE key pairs, and the clients that may connect to the engine, known by their public keys."""

import contextlib
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import zmq
from zmq.utils import z85

from impasto.folders import private_folder
from impasto.locks import FileLock
from impasto_wire.errors import EngineUnavailable, SettingError
from impasto_wire.files import Exposed, read_trusted, write_whole

from .accounts import OWN, Limits

log = logging.getLogger(__name__)

OWN_NAME = "this machine"
"""What the engine's own key is called where clients are listed."""
_LOCK_SECONDS = 10.0


@dataclass(frozen=True)
class KeyPair:
    """A CURVE key pair in Z85."""

    public: str
    secret: str

    @classmethod
    def new(cls) -> "KeyPair":
        """A fresh pair."""
        public, secret = zmq.curve_keypair()
        return cls(public.decode(), secret.decode())


class KnownClients:
    """The clients that may connect: this engine's own, and the paired ones, as long as their file names them."""

    def __init__(self, own: str, paired: "PairedClients | None" = None) -> None:
        self._own = own
        self._paired = paired

    def answer(self, request: list[bytes]) -> list[bytes]:
        """The reply to one request of ZeroMQ's authentication protocol (ZAP, RFC 27)."""
        version, number, _domain, _address, _identity, mechanism, *credentials = request
        key = z85.encode(credentials[0]).decode() if mechanism == b"CURVE" and credentials else ""
        if self.knows(key):
            return [version, number, b"200", b"OK", key.encode(), b""]
        return [version, number, b"400", b"", b"", b""]

    def knows(self, key: str) -> bool:
        """May the client with that public key connect now?"""
        return self.is_own(key) or (self._paired is not None and key in self._paired.last_clients())

    def is_own(self, key: str) -> bool:
        """Is that the key of this machine's own filter?"""
        return key == self._own

    def terms_of(self, key: str) -> tuple[str, Limits]:
        """The name and the limits of the client with that public key."""
        if self.is_own(key) or self._paired is None:
            return OWN_NAME, OWN
        client = self._paired.last_clients().get(key) or PairedClient("a client that was revoked")
        return client.name, Limits().changed(client.limits)

    def replace_own(self, key: str) -> None:
        """From now on this machine's own filter has that public key, and the last one opens nothing."""
        self._own = key


@dataclass(frozen=True)
class PairedClient:
    """A filter on another machine, and those of its limits that aren't the defaults."""

    name: str
    limits: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, value: object) -> "PairedClient":
        """From what the file says: a name, or an object with name and limits.

        Raises `TypeError`, `ValueError`, `KeyError`.
        """
        if isinstance(value, str):
            return cls(value)
        if not isinstance(value, dict) or not isinstance(value["limits"], dict):
            raise TypeError
        return cls(str(value["name"]), {str(name): int(most) for name, most in value["limits"].items()})

    def written(self) -> object:
        """As the file says it: without limits as older engines know it."""
        return asdict(self) if self.limits else self.name


class PairedClients:
    """The filters on other machines that may use this engine, in a file; and the keys of this engine that they know."""

    def __init__(self, folder: Path) -> None:
        self._clients = folder / "clients.json"
        self._server = folder / "server.json"
        self._lock = folder / "lock"
        self._seen: tuple[int, ...] | None = None
        self._last: dict[str, PairedClient] = {}

    def clients(self) -> dict[str, PairedClient]:
        """Each paired client by its public key. Raises `EngineUnavailable` where the file can't be believed."""
        try:
            return {key: PairedClient.read(value) for key, value in _read(self._clients).items()}
        except FileNotFoundError:
            return {}
        except (TypeError, ValueError, KeyError) as error:
            raise EngineUnavailable(_damaged(self._clients)) from error

    def last_clients(self) -> dict[str, PairedClient]:
        """The same, read again whenever the file has changed; where it can't be believed, as it was before that."""
        seen: tuple[int, ...] = ()
        with contextlib.suppress(OSError):
            status = self._clients.lstat()
            seen = (status.st_mtime_ns, status.st_ino, status.st_size, status.st_mode, status.st_uid)
        if self._seen != seen:
            self._seen = seen
            try:
                self._last = self.clients()
            except EngineUnavailable as error:
                log.error("%s; until then the same clients may connect as before", error)
        return self._last

    @contextlib.contextmanager
    def adding(self, name: str, limits: dict[str, int] | None = None) -> Iterator[KeyPair]:
        """A new client's keys; it is paired at the end of the block, and not at all where that raises something.

        Raises `SettingError` when the name is taken, `EngineUnavailable` where the files can't be used.
        """
        with self._alone():
            clients = self.clients()
            if name in _names(clients):
                raise SettingError(f"a client named {name} is paired already; revoke it first or choose another name")
            keys = KeyPair.new()
            yield keys
            self._write({**clients, keys.public: PairedClient(name, limits or {})})

    def limit(self, name: str, limits: dict[str, int]) -> None:
        """Change some of a client's limits, from its next session on. Raises `SettingError`, `EngineUnavailable`."""
        with self._changing(name) as clients:
            for key, client in clients.items():
                if client.name == name:
                    clients[key] = replace(client, limits={**client.limits, **limits})

    def revoke(self, name: str) -> None:
        """Forget a client: from now on it can't connect. Raises `SettingError`, `EngineUnavailable`."""
        with self._changing(name) as clients:
            for key in [key for key, client in clients.items() if client.name == name]:
                del clients[key]

    @contextlib.contextmanager
    def _changing(self, name: str) -> Iterator[dict[str, PairedClient]]:
        """The clients, to be changed and then written. Raises `SettingError` when none has that name."""
        with self._alone():
            clients = self.clients()
            if name not in _names(clients):
                raise SettingError(f"no client is named {name}; paired is {', '.join(_names(clients)) or 'nobody'}")
            yield clients
            self._write(clients)

    def _write(self, clients: dict[str, PairedClient]) -> None:
        _write(self._clients, {key: client.written() for key, client in clients.items()})

    def server_keys(self) -> KeyPair:
        """The engine's own keys, which paired clients know; they are made when they are first needed.

        Raises `EngineUnavailable` where they can't be believed.
        """
        with contextlib.suppress(FileNotFoundError):
            return self._server_keys()
        with self._alone():
            if not self._server.exists():
                _write(self._server, asdict(KeyPair.new()))
            return self._server_keys()

    def _server_keys(self) -> KeyPair:
        values = _read(self._server)
        try:
            keys = KeyPair(str(values["public"]), str(values["secret"]))
            if zmq.curve_public(keys.secret.encode()).decode() != keys.public:
                raise ValueError
        except (KeyError, ValueError, zmq.ZMQError) as error:
            raise EngineUnavailable(_damaged(self._server)) from error
        return keys

    def faults(self) -> Iterator[tuple[Path, str]]:
        """The files that can't be believed, each with a sentence."""
        for path, read in ((self._clients, self.clients), (self._server, self._server_keys)):
            try:
                read()
            except EngineUnavailable as error:
                yield path, str(error)
            except FileNotFoundError:
                pass

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """While this lasts, nobody else changes the files: none of two changes at the same time is lost."""
        private_folder(self._lock.parent)
        lock = FileLock(self._lock)
        try:
            if not lock.wait(_LOCK_SECONDS):
                raise EngineUnavailable(f"another program has been pairing for {_LOCK_SECONDS:g} s; try again")
        except OSError as error:
            raise EngineUnavailable(f"{self._lock} can't be used; run: impasto doctor --fix") from error
        with contextlib.closing(lock):
            yield


def _names(clients: dict[str, PairedClient]) -> list[str]:
    return sorted(client.name for client in clients.values())


def _damaged(path: Path) -> str:
    return f"{path} is damaged; run: impasto doctor --fix, then pair again"


def _read(path: Path) -> dict[str, Any]:
    """What stands in a file that is this person's alone. Raises `FileNotFoundError`, `EngineUnavailable`."""
    try:
        values = json.loads(read_trusted(path))
    except FileNotFoundError:
        raise
    except Exposed as error:
        raise EngineUnavailable(f"{error}, so its keys can't be trusted; run: impasto doctor --fix") from error
    except (OSError, ValueError, RecursionError) as error:
        raise EngineUnavailable(_damaged(path)) from error
    if not isinstance(values, dict):
        raise EngineUnavailable(_damaged(path))
    return values


def _write(path: Path, values: dict[str, Any]) -> None:
    private_folder(path.parent)
    try:
        write_whole(path, json.dumps(values, indent=1).encode(), 0o600)
    except OSError as error:
        raise EngineUnavailable(
            f"{path} can't be written ({error.strerror}); check the folder and try again"
        ) from error
