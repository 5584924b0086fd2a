"""Which computer paints, chosen by hand: a pairing file dropped, another engine's preview, forgotten, and back."""

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fakes.engine import EngineHome, at_a_port
from gimp.desktop import Desktop, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

MENU = "^$"
"""A menu's window has no title."""
HERE, THERE = "Where: on this computer", "Where: on 127.0.0.1"
PAIRING = "/impasto/laptop.json"
PIXELS = (
    "[hash(bytes(layer.get_buffer().get(Gegl.Rectangle.new(0, 0, 150, 100), 1.0, \"R'G'B' u8\", "
    "Gegl.AbyssPolicy.NONE))) for layer in Gimp.get_images()[0].get_layers()]"
)


@pytest.fixture
def studio(gimp: RealGimp, tmp_path: Path) -> Iterator[EngineHome]:
    """Another computer, whose engine gives every layer back as it is; its pairing file was copied to this one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        endpoint = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    home = EngineHome(at_a_port(tmp_path), options=("--painter", "fakes.painter:open_copier", "--bind", endpoint))
    home.start()
    pairing = tmp_path / "laptop.json"
    done = home.impasto("pair", "laptop", "--endpoint", endpoint, "--output", str(pairing))
    assert done.returncode == 0, done.stderr
    shutil.copy(pairing, gimp.work / "laptop.json")
    yield home
    home.stop()


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With a small cat open, and no computer but this one."""
    computers = kept(desk)
    shutil.rmtree(computers, ignore_errors=True)
    with desk.showing("small-cat.png") as shown:
        yield shown
    shutil.rmtree(computers, ignore_errors=True)


def kept(screen: Desktop) -> Path:
    """Where the pairing files of the person at the screen are."""
    return screen.gimp.root.home / ".config" / "impasto" / "computers"


def seen(screen: Desktop) -> list[int]:
    """The preview's colour a little right of the line."""
    x, y = screen.widget("Comparison").at(0.6, 0.45)
    return list(map(int, screen.look()[y, x]))


def turns(screen: Desktop, colour: list[int], what: str) -> list[int]:
    """Wait until the preview has the opposite of that colour: what it has then."""

    def is_turned() -> bool:
        return all(abs(255 - before - now) <= 6 for before, now in zip(colour, seen(screen), strict=True))

    screen.wait_for(is_turned, what)
    return seen(screen)


def choose(screen: Desktop, entry: str, kind: str = "MenuItem") -> None:
    """Open the menu of computers by its key, and choose an entry."""
    screen.keys("alt+w")
    screen.click(*screen.widget(kind, entry, MENU).middle)
    screen.wait_for(lambda: not screen.widgets(MENU), "the menu to close")


def test_a_pairing_file_is_dropped_and_the_other_computer_paints_until_it_is_forgotten(
    screen: Desktop, studio: EngineHome, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.previewed()
    screen.widget("Button", HERE)
    painted_here = seen(screen)
    screen.drop(screen.widget("Comparison").at(0.8, 0.9), PAIRING)
    screen.widget("Button", THERE)
    turns(screen, painted_here, "the other computer's preview")
    screen.widget("Label", "127.0.0.1 paints from now on. Delete “laptop.json”: it holds a key")
    screen.widget("Label", "The whole layer: a few seconds on 127.0.0.1 (fake)")
    screen.wait_for(screen.changes_no_more, "the screen to be drawn")
    screen.screenshot(artefacts(f"computer-{gimp.root.version}.png"))
    assert len(list(kept(screen).glob("*.json"))) == 2
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 2, "the painting")
    screen.rest()
    painting, source = screen.ask(PIXELS)
    assert painting == source, "it was painted here"

    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "the undo")
    open_dialog(screen)
    screen.widget("Button", THERE)
    screen.press_on("Tile", "Palette knife")
    screen.previewed(2)
    painted_there = seen(screen)
    screen.keys("alt+w")
    screen.widget("MenuItem", "Test 127.0.0.1", MENU)
    screen.wait_for(screen.changes_no_more, "the menu to be drawn")
    screen.screenshot(artefacts(f"computers-menu-{gimp.root.version}.png"))
    screen.keys("Escape")
    choose(screen, "Test 127.0.0.1")
    screen.widget("Label", "127.0.0.1 answers: Impasto ")
    choose(screen, "Forget 127.0.0.1")
    screen.widget("Button", HERE)
    turns(screen, painted_there, "this computer's preview")
    assert list(kept(screen).iterdir()) == []
    screen.keys("ctrl+z")
    screen.widget("Button", THERE)
    screen.wait_for(lambda: seen(screen) == painted_there, "the other computer's preview again")
    choose(screen, "This Computer", "CheckMenuItem")
    screen.widget("Button", HERE)
    turns(screen, painted_there, "this computer's preview again")
    screen.keys("Escape")
    screen.rest()


@pytest.mark.long_in("3.2")
def test_a_computer_that_is_gone_leaves_a_sentence_and_the_way_back(
    screen: Desktop, studio: EngineHome, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.previewed()
    screen.keys("alt+w")
    screen.widget("MenuItem", "Add a Computer", MENU)
    screen.keys("a")
    screen.choose_file("^The other computer's pairing file$", "/impasto/pictures/style.png", "Add")
    screen.widget("Label", "“style.png” is no pairing file; make one on the other computer")
    screen.widget("Button", HERE)
    choose(screen, "Add a Computer")
    screen.choose_file("^The other computer's pairing file$", PAIRING, "Add")
    screen.widget("Button", THERE)
    screen.keys("Escape")
    screen.rest()
    studio.stop()
    open_dialog(screen)
    screen.widget("Label", "127.0.0.1 is on, but has no engine at port")
    screen.widget("Button", "Try Again")
    screen.wait_for(screen.changes_no_more, "the dialog to be drawn")
    screen.screenshot(artefacts(f"computer-gone-{gimp.root.version}.png"))
    screen.keys("alt+m")
    screen.widget("Button", HERE)
    screen.previewed()
    choose(screen, "127.0.0.1", "CheckMenuItem")
    screen.widget("Label", "127.0.0.1 is on, but has no engine at port")
    screen.widget("Button", HERE)
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 2, "the painting, by this computer")
    screen.rest()
