"""The cluster of this machine alone: nobody else gets at what it keeps on the disk."""

import os
import stat
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from impasto.cluster.connect import joined


class FakeRay(ModuleType):
    """Makes its folder as Ray does, open to everyone, and remembers it."""

    folder: Path

    def init(self, address: str, _temp_dir: str, **options: Any) -> None:
        self.folder = Path(_temp_dir)
        self.folder.mkdir()
        self.folder.chmod(0o777)

    def shutdown(self) -> None:
        pass


@pytest.mark.skipif(os.name == "nt", reason="modes say nothing there")
def test_nobody_else_can_enter_the_folder_that_ray_opens_to_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = FakeRay("ray")
    monkeypatch.setitem(sys.modules, "ray", ray)
    for name in ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "RAY_USAGE_STATS_ENABLED"):
        monkeypatch.setenv(name, "")
    with joined("auto", 1):
        above = ray.folder.parent.stat()
        assert stat.S_IMODE(above.st_mode) == 0o700
        assert above.st_uid == os.geteuid()
        longest = ray.folder / "session_2026-01-01_00-00-00_000000_4194304" / "sockets" / "plasma_store"
        assert len(os.fsencode(longest)) < 100, "a socket's path can't be longer"
    assert not ray.folder.parent.exists()
