"""What JPEG loses of the artworks: the distance of each shipped file from the picture as it was painted.

python tests/benchmarks/artworks.py [NAME...]
"""

import json
import sys
import time

from judge import Judge
from styles import artwork_of

from impasto_artworks.ship import LONG_SIDE
from impasto_artworks.styles import ARTWORKS, paint
from impasto_presets import load_preset


def main() -> None:
    """Paint each artwork anew and compare."""
    judge = Judge()
    distances, seconds = {}, {}
    for name in sys.argv[1:] or ARTWORKS:
        started = time.perf_counter()
        master = paint(name, LONG_SIDE)
        seconds[name] = round(time.perf_counter() - started, 1)
        distances[name] = round(judge.style(artwork_of(load_preset(name)), master), 5)
    print(
        json.dumps(
            {
                "benchmark": "artworks",
                "judge": judge.name,
                "largest_distance": max(distances.values()),
                "distances": distances,
                "seconds_to_paint": seconds,
            }
        )
    )


if __name__ == "__main__":
    main()
