"""Where a person's own styles lie: the same folder for the filter, the engine and the command line."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def user_folder(
    platform: str = sys.platform, environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> Path:
    """The folder, which need not be there yet: `impasto/presets` where the system keeps a person's settings.

    A Flatpak's own settings folder is another one; there it is that of the system outside.
    """
    home = home or _home()
    if platform == "win32":
        settings = environment.get("LOCALAPPDATA") or home / "AppData" / "Local"
    elif platform == "darwin":
        settings = home / "Library" / "Application Support"
    else:
        outside = "HOST_XDG_CONFIG_HOME" if environment.get("FLATPAK_ID") else "XDG_CONFIG_HOME"
        settings = environment.get(outside, "").strip() or home / ".config"
    return Path(settings) / "impasto" / "presets"


def _home() -> Path:
    """The person's home; an account without one has no styles of its own."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull)
