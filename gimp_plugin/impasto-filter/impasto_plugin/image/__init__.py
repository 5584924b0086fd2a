"""Layers of an image: read, placed, remembered."""
