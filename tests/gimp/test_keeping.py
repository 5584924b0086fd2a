"""Nothing is lost, and what Paint will do is on screen before it is pressed: used by hand."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from fakes.engine import EngineHome
from fakes.painter import slow
from gimp.desktop import Desktop, Widget, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

SEED = "7010"
IMAGE = "Gimp.get_images()[0]"
FORGET = "^Forget My Pictures$"
PIXELS = (
    f"hash(bytes({IMAGE}.get_layers()[0].get_buffer().get(Gegl.Rectangle.new(0, 0, 150, 100), 1.0, "
    "\"R'G'B' u8\", Gegl.AbyssPolicy.NONE)))"
)
ALL_PIXELS = (
    "[hash(bytes(layer.get_buffer().get(Gegl.Rectangle.new(0, 0, 150, 100), 1.0, "
    f"\"R'G'B' u8\", Gegl.AbyssPolicy.NONE))) for layer in {IMAGE}.get_layers()]"
)
WINDOW = "^Painting "
TRIES = "bytes(Gimp.get_images()[0].get_layers()[-1].get_parasite('impasto-tries').get_data()).decode()"


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With a small cat open."""
    with desk.showing("small-cat.png") as shown:
        yield shown


def kept(gimp: RealGimp) -> list[Path]:
    """What the dialog has kept."""
    return sorted((gimp.root.home / ".cache" / "impasto" / "kept").glob("*/*"))


def says(screen: Desktop, sentence: str) -> None:
    """Wait until the dialog says that Paint will do so."""
    screen.wait_for(
        lambda: any(sentence in label.text for label in screen.all_of("Label")), f"the dialog to say “{sentence}”"
    )


def paint(screen: Desktop, count: int) -> None:
    """Press Paint, and wait until the image has so many layers."""
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == count, f"{count} layers")
    screen.rest()


