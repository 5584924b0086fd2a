"""Is each style recognised in its paintings, and is the photo still there?

python tests/benchmarks/styles.py [--sheet PICTURE] [--save FOLDER] [--styles NAME...] [--photos NAME...] [--size 512]

Each photo is painted in each style, as the style suggests, at draft. A style is recognised when the result is nearer to
its artwork than to that of any other style of the gallery: by SqueezeNet's Gram matrices, with the artworks at the size
that the painter uses; in colour, and again in grey, without the palette. Edges: correlation with the photo's.
"""

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from judge import Judge, Pixels, edges, style_distance
from PIL import Image
from skimage.color import rgb2gray
from torch import Tensor

from impasto.painting.local_painter import LocalPainter
from impasto.painting.order import request_in
from impasto.pictures.contact_sheet import contact_sheet
from impasto.pictures.files import read_picture, resized
from impasto.request import drained
from impasto_presets import Preset, list_presets, load_preset
from pictures import picture

PHOTOS = ("astronaut", "chelsea", "rocket", "coffee", "tubingen")
"""A face, a cat, a sky, a still life, buildings."""
TILE = 256

Grams = list[Tensor]


@dataclass(frozen=True)
class Found:
    """One result: the styles that it is nearest to, and how much of the photo's edges it kept."""

    style: str
    in_colour: str
    in_grey: str
    edges: float


class Lineup:
    """The artworks, in colour and in grey, among which a result must find its own."""

    def __init__(self, presets: Sequence[Preset], long_side: int) -> None:
        self.judge = Judge()
        self.colour: dict[str, Grams] = {}
        self.grey: dict[str, Grams] = {}
        for preset in presets:
            artwork, side = artwork_of(preset), round(long_side * preset.settings.brush_size)
            self.colour[preset.name] = self.judge.grams(artwork, side)
            self.grey[preset.name] = self.judge.grams(in_grey(artwork), side)

    def find(self, style: str, result: Pixels, photo: Pixels) -> Found:
        """The styles that the result is nearest to, and the edges that it kept."""
        colour, grey = self.judge.grams(result), self.judge.grams(in_grey(result))
        return Found(style, _nearest(colour, self.colour), _nearest(grey, self.grey), edges(result, photo))


def painted(preset: Preset, photo: Pixels, kept: Path | None, painter: LocalPainter) -> Pixels:
    """The photo in that style: read from the file if it is there, else painted and written into it."""
    if kept and kept.exists():
        return np.array(Image.open(kept), np.uint8)
    result = np.asarray(drained(painter.paint(request_in(preset, photo, "draft"))), np.uint8)
    if kept:
        Image.fromarray(result).save(kept)
    return result


def artwork_of(preset: Preset) -> Pixels:
    """A style's first picture."""
    return np.asarray(read_picture(preset.pictures[0].picture).pixels[..., :3], np.uint8)


def in_grey(pixels: Pixels) -> Pixels:
    """The picture without its colours."""
    return np.rint(rgb2gray(pixels) * 255).astype(np.uint8)[..., None].repeat(3, axis=2)


def figures(found: Sequence[Found]) -> dict[str, object]:
    """The shares of results that are recognised, and their edges."""
    mistaken = sorted({other for one in found for other in (one.in_colour, one.in_grey) if other != one.style})
    return {
        "own_in_colour": round(float(np.mean([one.in_colour == one.style for one in found])), 3),
        "own_in_grey": round(float(np.mean([one.in_grey == one.style for one in found])), 3),
        "edges": round(float(np.mean([one.edges for one in found])), 3),
        "fewest_edges": round(min(one.edges for one in found), 3),
        **({"mistaken_for": mistaken} if len({one.style for one in found}) == 1 and mistaken else {}),
    }


def main() -> None:
    """Paint every photo in every style and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sheet", type=Path, metavar="PICTURE", help="a contact sheet, a row for each style")
    parser.add_argument(
        "--save", type=Path, metavar="FOLDER", help="every result in its full size; what is there isn't painted anew"
    )
    parser.add_argument("--styles", nargs="+", metavar="NAME")
    parser.add_argument("--photos", nargs="+", metavar="NAME", default=PHOTOS)
    parser.add_argument("--size", type=int, default=512, metavar="LONG_SIDE")
    chosen = parser.parse_args()
    presets = [load_preset(name) for name in chosen.styles] if chosen.styles else list_presets()
    photos = {name: picture(name, chosen.size) for name in chosen.photos}
    lineup = Lineup(list_presets(), chosen.size)
    painter = LocalPainter()
    found: list[Found] = []
    tiles: list[tuple[str, Pixels]] = []
    started = time.perf_counter()
    for preset in presets:
        tiles.append((preset.title, _tile(artwork_of(preset))))
        for name, photo in photos.items():
            kept = chosen.save / f"{preset.name}-{name}.png" if chosen.save else None
            result = painted(preset, photo, kept, painter)
            found.append(lineup.find(preset.name, result, photo))
            tiles.append((f"{preset.title}, {name}", _tile(result)))
    if chosen.sheet:
        Image.fromarray(contact_sheet(tiles, columns=1 + len(photos))).save(chosen.sheet, quality=90)
    by_style = {preset.name: figures([one for one in found if one.style == preset.name]) for preset in presets}
    print(
        json.dumps(
            {
                "benchmark": "styles",
                "judge": lineup.judge.name,
                "size": chosen.size,
                "photos": list(photos),
                "seconds": round(time.perf_counter() - started, 1),
                "all": figures(found),
                "styles": by_style,
            }
        )
    )


def _nearest(grams: Grams, others: dict[str, Grams]) -> str:
    return min(others, key=lambda name: style_distance(grams, others[name]))


def _tile(pixels: Pixels) -> Pixels:
    return np.asarray(resized(pixels, TILE), np.uint8)


if __name__ == "__main__":
    main()
