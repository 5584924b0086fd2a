"""The preview, used by hand: it stays in its place, swaps at once, goes onto the canvas, and is painted on."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from fakes.engine import EngineHome
from fakes.painter import slow
from gimp.desktop import TRY, Desktop, Widget, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

IMAGES = "sorted(image.get_id() for image in Gimp.get_images())"
IS_CLEAN = "[not image.is_dirty() for image in Gimp.get_images()]"
CHANNELS = "[channel.get_name() for channel in Gimp.get_images()[0].get_channels()]"
MASKED = (
    "[[int(bytes(Gimp.get_images()[0].get_layers()[0].get_mask().get_buffer().get("
    "Gegl.Rectangle.new({x}, {y}, 1, 1), 1.0, 'Y u8', Gegl.AbyssPolicy.NONE))[0] > 127)] for _one in (1,)][0][0]"
)
PREVIEWED_PIXEL = (
    "list(bytes([image for image in Gimp.get_images() if image.get_parasite('impasto-preview')][0].get_layers()[0]"
    ".get_buffer().get(Gegl.Rectangle.new(800, 532, 1, 1), 1.0, \"R'G'B' u8\", Gegl.AbyssPolicy.NONE)))"
)
LAYERS_PIXEL = (
    "list(bytes([image for image in Gimp.get_images() if not image.get_parasite('impasto-preview')][0].get_layers()[-1]"
    ".get_buffer().get(Gegl.Rectangle.new(800, 532, 1, 1), 1.0, \"R'G'B' u8\", Gegl.AbyssPolicy.NONE)))"
)
RECORD = "bytes(Gimp.get_images()[0].get_layers()[0].get_parasite('impasto').get_data()).decode()"
STAYS = ("Comparison", "ZoomBar", "Report", "Gallery", "SearchEntry", "StyleName", "Controls", "More")
PREVIEW_SHARE = 0.42
"""Of the screen's width, at least the preview's."""


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With an image open that is larger than the preview."""
    with desk.showing("large-cat.png") as shown:
        yield shown


def first_places(screen: Desktop) -> list[tuple[str, str, tuple[int, int, int, int]]]:
    """Where everything is, as soon as the window has its size."""

    def settled() -> list[tuple[str, str, tuple[int, int, int, int]]]:
        before = places(screen)
        return before if before and before == places(screen) else []

    return screen.wait_for(settled, "the dialog to be laid out")


def places(screen: Desktop) -> list[tuple[str, str, tuple[int, int, int, int]]]:
    """Where everything is that a person might be about to press."""
    pressed = ("Button", "ToggleButton", "Tile", "OwnTile", "SpinScale", "ComboBox")
    return [
        (one.kind, one.name, one.place)
        for one in screen.widgets()
        if one.kind in STAYS or (one.kind in pressed and one.place[2] > 1)
    ]


def previews(engine: EngineHome) -> int:
    """How many previews the engine was asked for."""
    return engine.log().count(": preview")


def seen_at(screen: Desktop, widget: Widget) -> list[int]:
    """The colour of a place on a widget where no pointer is."""
    screen.wait_for(screen.changes_no_more, "the screen to be drawn")
    across, down = widget.at(0.4, 0.4)
    return list(map(int, screen.look()[down, across]))


@pytest.mark.long_in("3.2")
def test_quality_and_faults_move_nothing_and_the_preview_is_painted_once(
    screen: Desktop, gimp: RealGimp, desks_engine: EngineHome, artefacts: Callable[[str], Path]
) -> None:
    screen.unfold(False)
    open_dialog(screen)
    (preview,) = screen.all_of("Comparison")
    assert preview.place[2] >= PREVIEW_SHARE * screen.look().shape[1]
    before = first_places(screen)
    screen.previewed()
    screen.widget("Label", "The whole layer: ")
    asked = previews(desks_engine)
    screen.wait_for(screen.changes_no_more, "the dialog to be drawn")
    assert places(screen) == before
    screen.keys("alt+q", "Down")  # to the next quality
    screen.wait_for(screen.changes_no_more, "the forecast")
    screen.widget("Label", "The whole layer: ")
    assert len(screen.all_of(TRY)) == 1
    assert previews(desks_engine) == asked
    screen.click(*screen.widget("More").at(0.1, 0.5))
    screen.wait_for(screen.changes_no_more, "what is under More")
    assert [one for one in places(screen) if one[0] in ("Comparison", "Gallery")] == [
        one for one in before if one[0] in ("Comparison", "Gallery")
    ]
    screen.screenshot(artefacts(f"more-{gimp.root.version}.png"))
    screen.press_on("Button", "Throw the die")
    screen.wait_for(lambda: [one for one in screen.all_of("SpinButton") if int(one.text) > 1], "another variation")
    screen.keys("Escape")
    screen.rest()
    open_dialog(screen)  # it is remembered
    assert first_places(screen)
    assert screen.widget("Button", "Throw the die").place[2] > 1
    screen.keys("Escape")
    screen.rest()


@pytest.mark.long_in("3.0")
def test_a_fault_and_its_buttons_take_the_forecasts_place(screen: Desktop) -> None:
    screen.use_engine("missing")
    open_dialog(screen)
    before = {one for one in first_places(screen) if one[0] != "Button"}
    screen.widget("Button", "Start A")
    screen.wait_for(screen.changes_no_more, "the buttons")
    assert before <= set(places(screen))
    screen.use_engine(screen.engine)
    screen.press_on("Button", "Start A")
    screen.previewed()
    assert before <= set(places(screen))
    screen.keys("Escape")
    screen.rest()


