"""The dialog, used by hand: a close look, tries that are compared and painted together, a style of one's own."""

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from fakes.engine import EngineHome
from fakes.painter import slow
from gimp.desktop import CLOSE, TRY, Desktop, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

STANDSTILL = 1.9
"""Seconds that the main loop may stand still of its own accord; to wait for such an engine takes more."""
TILE = 128
"""Sides of a tile's picture."""
RECORD = "bytes(Gimp.get_images()[0].get_layers()[0].get_parasite('impasto').get_data()).decode()"
PIXEL = (
    "list(bytes(Gimp.get_images()[0].get_layers()[-1].get_buffer().get("
    "Gegl.Rectangle.new({x}, {y}, 1, 1), 1.0, \"R'G'B' u8\", Gegl.AbyssPolicy.NONE)))"
)


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With an image open that is larger than the preview."""
    with desk.showing("large-cat.png") as shown:
        yield shown


def seen(screen: Desktop, file: Path, x: int, y: int) -> list[int]:
    """The colour of a place on the screen."""
    screen.wait_for(screen.changes_no_more, "the screen to be drawn")
    screen.screenshot(file)
    return list(map(int, screen.look()[y, x]))


def assert_inverted(colour: list[int], screen: Desktop, x: float, y: float) -> None:
    """That is the layer's opposite, which the engine of these tests paints, at a place of the layer or beside it."""
    places = [(round(x) + across, round(y) + down) for across in range(-3, 4) for down in range(-3, 4)]
    pixels = [screen.ask(PIXEL.format(x=across, y=down)) for across, down in places]
    distances = [max(abs(255 - a - b) for a, b in zip(pixel, colour, strict=True)) for pixel in pixels]
    assert min(distances) <= 3, (colour, pixels)


@pytest.mark.long_in("3.0")
def test_one_to_one_shows_what_paint_will_give_there_in_one_style_and_the_next(
    screen: Desktop, artefacts: Callable[[str], Path], gimp: RealGimp
) -> None:
    open_dialog(screen)
    screen.previewed()
    screen.keys("ctrl+1")
    screen.says(CLOSE)
    middle = screen.widget("Comparison").middle
    assert_inverted(seen(screen, artefacts(f"close-{gimp.root.version}.png"), *middle), screen, 800, 532)
    screen.drag((middle[0] + 150, middle[1] + 90), middle)
    screen.says(CLOSE)
    screen.press_on("Tile", "Palette knife")
    screen.wait_for(lambda: len(screen.all_of(TRY)) == 2, "the preview of the other style")
    screen.says(CLOSE)
    screen.widget("Label", "100 %")
    other = seen(screen, artefacts(f"close-other-{gimp.root.version}.png"), *middle)
    assert_inverted(other, screen, 800 + 150, 532 + 90)
    screen.keys("Escape")
    screen.rest()


