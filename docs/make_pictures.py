"""Paints the pictures of the pages with the real program; settings.md has two paintings of one photo for each setting.

    python docs/make_pictures.py [SETTING ...] [gallery] [first-light] [regions] [set-up]

Without names, it paints all of them: small and in draft, in a few minutes on a computer without a graphics card. The
gallery shows the samples of the shipped styles on one sheet; `impasto presets thumbnails NAME ...` paints these again,
and `tests/benchmarks/styles.py --sheet docs/pictures/styles.jpg` makes the sheet on five photos.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from impasto.pictures.contact_sheet import contact_sheet
from impasto_presets import list_presets
from impasto_wire.settings import ranges

DOCS = Path(__file__).resolve().parent
PHOTO = DOCS.parent / "install/impasto_install/sample.jpg"
SIZE = 256
GAP = 8
TILE = 300
PAIRS = {
    "style": (["--preset", "impasto-night"], ["--preset", "woodcut"]),
    "detail_map": (["--detail-map", "black"], ["--detail-map", "half"]),
    **{
        name: tuple([f"--{name.replace('_', '-')}", str(value)] for value in allowed.examples)
        for name, allowed in ranges().items()
    },
}
"""The options of the two paintings of each setting; all else is as the first style suggests, in draft."""


BEHIND = ((91, 0), (100, 0), (100, 100), (68, 100), (71, 84), (79, 68), (82, 50), (80, 28), (87, 20))
"""What lies behind the cat of the photo, in hundredths of its sides."""


def paint(options: list[str], painted: Path) -> Image.Image:
    """The photo, painted by `impasto stylize` with these options, which may override the quality and the size."""
    command = [sys.executable, "-m", "impasto", "stylize", str(PHOTO), "-o", str(painted)]
    subprocess.run([*command, "--quality", "draft", "--size", str(SIZE), *options], check=True)
    return Image.open(painted, formats=("PNG",)).convert("RGB")


def make_maps(folder: Path) -> dict[str, str]:
    """The detail maps that the options name, as files."""
    size = Image.open(PHOTO, formats=("JPEG",)).size
    half = Image.new("L", size, 255)
    half.paste(0, (0, 0, size[0] // 2, size[1]))
    maps = {"black": Image.new("L", size, 0), "half": half}
    for name, image in maps.items():
        image.save(folder / f"{name}.png")
    return {name: str(folder / f"{name}.png") for name in maps}


def make_pair(name: str) -> None:
    """Write `pictures/settings/NAME.jpg`."""
    with tempfile.TemporaryDirectory() as folder:
        maps = make_maps(Path(folder))
        pair = [
            paint([maps.get(word, word) for word in options], Path(folder, f"{place}.png"))
            for place, options in enumerate(PAIRS[name])
        ]
    width, height = pair[0].size
    both = Image.new("RGB", (2 * width + GAP, height), "white")
    both.paste(pair[0], (0, 0))
    both.paste(pair[1], (width + GAP, 0))
    target = DOCS / "pictures/settings" / f"{name}.jpg"
    target.parent.mkdir(parents=True, exist_ok=True)
    both.save(target, quality=88)


def make_first_light() -> None:
    """Write `pictures/first-light.jpg`: the photo, and three layers painted from it."""
    photo = Image.open(PHOTO, formats=("JPEG",)).convert("RGB")
    width, height = photo.size
    both = Image.new("RGB", (2 * width + GAP, 2 * height + GAP), "white")
    both.paste(photo, (0, 0))
    with tempfile.TemporaryDirectory() as folder:
        for place, style in enumerate(("impasto-night", "granulating-watercolour", "woodcut"), start=1):
            painting = paint(["--preset", style, "--size", str(width)], Path(folder, f"{style}.png"))
            both.paste(painting, (place % 2 * (width + GAP), place // 2 * (height + GAP)))
    both.save(DOCS / "pictures/first-light.jpg", quality=92)


def make_regions() -> None:
    """Write `pictures/regions.jpg`: the photo, a map of what lies behind the cat, and a painting with that region."""
    photo = Image.open(PHOTO, formats=("JPEG",)).convert("RGB")
    width, height = photo.size
    map_ = Image.new("L", photo.size)
    ImageDraw.Draw(map_).polygon([(x * width // 100, y * height // 100) for x, y in BEHIND], fill=255)
    map_ = map_.filter(ImageFilter.GaussianBlur(5))
    with tempfile.TemporaryDirectory() as folder:
        map_.save(Path(folder, "behind.png"))
        styles = ["--preset", "granulating-watercolour", "--region", f"{Path(folder, 'behind.png')}=impasto-night"]
        painting = paint([*styles, "--size", str(width)], Path(folder, "painting.png"))
    strip = Image.new("RGB", (3 * width + 2 * GAP, height), "white")
    for place, picture in enumerate((photo, map_.convert("RGB"), painting)):
        strip.paste(picture, (place * (width + GAP), 0))
    strip.save(DOCS / "pictures/regions.jpg", quality=88)


def make_set_up() -> None:
    """Write `pictures/set-up/`: each step of an installation, in a real GIMP; needs root, on Debian."""
    sys.path[:0] = [str(DOCS.parent / "tests"), str(DOCS.parent / "install")]
    from gimp.set_up_pictures import make_set_up_pictures

    make_set_up_pictures(DOCS.parent, DOCS / "pictures" / "set-up")


def make_gallery() -> None:
    """Write `pictures/gallery.jpg`: what each shipped style made of the sample photo."""
    tiles = []
    for preset in list_presets():
        assert preset.sample, preset.name
        sample = (
            Image.open(preset.sample, formats=("JPEG",)).convert("RGB").resize((TILE, TILE), Image.Resampling.LANCZOS)
        )
        tiles.append((preset.title, np.asarray(sample.crop((0, TILE // 4, TILE, TILE // 4 + TILE * 2 // 3)))))
    Image.fromarray(contact_sheet(tiles, columns=4)).save(DOCS / "pictures/gallery.jpg", quality=85)


def main() -> None:
    """Paint what was named, or all."""
    own_way = {"gallery": make_gallery, "first-light": make_first_light, "regions": make_regions, "set-up": make_set_up}
    everything = (*PAIRS, *own_way)
    parser = argparse.ArgumentParser(description="Paint the pictures of settings.md, and the README's.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all, or some of {', '.join(everything)}")
    wanted = parser.parse_args().names
    if unknown := sorted({*wanted} - {*everything}):
        parser.error(f"there is no picture {', '.join(unknown)}; choose from {', '.join(everything)}")
    for name in wanted or everything:
        own_way.get(name, lambda name=name: make_pair(name))()


if __name__ == "__main__":
    main()
