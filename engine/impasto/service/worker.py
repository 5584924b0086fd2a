"""The worker's process: paints between two pipes, at low priority; pictures lie in the store's folder, by digest."""

import argparse
import contextlib
import logging
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from impasto.painting.painter import open_named
from impasto_wire.codec import TO_ENGINE, decode, encode
from impasto_wire.errors import ImpastoError
from impasto_wire.streams import read_frame, write_frame

from .workbench import Workbench

_NICENESS = 5


def _read_all(stream: BinaryIO, inbox: "queue.SimpleQueue[Any]") -> None:
    """Bring messages in; when the broker has closed the stream, or died, end at once, even in mid-step."""
    with contextlib.suppress(OSError, ImpastoError):
        while frame := read_frame(stream):
            inbox.put(decode(frame, TO_ENGINE))
    os._exit(0)


def _own_stdout() -> BinaryIO:
    """The pipe to the broker; whatever else prints from now on goes to the log."""
    pipe = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return pipe


def main() -> None:
    """`python -m impasto.service.worker`, started by the supervisor."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--spool", type=Path, required=True)
    parser.add_argument("--painter", required=True, help="module:function that opens a Painter on a device")
    parser.add_argument("--device", required=True)
    parser.add_argument("--rest", type=float, required=True, help="seconds without a task until the memory is freed")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    pipe = _own_stdout()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read_all, args=(sys.stdin.buffer, inbox), daemon=True).start()

    Workbench(
        arguments.spool,
        inbox,
        lambda message: write_frame(pipe, encode(message)),
        lambda: open_named(arguments.painter, arguments.device),
        arguments.rest,
    ).work()
    os._exit(1)  # a thread still reads


if __name__ == "__main__":
    main()
