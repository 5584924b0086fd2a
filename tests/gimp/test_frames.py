"""Layers as frames, by hand: found in the menus, cancelled without a trace, kept early, painted into a new image."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fakes.painter import slow
from gimp.desktop import Desktop, desktop
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

WINDOW = "^Painting "
IMAGES = "[[layer.get_name() for layer in image.get_layers()] for image in Gimp.get_images()]"


@pytest.fixture(scope="module")
def screen(gimp: RealGimp) -> Iterator[Desktop]:
    """A GIMP with an animated GIF open, whose filter talks to the fake painter."""
    with desktop(gimp, "fake", "/impasto/pictures/walk.gif", size="1366x768") as shown:
        yield shown


def start_painting(screen: Desktop, steps: int, file: Path) -> str:
    """Have the frames painted, that many steps of 50 ms for each: the window that shows it."""
    left, top, width, height = screen.place(screen.window("GIMP"))
    screen.point(left + width // 2, top + height // 2)
    screen.search_action("layers as frames")
    screen.keys("Return")
    screen.window("^Layers as Frames$")
    screen.wait_for(screen.changes_no_more, "the preview")
    screen.screenshot(file)
    screen.keys("alt+v", "ctrl+a")
    screen.type(str(slow(steps, 50)))
    screen.keys("alt+p")
    return screen.window(WINDOW)


def test_frames_are_cancelled_without_a_trace_kept_early_and_painted_into_a_new_image(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    before = screen.ask(IMAGES)
    assert len(before) == 1
    assert len(before[0]) == 3
    window = start_painting(screen, 400, artefacts(f"frames-dialog-{gimp.root.version}.png"))
    screen.screenshot(artefacts(f"frames-painting-{gimp.root.version}.png"))
    screen.tool("xdotool", "windowactivate", "--sync", window)
    screen.keys("alt+c")
    screen.wait_for(lambda: not screen.windows(WINDOW), "the window to go")
    screen.rest()
    assert screen.ask(IMAGES) == before
    window = start_painting(screen, 400, artefacts(f"frames-to-keep-{gimp.root.version}.png"))
    screen.tool("xdotool", "windowactivate", "--sync", window)
    screen.wait_for(lambda: screen.pressed("alt+k") and len(screen.ask(IMAGES)) == 2, "the frames so far")
    assert sorted(map(len, screen.ask(IMAGES))) == [1, 3], "the first alone was begun"
    start_painting(screen, 5, artefacts(f"frames-again-{gimp.root.version}.png"))
    screen.wait_for(lambda: len(screen.ask(IMAGES)) == 3, "the painted animation")
    assert sorted(screen.ask(IMAGES), key=len) == [before[0][-1:], before[0], before[0]]
    screen.wait_for(screen.changes_no_more, "the new window")
    screen.screenshot(artefacts(f"frames-painted-{gimp.root.version}.png"))
