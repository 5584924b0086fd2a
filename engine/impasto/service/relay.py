"""`impasto relay`: passes frames between its standard streams and the engine, for a GIMP whose Python has no ZeroMQ.

`impasto_wire.streams` says how frames are written to a stream. The relay ends when one of the two sides ends.
"""

import contextlib
import os
import threading
from pathlib import Path
from typing import BinaryIO

import zmq

from impasto_wire.codec import encode
from impasto_wire.connection import read_connection
from impasto_wire.errors import EngineUnavailable, ImpastoError
from impasto_wire.messages import Failed
from impasto_wire.streams import own_stdin, own_stdout, read_frame, write_frame

from .control import open_wire

_FROM_STDIN = "inproc://stdin"
_END = b""
_BATCH = 16


def relay(connection_file: Path) -> int:
    """Pass frames on until one side closes. An error is sent as a `Failed`, so that the filter can show it."""
    stream, output = own_stdin(), own_stdout()
    with contextlib.suppress(OSError):  # the filter has ended: EPIPE, or EINVAL on Windows
        try:
            _relay(connection_file, stream, output)
        except ImpastoError as error:
            write_frame(output, encode(Failed("", error.code, str(error))))
        output.close()
    os._exit(0)  # the thread that reads standard input can't be interrupted


def _relay(connection_file: Path, stream: BinaryIO, output: BinaryIO) -> None:
    context = zmq.Context[zmq.Socket[bytes]]()
    incoming = context.socket(zmq.PULL)
    incoming.bind(_FROM_STDIN)
    engine = open_wire(context, read_connection(connection_file))
    dealer, monitor = engine.dealer, engine.monitor
    threading.Thread(target=_read_stdin, args=(context, stream), daemon=True).start()
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
            engine.send(frame)
        for _ in range(_BATCH):
            if not dealer.poll(0):
                break
            write_frame(output, dealer.recv())
        if monitor.poll(0) and not dealer.poll(0):
            raise EngineUnavailable("the Impasto engine has ended or refuses this filter; start it again")


def _read_stdin(context: zmq.Context[zmq.Socket[bytes]], stream: BinaryIO) -> None:
    """Pass on the filter's frames; the end of the stream, or a broken frame, ends the relay."""
    outgoing = context.socket(zmq.PUSH)
    outgoing.connect(_FROM_STDIN)
    with contextlib.suppress(OSError, ImpastoError):
        while frame := read_frame(stream):
            outgoing.send(frame)
    outgoing.send(_END)
