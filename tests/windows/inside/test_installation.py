"""A whole installation on Windows, through both doors, with the real PyTorch; nothing comes from outside this machine.

The test beside this folder has prepared what lies in GIVEN: wheels, an earlier release and this one as zips, and a
Python for uv.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from fakes.package_index import PackageIndex, running_index
from impasto_install.place import EngineNote
from impasto_install.prove import first_light
from impasto_install.source import FILTER
from impasto_install.system import this_system
from impasto_presets import list_presets
from impasto_presets.own import name_for, save_preset
from impasto_presets.preset import Preset
from impasto_setup.folders import size_of
from impasto_setup.places import ENGINE_NOTE, LOG, size, this_prefix
from impasto_setup.progress import SetUpProgress
from impasto_setup.set_up import Filter, plans, remove_engine, set_up, wants_set_up, wants_update
from impasto_wire.request import WeightedStyle
from release.filter_zip import unzip

pytestmark = [pytest.mark.long, pytest.mark.timeout(3600)]

GIVEN = Path("Z:/work") / "given"
CHECKOUT = Path("Z:/checkout")
SETTINGS = Path(os.environ.get("LOCALAPPDATA", "")) / "impasto"
GIMP = Path(os.environ.get("APPDATA", "")) / "GIMP/3.0"


@dataclass
class Step:
    """Prints how long each step of an installation took, since nobody sees that on Windows."""

    index: PackageIndex

    def __call__(self, what: str, begun: float) -> None:
        came = sum(len(self.index.files[name]) for name in set(self.index.asked) & self.index.files.keys())
        print(
            f"\n{time.monotonic() - begun:6.0f} s  {what} ({size(came)} came, {size(size_of(this_prefix()))} on disk)"
        )


class Nobody:
    """Looks at no progress, and never wants it to stop."""

    def show(self, progress: SetUpProgress) -> None:
        """Nothing."""

    def is_cancelled(self) -> bool:
        """Never."""
        return False


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageIndex]:
    """A package index on loopback with all that is given."""
    with running_index() as server:
        for path in (*(GIVEN / "wheels").iterdir(), *GIVEN.glob("cpython-*.tar.gz"), GIVEN / "downloads.json"):
            server.files[path.name] = path.read_bytes()
        monkeypatch.setenv("IMPASTO_INDEX", server.simple)
        monkeypatch.setenv("UV_PYTHON_INSTALL_MIRROR", f"{server.address}/pythons")
        monkeypatch.setenv("UV_PYTHON_DOWNLOADS_JSON_URL", f"{server.address}/downloads.json")
        yield server


@pytest.fixture
def profile() -> Path:
    """The profile of a GIMP that has been started once, with no filter."""
    shutil.rmtree(GIMP / "plug-ins", ignore_errors=True)
    (GIMP / "plug-ins").mkdir(parents=True)
    return GIMP


def paints(filter_folder: Path, note: Path, picture: Path) -> str:
    """Paint a photo by the filter's own way to the engine; returns how that went."""
    told = json.loads(note.read_text(encoding="utf-8"))
    engine = EngineNote(*(told[name] for name in ("python", "connection_file", "log_file", "version")))
    said = first_light(this_system(), filter_folder, engine, picture, picture.with_suffix(".log"))
    look_at(picture)
    return said


def look_at(picture: Path) -> None:
    """It is a painting."""
    with Image.open(picture) as image:
        assert image.size == (451, 300)
        assert len(image.getcolors(1 << 20) or ()) > 5000


def own_style() -> dict[str, bytes]:
    """Save a style and star it, as the dialog does; returns all files of a person's own."""
    picture = list_presets()[0].thumbnail.read_bytes()
    preset = Preset(name_for("Водопад"), "Водопад")
    save_preset(SETTINGS / "presets", preset, [WeightedStyle(picture)], picture, picture)
    (SETTINGS / "favourites.json").write_text(json.dumps({"starred": [preset.name], "recent": []}), encoding="utf-8")
    return own_files()


