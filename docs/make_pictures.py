"""Paints the pictures of settings.md with the real program: for each setting two paintings of one photo, side by side.

    python docs/make_pictures.py [SETTING ...]

Small and in draft, so that a computer without a graphics card has them in a few minutes; without names, all of them.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

DOCS = Path(__file__).resolve().parent
PHOTO = DOCS.parent / "install/impasto_install/sample.jpg"
SIZE = 256
GAP = 8
PAIRS = {
    "style": (["--preset", "impasto-night"], ["--preset", "woodcut"]),
    "strength": (["--strength", "0.2"], ["--strength", "0.9"]),
    "brush_size": (["--brush-size", "0.5"], ["--brush-size", "2"]),
    "detail": (["--detail", "0.1"], ["--detail", "0.9"]),
    "detail_map": (["--detail-map", "black"], ["--detail-map", "half"]),
    "original_colours": (["--original-colours", "0"], ["--original-colours", "1"]),
    "quality": (["--quality", "draft"], ["--quality", "standard"]),
    "seed": (["--seed", "0"], ["--seed", "1"]),
}
"""The options of the two paintings of each setting; what they leave out is as the first style suggests, in draft."""


def paint(options: list[str], painted: Path) -> Image.Image:
    """The photo, painted by `impasto stylize` with these options, which count more than draft and the size."""
    command = [sys.executable, "-m", "impasto", "stylize", str(PHOTO), "-o", str(painted)]
    subprocess.run([*command, "--quality", "draft", "--size", str(SIZE), *options], check=True)
    return Image.open(painted).convert("RGB")


def make_maps(folder: Path) -> dict[str, str]:
    """The detail maps that the options name, as files."""
    size = Image.open(PHOTO).size
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


def main() -> None:
    """Paint the pairs that were named, or all."""
    parser = argparse.ArgumentParser(description="Paint the pictures of settings.md.")
    parser.add_argument("settings", nargs="*", metavar="SETTING", help=f"all, or some of {', '.join(PAIRS)}")
    wanted = parser.parse_args().settings
    if unknown := sorted({*wanted} - {*PAIRS}):
        parser.error(f"there is no setting {', '.join(unknown)}; choose from {', '.join(PAIRS)}")
    for name in wanted or PAIRS:
        make_pair(name)


if __name__ == "__main__":
    main()
