"""Wheels out of the filter's lists, fetched from the real index as a set-up fetches them, and kept in the cache."""

from pathlib import Path

from debian_roots import cache_folder
from impasto.locks import FileLock
from impasto_setup.download import download
from impasto_setup.index import Indexes, find
from impasto_setup.lists import Wheel
from impasto_setup.network import Network
from impasto_setup.progress import Meter, SetUpProgress

_FETCHED_SECONDS = 250.0
"""How long another worker of the tests may take to fetch a wheel."""


class Nobody:
    """Looks at no progress, and never wants it to stop."""

    def show(self, progress: SetUpProgress) -> None:
        """Nothing."""

    def is_cancelled(self) -> bool:
        """Never."""
        return False


def fetched(wheel: Wheel, name: str = ".") -> Path:
    """A wheel's file, in the cache's folder of that name. Raises `SetUpError`."""
    file = cache_folder(name) / wheel.file
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file.with_name(f"{file.name}.lock"))
    assert lock.wait(_FETCHED_SECONDS), "somebody else still fetches it"
    try:
        if not file.exists():
            network, meter = Network(), Meter(Nobody(), wheel.size)
            url, sha256 = find(network, Indexes(), wheel, meter.check)
            download(network, url, file, sha256, wheel.size, meter)
    finally:
        lock.close()
    return file
