"""Every text of the dialog can be read, in each of GIMP's colours: its contrast is measured on the screen."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from gimp.desktop import TRY, Desktop, Desktops, Widget, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui, pytest.mark.long]

READABLE = 4.5
"""The contrast that text needs (WCAG 2.1, 1.4.3)."""
LEAST = 20
"""So many labels have to be found, or it is not the dialog."""


def luminance(colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Of sRGB colours, 0..1 (WCAG 2.1)."""
    shares = colours / 255.0
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ (0.2126, 0.7152, 0.0722))


def contrast(part: NDArray[np.uint8]) -> float:
    """1..21: of what differs most from the colour that there is most of. Smoothed edges of letters only lessen it."""
    colours, counts = np.unique(part.reshape(-1, 3), axis=0, return_counts=True)
    shades = luminance(colours)
    paper = shades[counts.argmax()]
    return float(np.max((np.maximum(shades, paper) + 0.05) / (np.minimum(shades, paper) + 0.05)))


def shown_labels(screen: Desktop) -> list[Widget]:
    """The labels with a text that can be used, all of which is seen."""
    found = [one for one in screen.widgets() if one.kind == "Label" and one.text.strip()]
    return [one for one in found if one.is_sensitive and one.is_seen]


def unreadable(screen: Desktop) -> dict[str, float]:
    """The texts that can't be read well, and their contrasts."""
    screen.wait_for(screen.changes_no_more, "the screen to be drawn")
    labels, seen = shown_labels(screen), screen.look()
    assert len(labels) >= LEAST, labels
    found = {}
    for label in labels:
        left, top, width, height = label.place
        part = seen[top : top + height, left : left + width]
        if part.size and (ratio := contrast(part)) < READABLE:
            found[label.text] = round(ratio, 2)
    return found


@pytest.mark.parametrize("colours", ["light", "dark", "system"])
def test_every_text_can_be_read(gimp: RealGimp, colours: str, artefacts: Callable[[str], Path]) -> None:
    with (
        closing(Desktops(gimp, "desk", colours=colours)) as desks,
        desks.current().showing("large-cat.png") as screen,
    ):
        open_dialog(screen)
        screen.previewed()
        screen.press_on("ToggleButton", "Brush")
        with screen.held("ctrl"):
            screen.press_on("Tile", "Palette knife")
        screen.previewed(2)
        with screen.held("shift"):
            screen.click(*screen.all_of(TRY)[0].middle)
        screen.widget("Label", " ✓ ")
        screen.point(0, 0)
        screen.screenshot(artefacts(f"contrast-{gimp.root.version}-{colours}.png"))
        assert unreadable(screen) == {}
        screen.keys("Escape")
        screen.rest()
        screen.use_engine("missing")
        open_dialog(screen)
        screen.widget("Button", "Start A")
        screen.point(0, 0)
        screen.screenshot(artefacts(f"contrast-fault-{gimp.root.version}-{colours}.png"))
        assert unreadable(screen) == {}
        screen.keys("Escape")
        screen.rest()
