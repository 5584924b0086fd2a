"""What can be wrong with a style.

PresetError
├── PresetMissing   no style of that name
├── PresetExists    a style of that name is there already
└── PresetInvalid   a style's file, or what is to be one, that can't be used

Standard library only: whoever speaks over the wire translates these once, at the edge.
"""

from typing import ClassVar


class PresetError(Exception):
    """A sentence for the artist about a style that isn't there or can't be used."""

    code: ClassVar[str] = "preset"


class PresetMissing(PresetError):
    """No style of that name."""


class PresetExists(PresetError):
    """A style of that name is there already."""


class PresetInvalid(PresetError):
    """A style's file, or what is to be one, that can't be used."""
