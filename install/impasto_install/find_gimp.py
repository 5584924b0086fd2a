"""Finds every GIMP 3 of a person: the profile folder of each, and the program that made it where there is one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from . import on_linux, on_macos, on_windows
from .gimps import Gimp, named_profile, profiles_in
from .system import System


def find_gimps(system: System) -> list[Gimp]:
    """One `Gimp` a profile, oldest version first; those with a program come before a bare profile folder."""
    here = {"win32": on_windows, "darwin": on_macos}.get(system.platform, on_linux)
    found = [*here.installed(system)]
    found += [gimp for base in here.profile_bases(system) for gimp in profiles_in(base)]
    found += named_profile(system, found)
    return sorted(_one_a_profile(found), key=lambda gimp: (gimp.minor, str(gimp.profile)))


def _one_a_profile(found: Iterable[Gimp]) -> Iterable[Gimp]:
    seen: dict[Path, Gimp] = {}
    for gimp in found:
        place = gimp.profile.resolve()
        first = seen.setdefault(place, gimp)
        if gimp.is_sandboxed:  # a Flatpak may share its profile with a distribution's GIMP
            seen[place] = replace(first, is_sandboxed=True)
    return seen.values()
