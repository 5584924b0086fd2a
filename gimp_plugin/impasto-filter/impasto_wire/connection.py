"""The connection file: where the engine listens and the keys that open it, readable by its owner alone."""

import json
import os
import stat
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from .errors import EngineUnavailable
from .files import write_whole

REMOTE = 0
"""The process of an engine on another machine, which this machine can't start."""


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


def write_connection(path: Path, connection: Connection) -> None:
    """Write the file whole, with mode 0600."""
    write_whole(path, json.dumps(asdict(connection)).encode(), 0o600)


def read_connection(path: Path) -> Connection:
    """The connection in a file. Raises `EngineUnavailable` when there is none, others can read it, or it is damaged."""
    try:
        with path.open(encoding="utf-8") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
                raise EngineUnavailable(
                    f"others can read the connection file {path}; delete it and start the engine again"
                )
            values = json.load(file)
        kinds = {field.name: field.type for field in fields(Connection)}
        found = Connection(**{name: values[name] for name in kinds})
        if not all(isinstance(getattr(found, name), kind) for name, kind in kinds.items()):  # type: ignore[arg-type]
            raise TypeError
    except FileNotFoundError as error:
        raise EngineUnavailable("the Impasto engine is not running") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise EngineUnavailable(
            f"the connection file {path} is damaged; delete it and start the engine again"
        ) from error
    return found
