"""Painting on a Ray cluster: its machines joined, workers on them, and what crosses to them as plain values."""
