"""On the path of a GIMP's Pythons: the filter speaks the test's language, and it is written down how long its main loop
has ever stood still."""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

TICK_MS = 20
PROFILE = Path(os.environ["GIMP3_DIRECTORY"])
STANDSTILLS = PROFILE / "standstills"

if "-run" in sys.orig_argv and any("impasto-filter" in word for word in sys.orig_argv):
    with suppress(FileNotFoundError):
        os.environ["LANGUAGE"] = (PROFILE / "language").read_text()
    from gi.repository import GLib

    last = []
    longest = [0.0]

    def tick():
        """Compare with the tick before; the first one is when the dialog is there."""
        now = time.monotonic()
        if last and now - last[0] > longest[0]:
            longest[0] = now - last[0]
            STANDSTILLS.write_text(f"{longest[0]:.3f}", encoding="utf-8")
        last[:] = [now]
        return GLib.SOURCE_CONTINUE

    STANDSTILLS.unlink(missing_ok=True)
    GLib.timeout_add(TICK_MS, tick)
