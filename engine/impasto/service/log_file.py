"""The engine's log: in its file, or elsewhere where that can't be written, since no log is worth an engine."""

import contextlib
import logging
import logging.handlers
import os
import sys
from io import TextIOWrapper
from pathlib import Path

from impasto_wire.files import WRITABLE_BY_OTHERS, check_trusted

log = logging.getLogger(__name__)

_BYTES = 1 << 20
_OLDER = 3


def log_to(path: Path, instead: Path, level: str) -> None:
    """Write the log of this process to a file, else to another one, else to standard error; says so if not the first.

    Every file of it is for its owner alone; one that belongs to someone else isn't written to.
    """
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    failures = []
    for file in (path, instead):
        try:
            handler = _open(file)
            break
        except OSError as error:
            failures.append(f"the log {file} can't be written ({error.strerror or error}); run: impasto doctor --fix")
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=level.upper())
    logging.raiseExceptions = False  # a full disk must not stop the engine
    for failure in failures:
        log.warning(failure)


class OneLine(logging.Formatter):
    """Writes a record as one line, whatever a client has put into it, so that none can forge a line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line; a traceback of our own comes after it."""
        return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in super().formatMessage(record))


class _LogFile(logging.handlers.RotatingFileHandler):
    """A log that is begun anew when it has grown, and when somebody has deleted or moved it."""

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):
            if self.stream and not _is_in_place(self.stream, Path(self.baseFilename)):
                last, self.stream = self.stream, self._open()
                last.close()
        super().emit(record)


def _is_in_place(stream: TextIOWrapper, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _open(path: Path) -> logging.Handler:
    path.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(path):
        check_trusted(path, path.lstat(), 0)  # a pipe would be waited for
    handler = _LogFile(path, maxBytes=_BYTES, backupCount=_OLDER, encoding="utf-8")
    try:
        if os.name == "posix":
            path.chmod(0o600)  # an older one may have been made under another umask
        check_trusted(path, path.lstat(), WRITABLE_BY_OTHERS)
    except OSError:
        handler.close()
        raise
    return handler
