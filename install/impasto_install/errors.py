"""What can go wrong while installing.

InstallError            one sentence for the person who installs
└── Unsuitable          this machine or what was asked can't do; nothing was begun (exit code 2)
"""

from __future__ import annotations


class InstallError(Exception):
    """One sentence: what went wrong and what to do next."""


class Unsuitable(InstallError):
    """This machine, or what was asked for, can't do; nothing was begun."""
