"""A filter that wants an engine: small lists of its own, a package index on loopback, and the real uv."""

import json
import os
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from fakes.package_index import PackageIndex, running_index
from fakes.wheels import build_wheel
from fetched_wheels import fetched
from impasto_setup.lists import uv_wheel
from impasto_setup.machine import this_platform
from impasto_setup.network import Network
from impasto_setup.progress import SetUpProgress
from impasto_setup.set_up import Filter, plans, set_up

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
STALL = 1.0
"""Seconds of silence that are too many in these tests."""


@dataclass
class Onlooker:
    """Notes what it is shown; wants no more once `stops_at` has so many bytes come."""

    stops_at: float = float("inf")
    shown: list[SetUpProgress] = field(default_factory=list)

    def show(self, progress: SetUpProgress) -> None:
        self.shown.append(progress)

    def is_cancelled(self) -> bool:
        return bool(self.shown) and self.shown[-1].done >= self.stops_at


@dataclass
class Newcomer:
    """A person with a filter, a home of their own and an index."""

    asking: Filter
    prefix: Path
    index: PackageIndex

    def set_up(self, onlooker: Onlooker | None = None) -> Onlooker:
        """Set the engine up as the dialog does."""
        seen = onlooker or Onlooker()
        set_up(self.asking, plans(self.asking, self.prefix)[0], seen, Network(stall=STALL))
        return seen

    def lists(self, kind: str, wheels: list[dict[str, object]], **more: object) -> None:
        """What the filter's list of that kind holds."""
        told = {"disk": 1_000_000, "wheels": {MINOR: wheels}, **more}
        (self.asking.lists / f"{this_platform()}-{kind}.json").write_text(json.dumps(told), encoding="utf-8")

    def note(self) -> dict[str, object]:
        """What the filter is told of its engine."""
        told: dict[str, object] = json.loads((self.prefix / "engine.json").read_text(encoding="utf-8"))
        return told


@pytest.fixture(scope="session")
def uv_file() -> Path:
    """The wheel of uv that the filter names, fetched once from the real index as a set-up fetches it."""
    return fetched(uv_wheel(this_platform()))


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    with running_index() as server:
        yield server


@pytest.fixture
def newcomer(
    tmp_path: Path, index: PackageIndex, uv_file: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> Newcomer:
    """Their list has two small packages, and there is no Python at uv's own place."""
    for name in [name for name in os.environ if name.startswith(("XDG_", "IMPASTO_", "UV_", "PIP_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("IMPASTO_INDEX", index.simple)
    monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", f"{index.address}/pythons")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = tmp_path / "plug-ins" / "impasto-filter"
    asking = Filter(folder, folder / "lists", folder / "wheels")
    for made in (asking.lists, asking.wheels):
        made.mkdir(parents=True)
    person = Newcomer(asking, tmp_path / "Käthe Kollwitz" / "impasto", index)
    uv = index.add(uv_file.name, uv_file.read_bytes())
    (asking.lists / "uv.json").write_text(json.dumps({"python": MINOR, this_platform(): uv}), encoding="utf-8")
    person.lists("cpu", [small(tmp_path, index, "pigment", "1.0"), small(tmp_path, index, "binder", "2.1")])
    build_wheel(asking.wheels, "0.1.0", borrowed(checkout))
    return person


def small(folder: Path, index: PackageIndex, name: str, version: str, size: int = 300_000) -> dict[str, object]:
    """A package of about that many bytes in the index; returns its line of a list."""
    text = f"NAME = {name!r}\n" + "#" * size
    path = build_wheel(folder, version, "", name, files={f"{name}.py": text})
    return index.add(path.name, path.read_bytes())


def borrowed(checkout: Path) -> str:
    """The line by which an environment borrows the engine from the one that runs the tests."""
    own = [str(checkout / place) for place in ("engine", "gimp_plugin/impasto-filter", "install", "tests")]
    return f"import site, sys; site.addsitedir({sysconfig.get_path('purelib')!r}); sys.path[:0] = {own!r}"
