"""What is installed from: the checkout that install.py lies in, its version and a digest of everything that matters."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import InstallError

FILTER = "impasto-filter"
PARTS = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "engine", "gimp_plugin", "install")


@dataclass(frozen=True)
class Source:
    """A checkout: `filter` is the folder that goes into GIMP's plug-ins."""

    checkout: Path
    version: str
    digest: str

    @property
    def filter(self) -> Path:
        """The filter's folder, as GIMP wants it."""
        return self.checkout / "gimp_plugin" / FILTER


def this_source() -> Source:
    """The checkout around this file."""
    return source_in(Path(__file__).resolve().parents[2])


def source_in(checkout: Path) -> Source:
    """The source in a checkout. Raises `InstallError` where it is incomplete."""
    return Source(checkout, version_of(checkout / "gimp_plugin" / FILTER), checkout_digest(checkout))


def version_of(filter_folder: Path) -> str:
    """The version that the filter and the engine share. Raises `InstallError` where there is no filter."""
    try:
        text = (filter_folder / "impasto_wire" / "__init__.py").read_text(encoding="utf-8")
    except OSError as error:
        raise InstallError(f"{filter_folder} is incomplete; get Impasto's files again and start over") from error
    found = re.search(r'__version__ = "([^"]+)"', text)
    if not found:
        raise InstallError(f"{filter_folder} names no version; get Impasto's files again and start over")
    return found[1]


def checkout_digest(checkout: Path) -> str:
    """A digest of names and bytes of all that is installed; bytecode and the like don't count."""
    digest = hashlib.sha256()
    for part in PARTS:
        for path in files_below(checkout / part):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(checkout).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def files_below(place: Path) -> Iterator[Path]:
    """A file itself, or every file in a folder, in a fixed order, without bytecode and what tools hide there."""
    if place.is_file():
        yield place
        return
    for path in sorted(place.rglob("*")):
        within = path.relative_to(place).parts
        if path.is_file() and "__pycache__" not in within and not any(part.startswith(".") for part in within):
            yield path
