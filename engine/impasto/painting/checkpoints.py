"""Checkpoints of long paintings on disk, by what is painted: whoever asks for the same again goes on from there."""

import contextlib
import logging
import time
from collections.abc import Iterator
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from impasto.folders import private_folder
from impasto.request import PaintRequest
from impasto.transfer import NOT_KEPT, Checkpoint, Checkpoints, Recipe
from impasto_wire.errors import ImpastoError
from impasto_wire.files import write_whole

from .digests import request_digest

log = logging.getLogger(__name__)

LONG_SECONDS = 60.0
"""A painting that takes less is begun again."""
KEPT_DAYS = 3
MOST_BYTES = 2 << 30
"""Of all checkpoints together; the oldest go first."""
_SUFFIX = ".safetensors"


class CheckpointFolder:
    """The checkpoints of all paintings, in a private folder."""

    def __init__(self, folder: Path, long_seconds: float = LONG_SECONDS) -> None:
        """The folder is made when something is kept there, of paintings of at least `long_seconds`."""
        self._folder, self._long_seconds = folder, long_seconds

    def of(self, request: PaintRequest, recipe: Recipe) -> Checkpoints:
        """Those of one painting; none where what was painted before decides how it looks, too."""
        return NOT_KEPT if request.before or request.earlier is not None else _OnDisk(self, request, recipe)

    def path(self, request: PaintRequest, recipe: Recipe) -> Path:
        """The file of a painting: its name is a digest of all that decides how it looks."""
        return self._folder / f"{request_digest(request, recipe)}{_SUFFIX}"

    def is_empty(self) -> bool:
        """Is nothing kept at all?"""
        return not any(self._folder.glob(f"*{_SUFFIX}"))

    def is_worth(self, seconds: float) -> bool:
        """Is a painting of so many seconds worth a checkpoint?"""
        return seconds >= self._long_seconds

    def write(self, path: Path, data: bytes) -> None:
        """Write a checkpoint, and delete those that are too old or too many. Raises `OSError`, `ImpastoError`."""
        private_folder(self._folder)
        write_whole(path, data, 0o600)
        total, oldest_kept = 0, time.time() - KEPT_DAYS * 24 * 3600
        for written, size, other in sorted(self._found(), reverse=True):
            total += size
            if other != path and (total > MOST_BYTES or written < oldest_kept):
                other.unlink(missing_ok=True)

    def _found(self) -> Iterator[tuple[float, int, Path]]:
        """When each checkpoint was written, its bytes and its file."""
        for path in self._folder.glob(f"*{_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError):  # another process has just finished its painting
                status = path.stat()
                yield status.st_mtime, status.st_size, path


class _OnDisk:
    """The checkpoint of one painting, in its file."""

    def __init__(self, folder: CheckpointFolder, request: PaintRequest, recipe: Recipe) -> None:
        self._folder, self._request, self._recipe = folder, request, recipe
        self._path: Path | None = None

    def is_there(self) -> bool:
        return not self._folder.is_empty() and self._file().exists()

    def last(self) -> Checkpoint | None:
        if not self.is_there():
            return None
        path = self._file()
        try:
            with safe_open(path, "pt") as file:
                numbers = file.metadata()
                return Checkpoint(int(numbers["scale"]), file.get_tensor("picture"), int(numbers["side"]))
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
            log.warning("the checkpoint %s is damaged, the painting is begun again: %s", path, error)
            return None

    def keep(self, checkpoint: Checkpoint, seconds: float) -> None:
        if not self._folder.is_worth(seconds):
            return
        tensors = {"picture": checkpoint.picture.detach().cpu().contiguous()}
        try:
            self._folder.write(
                self._file(), save(tensors, {"scale": str(checkpoint.scale), "side": str(checkpoint.side)})
            )
        except (OSError, ImpastoError) as error:
            log.warning("no checkpoint can be kept: %s", error)

    def forget(self) -> None:
        if self._path:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)

    def _file(self) -> Path:
        if self._path is None:  # a digest of a large picture takes a moment; a short painting never needs it
            self._path = self._folder.path(self._request, self._recipe)
        return self._path