@pytest.mark.long_in("3.2")
def test_the_layer_alone_is_seen_while_the_right_button_is_down_and_after_a_key(screen: Desktop) -> None:
    open_dialog(screen)
    screen.previewed()
    preview = screen.widget("Comparison")
    painted = seen_at(screen, preview)
    with screen.held_button(3, *preview.middle):
        alone = seen_at(screen, preview)
    assert max(abs(255 - a - b) for a, b in zip(painted, alone, strict=True)) <= 6
    assert seen_at(screen, preview) == painted
    screen.keys("ctrl+b")
    assert seen_at(screen, preview) == alone
    screen.keys("ctrl+b")
    assert seen_at(screen, preview) == painted
    screen.keys("Escape")
    screen.rest()


@pytest.mark.long_in("3.0")
def test_a_tile_shows_its_painting_enlarged_at_once_and_a_slider_keeps_the_picture(screen: Desktop) -> None:
    open_dialog(screen)
    screen.previewed()
    preview = screen.widget("Comparison")
    painted = screen.look()
    screen.keys("alt+v", "ctrl+a")
    screen.type(f"{slow(600, 100)}\t")  # a minute
    screen.widget("Label", "Painting the preview… a")  # … and how long it takes
    rows = slice(preview.at(0, 0.3)[1], preview.at(0, 0.7)[1])
    columns = slice(preview.at(0.2, 0)[0], preview.at(0.8, 0)[0])
    assert np.array_equal(screen.look()[rows, columns], painted[rows, columns])
    screen.press_on("Tile", "Palette knife")
    screen.widget("StyleName", "Palette knife")
    screen.keys("Escape")
    screen.rest()


@pytest.mark.long_in("3.2")
def test_the_preview_on_the_canvas_is_a_copy_that_goes_with_the_dialog_even_when_that_is_killed(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    own = screen.ask(IMAGES)
    colour = screen.ask(LAYERS_PIXEL)
    open_dialog(screen)
    screen.previewed()
    screen.press_on("ToggleButton", "On Canvas")
    screen.wait_for(lambda: len(screen.ask(IMAGES)) == 2, "the copy")
    inverted = [255 - value for value in colour]
    screen.wait_for(
        lambda: max(abs(a - b) for a, b in zip(screen.ask(PREVIEWED_PIXEL), inverted, strict=True)) < 24, "the preview"
    )
    screen.screenshot(artefacts(f"canvas-{gimp.root.version}.png"))
    assert all(screen.ask(IS_CLEAN))
    assert screen.ask(LAYERS_PIXEL) == colour
    screen.press_on("ToggleButton", "On Canvas")
    screen.wait_for(lambda: screen.ask(IMAGES) == own, "the copy's end")
    screen.press_on("ToggleButton", "On Canvas")
    screen.wait_for(lambda: len(screen.ask(IMAGES)) == 2, "the copy again")
    for process in screen._filters():
        process.kill()
    screen.wait_for(lambda: screen.ask(IMAGES) == own, "the copy's end after the dialog's")
    screen.rest()
    open_dialog(screen)
    screen.previewed()
    screen.press_on("ToggleButton", "On Canvas")
    screen.wait_for(lambda: len(screen.ask(IMAGES)) == 2, "the copy once more")
    screen.press_on("Button", "Cancel")
    screen.wait_for(lambda: screen.ask(IMAGES) == own, "the copy's end with the dialog")
    screen.rest()
    assert screen.ask(IS_CLEAN) == [True]


def drawn(screen: Desktop, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A stroke over the preview, in shares of it."""
    preview = screen.widget("Comparison")
    screen.drag(preview.at(*start), preview.at(*end))


@pytest.mark.long_in("3.0")
def test_a_brush_says_where_the_style_goes_and_where_the_drawing_is_kept(
    screen: Desktop, gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    open_dialog(screen)
    screen.previewed()
    switch = screen.widget("ToggleButton", "Brush")
    screen.press_on("ToggleButton", "Brush")
    assert screen.widget("ToggleButton", "Brush").place == switch.place, "the switch has moved under the pointer"
    drawn(screen, (0.25, 0.5), (0.75, 0.5))
    screen.previewed(2)
    screen.press_on("RadioButton", "Subtract")
    drawn(screen, (0.5, 0.2), (0.5, 0.8))
    screen.previewed(3)
    screen.press_on("Button", "Undo")
    screen.wait_for(screen.changes_no_more, "the stroke to be gone")
    drawn(screen, (0.4, 0.2), (0.4, 0.8))
    screen.previewed(4)
    screen.keys("ctrl+z")
    drawn(screen, (0.6, 0.2), (0.6, 0.8))
    screen.previewed(5)
    screen.press_on("ComboBoxText", "Where the style")
    screen.keys("Down", "Return")
    screen.press_on("RadioButton", "Add")
    screen.press_on("RadioButton", "Subtract")
    drawn(screen, (0.3, 0.3), (0.3, 0.7))
    screen.press_on("Button", "Clear")
    drawn(screen, (0.3, 0.3), (0.3, 0.7))
    screen.previewed(6)
    screen.screenshot(artefacts(f"brush-{gimp.root.version}.png"))
    assert screen.ask(CHANNELS) == [], "nothing of it is in the image yet"
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 2, "the painting")
    screen.rest()
    names = ["Impasto, detail map", "Impasto, where the style goes"]
    assert screen.ask(CHANNELS) == names
    masked = [screen.ask(MASKED.format(x=x, y=532)) for x in (560, 700, 800, 960, 1150, 200)]
    assert masked == [1, 1, 1, 0, 1, 0], "painted, the taken back strokes too, but not where the last one took away"
    told = json.loads(screen.ask(RECORD))
    assert told["drawables"]["detail-map"]["name"] == names[0]
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == 1, "one undo step")
    assert screen.ask(CHANNELS) == []
