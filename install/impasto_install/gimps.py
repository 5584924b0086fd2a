"""What a GIMP 3 is to the installer, and what can be told from names and folders alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from .system import System

CONNECTION_COPY = "impasto-connection.json"
VERSION = re.compile(r"(?<![\d.])3\.(\d+)(?:\.\d+)*")


@dataclass(frozen=True)
class Gimp:
    """One profile folder of a GIMP 3: `version` is "3.0", "3.2" ...; `kind` says how it came onto the machine.

    `console` is the program that runs it without windows, where one is known that this process may start. A sandboxed
    one starts no program of the person's and sees few of their files; its profile it does see.
    """

    kind: str
    version: str
    profile: Path
    console: Path | None = None
    is_sandboxed: bool = False

    @property
    def minor(self) -> int:
        """0 of GIMP 3.0, 2 of GIMP 3.2."""
        return int(self.version.partition(".")[2] or 0)

    @property
    def plug_ins(self) -> Path:
        """Where this GIMP looks for a person's own plug-ins."""
        return self.profile / "plug-ins"

    @property
    def connection_copy(self) -> Path:
        """Where a sandboxed GIMP reads how the engine is reached: it can't see the engine's own connection file."""
        return self.profile / CONNECTION_COPY


def version_in(text: str) -> str | None:
    """`3.0` out of `GNU Image Manipulation Program version 3.0.4` or `gimp-console-3.0.exe`; None if not GIMP 3."""
    found = VERSION.search(text)
    return f"3.{found[1]}" if found else None


def profiles_in(base: Path) -> Iterator[Gimp]:
    """The GIMP 3 profiles that exist in a folder such as ~/.config/GIMP."""
    if not base.is_dir():
        return
    for profile in sorted(base.iterdir()):
        if re.fullmatch(r"3\.\d+", profile.name) and profile.is_dir():
            yield Gimp("profile", profile.name, profile)


def named_profile(system: System, installed: Sequence[Gimp]) -> list[Gimp]:
    """The profile that `GIMP3_DIRECTORY` names: GIMP uses it instead of its own while the variable is set."""
    named = system.environ.get("GIMP3_DIRECTORY", "")
    if not named:
        return []
    profile = Path(named)
    if not profile.is_absolute():
        profile = system.home / profile  # so does GIMP
    newest = max(installed, key=lambda gimp: gimp.minor, default=None)
    version = version_in(profile.name) or (newest.version if newest else "3.0")
    return [Gimp("GIMP3_DIRECTORY", version, profile)]
