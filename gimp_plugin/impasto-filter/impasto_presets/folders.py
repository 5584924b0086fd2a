"""Where styles lie: those that are shipped, and a person's own, in one folder for filter, engine and command line."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

SHIPPED = Path(__file__).resolve().parent / "styles"
"""The folder of the shipped styles."""
PRIVATE = ("kept", "tiles", "painting", "checkpoints")
"""The cache's folders of what is kept of a person's pictures: settings and tries, thumbnails, what is being painted,
what a long painting goes on from."""


def user_folder(
    platform: str = sys.platform, environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> Path:
    """The folder of a person's own styles, which may not exist yet: `impasto/presets` where the system keeps settings.

    A Flatpak has a settings folder of its own; there the folder of the system outside is taken.
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


def forget_pictures(cache: Path | None = None) -> int:
    """Delete all that the filter keeps of a person's pictures outside of them: how many files there were."""
    count = 0
    for name in PRIVATE:
        folder = (cache or cache_folder()) / name
        count += sum(1 for path in folder.rglob("*") if path.is_file())
        shutil.rmtree(folder, ignore_errors=True)
    return count


def _home() -> Path:
    """The person's home; an account without one has no styles of its own."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull)


def cache_folder(
    platform: str = sys.platform, environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> Path:
    """The folder, which may not exist yet, of what can be made again or is soon forgotten; the engine's cache too.

    A Flatpak has one of its own; there the folder of the system outside is taken.
    """
    home = home or _home()
    if platform == "win32":
        local = environment.get("LOCALAPPDATA") or home / "AppData" / "Local"
        return Path(local) / "impasto" / "Cache"
    if platform == "darwin":
        return home / "Library" / "Caches" / "impasto"
    outside = "HOST_XDG_CACHE_HOME" if environment.get("FLATPAK_ID") else "XDG_CACHE_HOME"
    return Path(environment.get(outside, "").strip() or home / ".cache") / "impasto"
