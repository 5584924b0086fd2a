"""The styles that a person likes best and used last, in a small file beside their own styles."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from impasto_presets import user_folder
from impasto_wire.files import write_whole

RECENT = 6
"""How many of the styles used last are remembered."""


@dataclass(frozen=True)
class Favourites:
    """Names of styles: those with a star, and those used last, the latest first."""

    starred: tuple[str, ...] = ()
    recent: tuple[str, ...] = ()

    def with_star(self, name: str, is_starred: bool) -> "Favourites":
        """The same with one style starred, or not starred."""
        others = tuple(other for other in self.starred if other != name)
        return replace(self, starred=(*others, name) if is_starred else others)

    def with_recent(self, names: Sequence[str]) -> "Favourites":
        """The same after those styles were used."""
        return replace(self, recent=(*names, *(name for name in self.recent if name not in names))[:RECENT])


def read_favourites() -> Favourites:
    """The favourites in the file; none if there is no file, or if it is damaged."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        written = json.loads(_file().read_text(encoding="utf-8"))
        return Favourites(*(tuple(map(str, written[name])) for name in ("starred", "recent")))
    return Favourites()


def write_favourites(favourites: Favourites) -> None:
    """Write them; if that fails, only the stars are lost."""
    with suppress(OSError):
        _file().parent.mkdir(parents=True, exist_ok=True)
        write_whole(_file(), json.dumps(asdict(favourites)).encode())


def _file() -> Path:
    return user_folder().parent / "favourites.json"
