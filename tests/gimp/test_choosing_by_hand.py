"""Styles and settings, chosen by hand in a GIMP with windows: keys, several tiles, stars, saved settings, help."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gimp.desktop import DIALOG, Desktop, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

RECORD = "bytes(Gimp.get_images()[0].get_layers()[0].get_parasite('impasto').get_data()).decode()"
BROWSER = '#!/bin/sh\necho "$1" > /impasto/browsed\n'
ENTRY = "[Desktop Entry]\nType=Application\nName=Browser\nExec=/impasto/browser %u\nMimeType=text/html;\n"


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With the cat open."""
    with desk.showing("cat.png") as shown:
        yield shown


def painted(screen: Desktop) -> dict[str, str]:
    """The arguments of the painting that is now made."""
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 2, "the painting")
    screen.rest()
    arguments: dict[str, str] = json.loads(screen.ask(RECORD))["arguments"]
    return arguments


def favourites(gimp: RealGimp) -> dict[str, list[str]]:
    """What is remembered of styles."""
    told: dict[str, list[str]] = json.loads((gimp.root.home / ".config/impasto/favourites.json").read_text())
    return told


@pytest.mark.long_in("3.2")
def test_styles_are_picked_mixed_and_starred_with_the_keys_alone(screen: Desktop, gimp: RealGimp) -> None:
    open_dialog(screen, search="style transfer")
    screen.press_on("SearchEntry")
    screen.keys("Tab", "Right", "asterisk", "ctrl+Right", "ctrl+space")
    screen.previewed()
    assert painted(screen)["preset"] == "palette-knife:50+impression:50"
    assert favourites(gimp) == {"starred": ["palette-knife"], "recent": ["palette-knife", "impression"]}


@pytest.mark.long_in("3.0")
def test_several_styles_are_mixed_and_one_is_starred_with_the_mouse(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.click(*screen.widget("Tile", "Palette knife").at(0.9, 0.08))
    with screen.held("ctrl"):
        screen.press_on("Tile", "Palette knife")
    screen.widget("MixSliders")
    screen.previewed()
    screen.screenshot(artefacts(f"mix-{gimp.root.version}.png"))
    assert painted(screen)["preset"] == "impasto-night:50+palette-knife:50"
    assert layers(screen)[0].startswith("Impasto by night + Palette knife, ")
    assert favourites(gimp) == {"starred": ["palette-knife"], "recent": ["impasto-night", "palette-knife"]}


@pytest.mark.long_in("3.0")
def test_each_setting_goes_back_to_the_styles_own_value_by_mouse_and_keys(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.search_style("Woodcut")
    screen.press_on("Tile", "Woodcut")
    screen.previewed()
    own = next(one.text for one in screen.all_of("SpinScale") if one.name == "Strength")
    assert resets(screen) == [], "nothing differs from the style"
    screen.keys("alt+v", "ctrl+a")
    screen.type("7010\t")
    slider = screen.widget("SpinScale", "Strength")
    screen.click(*slider.at(0.15, 0.5))
    screen.wait_for(lambda: len(resets(screen)) == 2, "two buttons")
    assert screen.widget("SpinScale", "Strength").place == slider.place, "the button takes room"
    screen.screenshot(artefacts(f"resets-{gimp.root.version}.png"))
    screen.press_on("Reset", "Back to 0: Variation")
    screen.wait_for(lambda: len(resets(screen)) == 1, "the variation to be as it was")
    screen.click(*slider.at(0.15, 0.5))
    screen.keys("Tab")
    assert next(one for one in screen.widgets() if one.has_focus).name == f"Back to {own} %: Strength"
    screen.keys("space")
    screen.wait_for(lambda: resets(screen) == [], "the strength to be as it was")
    assert next(one for one in screen.widgets() if one.has_focus).name == "Strength"
    arguments = painted(screen)
    assert (arguments["seed"], round(100 * float(arguments["strength"]))) == (0, int(own))


def resets(screen: Desktop) -> list[str]:
    """The buttons that lead back to a style's value, as far as they can be pressed."""
    return [one.name for one in screen.all_of("Reset") if one.is_sensitive]


@pytest.mark.long_in("3.2")
def test_a_click_alone_chooses_that_style_alone(screen: Desktop) -> None:
    open_dialog(screen)
    screen.press_on("Tile", "Palette knife")
    screen.press_on("Tile", "Daylight impression")
    with screen.held("ctrl"):
        screen.press_on("Tile", "Impasto by night")
    screen.widget("MixSliders")
    screen.press_on("Tile", "Palette knife")
    screen.press_on("Tile", "Impasto by night")
    assert painted(screen)["preset"] == "impasto-night"


def test_saved_settings_come_back(screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]) -> None:
    open_dialog(screen)
    screen.keys("alt+v", "ctrl+a")
    screen.type("7010\t")
    screen.press_on("Button", "Save Settings")
    load = screen.widget("Button", "Load Saved Settings")  # which can't be pressed before there are any
    screen.screenshot(artefacts(f"saving-{gimp.root.version}.png"))
    screen.keys("alt+v", "ctrl+a")
    screen.type("3010\t")
    screen.widget("SpinButton", "3010")
    screen.click(*load.middle)
    screen.widget("SpinButton", "7010")
    screen.screenshot(artefacts(f"loading-{gimp.root.version}.png"))
    assert painted(screen)["seed"] == 7010


def test_help_opens_a_page_that_is_here(screen: Desktop, gimp: RealGimp) -> None:
    browser, entries = gimp.work / "browser", gimp.root.home / ".local/share/applications"
    browser.write_text(BROWSER)
    browser.chmod(0o755)
    entries.mkdir(parents=True, exist_ok=True)
    (entries / "browser.desktop").write_text(ENTRY)
    (gimp.root.home / ".config" / "mimeapps.list").write_text("[Default Applications]\ntext/html=browser.desktop\n")
    open_dialog(screen)
    screen.keys("alt+h")
    screen.wait_for((gimp.work / "browsed").exists, "the page")
    page = (gimp.work / "browsed").read_text().strip().removeprefix("file://")
    assert page.endswith("impasto-filter/help/en/index.html")
    assert "Impasto Style Transfer" in (gimp.root.folder / page.lstrip("/")).read_text()
    screen.keys("Escape")
    screen.rest()


def test_reset_and_show_again(screen: Desktop) -> None:
    open_dialog(screen)
    screen.keys("alt+v", "ctrl+a")
    screen.type("7010\t")
    assert painted(screen)["seed"] == 7010
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "the undo")
    screen.keys("ctrl+shift+f")  # Filters > Re-Show Last
    screen.window_with_keys(DIALOG)
    screen.widget("SpinButton", "7010")
    screen.press_on("Button", "Reset")
    screen.wait_for(screen.changes_no_more, "the choice of two")
    screen.keys("Tab", "Return")  # not to the initial values, but to the factory's
    screen.widget("SpinButton", "0")
    screen.keys("Escape")
    screen.rest()
