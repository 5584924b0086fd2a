"""A package index on loopback, by JSON or HTML, that gives its files as badly as a test says."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import PurePosixPath
from urllib.parse import quote, unquote

from fakes.file_server import Behaviour, FileHandler, FileServer, serve


def line(name: str, content: bytes) -> dict[str, object]:
    """What a list of the filter's says of a file."""
    return {"file": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


class PackageIndex(FileServer):
    """`files` by their names; `behaves` has for some of them the behaviours that are used up one a request."""

    def __init__(self) -> None:
        ThreadingHTTPServer.__init__(self, ("127.0.0.1", 0), PackageHandler)
        self.files: dict[str, bytes] = {}
        self.behaves: dict[str, list[Behaviour]] = {}
        self.asked: list[str] = []
        self.ranges: list[str | None] = []
        self.released = threading.Event()
        self.is_html = False

    @property
    def simple(self) -> str:
        """The index's URL."""
        return f"{self.address}/simple"

    def add(self, name: str, content: bytes) -> dict[str, object]:
        """Have a file; returns its line of a list."""
        self.files[name] = content
        return line(name, content)

    def page(self, project: str) -> bytes:
        """A project's page."""
        names = [name for name in self.files if name.split("-")[0].replace("_", "-").lower() == project]
        digests = {name: hashlib.sha256(self.files[name]).hexdigest() for name in names}
        if self.is_html:
            links = [f'<a href="../../files/{quote(name)}#sha256={digests[name]}">{name}</a>' for name in names]
            return f"<html><body>{''.join(links)}</body></html>".encode()
        files = [
            {"filename": name, "url": f"/files/{quote(name)}", "hashes": {"sha256": digests[name]}} for name in names
        ]
        return json.dumps({"files": files, "name": project}).encode()


class PackageHandler(FileHandler):
    """Answers one request."""

    server: PackageIndex

    def answer(self) -> None:
        """A project's page, or a file as its next behaviour says."""
        path = PurePosixPath(unquote(self.path))
        self.server.asked.append(path.name)
        if "simple" in path.parts:
            self._send_page(path.name)
        elif path.name not in self.server.files:
            self.send_error(404)
        else:
            self.server.ranges.append(self.headers["Range"])
            behaviours = self.server.behaves.get(path.name, [])
            (behaviours.pop(0) if behaviours else serve)(self)

    def _send_page(self, project: str) -> None:
        page = self.server.page(project)
        self.send_response(200)
        kind = "text/html" if self.server.is_html else "application/vnd.pypi.simple.v1+json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def content(self) -> bytes:
        """The file that was asked for."""
        return self.server.files[PurePosixPath(unquote(self.path)).name]


@contextmanager
def running_index() -> Iterator[PackageIndex]:
    """An index that runs until the context ends."""
    with PackageIndex() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()
