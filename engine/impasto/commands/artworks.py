"""`impasto artworks`: paint the style pictures, at any size."""

import argparse
from typing import Any

from impasto_wire.errors import SettingError


def add_parser(subparsers: Any) -> None:
    """Hang the command on the command line."""
    parser = subparsers.add_parser("artworks", help="paint the style pictures, at any size", add_help=False)
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    parser.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Hand over to the artworks, whose own dependencies are an extra."""
    try:
        from impasto_artworks.__main__ import main
    except ModuleNotFoundError as error:
        raise SettingError(
            f"artworks need the package {error.name}; run: pip install 'gimp-impasto[artworks]'"
        ) from error
    return main(chosen.rest)
