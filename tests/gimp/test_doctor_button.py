"""The doctor in the dialog, in a GIMP with windows whose engine does not start."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gimp.desktop import desktop, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]


def test_a_doctor_is_at_hand_where_the_engine_does_not_start(gimp: RealGimp, artefacts: Callable[[str], Path]) -> None:
    with desktop(gimp, "ill", "/impasto/pictures/cat.png") as screen:
        open_dialog(screen)
        screen.wait_for(lambda: screen.pressed("alt+m") and screen.windows("^Impasto's Doctor$"), "the doctor's report")
        screen.wait_for(lambda: screen.changes_no_more(), "the report to be drawn")
        screen.screenshot(artefacts(f"doctor-{gimp.root.version}.png"))
        screen.keys("Escape", "Escape")
        screen.rest()
        assert layers(screen) == ["cat.png"]
