"""What an engine is made of: for each platform and kind of card a list of wheels, each with size and SHA-256.

`tests/release/make_lists.py` writes them. A list has wheels for several Pythons, since uv's own may not be had.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import INCOMPLETE, Unsuitable

FOLDER = Path(__file__).resolve().with_name("lists")
OWN_WHEELS = Path(__file__).resolve().with_name("wheels")
"""The engine itself, and what no index has as a wheel; they are in the filter's zip."""
ENGINE = "gimp_impasto"


@dataclass(frozen=True)
class Wheel:
    """A wheel of an index: `index` is empty for the ordinary one, or the folder of PyTorch's (`cpu`, `cu130`).

    `sha256` is None where the list was made without a way to that index: then the index's own word is taken.
    """

    file: str
    size: int
    sha256: str | None
    index: str = ""

    @property
    def project(self) -> str:
        """The package's name as an index has it."""
        return re.sub(r"[-_.]+", "-", self.file.split("-")[0]).lower()

    @property
    def version(self) -> str:
        """The package's version."""
        return self.file.split("-")[1].replace("%2B", "+")


@dataclass(frozen=True)
class List:
    """All that is downloaded for one kind of build: the wheels by the Python that they are for.

    `resolved` names the folders of PyTorch's index from which uv itself takes torch, the newest first, where its
    wheels can't be listed; empty elsewhere. That are about `extra` bytes.
    """

    kind: str
    disk: int
    wheels: Mapping[str, tuple[Wheel, ...]]
    resolved: tuple[str, ...] = ()
    extra: int = 0

    def size(self, minor: str) -> int:
        """About how many bytes are downloaded."""
        return self.extra + sum(wheel.size for wheel in self.wheels[minor])


def uv_wheel(platform: str, folder: Path = FOLDER) -> Wheel:
    """The wheel that brings uv."""
    return _wheel(_read_json(folder / "uv.json")[platform])


def pinned_python(folder: Path = FOLDER) -> str:
    """The minor version of uv's own Python that an engine gets."""
    return str(_read_json(folder / "uv.json")["python"])


def read_list(platform: str, kind: str, folder: Path = FOLDER) -> List:
    """The list for a platform and a kind of card. Raises `Unsuitable` where there is none."""
    told = _read_json(folder / f"{platform}-{kind}.json")
    wheels = {minor: tuple(map(_wheel, found)) for minor, found in told["wheels"].items()}
    return List(kind, told["disk"], wheels, tuple(told.get("resolved", ())), told.get("extra", 0))


def known_kinds(platform: str, folder: Path = FOLDER) -> set[str]:
    """The kinds of build that there are lists of."""
    return {path.stem[len(platform) + 1 :] for path in folder.glob(f"{platform}-*.json")}


def own_wheels(folder: Path = OWN_WHEELS) -> list[Path]:
    """The engine's wheel first, then the others. Raises `Unsuitable` where the filter came without.

    The newest of each counts: whoever unzips a filter over an older one leaves that one's wheels there.
    """
    newest = {path.name.split("-")[0]: path for path in sorted(folder.glob("*.whl"), key=_release)}
    if ENGINE not in newest:
        raise Unsuitable(INCOMPLETE, name=f"{ENGINE}-….whl")
    return [newest.pop(ENGINE), *newest.values()]


def _release(wheel: Path) -> tuple[str, list[int]]:
    project, version = wheel.name.split("-")[:2]
    return project, [int(number) for number in re.findall(r"\d+", version)]


def _wheel(told: Mapping[str, Any]) -> Wheel:
    return Wheel(told["file"], told["size"], told["sha256"], told.get("index", ""))


def _read_json(path: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Unsuitable(INCOMPLETE, name=path.name) from error
    return told
