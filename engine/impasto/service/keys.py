"""CURVE key pairs, and the clients that may connect to the engine, known by their public keys."""

import contextlib
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import zmq
from zmq.utils import z85

from impasto.folders import private_folder
from impasto.locks import FileLock
from impasto_wire.errors import EngineUnavailable, SettingError
from impasto_wire.files import Exposed, read_trusted, write_whole

log = logging.getLogger(__name__)

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
        return self.is_own(key) or (self._paired is not None and key in self._paired.last_names())

    def is_own(self, key: str) -> bool:
        """Is that the key of this machine's own filter?"""
        return key == self._own

    def replace_own(self, key: str) -> None:
        """From now on this machine's own filter has that public key, and the last one opens nothing."""
        self._own = key


class PairedClients:
    """The filters on other machines that may use this engine, in a file; and the keys of this engine that they know."""

    def __init__(self, folder: Path) -> None:
        self._clients = folder / "clients.json"
        self._server = folder / "server.json"
        self._lock = folder / "lock"
        self._seen: tuple[int, ...] | None = None
        self._names: dict[str, str] = {}

    def names(self) -> dict[str, str]:
        """Each paired client's name by its public key. Raises `EngineUnavailable` where the file can't be believed."""
        try:
            return {str(key): str(name) for key, name in _read(self._clients).items()}
        except FileNotFoundError:
            return {}

    def last_names(self) -> dict[str, str]:
        """The same, read again whenever the file has changed; where it can't be believed, as it was before that."""
        seen: tuple[int, ...] = ()
        with contextlib.suppress(OSError):
            status = self._clients.lstat()
            seen = (status.st_mtime_ns, status.st_ino, status.st_size, status.st_mode, status.st_uid)
        if self._seen != seen:
            self._seen = seen
            try:
                self._names = self.names()
            except EngineUnavailable as error:
                log.error("%s; until then the same clients may connect as before", error)
        return self._names

    @contextlib.contextmanager
    def adding(self, name: str) -> Iterator[KeyPair]:
        """A new client's keys; it is paired at the end of the block, and not at all where that raises something.

        Raises `SettingError` when the name is taken, `EngineUnavailable` where the files can't be used.
        """
        with self._alone():
            names = self.names()
            if name in names.values():
                raise SettingError(f"a client named {name} is paired already; revoke it first or choose another name")
            keys = KeyPair.new()
            yield keys
            _write(self._clients, {**names, keys.public: name})

    def revoke(self, name: str) -> None:
        """Forget a client: from now on it can't connect. Raises `SettingError` when there is none of that name."""
        with self._alone():
            names = self.names()
            left = {key: other for key, other in names.items() if other != name}
            if len(left) == len(names):
                known = ", ".join(sorted(names.values())) or "nobody"
                raise SettingError(f"no client is named {name}; paired is {known}")
            _write(self._clients, left)

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
        for path, read in ((self._clients, self.names), (self._server, self._server_keys)):
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


def _write(path: Path, values: dict[str, str]) -> None:
    private_folder(path.parent)
    try:
        write_whole(path, json.dumps(values, indent=1).encode(), 0o600)
    except OSError as error:
        raise EngineUnavailable(
            f"{path} can't be written ({error.strerror}); check the folder and try again"
        ) from error
