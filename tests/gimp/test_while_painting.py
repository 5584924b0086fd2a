"""While the filter paints: GIMP stays usable, the window takes no focus, and what becomes of the layer meanwhile."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from fakes.engine import EngineHome
from fakes.painter import DIES, slow
from gimp.desktop import Desktop, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

WINDOW = "^Painting "
COUNT = "len(Gimp.get_images())"
FIRST = "Gimp.get_images()[0]"
ALL_PIXELS = (
    "[[layer.get_name(), hash(bytes(layer.get_buffer().get(Gegl.Rectangle.new(0, 0, 150, 100), 1.0, "
    "\"R'G'B'A u8\", Gegl.AbyssPolicy.NONE)))] for layer in Gimp.get_images()[0].get_layers()]"
)
GIMPS_CANCEL = (281, 1)
"""From the right and the lower border of GIMP's window: at the lower right of the image."""


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With a small cat open."""
    with desk.showing("small-cat.png") as shown:
        yield shown


def start_painting(screen: Desktop, steps: int, waits: bool = True) -> str:
    """Have the layer painted, that many steps of 50 ms long: the window."""
    open_dialog(screen, waits=waits)
    screen.keys("alt+v", "ctrl+a")
    screen.type(str(slow(steps, 50)))
    screen.keys("alt+p")
    return screen.window(WINDOW)


def test_the_window_takes_no_focus_stays_above_gimp_and_grows(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    window = start_painting(screen, 1200)
    screen.wait_for(
        lambda: "GIMP" in screen.tool("xdotool", "getactivewindow", "getwindowname"), "GIMP to keep the focus"
    )
    screen.tool("xdotool", "windowmove", window, "10", "60", "windowsize", window, "700", "640")
    screen.wait_for(lambda: screen.place(window)[2:] == (700, 640), "a larger window")
    screen.wait_for(lambda: screen.all_of("Image", WINDOW)[0].place[2] > 600, "a larger picture")
    main = screen.place(screen.window("GIMP"))
    screen.click(main[0] + main[2] - 80, main[1] + 12)  # GIMP is raised, and doesn't cover it
    screen.ask("1")  # GIMP has done what it had to
    screen.screenshot(artefacts(f"above-gimp-{gimp.root.version}.png"))
    assert stacked(screen)[-1] == int(window), "GIMP lies above the painting window"
    screen.press_on("Button", "Cancel", WINDOW)
    screen.rest()
    assert layers(screen) == ["small-cat.png"]


def stacked(screen: Desktop) -> list[int]:
    """All windows, the uppermost last."""
    told = screen.tool("xprop", "-root", "_NET_CLIENT_LIST_STACKING")
    return [int(number, 16) for number in told.partition("#")[2].split(",")]


@pytest.mark.long_in("3.2")
def test_keep_now_says_at_once_that_it_finishes_and_when(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.keys("alt+v", "ctrl+a")
    screen.type(str(slow(600, 900)))
    screen.keys("alt+p")
    screen.window(WINDOW)
    screen.wait_for(lambda: any(", 1 %" in label.text for label in screen.all_of("Label", WINDOW)), "a few steps")
    screen.press_on("Button", "Keep Now", WINDOW)
    screen.wait_for(
        lambda: any(label.text.startswith("Finishing: ") for label in screen.all_of("Label", WINDOW)), "a word", 1
    )
    screen.screenshot(artefacts(f"finishing-{gimp.root.version}.png"))
    screen.wait_for(lambda: len(layers(screen)) == 2, "the painting, kept early")
    screen.rest()


@pytest.mark.long_in("3.2")
def test_a_painting_whose_painter_dies_is_gone_on_with_or_kept(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    for button, count in (("Cancel", 1), ("Keep What There Is", 2)):
        open_dialog(screen)
        screen.keys("alt+v", "ctrl+a")
        screen.type(str(DIES))
        screen.keys("alt+p")
        screen.press_on("Button", "Go On", WINDOW)
        screen.widget("Label", "The process that was painting", WINDOW)
        screen.screenshot(artefacts(f"went-wrong-{gimp.root.version}.png"))
        screen.press_on("Button", button, WINDOW)
        screen.rest()
        assert len(layers(screen)) == count


@pytest.mark.long_in("3.0")
def test_a_preview_whose_painter_dies_is_tried_again(screen: Desktop) -> None:
    open_dialog(screen)
    screen.previewed()
    screen.keys("alt+v", "ctrl+a")
    screen.type(f"{DIES}\t")
    for _time in range(2):
        screen.press_on("Button", "Try Again")
        screen.widget("Label", "The process that was painting")
    screen.keys("alt+v", "ctrl+a")
    screen.type("7010\t")
    screen.previewed(2)
    assert not any(button.name == "Try Again" for button in screen.all_of("Button"))
    screen.keys("Escape")
    screen.rest()


def jobs(engine: EngineHome) -> int:
    """How many jobs the engine has."""
    with engine.connect() as session:
        assert session.welcome
        return session.welcome.queue


@pytest.mark.long_in("3.2")
def test_the_previews_of_another_image_say_for_what_they_wait_and_come_between(
    screen: Desktop, gimp: RealGimp, desks_engine: EngineHome, artefacts: Callable[[str], Path]
) -> None:
    start_painting(screen, 1200)
    screen.wait_for(lambda: any(", 1 %" in label.text for label in screen.all_of("Label", WINDOW)), "a few steps")
    screen.ask("show('/impasto/pictures/cat.png')")
    screen.window(" 451x300 – GIMP$")
    workers = psutil.Process(desks_engine.pid()).children(recursive=True)
    for worker in workers:
        worker.suspend()  # in one of its steps, which take seconds of a large layer
    try:
        open_dialog(screen, waits=False)
        screen.widget("Label", "Waiting for “small-cat.png”, about")
        screen.screenshot(artefacts(f"preview-waits-{gimp.root.version}.png"))
    finally:
        for worker in workers:
            worker.resume()
    screen.previewed()
    (painting,) = screen.windows(WINDOW)
    screen.keys("Escape")
    screen.tool("xdotool", "windowactivate", "--sync", painting)
    screen.press_on("Button", "Cancel", WINDOW)
    screen.rest()


def test_gimps_own_cancel_leaves_everything_as_it_was_and_frees_the_engine(
    screen: Desktop, gimp: RealGimp, desks_engine: EngineHome, artefacts: Callable[[str], Path]
) -> None:
    start_painting(screen, 600)
    screen.press_on("Button", "Keep Now", WINDOW)
    screen.wait_for(lambda: len(layers(screen)) == 2, "the painting, kept early")
    screen.rest()
    before = screen.ask(ALL_PIXELS)
    width, height = screen.place(screen.window("GIMP"))[2:]
    x, y = width - GIMPS_CANCEL[0], height - GIMPS_CANCEL[1]
    idle = screen.look()[y - 8 : y + 8, x - 30 : x + 30]
    screen.keys("ctrl+f")  # Filters > Repeat Last: progress and Cancel are in the image's window
    screen.wait_for(lambda: jobs(desks_engine) == 1, "the engine to paint again")
    screen.wait_for(lambda: not np.array_equal(screen.look()[y - 8 : y + 8, x - 30 : x + 30], idle), "the button")
    screen.screenshot(artefacts(f"gimps-cancel-{gimp.root.version}.png"))
    screen.click(x, y)
    started = time.monotonic()
    screen.wait_for(lambda: jobs(desks_engine) == 0, "the engine to be idle", seconds=5)
    screen.rest()
    assert time.monotonic() - started < 15, "of the 30 s that it would have painted"
    assert screen.ask(ALL_PIXELS) == before
    screen.keys("ctrl+z")
    screen.wait_for(lambda: layers(screen) == ["small-cat.png"], "the undo of what was kept, the last step there is")


def test_a_layer_that_is_deleted_meanwhile_still_gets_its_painting(screen: Desktop) -> None:
    screen.rest()
    start_painting(screen, 100)
    screen.ask(f"{FIRST}.remove_layer({FIRST}.get_layers()[0])")
    screen.wait_for(lambda: len(layers(screen)) == 1 and " % — " in layers(screen)[0], "the painting")
    screen.rest()


def test_an_image_that_is_closed_meanwhile_comes_back_as_a_new_one(screen: Desktop) -> None:
    start_painting(screen, 100)
    screen.ask("close()")
    screen.wait_for(lambda: screen.ask(COUNT) == 0, "the image to be closed")
    screen.wait_for(lambda: screen.ask(COUNT) == 1, "the painting")
    assert [" % — " in name for name in layers(screen)] == [True]
    screen.rest()


@pytest.mark.long_in("3.0")
def test_a_second_painting_waits_for_the_first(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    start_painting(screen, 1200)
    start_painting(screen, 10, waits=False)
    screen.widget("Label", "Waiting for “small-cat.png”, about", WINDOW)
    screen.screenshot(artefacts(f"two-paintings-{gimp.root.version}.png"))
    for window in screen.windows(WINDOW):
        screen.tool("xdotool", "windowactivate", "--sync", window)
        screen.keys("alt+k")  # only the one that is being painted has something to keep
    screen.wait_for(lambda: len(layers(screen)) == 3, "both paintings")
    screen.rest()
