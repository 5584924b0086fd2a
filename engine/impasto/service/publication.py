"""Sees to it, as long as the engine runs, that it can be found: by one lock, and by whole and private files."""

import contextlib
import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path

import zmq

from impasto.folders import private_folder
from impasto.locks import TwinLock
from impasto_wire import PROTOCOL, __version__
from impasto_wire.connection import Connection, write_connection
from impasto_wire.errors import EngineUnavailable
from impasto_wire.files import READABLE_BY_OTHERS, Exposed, check_trusted, left_parts, read_trusted

from .address import has_lost_its_socket, listen_locally
from .frontend import Frontend
from .keys import KeyPair, KnownClients

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class Publication:
    """The connection file of a running engine, and its copies for sandboxes.

    What is deleted or damaged is written again; where others could read the client's key, a new one takes its place
    and the old one opens nothing any more, which ends its sessions too.
    """

    def __init__(
        self, lock: TwinLock, path: Path, copies: Sequence[Path], frontend: Frontend, known: KnownClients, server: str
    ) -> None:
        """`lock` is held; `server` is the engine's public key."""
        self._lock = lock
        self._path = path
        self._copies = copies
        self._frontend = frontend
        self._known = known
        self._server = server
        self._next_look = 0.0
        self._trouble = ""
        self._renew_key()

    def _renew_key(self) -> None:
        self._client = KeyPair.new()
        self._known.replace_own(self._client.public)

    @property
    def _connection(self) -> Connection:
        keys = self._server, self._client.public, self._client.secret
        return Connection(self._frontend.endpoint, *keys, PROTOCOL, __version__, os.getpid())

    def _paths(self) -> list[Path]:
        """The folder of a GIMP that was removed isn't made again. The engine's own comes last: it says that all is
        ready."""
        return [*(path for path in self._copies if path.parent.is_dir()), self._path]

    def publish(self) -> None:
        """Write all files. Raises `EngineUnavailable`."""
        for path in self._paths():
            for part in left_parts(path):  # of an engine that was killed when it started
                part.unlink(missing_ok=True)
            try:
                write_connection(path, self._connection)
            except OSError as error:
                raise EngineUnavailable(
                    f"the connection file {path} can't be written ({error.strerror}); run: impasto doctor --fix"
                ) from error

    def keep(self) -> bool:
        """Look after everything once a second, whenever it is called; False when another engine has taken over."""
        now = time.monotonic()
        if now < self._next_look:
            return True
        self._next_look = now + LOOK_SECONDS
        try:
            private_folder(self._path.parent)
            if not self._lock.keep():
                log.error("this engine's lock was deleted and another engine has it; this one ends")
                return False
            self._mend()
            self._trouble = ""
        except (OSError, EngineUnavailable, zmq.ZMQError) as error:
            if str(error) != self._trouble:
                log.error("%s; until that is mended no filter may find this engine", error)
            self._trouble = str(error)
        return True

    def _mend(self) -> None:
        if has_lost_its_socket(self._frontend):
            log.warning("this engine's socket was deleted; it makes another")
            listen_locally(self._frontend, self._path)
        if any(map(_is_exposed, self._paths())):
            log.warning("others could read a connection file; its key opens nothing from now on")
            self._renew_key()
        for path in self._paths():
            if not self._is_whole(path):
                log.warning("a connection file was deleted, damaged or is out of date; it is written again")
                write_connection(path, self._connection)

    def _is_whole(self, path: Path) -> bool:
        try:
            return read_trusted(path) == self._connection.as_bytes()
        except OSError:
            return False

    def withdraw(self) -> None:
        """Delete the files, but not those of another engine."""
        for path in self._paths():
            if self._is_whole(path):
                with contextlib.suppress(OSError):
                    path.unlink()


def _is_exposed(path: Path) -> bool:
    """Can others read the file, or did they own it?"""
    try:
        check_trusted(path, path.lstat(), READABLE_BY_OTHERS)
    except Exposed:
        return True
    except OSError:  # it is gone, or no file
        pass
    return False
