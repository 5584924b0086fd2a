"""A web server on loopback with one file, which it gives as badly as the test says: one behaviour for each request."""

import contextlib
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behaviour = Callable[["FileHandler"], None]


class FileServer(ThreadingHTTPServer):
    """`behaviours` are used up one a request, then the file is given as it should be; `ranges` holds what was asked."""

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), FileHandler)
        self.content = content
        self.behaviours: list[Behaviour] = []
        self.ranges: list[str | None] = []
        self.released = threading.Event()

    @property
    def address(self) -> str:
        """Where the server's files lie."""
        return f"http://127.0.0.1:{self.server_port}"


class FileHandler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: FileServer

    def do_GET(self) -> None:
        """Answer a request."""
        self.answer()

    def answer(self) -> None:
        """As the next behaviour says."""
        self.server.ranges.append(self.headers["Range"])
        behave = self.server.behaviours.pop(0) if self.server.behaviours else serve
        behave(self)

    def begin(self) -> bytes:
        """Send the head of an honest answer; returns what is to follow."""
        content = self.content()
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        start = int(asked[1]) if asked else 0
        if asked and start >= len(content):
            self.send_error(416)
            return b""
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        return content[start:]

    def content(self) -> bytes:
        """What was asked for."""
        return self.server.content

    def log_message(self, *_: object) -> None:
        """Nothing: the test's own words suffice."""


def serve(handler: FileHandler) -> None:
    """As it should be."""
    handler.wfile.write(handler.begin())


def truncate(after: int) -> Behaviour:
    """Announce everything, and hang up early."""

    def behave(handler: FileHandler) -> None:
        handler.wfile.write(handler.begin()[:after])

    return behave


def stall(after: int) -> Behaviour:
    """Announce everything, and fall silent."""

    def behave(handler: FileHandler) -> None:
        handler.wfile.write(handler.begin()[:after])
        handler.wfile.flush()
        handler.server.released.wait(60)

    return behave


def corrupt(handler: FileHandler) -> None:
    """The right length, the wrong bytes."""
    handler.wfile.write(bytes(byte ^ 1 for byte in handler.begin()))


def endless(handler: FileHandler) -> None:
    """Say nothing of a length, and never stop."""
    handler.send_response(200)
    handler.end_headers()
    with contextlib.suppress(OSError):  # until the asker hangs up
        while not handler.server.released.is_set():
            handler.wfile.write(bytes(1 << 16))


def announce(length: int) -> Behaviour:
    """Say that so many bytes will come."""

    def behave(handler: FileHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(length))
        handler.end_headers()

    return behave


def without_ranges(handler: FileHandler) -> None:
    """Give everything, whatever part was asked for."""
    del handler.headers["Range"]
    serve(handler)


def refuse(status: int) -> Behaviour:
    """Nothing but a status."""
    return lambda handler: handler.send_error(status)


def redirect(handler: FileHandler) -> None:
    """Send the asker elsewhere on this server."""
    handler.send_response(302)
    handler.send_header("Location", "/elsewhere")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@contextmanager
def running(content: bytes) -> Iterator[FileServer]:
    """A server that runs until the context ends."""
    with FileServer(content) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()
