"""CURVE key pairs, and the clients that may connect to the engine, known by their public keys."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import zmq
from zmq.utils import z85

from impasto.folders import private_folder
from impasto_wire.errors import EngineUnavailable, SettingError
from impasto_wire.files import write_whole


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
        return key == self._own or (self._paired is not None and key in self._paired.names())


class PairedClients:
    """The filters on other machines that may use this engine, in a file; and the keys of this engine that they know."""

    def __init__(self, folder: Path) -> None:
        self._clients = folder / "clients.json"
        self._server = folder / "server.json"
        self._seen: tuple[int, int] | None = None
        self._names: dict[str, str] = {}

    def names(self) -> dict[str, str]:
        """Each known client's name by its public key; read again whenever the file has changed."""
        try:
            status = self._clients.stat()
        except FileNotFoundError:
            return {}
        if self._seen != (status.st_mtime_ns, status.st_ino):
            self._names = {str(key): str(name) for key, name in _read(self._clients).items()}
            self._seen = (status.st_mtime_ns, status.st_ino)
        return self._names

    def add(self, name: str) -> KeyPair:
        """Pair a client, and return its keys. Raises `SettingError` when the name is taken."""
        if name in self.names().values():
            raise SettingError(f"a client named {name} is paired already; revoke it first or choose another name")
        keys = KeyPair.new()
        _write(self._clients, {**self.names(), keys.public: name})
        return keys

    def revoke(self, name: str) -> None:
        """Forget a client: from now on it can't connect. Raises `SettingError` when there is none of that name."""
        left = {key: other for key, other in self.names().items() if other != name}
        if len(left) == len(self.names()):
            known = ", ".join(sorted(self.names().values())) or "nobody"
            raise SettingError(f"no client is named {name}; paired is {known}")
        _write(self._clients, left)

    def server_keys(self) -> KeyPair:
        """The engine's own keys, which paired clients know; they are made when they are first needed."""
        if not self._server.exists():
            _write(self._server, asdict(KeyPair.new()))
        return KeyPair(**_read(self._server))


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineUnavailable(f"{path} is damaged; delete it and pair again") from error
    if not isinstance(values, dict):
        raise EngineUnavailable(f"{path} is damaged; delete it and pair again")
    return values


def _write(path: Path, values: dict[str, str]) -> None:
    private_folder(path.parent)
    write_whole(path, json.dumps(values, indent=1).encode(), 0o600)
