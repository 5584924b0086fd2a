"""The gallery and the tries by keys, by menus and by ear: no mouse is needed, and nothing is deleted for good."""

import io
import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from gimp.desktop import TRY, Desktop, Desktops, Widget, layers, open_dialog
from gimp.real_gimp import RealGimp
from impasto_presets import Preset, save_preset
from impasto_wire.request import WeightedStyle

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

MOST_STOPS = 40
SEED = "7010"
MENU = "^$"
"""A menu's window has no title."""
ALWAYS_NAMED = ("combo box", "spin button", "slider", "button", "toggle button", "check box", "text", "list item")
RECORD = "bytes(Gimp.get_images()[0].get_layers()[0].get_parasite('impasto').get_data()).decode()"
SCRIPT_FU = (
    "[procedure := Gimp.get_pdb().lookup_procedure('plug-in-script-fu-eval'), config := procedure.create_config(), "
    "config.set_property('run-mode', Gimp.RunMode.NONINTERACTIVE), config.set_property('script', {script!r}), "
    "int(procedure.run(config).index(0) == Gimp.PDBStatusType.SUCCESS)][-1]"
)
CHECKED = ("Paint This Too", "Compare with", "Show First")
"""The lines of menus that have a sign."""


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With a small cat open."""
    with desk.showing("small-cat.png") as shown:
        yield shown


def focused(screen: Desktop) -> Widget:
    """What has the focus."""
    return screen.wait_for(lambda: [widget for widget in screen.widgets() if widget.has_focus], "a focus")[-1]


def choose(screen: Desktop, entry: str) -> None:
    """Open the menu of what has the focus, by the key, and choose an entry of it."""
    screen.keys("Menu")
    kind = "CheckMenuItem" if entry in CHECKED else "MenuItem"
    screen.click(*screen.widget(kind, entry, MENU).middle)
    screen.wait_for(lambda: not screen.widgets(MENU), "the menu to close")


def focus_try(screen: Desktop, number: int) -> None:
    """Give a try the focus, by the keys alone."""
    for _step in range(MOST_STOPS):
        if focused(screen).kind == TRY:
            break
        screen.keys("Tab")
    screen.keys("Home", *["Down"] * number)


def copied(screen: Desktop) -> str:
    """What is in the clipboard, seen by pasting it into the search."""
    screen.press_on("SearchEntry")
    screen.keys("ctrl+a", "ctrl+v")
    text = screen.wait_for(lambda: screen.all_of("SearchEntry")[0].text, "what was copied")
    screen.keys("Escape")
    return text


@pytest.mark.long_in("3.0")
def test_tab_chooses_nothing_and_a_screen_reader_has_a_name_for_everything(
    gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    with closing(Desktops(gimp, "desk", is_heard=True)) as desks, desks.current().showing("small-cat.png") as screen:
        open_dialog(screen)
        screen.previewed()
        screen.keys("Tab")
        stops = [focused(screen)]
        while len(stops) < MOST_STOPS:
            screen.keys("Tab")
            now = focused(screen)
            if now.place == stops[0].place:
                break
            stops.append(now)
        kinds = [stop.kind for stop in stops]
        assert kinds.count("Tile") == kinds.count(TRY) == 1
        assert len(stops) < MOST_STOPS
        assert len(screen.all_of(TRY)) == 1, "Tab has chosen a style"
        while focused(screen).kind != "Tile":
            screen.keys("Tab")
        screen.keys("Right")
        screen.wait_for(lambda: focused(screen).name == "Palette knife", "the next tile")
        screen.previewed(2)
        screen.keys("ctrl+Down", "ctrl+space")
        screen.widget("Label", "1 Palette knife")
        assert focused(screen).kind == "Tile"
        screen.press_on("ToggleButton", "Brush")
        screen.wait_for(screen.changes_no_more, "the dialog to be drawn")
        screen.screenshot(artefacts(f"heard-{gimp.root.version}.png"))
        assert nameless(screen) == []
        (preview,) = [one for one in screen.aloud() if one["name"] == "Preview"]
        assert preview["description"].startswith("The brush is at 50 %, 50 %. Arrow keys move the brush"), preview
        screen.keys("alt+y")
        screen.choose_file("^A picture to paint like$", "/impasto/pictures/style.png")
        screen.widget("Cropper")
        assert nameless(screen) == []
        said = (screen.profile / "said").read_text()
        assert [line for line in said.splitlines() if "no mnemonic" in line] == []


def nameless(screen: Desktop) -> list[dict[str, object]]:
    """What can be used and has no name for a screen reader."""
    heard = screen.aloud()
    assert len(heard) > 50
    return [one for one in heard if (one["is_focusable"] or one["role"] in ALWAYS_NAMED) and not one["name"]]


@pytest.mark.long_in("3.0")
def test_marks_add_to_what_is_painted_and_every_line_of_a_trys_menu_does_what_it_says(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.previewed()
    screen.keys("alt+v", "ctrl+a")
    screen.type(f"{SEED}\t")
    screen.previewed(2)
    focus_try(screen, 0)
    choose(screen, "Paint This Too")
    screen.widget("Button", "Paint 2 Layers")
    screen.widget("Label", "2 paintings, each a new layer above its own. The present one, and what is marked: 1.")
    focus_try(screen, 0)
    screen.keys("Menu")
    screen.widget("MenuItem", "Delete", MENU)
    screen.screenshot(artefacts(f"try-menu-{gimp.root.version}.png"))
    screen.keys("Escape")
    focus_try(screen, 0)
    choose(screen, "Compare with")
    screen.widget("Label", " ✓◧ ")
    focus_try(screen, 0)
    choose(screen, "Compare with")
    screen.widget("Label", " ✓ ")

    focus_try(screen, 0)
    choose(screen, "Delete")
    screen.wait_for(lambda: len(screen.all_of(TRY)) == 1, "the try to go")
    screen.widget("Button", "Paint")
    screen.screenshot(artefacts(f"try-deleted-{gimp.root.version}.png"))
    screen.press_on("Button", "Bring Back")
    screen.wait_for(lambda: len(screen.all_of(TRY)) == 2, "the try to come back")
    screen.widget("Button", "Paint 2 Layers")
    focus_try(screen, 0)
    screen.keys("Delete")
    screen.wait_for(lambda: len(screen.all_of(TRY)) == 1, "the try to go")
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(screen.all_of(TRY)) == 2, "the try to come back")

    focus_try(screen, 1)
    choose(screen, "Copy as Command Line")
    command = shlex.split(copied(screen))
    assert command[:2] == ["impasto", "stylize"]
    assert command[command.index("--seed") + 1] == SEED
    focus_try(screen, 1)
    choose(screen, "Copy as Script-Fu")
    script = copied(screen)
    focus_try(screen, 1)
    choose(screen, "Save Picture")
    screen.choose_file("^Save the Try's Picture$", "/impasto/try.png", "Save")
    screen.wait_for((gimp.work / "try.png").exists, "the picture")
    assert Image.open(gimp.work / "try.png").size == (150, 100)
    focus_try(screen, 0)
    choose(screen, "Save as Style")
    screen.window_with_keys("^Save as Style$")
    screen.keys("Return")
    screen.wait_for(lambda: not screen.windows("^Save as Style$"), "the style to be saved")
    focus_try(screen, 1)
    choose(screen, "Use These Settings")
    screen.wait_for(lambda: SEED in [entry.text for entry in screen.all_of("SpinButton")], "the settings of the other")
    screen.wait_for(screen.changes_no_more, "the dialog to be drawn")
    screen.screenshot(artefacts(f"try-style-{gimp.root.version}.png"))
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 3, "the present one, and the marked one")
    screen.rest()
    assert screen.ask(SCRIPT_FU.format(script=script)) == 1
    assert json.loads(screen.ask(RECORD))["settings"]["seed"] == int(SEED)

    open_dialog(screen)
    screen.widget("Label", "★")
    screen.screenshot(artefacts(f"try-painted-{gimp.root.version}.png"))
    assert not [label for label in screen.all_of("Label") if "✓" in label.text], "what is painted is still marked"
    screen.keys("Escape")
    screen.rest()


def own_style(gimp: RealGimp) -> Path:
    """The picture of a style of the person's own, which is made now."""
    folder = gimp.root.home / ".config" / "impasto" / "presets"
    picture = io.BytesIO()
    Image.open(gimp.work / "pictures" / "cat.png").convert("RGB").save(picture, "JPEG")
    preset = save_preset(folder, Preset("mine", "Mine"), [WeightedStyle(picture.getvalue())])
    return preset.pictures[0].picture


