"""The filter in a GIMP with windows, used by hand: menu entry, dialog, painting, undo, repeat, cancel."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fakes.engine import EngineHome, random_pixels
from fakes.jobs import asking
from fakes.painter import slow
from gimp.desktop import Desktop, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

PIXEL = (
    "list(bytes(Gimp.get_images()[0].get_layers()[{layer}].get_buffer().get("
    "Gegl.Rectangle.new(100, 60, 1, 1), 1.0, \"R'G'B' u8\", Gegl.AbyssPolicy.NONE)))"
)
WINDOW = "^Painting "


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With the cat open."""
    with desk.showing("cat.png") as shown:
        yield shown


def test_a_layer_is_painted_by_hand_undone_and_painted_again(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.screenshot(artefacts(f"dialog-{gimp.root.version}.png"))
    screen.keys("Return")
    screen.wait_for(lambda: len(layers(screen)) == 2, "a painted layer")
    assert layers(screen)[0].endswith(" % — cat.png")
    before, after = (screen.ask(PIXEL.format(layer=layer)) for layer in (1, 0))
    assert after == [255 - value for value in before]
    screen.rest()
    screen.screenshot(artefacts(f"painted-{gimp.root.version}.png"))

    screen.keys("ctrl+z")
    screen.wait_for(lambda: layers(screen) == ["cat.png"], "one undo step to take it all back")

    screen.keys("ctrl+f")  # Filters > Repeat Last: the same values, no dialog
    screen.wait_for(lambda: len(layers(screen)) == 2, "the same layer again, with no dialog")
    screen.rest()
    screen.keys("ctrl+z")
    screen.wait_for(lambda: layers(screen) == ["cat.png"], "the second undo")


def test_cancel_in_the_dialog_changes_nothing(screen: Desktop) -> None:
    open_dialog(screen)
    screen.keys("Escape")
    screen.rest()
    assert layers(screen) == ["cat.png"]


@pytest.mark.long_in("3.0")
def test_a_style_is_searched_and_picked_with_the_mouse(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.search_style("Woodcut")
    screen.press_on("Tile", "Woodcut")
    screen.previewed()
    screen.screenshot(artefacts(f"searched-{gimp.root.version}.png"))
    screen.keys("alt+p")
    screen.wait_for(lambda: layers(screen)[:1] == ["Woodcut, 55 % — cat.png"], "a layer in that style")
    screen.rest()
    screen.keys("ctrl+z")
    screen.wait_for(lambda: layers(screen) == ["cat.png"], "the undo")


def test_keep_now_makes_a_layer_of_what_there_is(screen: Desktop) -> None:
    open_dialog(screen)
    screen.keys("alt+v", "ctrl+a")
    screen.type(str(slow(600, 100)))
    screen.keys("alt+p")
    screen.press_on("Button", "Keep Now", WINDOW)
    screen.wait_for(lambda: len(layers(screen)) == 2, "the layer")
    screen.rest()
    screen.keys("ctrl+z")
    screen.wait_for(lambda: layers(screen) == ["cat.png"], "the undo")


def test_cancel_while_it_paints_changes_nothing_and_frees_the_engine(
    screen: Desktop, gimp: RealGimp, desks_engine: EngineHome, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.keys("alt+v", "ctrl+a")
    screen.type(str(slow(600, 50)))
    screen.keys("alt+p")
    cancel = screen.widget("Button", "Cancel", WINDOW)
    screen.screenshot(artefacts(f"painting-{gimp.root.version}.png"))
    screen.click(*cancel.middle)
    screen.wait_for(lambda: not screen.windows(WINDOW), "the window's end", seconds=10)
    started = time.monotonic()
    with desks_engine.connect() as engine:
        engine.paint(asking(random_pixels(4, 4), [(random_pixels(4, 4), 1.0)]))
    assert time.monotonic() - started < 5, "the engine goes on with what was cancelled"
    assert layers(screen) == ["cat.png"]
