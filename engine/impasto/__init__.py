"""The Impasto engine: repaints a picture in the style of a painting."""

from impasto_wire import __version__ as __version__
