"""Where the shipped styles lie."""

from pathlib import Path

SHIPPED = Path(__file__).resolve().parent / "styles"
