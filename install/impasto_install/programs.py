"""How the installer starts programs on Windows: in no window of their own, wherever it was started from."""

from __future__ import annotations

import subprocess

OUT_OF_SIGHT = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""What every call of `subprocess` here is given as `creationflags`."""
