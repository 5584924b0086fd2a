"""Painting a request here: the painter, its order, frames, several processes."""
