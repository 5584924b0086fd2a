"""The contract between the GIMP filter and the engine: settings, messages, bands, errors. Standard library only."""

__version__ = "0.1.0"

PROTOCOL = 1
"""Counts up whenever an older filter and a newer engine (or the reverse) could misunderstand each other."""
