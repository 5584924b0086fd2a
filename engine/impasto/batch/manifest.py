"""What a batch has painted into a folder, one JSON line for each picture, so that it can be continued.

A line is added after its painting was written: if the batch is killed in between, that picture is painted once more,
and the result is the same bytes.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from impasto.backbones.weights import sha256
from impasto.painting.order import Order
from impasto.pictures.outputs import cannot_write
from impasto_wire import __version__
from impasto_wire.errors import PictureError
from impasto_wire.files import open_regular

MANIFEST_NAME = ".impasto-batch.jsonl"
_LARGEST = 256 << 20
"""Bytes of a manifest that are read: about a million pictures."""


@dataclass(frozen=True)
class Entry:
    """The result of one picture; `key` names what was painted, `bytes` is the size of the painting's file."""

    output: str
    key: str
    bytes: int = 0
    failure: str = ""


class BatchManifest:
    """The entries of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / MANIFEST_NAME
        self._entries = {entry.output: entry for entry in _read(self._path)}

    def entry_of(self, output: Path, key: str) -> Entry | None:
        """The result of a picture; None when it wasn't painted with that key, or its painting is gone."""
        entry = self._entries.get(output.name)
        if entry is None or entry.key != key:
            return None
        if entry.failure:
            return entry
        return entry if output.is_file() and output.stat().st_size == entry.bytes else None

    def add(self, entry: Entry) -> None:
        """Add a result. Raises `PictureError` if the disk is full."""
        self._entries[entry.output] = entry
        try:
            with self._path.open("ab") as file:
                # After a line that was cut off, this one must still begin on a line of its own.
                file.write(b"\n" * (file.tell() > 0 and not _ends_a_line(self._path)))
                file.write(json.dumps(asdict(entry)).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise cannot_write(self._path, error) from error


def order_key(order: Order) -> str:
    """A digest of everything but the picture that a painting depends on. The device isn't part of it."""
    plain = replace(order, styles=(), selection=None, detail_map=None, weights=None, device="")
    digest = hashlib.sha256(repr((__version__, plain)).encode())
    pictures = [style.picture for style in order.styles]
    pictures += [given.grey for given in (order.selection, order.detail_map) if given is not None]
    for picture in pictures:
        digest.update(repr((picture.shape, picture.dtype)).encode() + picture.tobytes())
    digest.update(repr([style.weight for style in order.styles]).encode())
    if order.weights is not None and order.weights.is_file():
        digest.update(sha256(order.weights).encode())
    return digest.hexdigest()


def picture_key(*parts: bytes) -> str:
    """A digest that names one picture's painting."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _read(path: Path) -> Iterator[Entry]:
    """The entries in a manifest. Raises `PictureError` where it can't be read."""
    try:
        with open_regular(path) as file:
            lines = file.read(_LARGEST).splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        raise PictureError(f"{path} can't be read ({error.strerror}); delete it, or choose another folder") from error
    for line in lines:
        entry = _entry_in(line)
        if entry is not None:
            yield entry


def _entry_in(line: bytes) -> Entry | None:
    """What a line says; None where it was cut off when the batch was killed, or says something else."""
    try:
        entry = Entry(**json.loads(line))
    except (ValueError, TypeError, RecursionError):
        return None
    are_texts = all(isinstance(text, str) for text in (entry.output, entry.key, entry.failure))
    return entry if are_texts and isinstance(entry.bytes, int) else None


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
