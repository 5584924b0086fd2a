"""From the menu entry to the dialog, and from the dialog to its first finished preview: a real GIMP, a warm engine.

    python tests/benchmarks/dialog.py [3.0|3.2]

Seen from outside: the dialog is there when its window is, the preview when the engine's log says that it is finished
(what comes in earlier, coarser, is not counted).
"""

import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from shutil import copytree

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image
from skimage.data import chelsea

from fakes.engine import EngineHome
from gimp import roots
from gimp.desktop import DIALOG, Desktop, desktop
from gimp.real_gimp import RealGimp

PATIENCE = 120.0
"""Seconds for a first preview."""


def main() -> None:
    """Print the figures."""
    version = sys.argv[1] if len(sys.argv) > 1 else "3.0"
    checkout = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as folder:
        home = EngineHome(Path(folder) / "engine", options=())
        home.start()
        try:
            home.warm_worker()
            gimp = RealGimp(roots.unpack(version, Path(folder)), checkout)
            _prepare(gimp, home)
            with desktop(gimp, "real", "/impasto/pictures/cat.png") as screen:
                found = [_opened(screen, home) for _round in range(2)]
        finally:
            home.stop()
    load = [round(value, 1) for value in os.getloadavg()]
    print(json.dumps({"benchmark": "dialog", "gimp": version, "first": found[0], "warm": found[1], "load": load}))


def _opened(screen: Desktop, home: EngineHome) -> dict[str, float]:
    """Seconds to the dialog and from there to the preview; the dialog is closed again."""
    screen.rest()
    left, top, width, height = screen.place(screen.window("GIMP"))
    screen.point(left + width // 2, top + height // 2)
    screen.search_action("impasto")
    finished = _previews(home)
    started = time.monotonic()
    screen.keys("Return")
    screen.window(DIALOG)
    shown = time.monotonic()
    screen.wait_for(lambda: _previews(home) > finished, "a preview", PATIENCE)
    painted = time.monotonic()
    screen.keys("Escape")
    return {"dialog": round(shown - started, 2), "first_preview": round(painted - shown, 2)}


def _previews(home: EngineHome) -> int:
    """How many previews the engine has finished."""
    log = home.log()
    jobs = re.findall(r"job (\w+): preview", log)
    return sum(f"job {job}: finished" in log for job in jobs)


def _prepare(gimp: RealGimp, home: EngineHome) -> None:
    gimp.work.mkdir()
    copytree(Path(__file__).resolve().parents[1] / "gimp" / "inside", gimp.work / "inside")
    gimp.knows("real", home)
    (gimp.work / "pictures").mkdir()
    Image.fromarray(chelsea()).save(gimp.work / "pictures" / "cat.png")


if __name__ == "__main__":
    main()
