"""Regions, added by hand in the dialog from what is selected and from a channel, previewed, changed and painted."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gimp.desktop import Desktop, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

IMAGE = "Gimp.get_images()[0]"
SELECTED = f"{IMAGE}.select_rectangle(Gimp.ChannelOps.REPLACE, {{}})"
CHANNELS = f"[(channel.get_name(), channel.get_tattoo()) for channel in {IMAGE}.get_channels()]"
RECORD = f"bytes({IMAGE}.get_layers()[0].get_parasite('impasto').get_data()).decode()"


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With an image open."""
    with desk.showing("cat.png") as shown:
        yield shown


def in_sight(screen: Desktop, kind: str, name: str) -> None:
    """Turn the wheel over the settings until the widget can be pressed."""
    panel = screen.widget("More")
    screen.point(*panel.middle)

    def is_seen() -> bool:
        found = screen.widget(kind, name)
        bottom = screen.place(screen.window("^Impasto Style Transfer$"))
        if found.place[1] + found.place[3] < bottom[1] + bottom[3] - 110:
            return True
        screen.tool("xdotool", "click", "5")
        return False

    screen.wait_for(is_seen, f"{kind} “{name}” to be in sight")


@pytest.mark.long_in("3.0")
def test_a_selection_becomes_a_region_in_the_chosen_style_and_a_channel(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    screen.ask(SELECTED.format("0, 0, 220, 300"))
    open_dialog(screen)
    screen.previewed()
    screen.screenshot(artefacts(f"regions-before-{gimp.root.version}.png"))
    screen.search_style("Woodcut")
    screen.press_on("Tile", "Woodcut")
    screen.previewed(2)
    in_sight(screen, "Button", "Add a Region")
    screen.press_on("Button", "Add a Region")
    screen.previewed(3)
    screen.screenshot(artefacts(f"regions-{gimp.root.version}.png"))
    raise AssertionError("\n".join(map(str, screen.widgets())))
