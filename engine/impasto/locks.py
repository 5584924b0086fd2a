"""A lock on a file, which the system frees when its holder dies: a lock that was left behind stops no other process."""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
_PAUSE_SECONDS = 0.02
_MOMENT_SECONDS = 0.1
"""For as long as somebody who only looks whether a lock is held may hold it."""


class FileLock:
    """An exclusive lock on a file, which is deleted when the lock is closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = -1

    def acquire(self) -> bool:
        """Take the lock; False when another process holds it. Raises `OSError` where the file can't be opened."""
        while True:
            handle = os.open(self.path, _FLAGS | os.O_CREAT, 0o600)
            if not _try_lock(handle):
                os.close(handle)
                return False
            if self._is_current(handle):
                self._handle = handle
                return True
            os.close(handle)  # its last holder has deleted it since we opened it

    def wait(self, seconds: float) -> bool:
        """Take the lock as soon as it is free; False if it isn't within that time. Raises `OSError`."""
        end = time.monotonic() + seconds
        while not self.acquire():
            if time.monotonic() > end:
                return False
            time.sleep(_PAUSE_SECONDS)
        return True

    def keep(self) -> bool:
        """Take a held lock again if its file was deleted; False when another process was faster. Raises `OSError`."""
        if self._is_current(self._handle):
            return True
        lost = self._handle
        if not self.wait(_MOMENT_SECONDS):
            return False
        os.close(lost)
        return True

    def is_held(self) -> bool:
        """Does another process hold the lock? Changes nothing. Raises `OSError`, but not where there is no file."""
        try:
            handle = os.open(self.path, _FLAGS)
        except FileNotFoundError:
            return False
        try:
            return not _try_lock(handle)
        finally:
            os.close(handle)

    def _is_current(self, handle: int) -> bool:
        try:
            return os.path.samestat(os.fstat(handle), self.path.lstat())
        except OSError:  # it is gone, or its folder
            return False

    def close(self) -> None:
        """Release the lock."""
        is_posix = os.name == "posix"
        if is_posix and self._is_current(self._handle):  # while it is still ours
            self.path.unlink(missing_ok=True)
        os.close(self._handle)
        self._handle = -1
        if not is_posix:  # Windows can't delete an open file: one that somebody looks at stays, and stops nobody
            with suppress(PermissionError):
                self.path.unlink(missing_ok=True)


class TwinLock:
    """One exclusive lock that stands in several places, so that deleting a file, or a folder, doesn't free it."""

    def __init__(self, *paths: Path) -> None:
        """The last path is what others look at to see whether the lock is held."""
        self._locks = [FileLock(path) for path in paths]

    def wait(self, seconds: float) -> bool:
        """Take all of it as soon as it is free, or nothing; False if it isn't within that time. Raises `OSError`."""
        taken: list[FileLock] = []
        try:
            for lock in self._locks:
                if not lock.wait(seconds):
                    return False
                taken.append(lock)
            return True
        finally:
            if len(taken) < len(self._locks):
                for lock in taken:
                    lock.close()

    def keep(self) -> bool:
        """Take again what was deleted; False when other processes have all of it. Raises `OSError` after trying."""
        is_ours, failure = False, None
        for lock in self._locks:
            try:
                is_ours |= lock.keep()
            except OSError as error:
                is_ours, failure = True, error
        if failure:
            raise failure
        return is_ours

    def close(self) -> None:
        """Release the lock."""
        for lock in self._locks:
            lock.close()


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
