"""The code that paints the shipped style pictures: seeded, in artwork units, mixed as pigments are.

A *scene* plans masses, light, direction and focus; a *palette* of five to seven tubes gives them colour; a *medium*
(oil, wash, print ...) paints them. Needs the extra ``artworks``.
"""

from .styles import ARTWORKS, ArtworkMissing, paint

__all__ = ["ARTWORKS", "ArtworkMissing", "paint"]
