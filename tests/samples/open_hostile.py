"""A child process that opens pictures by each of the engine's doors, and tells how each ended and what it took.

That is, memory above what the process had before, and seconds of the processor: on a machine with nothing else to do no
more pass.

It reads JSON lines ``[door, path]`` and writes JSON lines ``[ending, words, seconds, mebibytes]``, where an ending is
"picture", "sentence", or the name of an error that nobody had expected.
"""

import gc
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

MOST_MEMORY = 3 << 30
"""Bytes beyond which an allocation fails, so that a fault harms only this process."""


def main() -> None:
    """Open what is asked for until there is no more."""
    from impasto_wire.errors import ImpastoError

    doors = _doors()
    size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (size + MOST_MEMORY, size + MOST_MEMORY))
    print(json.dumps(["ready"]), flush=True)
    for line in sys.stdin:
        door, path = json.loads(line)
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")
        before, began = _memory("VmRSS"), time.process_time()
        try:
            doors[door](Path(path))
            ending, words = "picture", ""
        except ImpastoError as error:
            ending, words = "sentence", str(error)
            if _is_for_want_of_memory(error):
                ending = "MemoryError"
        except BaseException as error:
            ending, words = type(error).__name__, repr(error)[:300]
        took, grew = time.process_time() - began, _memory("VmHWM") - before
        print(json.dumps([ending, words, took, grew / 1024]), flush=True)


def _doors() -> dict[str, Callable[[Path], object]]:
    from impasto.batch.pictures import PicturePaths, check_pictures
    from impasto.painting.order import read_styles, read_styles_with_spaces
    from impasto.pictures import files
    from impasto.pictures.sequences import open_sequence
    from impasto.pictures.style_files import read_flat
    from impasto_wire.errors import PictureError
    from impasto_wire.request import WeightedStyle

    def read_as_stylize(path: Path) -> None:
        data = files.read_file(path)
        sequence = open_sequence(data, path)
        if sequence is None:
            files.decode_picture(data, path)
        else:
            sequence.picture(0)
            sequence.picture(sequence.count - 1)

    def check_as_batch(path: Path) -> None:
        checked = check_pictures([PicturePaths(path, path.with_name("painted.png"))], None)
        for sentence in checked.problems.values():
            raise PictureError(sentence)
        files.decode_picture(files.read_file(path), path)

    return {
        "picture": files.read_picture,
        "stylize": read_as_stylize,
        "batch": check_as_batch,
        "style": lambda path: read_styles_with_spaces([WeightedStyle(path)]),
        "preset": lambda path: read_styles([WeightedStyle(path)]),
        "add": read_flat,
        "map": files.read_grey,
    }


def _is_for_want_of_memory(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, MemoryError):
            return True
        error = error.__cause__
    return False


def _memory(name: str) -> int:
    """KiB, as Linux tells it of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


if __name__ == "__main__":
    main()
