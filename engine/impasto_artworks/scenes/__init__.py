"""What is painted: masses, light, direction and focus of a picture, before any medium touches it."""

from .plan import Scene

__all__ = ["Scene"]
