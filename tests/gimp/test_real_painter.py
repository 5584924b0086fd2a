"""One whole journey through the dialog, by mouse, with the engine that really paints."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gimp.desktop import Desktop, layers, open_dialog
from gimp.real_gimp import RealGimp

pytestmark = [pytest.mark.gimp, pytest.mark.gui]

RECORD = "bytes(Gimp.get_images()[0].get_layers()[0].get_parasite('impasto').get_data()).decode()"
PIXELS = (
    "[list(bytes(layer.get_buffer().get(Gegl.Rectangle.new(0, 0, 72, 48), 1.0, \"R'G'B' u8\", Gegl.AbyssPolicy.NONE)))"
    " for layer in Gimp.get_images()[0].get_layers()]"
)


def test_a_style_is_clicked_looked_at_painted_and_kept(
    desk: Desktop, painting_gimp: RealGimp, artefacts: Callable[[str], Path]
) -> None:
    with desk.showing("tiny-cat.png") as screen:
        screen.use_engine("real")
        open_dialog(screen)
        screen.press_on("Tile", "Palette knife")
        screen.previewed()
        screen.screenshot(artefacts(f"really-previewed-{painting_gimp.root.version}.png"))
        screen.press_on("Button", "Paint")
        screen.press_on("Button", "Keep Now", "^Painting ")
        screen.wait_for(lambda: len(layers(screen)) == 2, "the layer")
        assert layers(screen)[0].startswith("Palette knife, ")
        assert json.loads(screen.ask(RECORD))["arguments"]["preset"] == "palette-knife"
        painting, photo = np.array(screen.ask(PIXELS), float)
        assert np.abs(painting - photo).mean() > 5, "hardly painted"
        assert painting.std() > 15, "one flat colour"
        screen.rest()
