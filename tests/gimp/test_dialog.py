"""The dialog, used by hand: a close look, tries that are compared and painted together, a style of one's own."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from fakes.engine import EngineHome
from fakes.painter import slow
from gimp.desktop import Desktop, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

MIDDLE_OF_THE_PREVIEW = (435, 265)
"""From the dialog's corner, as are the others."""
FIRST_TRY, SECOND_TRY = (65, 30), (65, 87)
SEARCH = (905, 20)
YOUR_PICTURE = (1230, 20)
CROPPER = (1073, 83)
"""Its upper left corner: it is 232x150, or less one way."""
STANDSTILL = 1.9
"""Seconds that the main loop may stand still while other things run on this machine; to wait for such an engine takes
more."""
RECORD = "bytes(Gimp.get_images()[0].get_layers()[0].get_parasite('impasto').get_data()).decode()"
MIDDLE_PIXEL = (
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
    screen.wait_for(lambda: screen.changes_no_more(), "the screen to be drawn")
    screen.screenshot(file)
    return list(map(int, screen.look()[y, x]))


def test_one_to_one_shows_what_paint_will_give_there(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    left, top, _, _ = screen.place(open_dialog(screen))
    screen.wait_for(lambda: screen.changes_no_more(), "the preview")
    screen.keys("ctrl+1")
    x, y = left + MIDDLE_OF_THE_PREVIEW[0], top + MIDDLE_OF_THE_PREVIEW[1]
    colour = seen(screen, artefacts(f"close-{gimp.root.version}.png"), x, y)
    near = [screen.ask(MIDDLE_PIXEL.format(x=800 + dx, y=532 + dy)) for dx in range(-3, 4) for dy in range(-3, 4)]
    distances = [max(abs(255 - a - b) for a, b in zip(pixel, colour, strict=True)) for pixel in near]
    assert min(distances) <= 3, (colour, near)
    screen.keys("Escape")
    screen.rest()


def test_tries_are_kept_compared_and_painted_together(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    left, top, _, _ = screen.place(open_dialog(screen))
    screen.wait_for(lambda: screen.changes_no_more(), "the first preview")
    screen.keys("alt+v", "ctrl+a")
    screen.type("7010\t")
    screen.wait_for(lambda: screen.changes_no_more(), "the second preview")
    screen.tool("xdotool", "keydown", "shift")
    for x, y in (FIRST_TRY, SECOND_TRY):
        screen.click(left + x, top + y)
    screen.tool("xdotool", "keyup", "shift")
    screen.tool("xdotool", "keydown", "ctrl")
    screen.click(left + FIRST_TRY[0], top + FIRST_TRY[1])
    screen.tool("xdotool", "keyup", "ctrl")
    screen.wait_for(lambda: screen.changes_no_more(), "the marks")
    screen.screenshot(artefacts(f"tries-{gimp.root.version}.png"))
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 3, "two painted layers")
    screen.rest()
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "one undo step to take both back")


def test_a_picture_of_ones_own_is_cropped_by_dragging_and_remembered(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    Image.fromarray(np.indices((150, 232)).sum(0).astype(np.uint8)).save(gimp.work / "pictures" / "ramp.png")
    left, top, _, _ = screen.place(open_dialog(screen))
    screen.click(left + YOUR_PICTURE[0], top + YOUR_PICTURE[1])
    screen.window("^A picture to paint like$")
    screen.type("/impasto/pictures/ramp.png")
    x, y = left + CROPPER[0], top + CROPPER[1]
    screen.keys("Return")
    screen.wait_for(lambda: 90 < screen.look()[y + 40, x + 60].min() < 110, "the picture")
    screen.drag((x + 58, y + 30), (x + 174, y + 120))
    screen.wait_for(lambda: screen.changes_no_more(), "the crop's preview")
    screen.screenshot(artefacts(f"crop-{gimp.root.version}.png"))
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 2, "a layer in that style")
    assert layers(screen)[0].startswith("large-cat.png (ramp, ")
    arguments = json.loads(screen.ask(RECORD))["arguments"]
    edges = [arguments[f"crop-{edge}"] for edge in ("left", "top", "right", "bottom")]
    assert edges == pytest.approx([0.25, 0.2, 0.75, 0.8], abs=0.02)

    open_dialog(screen)  # on the painting: its own settings
    screen.wait_for(lambda: screen.changes_no_more(), "the preview")
    screen.screenshot(artefacts(f"crop-again-{gimp.root.version}.png"))
    screen.keys("alt+p")
    screen.rest()
    assert json.loads(screen.ask(RECORD))["arguments"] == arguments
    screen.keys("ctrl+z", "ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "the undo")


def longest_standstill(screen: Desktop) -> float:
    """How long, in seconds, the main loop of the filter that ran last has ever stood still."""
    return float((screen.profile / "standstills").read_text())


def searches(screen: Desktop, left: int, top: int) -> None:
    """Does the dialog take part? It shows what is typed into the search."""
    before = screen.look()
    screen.click(left + SEARCH[0], top + SEARCH[1])
    screen.type("wood")
    screen.wait_for(lambda: not np.array_equal(screen.look(), before), "the tiles to be searched", seconds=2)


def test_an_engine_that_never_answers_does_not_freeze_the_dialog(
    screen: Desktop, gimp: RealGimp, desks_engine: EngineHome
) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        gimp.pretends("deaf", desks_engine, endpoint=f"tcp://127.0.0.1:{deaf.getsockname()[1]}")
        screen.use_engine("deaf")
        try:
            left, top, _, _ = screen.place(open_dialog(screen))
            time.sleep(1)  # it looks for the engine
            searches(screen, left, top)
            screen.keys("Escape", "Escape")
            screen.rest()
        finally:
            screen.use_engine(screen.engine)
    assert longest_standstill(screen) < STANDSTILL


def test_an_engine_that_stands_still_does_not_freeze_the_dialog(
    screen: Desktop, gimp: RealGimp, desks_engine: EngineHome, artefacts: Callable[[str], Path]
) -> None:
    left, top, _, _ = screen.place(open_dialog(screen))
    screen.keys("alt+v", "ctrl+a")
    screen.type(f"{slow(100, 50)}\t")
    time.sleep(1)  # the preview has begun
    broker = psutil.Process(desks_engine.pid())
    broker.suspend()
    try:
        searches(screen, left, top)
        screen.screenshot(artefacts(f"silent-{gimp.root.version}.png"))
    finally:
        broker.resume()
    screen.keys("Escape", "Escape")
    screen.rest()
    assert longest_standstill(screen) < STANDSTILL


def test_settings_are_saved_as_a_style_and_painted_with(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.wait_for(lambda: screen.pressed("alt+t") and screen.windows("^Save as Style$"), "the question for a name")
    screen.wait_for(lambda: screen.changes_no_more(), "the question to be drawn")
    screen.keys("ctrl+a")
    screen.type("Evening of mine")
    screen.keys("Return")
    styles = gimp.root.home / ".config" / "impasto" / "presets"
    screen.wait_for(lambda: (styles / "evening-of-mine.json").exists(), "the style's file")
    assert (styles / "evening-of-mine.sample.jpg").exists()
    screen.wait_for(lambda: screen.changes_no_more(), "the new preview")
    screen.screenshot(artefacts(f"own-style-{gimp.root.version}.png"))
    screen.keys("alt+p")
    screen.wait_for(lambda: any("(Evening of mine, " in name for name in layers(screen)), "a layer in that style")
    screen.rest()
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "the undo")


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


def test_a_doctor_is_at_hand_where_the_engine_does_not_start(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    screen.use_engine("ill")
    open_dialog(screen)
    screen.wait_for(lambda: screen.pressed("alt+m") and screen.windows("^Impasto's Doctor$"), "the doctor's report")
    screen.wait_for(lambda: screen.changes_no_more(), "the report to be drawn")
    screen.screenshot(artefacts(f"doctor-{gimp.root.version}.png"))
    screen.keys("Escape", "Escape")
    screen.rest()
    assert layers(screen) == ["large-cat.png"]
