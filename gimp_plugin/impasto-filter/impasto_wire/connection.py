"""The connection file: where the engine listens and the keys that open it, readable by its owner alone."""

import json
import re
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from .errors import EngineUnavailable
from .files import Exposed, read_trusted, write_whole

REMOTE = 0
"""The process of an engine on another machine, which this machine can't start."""
_Z85_KEY = re.compile(r"[0-9a-zA-Z.\-:+=^!/*?&<>()\[\]{}@%$#]{40}")
_ENDPOINT = re.compile(r"(tcp|ipc)://[^\0]+")


@dataclass(frozen=True)
class Connection:
    """Where the engine listens (a ZeroMQ endpoint), its public key, this client's key pair (Z85), its process."""

    endpoint: str
    server_key: str
    client_key: str
    client_secret: str
    protocol: int
    version: str
    pid: int

    def as_bytes(self) -> bytes:
        """What stands in the file."""
        return json.dumps(asdict(self)).encode()


def write_connection(path: Path, connection: Connection) -> None:
    """Write the file whole, with mode 0600. Raises `OSError`."""
    write_whole(path, connection.as_bytes(), 0o600)


def read_connection(path: Path) -> Connection:
    """The connection in a file, which is this person's alone.

    Raises `EngineUnavailable` when there is none, when it is damaged, or when others can read it or own it.
    """
    try:
        return connection_in(read_trusted(path))
    except FileNotFoundError as error:
        raise EngineUnavailable("the Impasto engine is not running") from error
    except Exposed as error:
        raise EngineUnavailable(
            f"{error}, the connection file, so its key may be known; run: impasto doctor --fix"
            " (if another machine gave it to you, pair again)"
        ) from error
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise EngineUnavailable(
            f"the connection file {path} is damaged; run: impasto doctor --fix"
            " (if another machine gave it to you, pair again)"
        ) from error


def connection_in(data: bytes) -> Connection:
    """The connection that a file's bytes hold. Raises `ValueError`, `TypeError`, `KeyError` or `RecursionError`."""
    values = json.loads(data)
    kinds = {field.name: field.type for field in fields(Connection)}
    found = Connection(**{name: values[name] for name in kinds})
    if not all(type(getattr(found, name)) is kind for name, kind in kinds.items()):
        raise TypeError
    keys = (found.server_key, found.client_key, found.client_secret)
    if not all(map(_Z85_KEY.fullmatch, keys)) or not _ENDPOINT.fullmatch(found.endpoint) or found.pid < 0:
        raise ValueError
    return found