def test_an_earlier_painting_stays_unless_it_is_to_be_replaced(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    says(screen, "New layer above “small-cat.png”.")
    screen.screenshot(artefacts(f"intent-{gimp.root.version}.png"))
    paint(screen, 2)
    first = layers(screen)[0]
    assert first.endswith(" % — small-cat.png")
    open_dialog(screen)  # on the painting, which GIMP has selected
    says(screen, f"New layer above “{first}”, from “small-cat.png”.")
    screen.previewed()
    screen.screenshot(artefacts(f"intent-again-{gimp.root.version}.png"))
    screen.keys("alt+v", "ctrl+a")
    screen.type(f"{SEED}\t")
    paint(screen, 3)
    assert layers(screen)[1:] == [first, "small-cat.png"], "the earlier one is lost, or doesn't lie below"
    open_dialog(screen)
    screen.press_on("RadioButton", "Replace it")
    says(screen, f"Repaints “{layers(screen)[0]}”, from “small-cat.png”.")
    screen.press_on("RadioButton", "Add another")
    says(screen, f"New layer above “{layers(screen)[0]}”")
    screen.press_on("RadioButton", "Replace it")
    says(screen, "Repaints")
    paint(screen, 3)
    for count in (3, 2, 1):
        screen.keys("ctrl+z")
        screen.wait_for(lambda count=count: len(layers(screen)) == count, "the undo")


def test_escape_keeps_settings_tries_and_marks_and_a_painting_saves_them_with_the_image(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.previewed()
    screen.search_style("Woodcut")
    screen.press_on("Tile", "Woodcut")
    screen.keys("alt+v", "ctrl+a")
    screen.type(f"{SEED}\t")
    tries = screen.previewed(2)
    with screen.held("shift"):
        screen.click(*tries[0].middle)
    screen.widget("Label", " ✓ ")
    screen.keys("Escape")
    screen.rest()
    assert {oct(file.stat().st_mode & 0o777) for file in kept(gimp)} == {"0o600"}
    assert {oct(file.parent.stat().st_mode & 0o777) for file in kept(gimp)} == {"0o700"}

    open_dialog(screen)
    again = screen.previewed(2)
    screen.screenshot(artefacts(f"kept-{gimp.root.version}.png"))
    assert len(again) >= 2
    screen.widget("Label", " ✓ ")
    assert SEED in [entry.text for entry in screen.all_of("SpinButton")]
    assert any(tile.name == "Woodcut" and tile.is_sensitive for tile in screen.all_of("Tile"))
    for process in screen._filters():
        process.kill()  # as a power cut would
    screen.rest()
    open_dialog(screen)
    count = len(screen.previewed(2))
    screen.widget("Label", " ✓ ")
    screen.widget("Button", "Paint 2 Layers")
    paint(screen, 3)  # the marked one, and the present one
    saved = json.loads(screen.ask(TRIES))
    assert len(saved) == count
    assert [made["is_painted"] for made in saved].count(True) == 2
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "the undo")
    assert screen.ask("Gimp.get_images()[0].get_layers()[-1].get_parasite('impasto-tries') is None")


def test_strokes_and_selected_regions_survive_escape_and_a_killed_filter(
    screen: Desktop, gimp: RealGimp, desks_engine: EngineHome, artefacts: Callable[[str], Path]
) -> None:
    screen.ask(f"{IMAGE}.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 60, 100)")
    open_dialog(screen)
    screen.previewed()
    screen.keys("alt+i")
    screen.press_on("ToggleButton", "Brush")
    preview = screen.widget("Comparison")
    screen.drag(preview.at(0.3, 0.5), preview.at(0.7, 0.5))
    count = len(screen.previewed(2))
    screen.press_on("ToggleButton", "Brush")
    screen.wait_for(screen.changes_no_more, "the preview without the brush's rows")
    painted = np.array(shown(screen))
    screen.keys("Escape")
    screen.rest()
    asked = desks_engine.log().count(": preview")
    for _time in range(2):
        open_dialog(screen)
        assert len(screen.previewed(count)) == count, "the same look is another try"
        screen.widget("_RegionRow", "Region 1: ")
        screen.screenshot(artefacts(f"strokes-kept-{gimp.root.version}.png"))
        assert np.abs(painted.astype(int) - shown(screen)).mean() < 6, "more than a JPEG changes"
        for process in screen._filters():
            process.kill()
        screen.rest()
    assert desks_engine.log().count(": preview") == asked, "what is kept was painted anew"
    open_dialog(screen)
    screen.previewed(count)
    paint(screen, 2)
    masks = f"[layer.get_mask() is not None for layer in {IMAGE}.get_layers()]"
    assert screen.ask(masks) == [True, False], "the strokes are no mask"
    names = screen.ask(f"sorted(channel.get_name() for channel in {IMAGE}.get_channels())")
    assert [name.partition(":")[0] for name in names] == ["Impasto, region", "Impasto, where the style goes"]
    screen.ask(f"{IMAGE}.set_selected_layers([{IMAGE}.get_layers()[-1]])")
    open_dialog(screen)
    screen.previewed()
    screen.keys("alt+u")
    screen.press_on("Button", "Delete", FORGET)
    screen.wait_for(lambda: not screen.windows(FORGET), "the question to be gone")
    screen.keys("Escape")
    screen.rest()
    open_dialog(screen)
    screen.previewed()
    assert not screen.all_of("_RegionRow"), "what was forgotten is back"
    screen.keys("Escape")
    screen.rest()


def shown(screen: Desktop) -> NDArray[np.uint8]:
    """The middle of the preview, in which the dialog draws nothing but pictures."""
    left, top, width, height = screen.widget("Comparison").place
    return screen.look()[top + height // 4 : top + 3 * height // 4, left + width // 4 : left + 3 * width // 4]


@pytest.mark.long_in("3.0")
def test_a_grey_image_is_previewed_and_painted_in_grey(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    screen.ask(f"{IMAGE}.convert_grayscale()")
    open_dialog(screen)
    says(screen, "The image is grey: painted in grey.")
    screen.previewed()
    screen.wait_for(lambda: _is_grey(screen, screen.all_of("Tile")[0]), "a grey tile")
    screen.screenshot(artefacts(f"grey-{gimp.root.version}.png"))
    assert _is_grey(screen, screen.widget("Comparison"))
    shown = int(screen.look()[screen.widget("Comparison").middle[::-1]][0])
    paint(screen, 2)
    painted = screen.ask(
        f"{IMAGE}.get_layers()[0].get_buffer().get(Gegl.Rectangle.new(75, 50, 1, 1), 1.0, "
        '"Y\' u8", Gegl.AbyssPolicy.NONE)[0]'
    )
    assert abs(shown - painted) <= 6


def _is_grey(screen: Desktop, widget: Widget) -> bool:
    """Is the middle of a widget without colour, and not of one brightness?"""
    across, down = widget.middle
    part = screen.look()[down - 30 : down, across - 40 : across].astype(int)
    return bool(np.ptp(part, axis=2).max() == 0 and np.ptp(part) > 20)


@pytest.mark.long_in("3.2")
def test_an_indexed_image_becomes_a_named_new_one_and_the_next_image_a_new_layer(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    palette = "Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 32, False, False, ''"
    screen.ask(f"{IMAGE}.convert_indexed({palette})")
    files = "__import__('gi.repository', fromlist=['Gio']).Gio.File"
    screen.ask(f"{IMAGE}.set_file({files}.new_for_path('/impasto/pictures/small-cat.xcf'))")
    open_dialog(screen)
    says(screen, "New image of “small-cat.png”.")
    screen.screenshot(artefacts(f"indexed-{gimp.root.version}.png"))
    screen.keys("alt+p")
    screen.wait_for(lambda: screen.ask("len(Gimp.get_images())") == 2, "a new image")
    screen.rest()
    names = screen.ask("[image.get_name() for image in Gimp.get_images()]")
    assert any("Impasto by night" in name and "small-cat.png" in name for name in names), names
    screen.ask("show('/impasto/pictures/cat.png')")
    open_dialog(screen)
    says(screen, "New layer above “cat.png”.")
    screen.keys("Escape")
    screen.rest()


@pytest.mark.long_in("3.2")
def test_gimps_status_bar_shows_no_loading_while_the_dialog_is_open(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    main = screen.place(screen.window("GIMP"))
    bar = slice(main[1] + main[3] - 36, main[1] + main[3] - 4), slice(main[0] + 300, main[0] + 480)
    dialog = open_dialog(screen)
    screen.search_style("Batik")
    screen.press_on("Tile", "Batik")
    screen.previewed()
    screen.tool("xdotool", "windowmove", dialog, "500", "200")
    screen.wait_for(screen.changes_no_more, "GIMP to be drawn")
    screen.screenshot(artefacts(f"status-{gimp.root.version}.png"))
    seen = screen.look()[bar].copy()
    screen.tool("xdotool", "windowactivate", "--sync", dialog)
    screen.keys("Escape", "Escape")
    screen.rest()
    screen.wait_for(screen.changes_no_more, "GIMP to be drawn")
    assert np.abs(seen.astype(int) - screen.look()[bar]).mean() < 2


@pytest.mark.long_in("3.0")
def test_what_is_searched_is_found_and_a_painting_is_repainted_at_one_click(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen, search="neural")
    paint(screen, 2)
    before = screen.ask(PIXELS)
    screen.ask(f"{IMAGE}.get_layers()[1].invert(False)")
    open_dialog(screen)
    says(screen, "“small-cat.png” has changed since “")
    screen.screenshot(artefacts(f"changed-{gimp.root.version}.png"))
    screen.keys("Escape")
    screen.rest()
    repaint(screen)
    screen.wait_for(lambda: screen.ask(PIXELS) != before, "the painting of the changed layer")
    screen.rest()
    assert len(layers(screen)) == 2


@pytest.mark.long_in("3.2")
def test_several_paintings_are_repainted_in_one_undo_step_and_cancel_leaves_all(
    screen: Desktop, desks_engine: EngineHome
) -> None:
    for count in (2, 3):
        open_dialog(screen)
        screen.keys("alt+v", "ctrl+a")
        screen.type(f"{slow(160, 50)}\t")
        paint(screen, count)
    screen.ask(f"{IMAGE}.get_layers()[-1].invert(False)")
    screen.ask(f"{IMAGE}.set_selected_layers({IMAGE}.get_layers()[:2][::-1])")
    before = screen.ask(ALL_PIXELS)
    painted = desks_engine.log().count(": finished in")
    repaint(screen)
    screen.wait_for(lambda: desks_engine.log().count(": finished in") > painted, "the first one")
    screen.press_on("Button", "Cancel", WINDOW)
    screen.rest()
    assert screen.ask(ALL_PIXELS) == before, "what was painted before Cancel was placed"
    repaint(screen)
    screen.wait_for(lambda: all(a != b for a, b in zip(screen.ask(ALL_PIXELS)[:2], before, strict=False)), "both")
    screen.rest()
    screen.keys("ctrl+z")
    screen.wait_for(lambda: screen.ask(ALL_PIXELS) == before, "one undo step to take both back")


def repaint(screen: Desktop) -> None:
    """Layer > Repaint, by its name."""
    left, top, width, height = screen.place(screen.window("GIMP"))
    screen.point(left + width // 2, top + height // 2)
    screen.search_action("paint a painting again")
    screen.keys("Return")


@pytest.mark.long_in("3.0")
def test_several_layers_have_a_word_and_a_forecast_of_all(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    screen.ask(f"{IMAGE}.insert_layer({IMAGE}.get_layers()[0].copy(), None, 0)")
    screen.ask(f"{IMAGE}.set_selected_layers({IMAGE}.get_layers())")
    screen.ask(f"{IMAGE}.select_rectangle(Gimp.ChannelOps.REPLACE, 10, 10, 90, 60)")
    open_dialog(screen)
    says(screen, "2 paintings, each a new layer above its own. Only what is selected.")
    says(screen, "2 paintings: a few seconds on this fake")
    screen.widget("Label", "Area")
    screen.screenshot(artefacts(f"several-{gimp.root.version}.png"))
    paint(screen, 4)


@pytest.mark.long_in("3.2")
def test_all_that_is_kept_is_forgotten_when_that_is_asked_for(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.previewed()
    screen.keys("alt+u")
    screen.press_on("Button", "Cancel", FORGET)
    screen.wait_for(lambda: not screen.windows(FORGET), "the question to be gone")
    assert any(file.name.endswith(".try.json") for file in kept(gimp))
    screen.keys("alt+u")
    screen.widget("Button", "Delete", FORGET)
    screen.screenshot(artefacts(f"forget-{gimp.root.version}.png"))
    screen.press_on("Button", "Delete", FORGET)
    screen.wait_for(lambda: not screen.windows(FORGET), "the question to be gone")
    assert not any(file.name.endswith(".try.json") for file in kept(gimp))
    screen.keys("Escape")
    screen.rest()
