"""Layers as frames, by hand: found in the menus, cancelled without a trace, kept early, painted into a new image."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fakes.painter import slow
from gimp.desktop import Desktop, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

DIALOG, WINDOW = "^Layers as Frames$", "^Painting "
IMAGES = "[[layer.get_name() for layer in image.get_layers()] for image in Gimp.get_images()]"


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With an animated GIF open."""
    with desk.showing("walk.gif") as shown:
        yield shown


def start_painting(screen: Desktop, steps: int, file: Path) -> str:
    """Have the frames painted, that many steps of 50 ms for each: the window that shows it."""
    open_dialog(screen, DIALOG, "layers as frames")
    screen.previewed(window=DIALOG)
    screen.screenshot(file)
    screen.keys("alt+v", "ctrl+a")
    screen.type(str(slow(steps, 50)))
    screen.keys("alt+p")
    return screen.window(WINDOW)


@pytest.mark.long_in("3.2")
def test_frames_are_cancelled_without_a_trace_and_kept_early_in_a_new_image(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    before = screen.ask(IMAGES)
    assert [len(names) for names in before] == [3]
    start_painting(screen, 400, artefacts(f"frames-dialog-{gimp.root.version}.png"))
    screen.screenshot(artefacts(f"frames-painting-{gimp.root.version}.png"))
    screen.press_on("Button", "Cancel", WINDOW)
    screen.wait_for(lambda: not screen.windows(WINDOW), "the window to go")
    screen.rest()
    assert screen.ask(IMAGES) == before
    start_painting(screen, 400, artefacts(f"frames-to-keep-{gimp.root.version}.png"))
    screen.press_on("Button", "Keep Now", WINDOW)
    screen.wait_for(lambda: len(screen.ask(IMAGES)) == 2, "the frames so far")
    assert sorted(screen.ask(IMAGES), key=len) == [before[0][-1:], *before], "the first alone was begun"


def test_frames_are_painted_into_a_new_image(screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]) -> None:
    before = screen.ask(IMAGES)
    start_painting(screen, 5, artefacts(f"frames-again-{gimp.root.version}.png"))
    screen.wait_for(lambda: len(screen.ask(IMAGES)) == 2, "the painted animation")
    assert screen.ask(IMAGES) == [*before, *before]
    screen.wait_for(screen.changes_no_more, "the new window")
    screen.screenshot(artefacts(f"frames-painted-{gimp.root.version}.png"))
