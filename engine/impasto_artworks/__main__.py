"""`impasto artworks`: paint an artwork, or all that are shipped."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from .ship import LONG_SIDE, ship
from .styles import ARTWORKS, ArtworkMissing, paint


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 2 and one sentence where it can't be done."""
    chosen = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        run(chosen)
    except (ArtworkMissing, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def run(chosen: argparse.Namespace) -> None:
    """Paint what was chosen."""
    if chosen.action == "paint":
        Image.fromarray(paint(chosen.name, chosen.size, chosen.seed)).save(chosen.output, quality=96, subsampling=0)
        return
    unknown = set(chosen.names) - set(ARTWORKS)
    if unknown:
        raise ArtworkMissing(f"there is no artwork {min(unknown)!r}; choose one of: {', '.join(ARTWORKS)}")
    for name in chosen.names or ARTWORKS:
        ship(name, chosen.folder)


def _parser() -> argparse.ArgumentParser:
    from impasto_presets import SHIPPED

    parser = argparse.ArgumentParser(prog="impasto artworks", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    one = actions.add_parser("paint", help="paint one artwork")
    one.add_argument("name", metavar="NAME", help=", ".join(ARTWORKS))
    one.add_argument("--size", type=int, default=LONG_SIDE, metavar="LONG_SIDE", help="in pixels")
    one.add_argument("--seed", type=int, default=1, help="another number gives another hand")
    one.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")
    all_of_them = actions.add_parser("ship", help="paint the shipped pictures and their thumbnails again")
    all_of_them.add_argument("names", nargs="*", metavar="NAME", help="only these")
    all_of_them.add_argument("--folder", type=Path, default=SHIPPED, help="where the styles lie")
    return parser


if __name__ == "__main__":
    sys.exit(main())
