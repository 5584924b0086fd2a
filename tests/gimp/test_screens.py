"""The dialog on small, usual and fine screens, dark and light: the preview takes what there is, and all is in reach."""

import gettext
import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gimp.desktop import Desktops, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui, pytest.mark.long]

PREVIEWS = {(1280, 720): 0.40, (1366, 768): 0.43, (1920, 1080): 0.52, (3840, 2160): 0.52}
"""The preview's least share of each screen's width."""
SEEN = ("Button", "RadioButton", "Comparison", "Gallery", "SearchEntry", "Report", "StyleName")
SWITCHES = ("Brush", "On Canvas")
"""Of what can be scrolled into view, nothing."""


@pytest.mark.parametrize(
    ("size", "fine", "colours"),
    [((1280, 720), 1, "light"), ((1366, 768), 1, "light"), ((1920, 1080), 1, "dark"), ((3840, 2160), 2, "light")],
)
def test_the_preview_takes_what_the_screen_has_and_every_button_is_on_it(
    gimp: RealGimp, size: tuple[int, int], fine: int, colours: str, artefacts: Callable[[str], Path]
) -> None:
    with (
        closing(Desktops(gimp, "desk", size, fine, colours)) as desks,
        desks.current().showing("large-cat.png") as screen,
    ):
        open_dialog(screen)
        screen.previewed()
        screen.press_on("ToggleButton", "Brush")
        with screen.held("ctrl"):
            screen.press_on("Tile", "Palette knife")
        screen.wait_for(screen.changes_no_more, "the dialog to be drawn")
        screen.screenshot(artefacts(f"screen-{gimp.root.version}-{size[0]}-{colours}.png"))
        for one in screen.widgets():
            if one.kind in SEEN or one.name in SWITCHES:
                left, top, width, height = one.place
                is_within = left >= 0 and left + width <= size[0] and top >= 0 and top + height <= size[1]
                assert is_within or width <= 2, one
        assert screen.widget("Comparison").place[2] >= PREVIEWS[size] * size[0]
        screen.keys("Escape")
        screen.rest()


@pytest.mark.parametrize("language", ["de", "es", "fr", "it", "ja", "ko", "pl", "pt_BR", "ru", "zh_CN"])
def test_the_dialog_fits_on_a_small_screen_in_every_language(
    gimp: RealGimp, language: str, checkout: Path, artefacts: Callable[[str], Path]
) -> None:
    folder = checkout / "gimp_plugin" / "impasto-filter" / "locale"
    title = gettext.translation("impasto-filter", folder, [language]).gettext("Impasto Style Transfer")
    with (
        closing(Desktops(gimp, "desk", (1280, 720), 1, "light", language=language)) as desks,
        desks.current().showing("large-cat.png") as screen,
    ):
        open_dialog(screen, re.escape(title))
        screen.wait_for(screen.changes_no_more, "the dialog to be drawn")
        screen.screenshot(artefacts(f"screen-{gimp.root.version}-{language}.png"))
        _, _, width, height = screen.place(screen.window(re.escape(title)))
        assert width <= 1280 and height <= 720, (width, height)
