"""Tubes of paint, mixed as pigments are: by absorption over scattering (Kubelka and Munk, 1931).

Colours are linear reflectances in three bands. Mixing adds K/S, weighted by each tube's amount and tinting
strength, so that blue and yellow make green and a little black goes a long way; a blend of RGB does neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .noise import Field

PaintMix = Mapping[str, float]


@dataclass(frozen=True)
class Tube:
    """One paint: its colour straight from the tube (sRGB, as hexadecimal) and its tinting strength."""

    masstone: str
    strength: float = 1.0


TUBES = {
    "titanium white": Tube("fbf9f4", 4.0),
    "warm white": Tube("f6ecd8", 4.0),
    "ivory black": Tube("1c1a1b", 0.9),
    "ultramarine": Tube("1b2780", 1.0),
    "prussian blue": Tube("0b2545", 1.5),
    "cobalt blue": Tube("1747a6", 0.9),
    "cerulean": Tube("1a83b8", 1.4),
    "turquoise": Tube("0c8f96", 1.4),
    "indigo": Tube("18233f", 1.3),
    "payne's grey": Tube("262c38", 1.2),
    "viridian": Tube("0b5f4e", 1.0),
    "sap green": Tube("3d5c1c", 1.0),
    "emerald": Tube("0f9155", 0.9),
    "lemon yellow": Tube("f7e02a", 2.5),
    "cadmium yellow": Tube("f8b300", 2.5),
    "naples yellow": Tube("f2d493", 2.5),
    "yellow ochre": Tube("c48b2c", 1.4),
    "raw sienna": Tube("a86728", 0.8),
    "burnt sienna": Tube("80391c", 1.0),
    "burnt umber": Tube("3e291e", 1.1),
    "cadmium orange": Tube("ec6a12", 1.4),
    "vermilion": Tube("d8331c", 1.4),
    "cadmium red": Tube("b81a1e", 1.4),
    "alizarin": Tube("6b0d24", 1.1),
    "rose": Tube("c0316a", 0.9),
    "dioxazine violet": Tube("35195c", 1.4),
}


def to_linear(encoded: Field) -> Field:
    """Linear light of sRGB values in 0..1."""
    encoded = np.asarray(encoded, dtype=np.float32)
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb8(linear: Field) -> NDArray[np.uint8]:
    """8-bit sRGB of linear light; what lies outside 0..1 is clipped."""
    linear = np.clip(linear, 0, 1)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(encoded * 255).astype(np.uint8)


def reflectance_of(hexadecimal: str) -> Field:
    """Linear reflectance, ``(3,)``, of a colour like ``f8f5ee``."""
    return to_linear(np.array([int(hexadecimal[i : i + 2], 16) for i in (0, 2, 4)]) / 255)


def absorption(reflectance: Field) -> Field:
    """K/S of an opaque layer with this reflectance."""
    r = np.clip(reflectance, 0.002, 0.998)
    return np.asarray((1 - r) ** 2 / (2 * r), dtype=np.float32)


def reflectance(absorbed: Field) -> Field:
    """Reflectance of an opaque layer with this K/S."""
    return np.asarray(1 + absorbed - np.sqrt(absorbed * absorbed + 2 * absorbed), dtype=np.float32)


class Palette:
    """The tubes that lie open, and what comes of mixing them."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self._strength = np.array([TUBES[name].strength for name in names], dtype=np.float32)
        self._absorption = np.stack([absorption(reflectance_of(TUBES[name].masstone)) for name in names])

    def parts(self, recipe: PaintMix) -> Field:
        """The amounts of each tube, ``(T,)``, summing to 1."""
        amounts = np.array([recipe.get(name, 0.0) for name in self.names], dtype=np.float32)
        unknown = set(recipe) - set(self.names)
        assert not unknown, f"{unknown} are not on this palette"
        return np.asarray(amounts / amounts.sum())

    def mix(self, parts: Field) -> Field:
        """K/S, ``(..., 3)``, of amounts ``(..., T)``."""
        weights = parts * self._strength
        return np.asarray((weights @ self._absorption) / weights.sum(axis=-1, keepdims=True), dtype=np.float32)

    def colour(self, recipe: PaintMix) -> Field:
        """Linear reflectance of a recipe."""
        return reflectance(self.mix(self.parts(recipe)))
