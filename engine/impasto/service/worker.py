"""The worker's process: reads messages from one pipe, paints at low priority, and writes messages to another pipe.

Pictures don't go through the pipes: they are files in the store's folder, named by their digests.
"""

import argparse
import contextlib
import logging
import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

import psutil

from impasto.painting.painter import open_named
from impasto_wire.codec import TO_ENGINE, by_name, decode, encode
from impasto_wire.errors import ImpastoError
from impasto_wire.streams import own_stdin, own_stdout, read_frame, write_frame

from .task_loop import TaskLoop
from .worker_messages import Turn

_KINDS = {**TO_ENGINE, **by_name(Turn)}
_NICENESS = 5


def _stay_behind() -> None:
    """Let this process, and those that it starts, leave the processor to whatever a person does meanwhile."""
    if sys.platform == "win32":
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
    else:
        os.nice(_NICENESS)


def _read_all(stream: BinaryIO, inbox: "queue.SimpleQueue[Any]") -> None:
    """Put the broker's messages into the inbox. When it closes the stream or dies, end at once, even during a step."""
    with contextlib.suppress(OSError, ImpastoError):
        while frame := read_frame(stream):
            inbox.put(decode(frame, _KINDS))
    os._exit(0)


def main() -> None:
    """`python -m impasto.service.worker`, which the supervisor starts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--spool", type=Path, required=True)
    parser.add_argument("--painter", required=True, help="module:function that opens a Painter on a device")
    parser.add_argument("--device", required=True)
    parser.add_argument("--rest", type=float, required=True, help="seconds without a task until the memory is freed")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    stream, pipe = own_stdin(), own_stdout()
    _stay_behind()
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read_all, args=(stream, inbox), daemon=True).start()

    TaskLoop(
        arguments.spool,
        inbox,
        lambda message: write_frame(pipe, encode(message)),
        lambda: open_named(arguments.painter, arguments.device),
        arguments.rest,
    ).run()
    os._exit(1)  # not sys.exit: a thread still reads from the pipe


if __name__ == "__main__":
    main()
