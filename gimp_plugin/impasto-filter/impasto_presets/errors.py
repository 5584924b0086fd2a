"""What can be wrong with a style.

PresetError
├── PresetMissing   no style of that name
└── PresetInvalid   a style's file that can't be used

Standard library only: whoever speaks over the wire translates these once, at the edge.
"""

from typing import ClassVar


class PresetError(Exception):
    """A sentence for the artist about a style that isn't there or can't be used."""

    code: ClassVar[str] = "preset"


class PresetMissing(PresetError):
    """No style of that name."""


class PresetInvalid(PresetError):
    """A style's file that can't be used."""
