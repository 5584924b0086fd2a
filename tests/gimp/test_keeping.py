"""Nothing is lost, and what Paint will do is on screen before it is pressed: used by hand."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gimp.desktop import Desktop, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

SEED = "7010"
TRIES = "bytes(Gimp.get_images()[0].get_layers()[-1].get_parasite('impasto-tries').get_data()).decode()"


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With a small cat open."""
    with desk.showing("small-cat.png") as shown:
        yield shown


def kept(gimp: RealGimp) -> list[Path]:
    """What the dialog has kept."""
    return sorted((gimp.root.home / ".cache" / "impasto" / "kept").glob("*/*"))


def says(screen: Desktop, sentence: str) -> None:
    """Wait until the dialog says that Paint will do so."""
    screen.wait_for(
        lambda: any(sentence in label.text for label in screen.all_of("Label")), f"the dialog to say “{sentence}”"
    )


def paint(screen: Desktop, count: int) -> None:
    """Press Paint, and wait until the image has so many layers."""
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == count, f"{count} layers")
    screen.rest()


def test_an_earlier_painting_stays_unless_it_is_to_be_replaced(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    says(screen, "New layer above “small-cat.png”.")
    screen.screenshot(artefacts(f"intent-{gimp.root.version}.png"))
    paint(screen, 2)
    first = layers(screen)[0]
    assert first.endswith(" % — small-cat.png")
    open_dialog(screen)  # on the painting, which GIMP has selected
    says(screen, f"New layer above “{first}”, from “small-cat.png”.")
    screen.previewed()
    screen.screenshot(artefacts(f"intent-again-{gimp.root.version}.png"))
    screen.keys("alt+v", "ctrl+a")
    screen.type(f"{SEED}\t")
    paint(screen, 3)
    assert layers(screen)[1:] == [first, "small-cat.png"], "the earlier one is lost, or doesn't lie below"
    open_dialog(screen)
    screen.press_on("RadioButton", "Replace it")
    says(screen, f"Repaints “{layers(screen)[0]}”, from “small-cat.png”.")
    screen.press_on("RadioButton", "Add another")
    says(screen, f"New layer above “{layers(screen)[0]}”")
    screen.keys("alt+l")
    says(screen, "Repaints")
    paint(screen, 3)
    for count in (3, 2, 1):
        screen.keys("ctrl+z")
        screen.wait_for(lambda count=count: len(layers(screen)) == count, "the undo")


def test_escape_keeps_settings_tries_and_marks_and_a_painting_saves_them_with_the_image(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.previewed()
    screen.search_style("Woodcut")
    screen.press_on("Tile", "Woodcut")
    screen.keys("alt+v", "ctrl+a")
    screen.type(f"{SEED}\t")
    tries = screen.previewed(2)
    with screen.held("shift"):
        screen.click(*tries[0].middle)
    screen.widget("Label", " ✓ ")
    screen.keys("Escape")
    screen.rest()
    assert {oct(file.stat().st_mode & 0o777) for file in kept(gimp)} == {"0o600"}
    assert {oct(file.parent.stat().st_mode & 0o777) for file in kept(gimp)} == {"0o700"}

    open_dialog(screen)
    again = screen.previewed(2)
    screen.screenshot(artefacts(f"kept-{gimp.root.version}.png"))
    assert len(again) >= 2
    screen.widget("Label", " ✓ ")
    assert SEED in [entry.text for entry in screen.all_of("SpinButton")]
    assert any(tile.name == "Woodcut" and tile.is_sensitive for tile in screen.all_of("Tile"))
    for process in screen._filters():
        process.kill()  # as a power cut would
    screen.rest()
    open_dialog(screen)
    count = len(screen.previewed(2))
    screen.widget("Label", " ✓ ")
    paint(screen, 2)
    saved = json.loads(screen.ask(TRIES))
    assert len(saved) == count
    assert [made["is_painted"] for made in saved].count(True) == 1
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "the undo")
    assert screen.ask("Gimp.get_images()[0].get_layers()[-1].get_parasite('impasto-tries') is None")
