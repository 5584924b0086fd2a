"""What only a mouse does: files dropped from another program, right clicks, a tile that opens a menu."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gimp.desktop import TRY, Desktop, Widget, layers, open_dialog
from gimp.real_gimp import RealGimp
from impasto_presets import Preset, export_preset, save_preset
from impasto_wire.request import WeightedStyle

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

MENU = "^$"
"""A menu's window has no title."""
RECORD = "bytes(Gimp.get_images()[0].get_layers()[0].get_parasite('impasto').get_data()).decode()"


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With a small cat open."""
    with desk.showing("small-cat.png") as shown:
        yield shown


def parcel(gimp: RealGimp) -> str:
    """A style that somebody has exported."""
    picture = (gimp.work / "pictures" / "style.png").read_bytes()
    preset = save_preset(gimp.work / "others", Preset("theirs", "Theirs"), [WeightedStyle(picture)])
    export_preset(preset, gimp.work / "theirs.impasto-style")
    return "/impasto/theirs.impasto-style"


@pytest.mark.long_in("3.0")
def test_files_are_dropped_on_the_gallery_from_another_program(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.previewed()
    screen.drop(screen.widget("Tile", "Impasto by night").middle, "/impasto/pictures/style.png")
    screen.widget("StyleName", "style")
    screen.widget("Cropper")
    screen.previewed(2)
    screen.screenshot(artefacts(f"dropped-{gimp.root.version}.png"))
    screen.drop(screen.widget("OwnTile", "From a layer").middle, parcel(gimp))
    screen.press_on("SearchEntry")
    screen.type("theirs")
    screen.wait_for(lambda: [tile.name for tile in screen.all_of("Tile")] == ["Theirs"], "the style from the file")
    assert screen.all_of("StyleName"), "an imported style has taken the place of the chosen one"
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 2, "the painting")
    screen.rest()
    assert layers(screen)[0].startswith("style, ")


def right_click(screen: Desktop, widget: Widget, entry: str, kind: str = "MenuItem") -> None:
    """Open a menu with the right button, and choose an entry."""
    with screen.held_button(3, *widget.middle):
        pass
    screen.click(*screen.widget(kind, entry, MENU).middle)
    screen.wait_for(lambda: not screen.widgets(MENU), "the menu to close")


@pytest.mark.long_in("3.2")
def test_right_clicks_open_the_menus_of_tiles_and_tries(screen: Desktop) -> None:
    open_dialog(screen)
    screen.previewed()
    right_click(screen, screen.widget("Tile", "Palette knife"), "Use This Style")
    screen.widget("StyleName", "Palette knife")
    screen.previewed(2)
    right_click(screen, screen.widget("Tile", "Impasto by night"), "Add to the Mix")
    screen.widget("MixSliders")
    screen.previewed(3)
    right_click(screen, screen.all_of(TRY)[0], "Paint This Too", "CheckMenuItem")
    screen.widget("Button", "Paint 2 Layers")
    right_click(screen, screen.all_of(TRY)[1], "Delete")
    screen.wait_for(lambda: len(screen.all_of(TRY)) == 2, "the try to go")
    heading = screen.widget("Label", "Oil")
    with screen.held_button(3, *heading.middle):
        pass
    screen.widget("MenuItem", "Import Styles", MENU)
    assert len([item for item in screen.widgets(MENU) if item.kind == "MenuItem"]) == 1
    screen.keys("Escape", "alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 3, "both paintings")
    screen.rest()
    assert sorted(name.partition(",")[0] for name in layers(screen)[:2]) == [
        "Impasto by night",
        "Palette knife + Impasto by night",
    ]


@pytest.mark.long_in("3.0")
def test_a_layer_is_chosen_as_the_style_by_two_clicks(screen: Desktop) -> None:
    screen.ask("Gimp.get_images()[0].insert_layer(Gimp.get_images()[0].get_layers()[0].copy(), None, 1)")
    screen.ask("Gimp.get_images()[0].get_layers()[1].set_name('Palette_of mine')")
    screen.ask("Gimp.get_images()[0].set_selected_layers(Gimp.get_images()[0].get_layers()[:1])")
    open_dialog(screen)
    screen.previewed()
    screen.press_on("OwnTile", "From a layer")
    screen.click(*screen.widget("MenuItem", "Palette_of mine", MENU).middle)
    screen.widget("StyleName", "Palette_of mine")
    screen.previewed(2)
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 3, "the painting")
    screen.rest()
    assert layers(screen)[0].startswith("Palette_of mine, ")
    told = json.loads(screen.ask(RECORD))["drawables"]["style-drawable"]
    assert told["name"] == "Palette_of mine"
