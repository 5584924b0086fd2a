"""A GIMP whose filter was just unzipped, by an ordinary user without an engine; and an index on loopback that has all
that one needs.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psutil

from fakes.package_index import PackageIndex
from fakes.wheels import build_wheel
from fetched_wheels import fetched
from gimp import roots
from gimp.real_gimp import ZMQ, RealGimp
from impasto_install.source import files_below, version_of
from impasto_setup.lists import FOLDER, read_list, uv_wheel
from release.archives import PACKAGES
from release.filter_zip import PLUG_IN, unzip, write_filter_zip

PLATFORM = "linux-x86_64"
CACHE = "wheels"
NEEDED = ("numpy", "opencv-python-headless", "pillow", "platformdirs", "psutil", "pyzmq", "rich", "markdown-it-py")
NEEDED += ("mdurl", "pygments", "cffi", "pycparser", "pyvips-binary", "safetensors")
"""What the engine needs while a fake paints."""
PAINTER = 'PAINTER = "impasto.painting.local_painter:open_painter"'


@dataclass
class NewcomersGimp(RealGimp):
    """A real GIMP, as an ordinary user's whose Python has no ZeroMQ; its profiles have the filter from an archive."""

    archive: Path = field(default_factory=Path)
    profiles: set[str] = field(default_factory=set)
    """Their names, which nobody else has."""

    def __post_init__(self) -> None:
        self.root = replace(self.root, user=roots.ARTIST, hides=ZMQ)
        self.root.home.mkdir(exist_ok=True)
        self.root.hand_over(self.root.home)

    def new_profile(self, what_for: str) -> Path:
        """A fresh profile; the archive was unzipped into its plug-ins."""
        profile = Path(mkdtemp(prefix=f"profile-{what_for}-", dir=self.work))
        self.profiles.add(profile.name)
        unzip(self.archive, profile / "plug-ins")
        shutil.copy(self.root.known_plug_ins, profile / "pluginrc")
        roots.write_gimprc(profile, self.root.version)
        self.root.hand_over(profile)
        return profile

    def with_zmq(self) -> roots.Root:
        """The same person's, where Python has its ZeroMQ."""
        return replace(self.root, hides="")

    def unzip_over(self, archive: Path) -> None:
        """Unzip a newer filter over the one that is there."""
        for name in self.profiles:
            unzip(archive, self.work / name / "plug-ins")
            self.root.hand_over(self.work / name / "plug-ins")

    @property
    def prefix(self) -> Path:
        """Where the engine goes, seen from outside."""
        return self.root.home / ".local/share/impasto"

    def processes(self) -> Iterator[psutil.Process]:
        """What this GIMP has started, which knows its profile."""
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.environ().get("GIMP3_DIRECTORY", "").rpartition("/")[2] in self.profiles:
                    yield process

    def forget(self) -> None:
        """End and remove the engine, so that the next person has none."""
        for process in self.processes():
            with suppress(psutil.Error):
                process.kill()
        shutil.rmtree(self.prefix, ignore_errors=True)


def make_archive(
    checkout: Path, folder: Path, index: PackageIndex, version: str = "", as_large_as_real: bool = False
) -> Path:
    """The filter's archive, with lists of what `index` has, and an engine that paints with the tests' fake.

    Of today's version, unless another is asked for. `as_large_as_real` has its page announce what a real engine takes.
    """
    tree = folder / "tree"
    for path in files_below(checkout / PLUG_IN):
        copy = tree / PLUG_IN / path.relative_to(checkout / PLUG_IN)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    lists = tree / PLUG_IN / "impasto_setup" / "lists"
    for path in lists.glob("*.json"):
        path.unlink()
    _write_lists(lists, index, as_large_as_real)
    archive = folder / "impasto-filter.zip"
    write_filter_zip(tree, [fake_engine(checkout, folder, version)], archive, 1_900_000_000)
    return archive


def _write_lists(lists: Path, index: PackageIndex, as_large_as_real: bool) -> None:
    """The real lists' own wheels, but for what only the real painter needs."""
    real = read_list(PLATFORM, "cpu")
    wheels: dict[str, list[dict[str, Any]]] = {}
    for minor in ("3.13", "3.14"):
        needed = [wheel for wheel in real.wheels[minor] if wheel.project in NEEDED]
        assert len(needed) == len(NEEDED), minor
        wheels[minor] = [index.add(wheel.file, fetched(wheel, CACHE).read_bytes()) for wheel in needed]
    told: dict[str, Any] = {"disk": 400_000_000, "wheels": wheels}
    if as_large_as_real:
        pinned_size = sum(wheel["size"] for wheel in wheels["3.13"])
        told |= {"disk": real.disk, "extra": real.size("3.13") - pinned_size}
    for kind in ("cpu", "cuda"):
        (lists / f"{PLATFORM}-{kind}.json").write_text(json.dumps(told), encoding="utf-8")
    uv = uv_wheel(PLATFORM)
    line = index.add(uv.file, fetched(uv, CACHE).read_bytes())
    pinned = json.loads((FOLDER / "uv.json").read_text(encoding="utf-8"))["python"]
    (lists / "uv.json").write_text(json.dumps({"python": pinned, PLATFORM: line}), encoding="utf-8")


def fake_engine(checkout: Path, folder: Path, version: str = "") -> Path:
    """The engine's wheel; unless another is asked for, its painter is the tests' fake."""
    files: dict[str, str | bytes] = {}
    for package in (*PACKAGES, "tests/fakes"):
        place = checkout / package
        for path in files_below(place):
            files[f"{place.name}/{path.relative_to(place).as_posix()}"] = path.read_bytes()
    serve = files["impasto/service/serve.py"]
    assert isinstance(serve, bytes) and PAINTER.encode() in serve
    files["impasto/service/serve.py"] = serve.replace(PAINTER.encode(), b'PAINTER = "fakes.painter:open_painter"')
    return build_wheel(folder, version or version_of(checkout / PLUG_IN), "", files=files)
