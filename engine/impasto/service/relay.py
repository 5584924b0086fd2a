"""`impasto relay`: carries frames between its standard streams and the engine, for a GIMP whose Python has no ZeroMQ.

Each frame goes after its length, see `impasto_wire.streams`. The relay ends when either side does.
"""

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import BinaryIO

import zmq

from impasto_wire.codec import encode
from impasto_wire.connection import read_connection
from impasto_wire.errors import EngineUnavailable, ImpastoError
from impasto_wire.messages import Failed
from impasto_wire.streams import read_frame, write_frame

from .control import open_dealer

_FROM_STDIN = "inproc://stdin"
_END = b""
_BATCH = 16


def relay(connection_file: Path) -> int:
    """Carry frames until an end closes; what is wrong is told as a `Failed`, so that the filter can say it."""
    output = _own_stdout()
    try:
        with contextlib.suppress(BrokenPipeError):
            _relay(connection_file, output)
    except ImpastoError as error:
        with contextlib.suppress(BrokenPipeError):
            write_frame(output, encode(Failed("", error.code, str(error))))
    output.close()
    os._exit(0)  # the thread that reads standard input can't be woken


def _relay(connection_file: Path, output: BinaryIO) -> None:
    context = zmq.Context[zmq.Socket[bytes]]()
    incoming = context.socket(zmq.PULL)
    incoming.bind(_FROM_STDIN)
    dealer = open_dealer(context, read_connection(connection_file))
    monitor = dealer.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_CLOSED | zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    threading.Thread(target=_read_stdin, args=(context,), daemon=True).start()
    poller = zmq.Poller()
    for socket in (incoming, dealer, monitor):
        poller.register(socket, zmq.POLLIN)
    while True:
        poller.poll()
        for _ in range(_BATCH):
            if not incoming.poll(0):
                break
            frame = incoming.recv()
            if frame == _END:
                return
            _send(dealer, frame)
        for _ in range(_BATCH):
            if not dealer.poll(0):
                break
            write_frame(output, dealer.recv())
        if monitor.poll(0) and not dealer.poll(0):
            raise EngineUnavailable("the Impasto engine has ended or doesn't let this filter in")


def _send(dealer: zmq.Socket[bytes], frame: bytes) -> None:
    """Send without waiting: for an engine that has just ended that would be for ever."""
    with contextlib.suppress(zmq.Again):
        dealer.send(frame, zmq.NOBLOCK)


def _read_stdin(context: zmq.Context[zmq.Socket[bytes]]) -> None:
    """Pass on what the filter says; its end, or nonsense, ends the relay."""
    outgoing = context.socket(zmq.PUSH)
    outgoing.connect(_FROM_STDIN)
    with contextlib.suppress(OSError, ImpastoError):
        while frame := read_frame(sys.stdin.buffer):
            outgoing.send(frame)
    outgoing.send(_END)


def _own_stdout() -> BinaryIO:
    """Standard output for frames alone: whatever else prints goes to standard error."""
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return output