@pytest.mark.long_in("3.2")
def test_the_tiles_show_ones_own_layer(screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]) -> None:
    cat = np.asarray(Image.open(gimp.work / "pictures" / "large-cat.png"))
    height, width = cat.shape[:2]
    square = cat[:, (width - height) // 2 : (width + height) // 2]
    expected = 255 - square[: height // 2, : height // 2].mean((0, 1))  # the artwork covers a corner of the rest

    def is_painted() -> bool:
        place = screen.widget("Tile", "Daylight impression").place
        left, top = place[0] + (place[2] - TILE) // 2, place[1]
        shown = screen.look()[top : top + TILE // 2, left : left + TILE // 2].mean((0, 1))
        return float(np.abs(shown - expected).max()) < 16

    open_dialog(screen)
    screen.wait_for(is_painted, "the layer in a tile")
    screen.screenshot(artefacts(f"tiles-{gimp.root.version}.png"))
    screen.keys("Escape")
    screen.rest()


@pytest.mark.long_in("3.0")
def test_tries_are_kept_compared_and_painted_together(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.previewed()
    screen.keys("alt+v", "ctrl+a")
    screen.type("7010\t")
    first, _second = (made.middle for made in screen.previewed(2))
    with screen.held("shift"):
        screen.click(*first)
    screen.keys("Down", "shift+Return", "Up", "ctrl+space")  # the same with the keys alone
    screen.widget("Button", "Paint 2 Layers")
    screen.widget("Label", " ✓◧")
    screen.widget("Label", "Drag over the picture to compare with the try in “Impasto by night”")
    screen.keys("ctrl+space")
    screen.widget("Label", "Drag over the picture to compare with the layer")
    screen.keys("ctrl+space")
    screen.widget("Label", " ✓◧")
    screen.screenshot(artefacts(f"tries-{gimp.root.version}.png"))
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 3, "two painted layers")
    screen.rest()
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "one undo step to take both back")


@pytest.mark.long_in("3.2")
def test_the_latest_try_is_seen(screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]) -> None:
    open_dialog(screen)
    screen.previewed()
    for made in range(2, 13):  # one more than fit
        screen.keys("alt+v", "ctrl+a")
        screen.type(f"{1000 + made}\t")
        screen.wait_for(lambda made=made: len(screen.all_of(TRY)) == made, f"preview {made}")
    latest = screen.previewed(12)[-1]
    screen.screenshot(artefacts(f"many-tries-{gimp.root.version}.png"))
    strip = screen.widget("Tries")
    assert strip.at(0, 0)[1] <= latest.at(0, 0)[1] < latest.at(0, 1)[1] <= strip.at(0, 1)[1] + 2
    screen.keys("Escape")
    screen.rest()


@pytest.mark.long_in("3.0")
def test_a_picture_of_ones_own_is_cropped_by_dragging_and_remembered(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    Image.fromarray(np.indices((150, 232)).sum(0).astype(np.uint8)).save(gimp.work / "pictures" / "ramp.png")
    open_dialog(screen)
    screen.press_on("OwnTile", "Your picture")
    screen.choose_file("^A picture to paint like$", "/impasto/pictures/ramp.png")
    cropper = screen.widget("Cropper")
    screen.drag(cropper.at(0.01, 0.02), cropper.at(0.4, 0.5))  # not an edge, which nobody sees, but a new rectangle
    screen.drag(cropper.at(0.9, 0.9), cropper.at(0.6, 0.6))
    screen.drag(cropper.at(0.25, 0.2), cropper.at(0.75, 0.8))
    screen.previewed()
    screen.screenshot(artefacts(f"crop-{gimp.root.version}.png"))
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 2, "a layer in that style")
    assert layers(screen)[0].startswith("ramp, ")
    arguments = json.loads(screen.ask(RECORD))["arguments"]
    edges = [arguments[f"crop-{edge}"] for edge in ("left", "top", "right", "bottom")]
    assert edges == pytest.approx([0.25, 0.2, 0.75, 0.8], abs=0.02)

    open_dialog(screen)  # on the painting: its own settings
    screen.previewed()
    screen.screenshot(artefacts(f"crop-again-{gimp.root.version}.png"))
    screen.keys("alt+p")
    screen.rest()
    assert json.loads(screen.ask(RECORD))["arguments"] == arguments
    screen.keys("ctrl+z", "ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "the undo")


def longest_standstill(screen: Desktop) -> float:
    """How long, in seconds, the main loop of the filter that ran last has ever stood still."""
    return float((screen.profile / "standstills").read_text())


@pytest.mark.long_in("3.2")
def test_an_engine_that_never_answers_does_not_freeze_the_dialog(
    screen: Desktop, gimp: RealGimp, desks_engine: EngineHome
) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        gimp.pretends("deaf", desks_engine, endpoint=f"tcp://127.0.0.1:{deaf.getsockname()[1]}")
        screen.use_engine("deaf")
        try:
            open_dialog(screen)
            screen.widget("Label", "Finding the engine")
            screen.search_style("Woodcut")
            screen.keys("Escape", "Escape")
            screen.rest()
        finally:
            screen.use_engine(screen.engine)
    assert longest_standstill(screen) < STANDSTILL


@pytest.mark.long_in("3.0")
def test_an_engine_that_stands_still_does_not_freeze_the_dialog(
    screen: Desktop, gimp: RealGimp, desks_engine: EngineHome, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.keys("alt+v", "ctrl+a")
    screen.type(f"{slow(100, 50)}\t")
    screen.widget("Label", "Painting the preview")
    broker = psutil.Process(desks_engine.pid())
    broker.suspend()
    try:
        screen.search_style("Woodcut")
        screen.screenshot(artefacts(f"silent-{gimp.root.version}.png"))
    finally:
        broker.resume()
    screen.keys("Escape", "Escape")
    screen.rest()
    assert longest_standstill(screen) < STANDSTILL


@pytest.mark.long_in("3.2")
def test_settings_are_saved_as_a_style_and_painted_with(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.widget("Button", "Save as S")
    screen.keys("alt+t")
    screen.window_with_keys("^Save as Style$")
    screen.wait_for(screen.changes_no_more, "the question to be drawn")
    screen.keys("ctrl+a")
    screen.type("Evening of mine")
    screen.keys("Return")
    styles = gimp.root.home / ".config" / "impasto" / "presets"
    screen.wait_for(lambda: (styles / "evening-of-mine.json").exists(), "the style's file")
    assert (styles / "evening-of-mine.sample.jpg").exists()
    screen.widget("StyleName", "Evening of mine")
    assert len(screen.previewed()) == 1, "it looks as before"
    screen.screenshot(artefacts(f"own-style-{gimp.root.version}.png"))
    screen.keys("alt+p")
    screen.wait_for(
        lambda: any(name.startswith("Evening of mine, ") for name in layers(screen)), "a layer in that style"
    )
    screen.rest()
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "the undo")


@pytest.mark.long_in("3.0")
def test_the_dialog_speaks_german(screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]) -> None:
    screen.speak("de")
    try:
        open_dialog(screen, "^Impasto-Stilübertragung$")
        screen.wait_for(screen.changes_no_more, "the preview")
        screen.screenshot(artefacts(f"german-{gimp.root.version}.png"))
        screen.keys("Escape")
        screen.rest()
    finally:
        screen.speak("C")


@pytest.mark.long_in("3.2")
def test_a_doctor_is_at_hand_where_the_engine_does_not_start(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    screen.use_engine("ill")
    open_dialog(screen)
    screen.widget("Button", "Find Out and")
    screen.keys("alt+m")
    screen.window_with_keys("^Impasto's Doctor$")
    screen.wait_for(screen.changes_no_more, "the report to be drawn")
    screen.screenshot(artefacts(f"doctor-{gimp.root.version}.png"))
    screen.keys("Escape")
    screen.widget("Button", "Start A")  # the engine is still ill: the buttons come back
    screen.use_engine(screen.engine)
    screen.keys("alt+g")
    screen.previewed()
    screen.keys("Escape")
    screen.rest()
    assert layers(screen) == ["large-cat.png"]