def own_files() -> dict[str, bytes]:
    """A person's own styles and favourites."""
    found = [SETTINGS / "favourites.json", *(path for path in (SETTINGS / "presets").rglob("*") if path.is_file())]
    return {str(path): path.read_bytes() for path in found}


def test_set_up_from_the_zip_by_the_dialogs_own_way(index: PackageIndex, profile: Path, tmp_path: Path) -> None:
    folder, prefix, step = profile / "plug-ins" / FILTER, this_prefix(), Step(index)
    asking = Filter(folder, folder / "impasto_setup/lists", folder / "impasto_setup/wheels")
    unzip(GIVEN / "earlier.zip", folder.parent)
    assert wants_set_up(asking)
    begun = time.monotonic()
    set_up(asking, plans(asking)[0], Nobody())
    step("set up", begun)
    assert any(name.startswith("torch-") for name in index.asked)
    begun = time.monotonic()
    said = paints(folder, prefix / ENGINE_NOTE, tmp_path / "first.png")
    step(f"first light: {said}", begun)
    own = own_style()

    unzip(GIVEN / "newer.zip", folder.parent)  # over the earlier one, as people do it
    assert wants_update(asking)
    index.asked.clear()
    begun = time.monotonic()
    set_up(asking, plans(asking)[0], Nobody())
    step("update", begun)
    came = {name.split("-")[0] for name in index.asked if name.endswith(".whl")}
    assert came == {"uv", "mdurl", "msvc_runtime"}, "what fetches them, what changed, and what lies beside the packages"
    assert not any(name.endswith(".tar.gz") for name in index.asked), "nor the Python"
    assert not wants_update(asking)

    begun = time.monotonic()
    remove_engine(asking)
    step("removed", begun)
    assert {path.name for path in prefix.iterdir()} == {"manifest.json"}
    assert own_files() == own
    index.asked.clear()
    begun = time.monotonic()
    set_up(asking, plans(asking)[0], Nobody())
    step("set up again", begun)
    begun = time.monotonic()
    said = paints(folder, prefix / ENGINE_NOTE, tmp_path / "again.png")
    step(f"first light: {said}", begun)
    assert own_files() == own
    assert installs("--uninstall").startswith("Impasto is gone")
    assert not prefix.exists()
    assert own_files() == own


def test_installed_by_the_command_from_a_folder_of_wheels(index: PackageIndex, profile: Path) -> None:
    prefix, step = this_prefix(), Step(index)
    placed = profile / "plug-ins" / FILTER / ENGINE_NOTE
    offline = ("--wheels", str(GIVEN / "wheels"))
    begun = time.monotonic()
    assert "is ready" in installs(*offline, checkout=GIVEN / "earlier")
    step("installed, and first light", begun)
    look_at(prefix / "first-light.png")
    assert placed.is_file()
    own = own_style()
    assert "nothing to do" in installs(*offline, checkout=GIVEN / "earlier")

    written = (prefix / LOG).stat().st_size
    begun = time.monotonic()
    assert "is ready" in installs(*offline)
    step("updated, and first light", begun)
    log = (prefix / LOG).read_text(encoding="utf-8", errors="replace")[written:]
    (packages,) = [line for line in log.splitlines() if line.startswith("Installing collected packages")]
    assert packages.split(": ")[1] == "msvc-runtime, gimp-impasto", "torch and the others were taken over"

    begun = time.monotonic()
    assert "came free" in installs("--uninstall")
    step("removed", begun)
    assert not prefix.exists() and not placed.parent.exists()
    assert own_files() == own
    begun = time.monotonic()
    assert "is ready" in installs(*offline)
    step("installed again, and first light", begun)
    assert own_files() == own
    installs("--uninstall")


def installs(*options: str, checkout: Path = CHECKOUT) -> str:
    """What the installer of a checkout says."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "UV_", "IMPASTO_"))}
    done = subprocess.run(
        [sys.executable, str(checkout / "install/install.py"), *options],
        env={**environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
