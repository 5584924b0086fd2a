"""Who may talk to the engine: CURVE key pairs, and the clients that are known by their public key."""

from dataclasses import dataclass

import zmq
from zmq.utils import z85


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
    """The clients that are let in."""

    def __init__(self, keys: set[str]) -> None:
        self._keys = keys

    def answer(self, request: list[bytes]) -> list[bytes]:
        """The reply to one request of ZeroMQ's authentication protocol (ZAP, RFC 27)."""
        version, number, _domain, _address, _identity, mechanism, *credentials = request
        key = z85.encode(credentials[0]).decode() if mechanism == b"CURVE" and credentials else ""
        if key in self._keys:
            return [version, number, b"200", b"OK", key.encode(), b""]
        return [version, number, b"400", b"", b"", b""]
