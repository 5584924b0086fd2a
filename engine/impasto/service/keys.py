"""CURVE key pairs, and the clients that may connect to the engine, known by their public keys."""

import json
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import zmq
from zmq.utils import z85

from impasto.folders import private_folder
from impasto_wire.errors import EngineUnavailable, SettingError
from impasto_wire.files import write_whole

from .accounts import OWN, Limits

OWN_NAME = "this machine"
"""What the engine's own key is called where clients are listed."""


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
        return self.is_own(key) or (self._paired is not None and key in self._paired.clients())

    def is_own(self, key: str) -> bool:
        """Is that the key of this machine's own filter?"""
        return key == self._own

    def terms_of(self, key: str) -> tuple[str, Limits]:
        """The name and the limits of the client with that public key."""
        if self.is_own(key) or self._paired is None:
            return OWN_NAME, OWN
        client = self._paired.clients().get(key) or PairedClient("a client that was revoked")
        return client.name, Limits().changed(client.limits)


@dataclass(frozen=True)
class PairedClient:
    """A filter on another machine, and those of its limits that aren't the defaults."""

    name: str
    limits: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, value: object) -> "PairedClient":
        """From what the file says: a name, or an object with name and limits. Raises `TypeError`, `KeyError`."""
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
        self._seen: tuple[int, int] | None = None
        self._known: dict[str, PairedClient] = {}

    def clients(self) -> dict[str, PairedClient]:
        """The known clients by their public keys; read again whenever the file has changed."""
        try:
            status = self._clients.stat()
        except FileNotFoundError:
            return {}
        if self._seen != (status.st_mtime_ns, status.st_ino):
            try:
                self._known = {key: PairedClient.read(value) for key, value in _read(self._clients).items()}
            except (TypeError, KeyError, ValueError) as error:
                raise EngineUnavailable(f"{self._clients} is damaged; delete it and pair again") from error
            self._seen = (status.st_mtime_ns, status.st_ino)
        return self._known

    def names(self) -> list[str]:
        """The names of the known clients, in order."""
        return sorted(client.name for client in self.clients().values())

    def add(self, name: str, limits: dict[str, int] | None = None) -> KeyPair:
        """Pair a client, and return its keys. Raises `SettingError` when the name is taken."""
        if name in self.names():
            raise SettingError(f"a client named {name} is paired already; revoke it first or choose another name")
        keys = KeyPair.new()
        self._write({**self.clients(), keys.public: PairedClient(name, limits or {})})
        return keys

    def limit(self, name: str, limits: dict[str, int]) -> None:
        """Change some of a client's limits, from its next session on. Raises `SettingError` when there is none of that
        name."""
        self._require(name)
        self._write(
            {
                key: replace(client, limits={**client.limits, **limits}) if client.name == name else client
                for key, client in self.clients().items()
            }
        )

    def revoke(self, name: str) -> None:
        """Forget a client: from now on it can't connect. Raises `SettingError` when there is none of that name."""
        self._require(name)
        self._write({key: client for key, client in self.clients().items() if client.name != name})

    def _require(self, name: str) -> None:
        if name not in self.names():
            raise SettingError(f"no client is named {name}; paired is {', '.join(self.names()) or 'nobody'}")

    def _write(self, clients: dict[str, PairedClient]) -> None:
        _write(self._clients, {key: client.written() for key, client in clients.items()})

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


def _write(path: Path, values: dict[str, Any]) -> None:
    private_folder(path.parent)
    write_whole(path, json.dumps(values, indent=1).encode(), 0o600)
