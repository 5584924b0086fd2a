"""Everything without a mouse: from a picture to a painting, and whatever lies between, in a real GIMP."""

import json
from collections.abc import Iterator

import numpy as np
import pytest

from gimp.desktop import DIALOG, TRY, Desktop, Widget, layers

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

MOST_STOPS = 45
IMAGE = "Gimp.get_images()[0]"
RECORD = f"bytes({IMAGE}.get_layers()[0].get_parasite('impasto').get_data()).decode()"
PIXELS = (
    f"hash(bytes({IMAGE}.get_layers()[{{layer}}].get_buffer().get(Gegl.Rectangle.new(0, 0, 150, 100), 1.0, "
    "\"R'G'B' u8\", Gegl.AbyssPolicy.NONE)))"
)
MASK = (
    f"[[value > 127 for value in bytes({IMAGE}.get_layers()[0].get_mask().get_buffer().get(Gegl.Rectangle.new("
    "0, {y}, 150, 1), 1.0, 'Y u8', Gegl.AbyssPolicy.NONE))] for _one in (1,)][0]"
)
SELECTED = f"[{IMAGE}.get_layers().index(layer) for layer in {IMAGE}.get_selected_layers()]"
PREVIEW = "EventBox"


@pytest.fixture
def screen(desk: Desktop) -> Iterator[Desktop]:
    """With a small cat open, and the mouse in a corner, where it stays."""
    with desk.showing("small-cat.png") as shown:
        corner = shown.look().shape[1] - 1, 0
        shown.point(*corner)
        yield shown
        assert shown.tool("xdotool", "getmouselocation").startswith(f"x:{corner[0]} y:{corner[1]} "), (
            "the mouse was used"
        )


def open_by_keys(screen: Desktop) -> None:
    """The filter's dialog, by GIMP's search."""
    screen.rest()
    screen.search_action("impasto style transfer")
    screen.keys("Return")
    screen.window_with_keys(DIALOG)
    screen.previewed()


def focused(screen: Desktop) -> Widget:
    """What has the focus."""
    return screen.wait_for(lambda: [widget for widget in screen.widgets() if widget.has_focus], "a focus")[-1]


def tab_to(screen: Desktop, kind: str) -> Widget:
    """Press Tab until a widget of that kind has the focus."""
    for _stop in range(MOST_STOPS):
        if (now := focused(screen)).kind == kind:
            return now
        screen.keys("Tab")
    raise AssertionError(f"Tab leads to no {kind}")


def paint(screen: Desktop, count: int = 2) -> dict[str, object]:
    """Press Paint, wait until the image has so many layers: the arguments of the uppermost one."""
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == count, f"{count} layers")
    screen.rest()
    arguments: dict[str, object] = json.loads(screen.ask(RECORD))["arguments"]
    return arguments


def undo(screen: Desktop, count: int = 1) -> None:
    """Take what was painted back."""
    screen.keys("ctrl+z")
    screen.wait_for(lambda: len(layers(screen)) == count, "the undo")


def seen(screen: Desktop, across: float) -> list[int]:
    """The preview's colour a little above its middle, so far to the right."""
    screen.wait_for(screen.changes_no_more, "the screen to be drawn")
    x, y = screen.widget("Comparison").at(across, 0.45)
    return list(map(int, screen.look()[y, x]))


def are_opposite(one: list[int], other: list[int]) -> bool:
    """Is one what the engine of these tests paints of the other?"""
    return all(abs(255 - a - b) <= 6 for a, b in zip(one, other, strict=True))


@pytest.mark.long_in("3.2")
def test_a_layer_is_compared_painted_in_a_mix_and_the_painting_taken_back(screen: Desktop) -> None:
    before = screen.ask(PIXELS.format(layer=0))
    open_by_keys(screen)
    tab_to(screen, PREVIEW)
    left, right = seen(screen, 0.4), seen(screen, 0.6)
    screen.keys(*["shift+Right"] * 5)
    assert are_opposite(seen(screen, 0.4), left), "the layer isn't left of the line"
    assert seen(screen, 0.6) == right
    screen.keys("End")
    assert are_opposite(seen(screen, 0.6), right), "the line isn't at the right border"
    screen.keys("Home", "Left", "Up")
    assert seen(screen, 0.4) == left
    assert focused(screen).kind == PREVIEW, "an arrow key has left the preview"
    tab_to(screen, "Tile")
    screen.keys("ctrl+Right", "ctrl+space")
    screen.previewed(2)
    assert paint(screen)["preset"] == "impasto-night:50+palette-knife:50"
    undo(screen)
    assert screen.ask(PIXELS.format(layer=0)) == before