def answer(screen: Desktop, window: str, button: str) -> None:
    """Press a button of a question, and wait until it is gone."""
    screen.press_on("Button", button, window)
    screen.wait_for(lambda: not screen.windows(window), f"{window} to be gone")


def tiles(screen: Desktop) -> list[str]:
    """The names of the styles that are seen."""
    return [tile.name for tile in screen.all_of("Tile")]


@pytest.mark.long_in("3.0")
def test_ones_own_styles_are_renamed_cropped_handed_on_and_deleted_in_the_gallery(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    picture, parcel = own_style(gimp), gimp.work / "mine.impasto-style"
    whole = picture.read_bytes()
    open_dialog(screen)
    screen.search_style("Mine")
    screen.keys("Return")
    screen.wait_for(lambda: focused(screen).name == "Mine", "the tile to have the focus")
    choose(screen, "Use This Style")
    screen.previewed(1)
    screen.keys("Menu")
    screen.widget("MenuItem", "Import Styles", MENU)
    screen.screenshot(artefacts(f"tile-menu-{gimp.root.version}.png"))
    screen.keys("Escape")
    choose(screen, "Show First")
    choose(screen, "Rename")
    screen.window_with_keys("^Rename the Style$")
    screen.keys("ctrl+a")
    screen.type("Ours")
    answer(screen, "^Rename the Style$", "Rename")
    screen.wait_for(lambda: tiles(screen) == ["Ours"], "the new name")
    screen.widget("Label", "Ours")
    choose(screen, "Crop Again")
    cropper = screen.widget("Cropper", window="^Crop the Style's Picture$")
    screen.drag(cropper.at(0.25, 0.2), cropper.at(0.75, 0.8))
    screen.screenshot(artefacts(f"tile-crop-{gimp.root.version}.png"))
    answer(screen, "^Crop the Style's Picture$", "Crop")
    cropped = Image.open(picture).size
    assert cropped == pytest.approx((226, 180), abs=8)
    choose(screen, "Export")
    screen.choose_file("^Export the Style$", f"/impasto/{parcel.name}", "Export")
    screen.wait_for(parcel.exists, "the style in one file")
    screen.wait_for(lambda: not screen.windows("^Export the Style$"), "the chooser to be gone")
    choose(screen, "Delete")
    screen.wait_for(lambda: not tiles(screen), "the tile to go")
    assert not picture.exists()
    screen.widget("Label", "Impasto by night")  # is chosen in its place
    screen.press_on("Button", "Bring Back")
    screen.wait_for(lambda: tiles(screen) == ["Ours"], "the tile to come back")
    assert Image.open(picture).size == cropped
    screen.keys("ctrl+z")
    screen.wait_for(lambda: picture.read_bytes() == whole, "the picture before it was cropped")
    screen.keys("ctrl+z")
    screen.wait_for(lambda: tiles(screen) == ["Mine"], "the old name")
    screen.press_on("SearchEntry")
    screen.keys("Return")
    screen.wait_for(lambda: focused(screen).name == "Mine", "the tile to have the focus")
    choose(screen, "Delete")
    screen.wait_for(lambda: not tiles(screen), "the tile to go")
    screen.press_on("SearchEntry")
    screen.keys("Escape")
    screen.wait_for(lambda: focused(screen).kind == "Tile", "the gallery to have the focus")
    screen.keys("ctrl+Right")
    choose(screen, "Add to the Mix")
    screen.widget("Label", "2 Palette knife")
    choose(screen, "Take Out of the Mix")
    screen.wait_for(lambda: "2 Palette knife" not in [label.text for label in screen.all_of("Label")], "no mix")
    choose(screen, "Import Styles")
    screen.choose_file("^Import Styles$", f"/impasto/{parcel.name}", "Import")
    screen.press_on("SearchEntry")
    screen.type("ours")
    screen.wait_for(lambda: tiles(screen)[-1:] == ["Ours"], "the style from the file")
    assert Image.open(picture).size == cropped
    screen.keys("Escape", "Escape")
    screen.rest()
