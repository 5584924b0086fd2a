"""Painting on a Ray cluster: how to connect to it, its machines, the workers on them, and what is sent to them."""
