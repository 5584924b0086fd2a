"""The filter unzipped into GIMP's plug-ins folder, and nothing else: it sets its engine up from its own dialog."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fakes.file_server import corrupt, stall
from fakes.package_index import PackageIndex, running_index
from gimp.desktop import DIALOG, USUAL_SCREEN, Desktop, Desktops, layers, open_dialog
from gimp.newcomers import NewcomersGimp, make_archive
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

PAGE = "^Set Up Impasto$"
SET_UP_SECONDS = 120
NEWER = "9.0.0"
OWN = {"presets/mine.json": "a style", "favourites.json": '{"starred": ["mine"], "recent": []}'}
"""What lies among a person's own settings."""


@pytest.fixture(scope="session")
def index() -> Iterator[PackageIndex]:
    with running_index() as server:
        yield server


@pytest.fixture(scope="session")
def archive(checkout: Path, index: PackageIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a person downloads, with an engine that fakes its paintings."""
    return make_archive(checkout, tmp_path_factory.mktemp("archive"), index)


@pytest.fixture
def newcomer(gimp: RealGimp, archive: Path) -> Iterator[NewcomersGimp]:
    """A person without an engine, whose GIMP has the filter from its archive."""
    found = NewcomersGimp(gimp.root, gimp.checkout, archive)
    yield found
    found.forget()


@pytest.fixture
def screen(newcomer: NewcomersGimp, index: PackageIndex, request: pytest.FixtureRequest) -> Iterator[Desktop]:
    """Their GIMP, with a picture open, on a usual screen or one of the size that a test asks for."""
    variables = {"IMPASTO_INDEX": index.simple, "UV_PYTHON_INSTALL_MIRROR": f"{index.address}/pythons"}
    size = getattr(request, "param", USUAL_SCREEN)
    desks = Desktops(newcomer, "", size, variables=variables)
    with closing(desks), desks.current().showing("cat.png") as shown:
        yield shown


@pytest.mark.parametrize("lacking", ["import pip", "import ensurepip", "import zmq; zmq.Context"])
def test_a_newcomer_is_no_superuser_and_has_nothing_to_install_with(newcomer: NewcomersGimp, lacking: str) -> None:
    """The tests below would prove little otherwise."""
    done = newcomer.root.run(["python3", "-c", lacking])
    assert done.returncode == 1 and f"{lacking.split()[1].strip(';')}'" in done.stdout, done.stdout
    assert newcomer.root.run(["touch", "/impasto/mine"]).returncode, "the system is somebody else's"


def test_set_up_is_pressed_and_the_first_painting_kept(
    screen: Desktop, newcomer: NewcomersGimp, artefacts: Callable[[str], Path]
) -> None:
    version = newcomer.root.version
    open_dialog(screen, PAGE)
    screen.widget("Label", "It is downloaded once", PAGE)
    screen.screenshot(artefacts(f"set-up-{version}.png"))
    begun = time.monotonic()
    screen.press_on("Button", "Set Up", PAGE)
    screen.widget("Label", "Downloading", PAGE)
    screen.screenshot(artefacts(f"set-up-working-{version}.png"))
    screen.wait_for(lambda: screen.windows(DIALOG), "the dialog", SET_UP_SECONDS)
    told = f"set up in {time.monotonic() - begun:.0f} s"
    screen.previewed()
    assert [process for process in newcomer.processes() if "relay" in process.cmdline()], "GIMP's Python has no ZeroMQ"
    screen.screenshot(artefacts(f"set-up-done-{version}.png"))
    screen.press_on("Button", "Paint")
    screen.wait_for(lambda: len(layers(screen)) == 2, f"the first painting ({told})")
    screen.rest()
    screen.screenshot(artefacts(f"set-up-kept-{version}.png"))
    owners = {process.uids().real for process in newcomer.processes()}
    assert owners == {newcomer.root.user if os.geteuid() == 0 else os.geteuid()}
    print(told)


def test_a_broken_network_has_a_sentence_and_set_up_again_goes_on(
    screen: Desktop, newcomer: NewcomersGimp, index: PackageIndex, artefacts: Callable[[str], Path]
) -> None:
    numpy = next(name for name in index.files if name.startswith("numpy-") and python_of(newcomer) in name)
    index.behaves[numpy] = [corrupt]
    open_dialog(screen, PAGE)
    screen.press_on("Button", "Set Up", PAGE)
    screen.widget("Label", f"What came as {numpy} is something else", PAGE)
    screen.screenshot(artefacts(f"set-up-broken-{newcomer.root.version}.png"))
    screen.press_on("Button", "Copy Report", PAGE)
    screen.widget("Button", "Copied", PAGE)
    index.behaves[numpy] = [stall(1 << 20)]
    index.asked.clear()
    screen.press_on("Button", "Set Up", PAGE)
    screen.wait_for(lambda: numpy in index.asked, "the download to go on")
    screen.press_on("Button", "Cancel", PAGE)
    screen.widget("Label", "The set-up was cancelled", PAGE)
    assert not [name for name in index.asked if name.startswith("uv-")], "what had come was used"
    index.ranges.clear()
    screen.press_on("Button", "Set Up", PAGE)
    screen.wait_for(lambda: screen.windows(DIALOG), "the dialog", SET_UP_SECONDS)
    assert any(index.ranges), "it went on in the middle of a file"
    screen.previewed()
    screen.keys("Escape")
    screen.rest()


def python_of(newcomer: NewcomersGimp) -> str:
    """The tag of the Python in that root."""
    return {"3.0": "cp313", "3.2": "cp314"}[newcomer.root.version]


@pytest.fixture(scope="session")
def newer(checkout: Path, index: PackageIndex, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The next version's archive."""
    return make_archive(checkout, tmp_path_factory.mktemp("newer"), index, version=NEWER)


@pytest.mark.parametrize("screen", [(1366, 1500)], indirect=True, ids=["high"])  # all of More is seen
def test_the_engine_is_updated_removed_and_set_up_again(
    screen: Desktop, newcomer: NewcomersGimp, index: PackageIndex, newer: Path, artefacts: Callable[[str], Path]
) -> None:
    version, own = newcomer.root.version, newcomer.root.home / ".config/impasto"
    set_up_by_mouse(screen, "Set Up")
    for name, content in OWN.items():
        (own / name).parent.mkdir(exist_ok=True)
        (own / name).write_text(content)
    newcomer.root.hand_over(own)

    newcomer.unzip_over(newer)
    open_dialog(screen, PAGE)
    screen.widget("Label", "A newer painting engine came with this filter", PAGE)
    screen.screenshot(artefacts(f"set-up-update-{version}.png"))
    screen.press_on("Button", "Not Now", PAGE)
    screen.previewed()  # by the older engine
    screen.keys("Escape")
    assert engine_version(newcomer) != NEWER
    index.asked.clear()
    set_up_by_mouse(screen, "Update")
    assert engine_version(newcomer) == NEWER
    assert len([*newcomer.prefix.glob("engine/*")]) == 1, "two engines would take twice the disk"
    assert not [name for name in index.asked if name.startswith("numpy")], "only what has changed is downloaded"

    open_dialog(screen)
    screen.previewed()
    screen.press_on("Removing")
    screen.widget("Label", "It lies in", PAGE)
    screen.screenshot(artefacts(f"set-up-remove-{version}.png"))
    screen.press_on("Button", "Remove", PAGE)
    screen.rest()
    assert {path.name for path in newcomer.prefix.iterdir()} == {"manifest.json"}
    assert not [process for process in newcomer.processes() if "impasto" in process.cmdline()], "nothing of it runs"

    set_up_by_mouse(screen, "Set Up")
    assert engine_version(newcomer) == NEWER
    assert {name: (own / name).read_text() for name in OWN} == OWN, "a person's own styles and favourites have stayed"


def set_up_by_mouse(screen: Desktop, button: str) -> None:
    """Press a button of the page, and see the dialog that follows paint its preview."""
    open_dialog(screen, PAGE)
    screen.press_on("Button", button, PAGE)
    screen.wait_for(lambda: screen.windows(DIALOG), "the dialog", SET_UP_SECONDS)
    screen.previewed()
    screen.keys("Escape")
    screen.rest()


def engine_version(newcomer: NewcomersGimp) -> str:
    """Which engine the filter knows."""
    return str(json.loads((newcomer.prefix / "engine.json").read_text())["version"])
