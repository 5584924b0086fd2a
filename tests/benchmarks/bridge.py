"""How fast pictures travel: 24 MP to the engine and back, directly and through the relay; pings meanwhile.

    python tests/benchmarks/bridge.py [--rounds N] [--json]

The painter returns the layer's colours unchanged, so that only the transport is measured.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fakes.engine import EngineHome, RawClient
from fakes.jobs import asking
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.launcher import connect
from impasto_plugin.engine.relay import RelayTransport
from impasto_wire.pictures import Pixels

WIDTH, HEIGHT = 6000, 4000
STYLE = Pixels(8, 8, 4, "u8", bytes(256))


def layers(count: int) -> list[Pixels]:
    """Different layers of 24 MP, so that the engine holds none of them already."""
    noise = os.urandom(1 << 20)
    size = WIDTH * HEIGHT * 4
    data = (noise * (size // len(noise) + 1))[:size]
    return [Pixels(WIDTH, HEIGHT, 4, "u8", number.to_bytes(8, "little") + data[8:]) for number in range(count)]


def round_trips(
    open_engine: Callable[[], Engine], rounds: int, first: int, begins: Callable[[], None] | None = None
) -> list[float]:
    """Seconds from a layer in the filter's memory to its painting there; `begins` is called when the first starts."""
    ready = layers(first + rounds)[first:]
    with open_engine() as engine:
        seconds = []
        if begins:
            begins()
        for layer in ready:
            begun = time.perf_counter()
            engine.paint(asking(layer, [(STYLE, 1.0)]))
            seconds.append(time.perf_counter() - begun)
    return seconds


def keep_busy(connection_file: Path, rounds: int, first: int, begun: Event) -> None:
    """The work during which pings are measured. It has a process of its own, so that it slows down only the engine."""
    round_trips(lambda: Engine.connect(connection_file, 20.0), rounds, first, begun.set)


def pings(home: EngineHome, is_busy: Callable[[], bool], pause: float = 0.005) -> list[float]:
    """Seconds that each ping took, one after the other, as long as the engine is busy."""
    seconds = []
    with RawClient.of(home) as client:
        number = 0
        while is_busy():
            number += 1
            begun = time.perf_counter()
            client.ping(number)
            seconds.append(time.perf_counter() - begun)
            time.sleep(pause)
    return seconds


def measure(rounds: int) -> dict[str, float]:
    """All numbers, in seconds."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        home = EngineHome(Path(folder), options=("--painter", "fakes.painter:open_copier"))
        home.start()
        try:
            home.warm_worker()
            direct = round_trips(lambda: connect(home.config, 20.0), rounds, 0)
            relay = round_trips(
                lambda: Engine(RelayTransport(home.config.relay_command(), dict(os.environ))).wait_for_welcome(20.0),
                rounds,
                rounds,
            )
            begun = context.Event()
            busy = context.Process(target=keep_busy, args=(home.connection_file, rounds, 2 * rounds, begun))
            busy.start()
            begun.wait()
            waits = sorted(pings(home, busy.is_alive))
            busy.join()
        finally:
            home.stop()
    return {
        "direct_median": statistics.median(direct),
        "relay_median": statistics.median(relay),
        "ping_median": statistics.median(waits),
        "ping_99th": waits[int(len(waits) * 0.99)],
        "pings": len(waits),
    }


def main() -> None:
    """Print the numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    numbers = measure(arguments.rounds)
    if arguments.json:
        print(json.dumps(numbers))
        return
    for name, value in numbers.items():
        print(f"{name:14}{value:10.3f}")


if __name__ == "__main__":
    main()