@pytest.mark.long_in("3.0")
def test_space_and_enter_choose_a_tile_and_tab_never_does(screen: Desktop) -> None:
    open_by_keys(screen)
    tab_to(screen, "Tile")
    for key, name in (("space", "Palette knife"), ("Return", "Daylight impression")):
        screen.keys("ctrl+Right")
        screen.wait_for(lambda name=name: focused(screen).name == name, "the next tile")
        assert name not in [shown.text for shown in screen.all_of("StyleName")], "Ctrl with an arrow has chosen"
        screen.keys(key)
        screen.widget("StyleName", name)
    screen.previewed(3)
    screen.keys("Tab", "shift+Tab", "shift+Tab", "Tab")
    assert focused(screen).name == "Daylight impression"
    assert len(screen.all_of(TRY)) == 3, "Tab has chosen"
    assert paint(screen)["preset"] == "impression"


@pytest.mark.long_in("3.0")
def test_a_picture_is_opened_and_cropped(screen: Desktop) -> None:
    open_by_keys(screen)
    screen.keys("alt+y")
    open_file(screen, "^A picture to paint like$", "/impasto/pictures/style.png")
    screen.widget("Cropper")
    tab_to(screen, "Cropper")
    screen.keys(*["shift+Left"] * 10, *["shift+Up"] * 5, *["Right"] * 5, *["Down"] * 2)
    arguments = paint(screen)
    edges = [arguments[f"crop-{edge}"] for edge in ("left", "top", "right", "bottom")]
    assert edges == pytest.approx([0.1, 0.04, 0.9, 0.94], abs=0.001)
    open_by_keys(screen)
    tab_to(screen, "Cropper")
    screen.keys("Home")
    arguments = paint(screen, 3)
    assert [arguments[f"crop-{edge}"] for edge in ("left", "top", "right", "bottom")] == [0, 0, 1, 1]


def open_file(screen: Desktop, window: str, path: str) -> None:
    """Type the path into one of GTK's file choosers."""
    screen.window_with_keys(window)
    screen.type(path[0])  # has the chooser show where to type the rest
    screen.wait_for(screen.changes_no_more, "the place to type")
    screen.type(path[1:])
    screen.wait_for(screen.changes_no_more, "the path to be completed")
    screen.keys("Return")
    screen.wait_for(lambda: not screen.windows(window), "the chooser to be gone")


@pytest.mark.long_in("3.2")
def test_a_layer_is_the_style(screen: Desktop) -> None:
    open_by_keys(screen)
    screen.keys("alt+f")
    screen.widget("MenuItem", "", "^$")
    screen.keys("Return")
    screen.widget("StyleName", "small-cat.png")
    screen.previewed(2)
    paint(screen)
    assert json.loads(screen.ask(RECORD))["drawables"]["style-drawable"]["name"] == "small-cat.png"
    assert layers(screen)[0].startswith("small-cat.png, ")


@pytest.mark.long_in("3.0")
def test_a_brush_paints_where_the_style_goes_and_a_changed_layer_is_repainted(screen: Desktop) -> None:
    open_by_keys(screen)
    screen.keys("alt+b")
    assert focused(screen).kind == PREVIEW
    screen.keys("bracketright", "minus", *["shift+Left"] * 2)  # 12 %, 10 %; from the middle to a quarter
    screen.keys("space", *["Right"] * 20, "Escape")  # down, to three quarters, up
    assert focused(screen).kind == PREVIEW, "Escape has closed the dialog"
    screen.previewed(2)
    screen.keys("x", *["Left"] * 10, "space", "space")  # away again in the middle
    screen.previewed(3)
    screen.keys("shift+Left", "space", "space", "ctrl+z")  # and not at three eighths
    screen.wait_for(screen.changes_no_more, "the preview")
    with screen.held("space"):
        screen.wait_for(screen.changes_no_more, "a key that is held")
    screen.keys("Left", "ctrl+z")  # the stroke ends with what takes it back
    screen.wait_for(screen.changes_no_more, "the preview")
    paint(screen)
    row = screen.ask(MASK.format(y=50))
    assert [row[x] for x in (10, 40, 56, 75, 94, 110, 140)] == [False, True, True, False, True, True, False]
    assert not any(screen.ask(MASK.format(y=70)))

    before, source = (screen.ask(PIXELS.format(layer=layer)) for layer in (0, 1))
    screen.keys("Next")  # to the layer below
    screen.wait_for(lambda: screen.ask(SELECTED) == [1], "the layer to be selected")
    screen.search_action("linear invert")
    screen.keys("Return")
    screen.wait_for(lambda: screen.ask(PIXELS.format(layer=1)) != source, "the layer to be changed")
    screen.keys("Prior")
    screen.wait_for(lambda: screen.ask(SELECTED) == [0], "the painting to be selected")
    screen.search_action("paint a painting again")
    screen.keys("Return")
    screen.wait_for(lambda: screen.ask(PIXELS.format(layer=0)) != before, "the painting of the changed layer")
    screen.rest()
    assert len(layers(screen)) == 2


