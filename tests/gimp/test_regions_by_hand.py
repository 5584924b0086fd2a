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
    screen.keys("alt+i")
    screen.previewed(3)
    screen.screenshot(artefacts(f"regions-{gimp.root.version}.png"))
    screen.widget("_RegionRow", "Region 1: Woodcut")
    screen.says("New layer above “cat.png”.")
    screen.keys("Left", "Left")  # the strength, which has the keys
    screen.previewed(4)
    screen.press_on("SearchEntry")
    screen.keys("ctrl+a", "BackSpace")
    screen.search_style("Batik")
    screen.press_on("Tile", "Batik")
    screen.previewed(5)
    paint(screen, 2)
    ((name, tattoo),) = screen.ask(CHANNELS)
    assert name == "Impasto, region: Woodcut"
    arguments = json.loads(screen.ask(RECORD))["arguments"]
    regions = [arguments[part] for part in ("region-maps", "region-styles", "region-strengths")]
    assert regions == [[tattoo], ["woodcut"], [0.53]], regions
    assert (arguments["preset"], arguments["region"]) == ("batik", "layer")
    open_dialog(screen)  # on the painting, which has the channel as its region's map
    screen.previewed()
    screen.widget("_RegionRow", f"Region 1 ({name}): Woodcut")
    screen.screenshot(artefacts(f"regions-again-{gimp.root.version}.png"))
    screen.press_on("Button", "Change to the chosen style: Region 1")
    screen.widget("_RegionRow", f"Region 1 ({name}): Batik")
    paint(screen, 3)
    (saved,) = (screen.profile / "plug-in-settings").glob("*.last")
    assert "region-" not in saved.read_text(), "half of the regions is repeated"
    arguments = json.loads(screen.ask(RECORD))["arguments"]
    assert (arguments["region-maps"], arguments["region-styles"]) == ([tattoo], ["batik"])
    open_dialog(screen)
    screen.press_on("Button", "Remove this region: Region 1")
    screen.wait_for(lambda: not screen.all_of("_RegionRow"), "the region to go")
    screen.keys("Escape")
    screen.rest()
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 2, "the undo")
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "the undo")
    assert screen.ask(CHANNELS) == [], "the channel is no part of the undo step"


def paint(screen: Desktop, count: int) -> None:
    """Press Paint, and wait until the image has so many layers."""
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == count, "the painting")
    screen.rest()
