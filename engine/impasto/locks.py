"""A lock on a file, which the system frees when its holder dies: a lock that was left behind stops no other process."""

import os
import sys
from pathlib import Path


class FileLock:
    """An exclusive lock on a file, which is deleted when the lock is closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = -1

    def acquire(self) -> bool:
        """Take the lock; False when another process holds it."""
        while True:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            if not _try_lock(handle):
                os.close(handle)
                return False
            if self._is_current(handle):
                self._handle = handle
                return True
            os.close(handle)  # its last holder has deleted it since we opened it

    def _is_current(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self.path.stat())
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Release the lock."""
        is_posix = os.name == "posix"
        if is_posix:  # while it is still ours
            self.path.unlink(missing_ok=True)
        os.close(self._handle)
        self._handle = -1
        if not is_posix:  # Windows can't delete an open file
            self.path.unlink(missing_ok=True)


if sys.platform != "win32":
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

else:
    import msvcrt

    def _try_lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
