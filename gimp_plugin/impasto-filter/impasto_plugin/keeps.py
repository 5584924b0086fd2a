"""What the dialog keeps outside of the image: a layer's settings and tries, in a private folder; the oldest go by
themselves.

Each try is a file of its own: two GIMPs with the same picture add theirs, and none overwrites the other's.
"""

import json
import os
import re
import shutil
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from impasto_presets import cache_folder
from impasto_wire.files import write_whole

KEPT_DAYS = 30
MOST_TRIES = 24
"""Of one layer; the oldest that are neither painted nor marked go first."""
MOST_BYTES = 128 << 20
"""Of all layers together; those that were used longest ago go first."""
MOST_SAVED = 1 << 20
"""Bytes of the tries that are saved with an image."""
_SETTINGS = "settings.json"
_SUFFIX = ".try.json"
_DIGEST = re.compile("[0-9a-f]{16,64}")


@dataclass(frozen=True)
class KeptArguments:
    """Arguments of the procedure as JSON has them: a drawable is its tattoo, a file its address."""

    arguments: dict[str, Any]
    drawables: dict[str, Any]
    """Name and size of each drawable among them."""
    maps: dict[str, Any] = field(default_factory=dict)
    """What no argument can hold: the brush's strokes, the regions that were selected, packed."""

    def as_json(self) -> dict[str, Any]:
        """As JSON can hold them."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class KeptTry:
    """A finished preview as it is kept."""

    digest: str
    """Of all that decides how it looks."""
    title: str
    """The style's."""
    values: KeptArguments
    picture: bytes
    """A JPEG, or a PNG where the layer has an alpha."""
    made: float
    """When, in seconds since 1970."""
    is_painted: bool = False
    """Is there a painting with these settings, on a layer of its own?"""

    def as_json(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**self.__dict__, "values": self.values.as_json(), "picture": b64encode(self.picture).decode()}


def try_from(told: Any) -> KeptTry:
    """A try that JSON held. Raises `ValueError`, `KeyError`, `TypeError` where it doesn't hold one."""
    values = _arguments_from(told["values"])
    if not _DIGEST.fullmatch(told["digest"]):
        raise ValueError(told["digest"])
    picture, made = b64decode(told["picture"], validate=True), float(told["made"])
    return KeptTry(told["digest"], str(told["title"]), values, picture, made, bool(told["is_painted"]))


def _arguments_from(told: Any) -> KeptArguments:
    parts = told["arguments"], told["drawables"], told.get("maps", {})
    if not all(isinstance(part, dict) for part in parts):
        raise TypeError(told)
    return KeptArguments(*parts)


@dataclass(frozen=True)
class KeptSettings:
    """What the dialog last showed of a layer."""

    values: KeptArguments
    marked: tuple[str, ...] = ()
    """The digests of the tries that are marked to be painted."""
    record: str = ""
    """A digest of how the layer itself was painted then; empty if it is no painting."""


def kept_folder() -> Path:
    """Where all of it lies."""
    return cache_folder() / "kept"


def tiles_folder() -> Path:
    """Where the gallery's thumbnails of a person's layers lie."""
    return cache_folder() / "tiles"


def key_of(*parts: object) -> str:
    """A folder's name, from which nobody learns the picture's."""
    return blake2b(repr(parts).encode(), digest_size=16).hexdigest()


