"""A package index: where a wheel lies, by the JSON of PEP 691 or else the HTML of PEP 503."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from .errors import NOT_THERE, Refused
from .lists import Wheel
from .network import Network

PYPI = "https://pypi.org/simple"
TORCH = "https://download.pytorch.org/whl"
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


@dataclass(frozen=True)
class Indexes:
    """The ordinary index, and the folder that holds PyTorch's own."""

    packages: str = PYPI
    torch: str = TORCH

    def of(self, folder: str) -> str:
        """The index that a wheel's `index` names."""
        return f"{self.torch}/{folder}" if folder else self.packages


def chosen_indexes(environ: Mapping[str, str] = os.environ, told: Mapping[str, str] | None = None) -> Indexes:
    """The indexes that variables name, or else engine.json, or else the public ones."""
    told = told or {}
    names = ("IMPASTO_INDEX", "UV_DEFAULT_INDEX", "PIP_INDEX_URL")
    packages = next(filter(None, map(environ.get, names)), told.get("index") or PYPI)
    torch = environ.get("IMPASTO_TORCH_INDEX") or told.get("torch_index") or TORCH
    return Indexes(packages.rstrip("/"), torch.rstrip("/"))


def find(network: Network, indexes: Indexes, wheel: Wheel, check: Callable[[], object]) -> tuple[str, str | None]:
    """A wheel's URL at its index, and the SHA-256 that it must have. Raises `NetworkError`."""
    page = f"{indexes.of(wheel.index)}/{wheel.project}/"
    answer, content = network.read(page, {"Accept": ACCEPT}, check)
    is_json = "json" in answer.headers.get("content-type", "")
    files = _files_in_json(content) if is_json else _files_in_html(content)
    if wheel.file not in files:
        raise Refused(
            NOT_THERE,
            server=urlsplit(page).hostname or page,
            file=wheel.file,
        )
    url, sha256 = files[wheel.file]
    return urljoin(page, url), wheel.sha256 or sha256


def _files_in_json(content: bytes) -> dict[str, tuple[str, str | None]]:
    files = json.loads(content)["files"]
    return {file["filename"]: (file["url"], file.get("hashes", {}).get("sha256")) for file in files}


def _files_in_html(content: bytes) -> dict[str, tuple[str, str | None]]:
    links = _Links()
    links.feed(content.decode("utf-8", "replace"))
    found = {}
    for link in links.found:
        url, told = urldefrag(link)
        sha256 = told[len("sha256=") :] if told.startswith("sha256=") else None
        found[unquote(urlsplit(url).path.rsplit("/", 1)[-1])] = url, sha256
    return found


class _Links(HTMLParser):
    """The targets of a page's links."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the target of a link."""
        self.found += [value for name, value in attrs if tag == "a" and name == "href" and value]