@pytest.mark.long_in("3.2")
def test_a_second_image_is_opened_and_painted_and_the_first_is_left_alone(screen: Desktop) -> None:
    screen.rest()
    screen.keys("ctrl+o")
    open_file(screen, "^Open Image$", "/impasto/pictures/tiny-cat.png")
    counts = "{str(image.get_width()): len(image.get_layers()) for image in Gimp.get_images()}"
    screen.wait_for(lambda: screen.ask(counts) == {"150": 1, "72": 1}, "the second image")
    screen.window_with_keys(" 72x48 – GIMP$")
    open_by_keys(screen)
    screen.keys("alt+p")
    screen.wait_for(lambda: screen.ask(counts) == {"150": 1, "72": 2}, "the painting")
    screen.rest()
    screen.keys("alt+1")
    screen.window_with_keys(" 150x100 – GIMP$")
    open_by_keys(screen)
    screen.keys("alt+p")
    screen.wait_for(lambda: screen.ask(counts) == {"150": 2, "72": 2}, "the other painting")
    screen.rest()


@pytest.mark.long_in("3.0")
def test_a_batch_of_layers_is_painted_in_one_step(screen: Desktop) -> None:
    screen.rest()
    screen.keys("ctrl+shift+d")
    screen.wait_for(lambda: len(layers(screen)) == 2, "another layer")
    # GIMP itself has no key with which to select a second layer.
    screen.ask(f"{IMAGE}.set_selected_layers({IMAGE}.get_layers())")
    open_by_keys(screen)
    screen.widget("Label", "2 paintings, each a new layer above its own.")
    screen.keys("alt+p")
    screen.wait_for(lambda: len(layers(screen)) == 4, "both paintings")
    screen.rest()
    assert [" % — small-cat" in name for name in layers(screen)] == [True, False, True, False]
    undo(screen, 2)


def test_the_preview_can_be_moved_and_a_frame_and_a_hint_say_that_it_has_the_keys(screen: Desktop) -> None:
    open_by_keys(screen)
    place = screen.widget("Comparison").place
    corner = slice(place[1], place[1] + 40), slice(place[0], place[0] + 40)
    middle, bottom = place[0] + place[2] // 2, place[1] + place[3]
    below = slice(bottom + 8, bottom + 40), slice(middle, middle + 90)  # between the buttons
    screen.keys("ctrl+1", "ctrl+plus", "ctrl+plus", "ctrl+plus", "ctrl+plus", "ctrl+plus", "ctrl+plus", "ctrl+plus")
    screen.wait_for(screen.changes_no_more, "the screen to be drawn")
    plain, no_hint = screen.look()[corner].copy(), screen.look()[below].copy()
    tab_to(screen, PREVIEW)
    screen.wait_for(screen.changes_no_more, "the screen to be drawn")
    framed = screen.look()[corner].copy()
    for line, colour in enumerate((0, 255, 255, 0)):
        assert (framed[line, 4:] == colour).all(), "white between black, which is seen on any ground"
    assert np.array_equal(framed[4:, 4:], plain[4:, 4:])
    assert not np.array_equal(screen.look()[below], no_hint), "there is no hint"
    screen.keys("ctrl+Right", "ctrl+Down")
    screen.wait_for(screen.changes_no_more, "the screen to be drawn")
    assert not np.array_equal(screen.look()[corner][4:, 4:], plain[4:, 4:])
    assert np.array_equal(screen.look()[below], no_hint), "the hint stays"
    screen.keys("question")
    screen.wait_for(lambda: not np.array_equal(screen.look()[below], no_hint), "the hint again")
    screen.keys("alt+b", *["shift+Left"] * 9)  # the brush takes what is seen with it
    screen.wait_for(screen.changes_no_more, "the screen to be drawn")
    screen.keys("Tab", "Escape")
    screen.rest()