class LayerKeep:
    """The keep of one layer, which may have been kept under several keys: read from the one written last, and written
    under the first. What can't be written is not kept; nothing is raised.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._folders = [kept_folder() / key for key in keys]

    @property
    def _folder(self) -> Path:
        return self._folders[0]

    def settings(self) -> KeptSettings | None:
        """The settings that were kept last; None if there are none."""
        files = [folder / _SETTINGS for folder in self._folders]
        for file in sorted(filter(Path.exists, files), key=_time_of, reverse=True):
            with suppress(OSError, ValueError, KeyError, TypeError):
                told = json.loads(file.read_text(encoding="utf-8"))
                return KeptSettings(_arguments_from(told), tuple(map(str, told["marked"])), str(told["record"]))
        return None

    def keep_settings(self, settings: KeptSettings) -> None:
        """Keep them from now on."""
        self._write(_SETTINGS, {**settings.values.as_json(), "marked": settings.marked, "record": settings.record})

    def tries(self) -> list[KeptTry]:
        """The tries, the oldest first."""
        found: dict[str, KeptTry] = {}
        for file in (file for folder in self._folders for file in folder.glob(f"*{_SUFFIX}")):
            with suppress(OSError, ValueError, KeyError, TypeError):
                made = try_from(json.loads(file.read_text(encoding="utf-8")))
                found.setdefault(made.digest, made)
        return sorted(found.values(), key=lambda made: made.made)

    def keep_try(self, made: KeptTry, marked: Iterable[str] = ()) -> None:
        """Keep another, and of those before it as many as there is room for."""
        self._write(f"{made.digest}{_SUFFIX}", made.as_json())
        others = [old for old in self.tries() if not old.is_painted and old.digest not in marked]
        for old in others[:-MOST_TRIES]:
            self.drop_try(old.digest)

    def drop_try(self, digest: str) -> None:
        """Keep a try no longer."""
        for folder in self._folders:
            with suppress(OSError):
                (folder / f"{digest}{_SUFFIX}").unlink(missing_ok=True)

    def note_painted(self, digests: Iterable[str]) -> None:
        """Note that those tries have become paintings."""
        for made in self.tries():
            if made.digest in digests and not made.is_painted:
                self._write(f"{made.digest}{_SUFFIX}", replace(made, is_painted=True).as_json())

    def _write(self, name: str, told: Mapping[str, Any]) -> None:
        with suppress(OSError):
            private(self._folder)
            write_whole(self._folder / name, json.dumps(told).encode(), 0o600)
            os.utime(self._folder)


def saved_tries(tries: Sequence[KeptTry]) -> bytes:
    """Tries as they are saved with an image: painted ones first, then the latest, as many as there is room for.

    Those with maps of their own are left out: `read_saved` unpacks nothing that a stranger's file brings.
    """
    chosen: list[KeptTry] = []
    left = MOST_SAVED
    for made in sorted(
        (made for made in tries if not made.values.maps), key=lambda made: (made.is_painted, made.made), reverse=True
    ):
        left -= len(json.dumps(made.as_json())) + 1
        if left < 0:
            break
        chosen.append(made)
    return json.dumps([made.as_json() for made in chosen]).encode() if chosen else b""


def read_saved(data: bytes) -> list[KeptTry]:
    """The tries that an image's file brought, the oldest first; what is damaged is left out."""
    found = []
    with suppress(ValueError, TypeError):
        for told in json.loads(data):
            with suppress(ValueError, KeyError, TypeError):
                found.append(try_from(told))
    return sorted((made for made in found if not made.values.maps), key=lambda made: made.made)


def prune() -> None:
    """Delete what is too old and, beginning with what was used longest ago, what is too much."""
    oldest, total = time.time() - KEPT_DAYS * 24 * 3600, 0
    with suppress(OSError):
        folders = [folder for folder in kept_folder().iterdir() if folder.is_dir()]
        for folder in sorted(folders, key=_time_of, reverse=True):
            total += sum(_size_of(file) for file in folder.iterdir())
            if _time_of(folder) < oldest or total > MOST_BYTES:
                shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        for tile in tiles_folder().iterdir():
            if _time_of(tile) < oldest:
                tile.unlink(missing_ok=True)


def kept_pictures() -> tuple[int, int]:
    """How many tries there are of all layers, and how many thumbnails."""
    return len(list(kept_folder().glob(f"*/*{_SUFFIX}"))), len(list(tiles_folder().glob("*.png")))


def private(folder: Path) -> Path:
    """The folder, made if need be, that only its owner can enter; so is the one around it. Raises `OSError`."""
    for place in (kept_folder().parent, folder.parent, folder):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        for place in {folder.parent, folder} - {kept_folder().parent}:
            place.chmod(0o700)
    return folder


def _time_of(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
