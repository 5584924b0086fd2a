"""Run by the engine's Python: paints a photo as the filter would, by the same code, and prints how far it is.

`first_light.py FILTER_FOLDER PHOTO PICTURE` prints JSON objects, one a line: `fraction` and `seconds_left` while it
paints; at the end `seconds`, `device` and `style`, or `error` with a sentence. IMPASTO_ENGINE names the engine's
configuration.
"""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image


def tell(**values: Any) -> None:
    """One line for the installer."""
    print(json.dumps(values), flush=True)


def paint(photo: Path, picture: Path) -> None:
    """Start the engine if none runs, paint the photo in the first shipped style, write the picture, print the end."""
    from impasto_plugin.engine.launcher import find_or_start, read_config
    from impasto_presets import list_presets
    from impasto_wire.request import PaintRequest

    begun = time.monotonic()
    preset = list_presets()[0]
    settings = replace(preset.settings, quality="draft")
    with find_or_start(read_config(), timeout=60) as engine:
        styles = tuple(style.map(pixels_of) for style in preset.pictures)
        painted = engine.paint(
            PaintRequest(pixels_of(photo), styles, settings, recipe=preset.recipe),
            lambda progress: tell(fraction=progress.fraction, seconds_left=progress.seconds_left),
        )
        devices = engine.welcome.devices if engine.welcome else ()
    part = picture.with_suffix(".part")
    Image.frombytes("RGB", (painted.width, painted.height), bytes(painted.data)).save(part, format="PNG")
    part.replace(picture)
    tell(seconds=time.monotonic() - begun, device=devices[0] if devices else "", style=preset.title)


def pixels_of(path: Path) -> Any:
    """A picture file as the filter would send it."""
    from impasto_wire.pictures import Pixels

    with Image.open(path, formats=("JPEG", "PNG")) as image:
        rgba = image.convert("RGBA")
    return Pixels(rgba.width, rgba.height, 4, "u8", rgba.tobytes())


def main() -> int:
    """Paint; what goes wrong is printed as a sentence."""
    filter_folder, photo, picture = sys.argv[1:]
    sys.path.insert(0, filter_folder)
    from impasto_wire.errors import ImpastoError

    try:
        paint(Path(photo), Path(picture))
    except ImpastoError as error:
        tell(error=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
