"""What one honest client waits for: 24 megapixels there and back, and 512 pixels; compared with another checkout.

    python tests/benchmarks/honest.py --against FOLDER [--rounds N]

Each checkout's engine, filter and fake painter (one step of a millisecond) run by turns. Prints one line of JSON:
seconds, medians of all rounds, and this checkout's divided by the other's.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SMALL_JOBS = 20


def measure() -> dict[str, float]:
    """Seconds that each kind of job takes with the code on this process's path."""
    from fakes.engine import EngineHome
    from fakes.jobs import asking
    from fakes.painter import slow
    from impasto_plugin.engine.client import Engine
    from impasto_wire.pictures import Pixels
    from impasto_wire.settings import Settings

    style, settings = Pixels(8, 8, 4, "u8", bytes(256)), Settings(seed=slow(1, 1))

    def seconds_of(engine: Engine, width: int, height: int) -> float:
        layer = Pixels(width, height, 4, "u8", os.urandom(1 << 10) + bytes(width * height * 4 - (1 << 10)))
        begun = time.perf_counter()
        engine.paint(asking(layer, [(style, 1.0)], settings))
        return time.perf_counter() - begun

    with tempfile.TemporaryDirectory() as folder:
        home = EngineHome(Path(folder))
        home.start()
        try:
            home.warm_worker()
            with home.connect() as engine:
                seconds_of(engine, 512, 512)
                return {
                    "small_job": statistics.median(seconds_of(engine, 512, 512) for _ in range(SMALL_JOBS)),
                    "round_trip": statistics.median(seconds_of(engine, 6000, 4000) for _ in range(2)),
                }
        finally:
            home.stop()


def measure_in(checkout: Path) -> dict[str, float]:
    """The same in a process that has a checkout's code."""
    folders = ("engine", "gimp_plugin/impasto-filter", "install", "tests")
    path = os.pathsep.join(str(checkout / folder) for folder in folders)
    command = [sys.executable, __file__, "--measure"]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True, cwd="/"
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, default=CHECKOUT, help="another checkout")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure()))
        return
    rounds = [(measure_in(CHECKOUT), measure_in(arguments.against.resolve())) for _ in range(arguments.rounds)]
    line: dict[str, float] = {}
    for name in ("round_trip", "small_job"):
        here, there = ([pair[side][name] for pair in rounds] for side in (0, 1))
        line |= {name: statistics.median(here), f"{name}_against": statistics.median(there)}
        line[f"{name}_ratio"] = statistics.median(one / other for one, other in zip(here, there, strict=True))
    print(json.dumps({name: round(value, 4) for name, value in line.items()}))


if __name__ == "__main__":
    main()
