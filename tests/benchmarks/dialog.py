"""From the menu entry to the dialog, and from the dialog to its previews: a real GIMP, a warm engine.

    python tests/benchmarks/dialog.py [3.0|3.2]

Measured on the screen: the time until the dialog's window is there, and from then until the preview shows `first`,
the first picture that is not the layer; `textured`, the first whose distance from the style, for SqueezeNet, is half
that of the layer; and `finished`, the last. Then seconds for each tile of the layer in another style, from the
engine's log.
"""

import json
import os
import re
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from shutil import copytree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from judge import Judge
from PIL import Image
from skimage.data import chelsea

from fakes.engine import EngineHome, at_a_port
from gimp import roots
from gimp.desktop import DIALOG, Desktop, Desktops
from gimp.real_gimp import RealGimp
from pictures import Pixels

CHECKOUT = Path(__file__).resolve().parents[2]
STYLES = CHECKOUT / "gimp_plugin" / "impasto-filter" / "impasto_presets" / "styles"
PATIENCE = 120.0
"""Seconds for a preview."""
TILES = 8
PREVIEW = (slice(130, 500), slice(140, 750))
"""Rows and columns of the screen on which the layer is seen."""


def main() -> None:
    """Print the figures."""
    version = sys.argv[1] if len(sys.argv) > 1 else "3.0"
    with tempfile.TemporaryDirectory() as folder:
        home = EngineHome(at_a_port(Path(folder)), options=())
        home.start()
        try:
            home.warm_worker()
            gimp = RealGimp(roots.root_of(version, Path(folder)), CHECKOUT)
            _prepare(gimp, home)
            with closing(Desktops(gimp, "real")) as desks, desks.current().showing("cat.png") as screen:
                found = [_opened(screen, home) for _round in range(2)]
                tiles = _seconds_of_tiles(screen, home)
        finally:
            home.stop()
    load = [round(value, 1) for value in os.getloadavg()]
    told = {"benchmark": "dialog", "gimp": version, "first": found[0], "warm": found[1], "tiles": tiles, "load": load}
    print(json.dumps(told))


def _opened(screen: Desktop, home: EngineHome) -> dict[str, float | None]:
    """Seconds to the dialog and from there to its previews; the dialog is closed again."""
    _search(screen)
    finished = _finished(home, "preview")
    started = time.monotonic()
    screen.keys("Return")
    screen.wait_for(lambda: _is_open(screen), "the dialog")
    shown = time.monotonic()
    looks: list[tuple[float, Pixels]] = []
    while _finished(home, "preview") == finished or not screen.changes_no_more():
        look = screen.look()[PREVIEW].copy()
        if not looks or not np.array_equal(look, looks[-1][1]):
            looks.append((time.monotonic() - shown, look))
        time.sleep(0.02)
        assert time.monotonic() - shown < PATIENCE
    screen.keys("Escape")
    judge, style = Judge(), np.asarray(Image.open(STYLES / "impasto-night.jpg").convert("RGB"))
    distances = [judge.style(look, style) for _seconds, look in looks]
    textured = (seconds for (seconds, _look), away in zip(looks, distances, strict=True) if away < distances[0] / 2)
    return {
        "dialog": round(shown - started, 2),
        "first": round(looks[1][0], 2),
        "textured": round(next(textured), 2),
        "finished": round(looks[-1][0], 2),
        "pictures": len(looks) - 1,
    }


def _seconds_of_tiles(screen: Desktop, home: EngineHome) -> list[float]:
    """How long the engine took for each of the layer's tiles, the first aside, which is interrupted most."""
    _search(screen)
    screen.keys("Return")
    screen.wait_for(lambda: _finished(home, "thumbnail") > TILES, "some tiles", PATIENCE)
    screen.keys("Escape")
    log = home.log()
    jobs = re.findall(r"job (\w+): thumbnail", log)
    times = [re.search(rf"job {job}: finished.*?([\d.]+) s", log) for job in jobs]
    return [float(found.group(1)) for found in times if found][1 : TILES + 1]


def _search(screen: Desktop) -> None:
    screen.rest()
    left, top, width, height = screen.place(screen.window("GIMP"))
    screen.point(left + width // 2, top + height // 2)
    screen.search_action("impasto")
    screen.wait_for(screen.changes_no_more, "the action to be found")


def _is_open(screen: Desktop) -> bool:
    return bool(screen.windows(DIALOG))


def _finished(home: EngineHome, purpose: str) -> int:
    """How many jobs of that purpose the engine has finished."""
    log = home.log()
    return sum(f"job {job}: finished" in log for job in re.findall(rf"job (\w+): {purpose}", log))


def _prepare(gimp: RealGimp, home: EngineHome) -> None:
    copytree(Path(__file__).resolve().parents[1] / "gimp" / "inside", gimp.work / "inside")
    gimp.knows("real", home)
    (gimp.work / "pictures").mkdir()
    Image.fromarray(chelsea()).save(gimp.work / "pictures" / "cat.png")


if __name__ == "__main__":
    main()
