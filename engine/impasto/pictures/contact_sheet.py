"""A contact sheet: pictures in rows, each with its name."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .style_files import FlatPicture

_PAPER, _INK = "#f2f1ee", "#222222"


def contact_sheet(tiles: Sequence[tuple[str, FlatPicture]], columns: int | None = None) -> FlatPicture:
    """The named pictures on one sheet, rows from the top, somewhat wider than tall unless `columns` says how many."""
    columns = columns or min(len(tiles), max(1, round(math.sqrt(1.5 * len(tiles)))))
    width = max(picture.shape[1] for _, picture in tiles)
    height = max(picture.shape[0] for _, picture in tiles)
    font = ImageFont.load_default(max(11, width // 14))
    gap = max(6, width // 20)
    line = round(1.6 * font.size) if isinstance(font, ImageFont.FreeTypeFont) else 20
    across, down = width + gap, height + line + gap
    rows = math.ceil(len(tiles) / columns)
    sheet = Image.new("RGB", (columns * across + gap, rows * down + gap), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for place, (name, picture) in enumerate(tiles):
        left, top = gap + place % columns * across, gap + place // columns * down
        image = Image.fromarray(picture)
        sheet.paste(image, (left + (width - image.width) // 2, top + height - image.height))
        text = _shortened(name, lambda text: draw.textlength(text, font) <= width)
        draw.text((left + width / 2, top + height + line / 2), text, _INK, font, anchor="mm")
    return np.asarray(sheet)


def _shortened(name: str, fits: Callable[[str], bool]) -> str:
    """The name, or as much of its beginning as fits."""
    if fits(name):
        return name
    return next((short for end in range(len(name), 0, -1) if fits(short := name[:end].rstrip() + "…")), "")
