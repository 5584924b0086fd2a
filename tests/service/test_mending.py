"""`impasto doctor --fix` mends whatever can be made by deleting, damaging or giving away the engine's files: the next
job works."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from fakes.engine import EngineHome, random_pixels, wait_for
from fakes.jobs import asking
from impasto.doctor import examine as examination
from impasto.doctor.finding import Finding
from impasto.folders import folders
from impasto.service.keys import KeyPair, PairedClients
from impasto_install.system import System
from impasto_plugin.engine.launcher import find_or_start
from impasto_wire import PROTOCOL
from impasto_wire.connection import Connection, write_connection

pytestmark = pytest.mark.skipif(os.name != "posix", reason="what harms a file is another matter there")

SOMEONE = 12_345


class OwnHome(EngineHome):
    """A home whose connection file lies where the command line looks for it."""

    @property
    def connection_file(self) -> Path:
        return self.folder / "runtime" / "impasto" / "connection.json"


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnHome]:
    """A home with everything that an engine leaves, and a doctor who looks there at the engine's files alone."""
    engine = OwnHome(
        tmp_path_factory.mktemp("m"), ("--painter", "fakes.painter:open_painter", "--bind", "tcp://127.0.0.1:*")
    )
    for name, value in engine.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("filters", "menus", "weights", "bridge"):
        monkeypatch.setattr(examination, name, lambda *_: iter(()))
    for name in ("device", "memory"):
        monkeypatch.setattr(examination.machine, name, lambda *_: iter(()))
    for name, path in asdict(folders()).items():
        (path.parent if name.endswith("file") else path).mkdir(mode=0o700, parents=True, exist_ok=True)
    paired = PairedClients(engine.keys)
    with paired.adding("laptop"):
        pass
    keys = paired.server_keys()
    dead = Connection("tcp://127.0.0.1:1", keys.public, *asdict(KeyPair.new()).values(), PROTOCOL, "0", 2**22)
    write_connection(engine.connection_file, dead)
    for path in (engine.log_file, *locks(engine)):
        path.touch(0o600)
    yield engine
    engine.stop()


def locks(home: EngineHome) -> tuple[Path, Path]:
    return home.connection_file.with_suffix(".lock"), home.keys / "lock"


def mend() -> list[Finding]:
    """What `impasto doctor --fix` finds in the end."""
    return list(examination.examine(System("linux", None), mends=True))  # type: ignore[arg-type]


def assert_the_next_job_works(home: EngineHome) -> None:
    with find_or_start(home.config) as engine:
        assert engine.paint(asking(random_pixels(5, 5), [(random_pixels(8, 8), 1.0)])).width == 5
    assert "final of 5x5" in home.log()


FOLDERS: dict[str, Callable[[EngineHome], Path]] = {
    "the runtime folder": lambda home: home.connection_file.parent,
    "the keys folder": lambda home: home.keys,
    "the spool": lambda home: home.spool,
    "the log's folder": lambda home: home.log_file.parent,
    "the checkpoints": lambda home: home.spool.with_name("checkpoints"),
    "the settings": lambda home: home.keys.parent,
    "the cache": lambda home: home.spool.parent,
}
FILES: dict[str, Callable[[EngineHome], Path]] = {
    "the connection file": lambda home: home.connection_file,
    "the lock": lambda home: locks(home)[0],
    "the keys' lock": lambda home: locks(home)[1],
    "the log": lambda home: home.log_file,
    "the clients": lambda home: home.keys / "clients.json",
    "the engine's keys": lambda home: home.keys / "server.json",
}


def delete(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))


def make_other_kind(path: Path) -> None:
    was_folder = path.is_dir()
    delete(path)
    if was_folder:
        path.touch(0o600)
    else:
        path.mkdir(0o700)


def make_dangling(path: Path) -> None:
    delete(path)
    path.symlink_to("/nowhere/at/all")


HARMS: dict[str, Callable[[Path], object]] = {
    "deleted": delete,
    "damaged": lambda path: path.write_bytes(b"{") if path.is_file() else path.chmod(0o0),
    "open to others": lambda path: path.chmod(0o777),
    "closed": lambda path: path.chmod(0o0),
    "given away": lambda path: os.chown(path, SOMEONE, SOMEONE),
    "of another kind": make_other_kind,
    "a link to nowhere": make_dangling,
}


def harm(home: EngineHome, what: list[str], how: str) -> None:
    if how == "given away" and os.getuid():
        pytest.skip("only root can give a file away")
    for name in what:
        HARMS[how]({**FILES, **FOLDERS}[name](home))


TOGETHER = [
    *((list(FILES), how) for how in HARMS),
    *((list(FOLDERS)[:4], how) for how in ("deleted", "given away", "of another kind")),
]


@pytest.mark.parametrize(("what", "how"), TOGETHER, ids=lambda value: value if isinstance(value, str) else value[0])
def test_after_mending_the_next_job_works(home: EngineHome, what: list[str], how: str) -> None:
    harm(home, what, how)
    assert [finding for finding in mend() if finding.state != "ok"] == []
    assert_the_next_job_works(home)


@pytest.mark.long
@pytest.mark.parametrize("how", HARMS)
@pytest.mark.parametrize("what", [*FILES, *FOLDERS])
def test_after_mending_one_thing_the_next_job_works(home: EngineHome, what: str, how: str) -> None:
    harm(home, [what], how)
    assert [finding for finding in mend() if finding.state != "ok"] == []
    assert_the_next_job_works(home)


@pytest.mark.parametrize("how", ["of another kind", "given away", "a link to nowhere"])
def test_under_a_running_engine_everything_is_mended_too(home: EngineHome, how: str) -> None:
    process = home.start()
    harm(home, ["the connection file", "the log", "the clients"], how)
    assert [finding for finding in mend() if finding.state != "ok"] == []
    assert_the_next_job_works(home)
    wait_for(lambda: home.connection_file.is_file(), "the connection file")
    assert home.pid() == process.pid


def test_a_secret_that_others_could_read_is_not_used_again(home: EngineHome) -> None:
    before = json.loads((home.keys / "server.json").read_text())
    (home.keys / "server.json").chmod(0o640)
    mend()
    assert PairedClients(home.keys).server_keys().public != before["public"]


def test_what_is_set_aside_is_kept_and_told(home: EngineHome) -> None:
    (home.keys / "clients.json").write_text("precious, but not JSON")
    [told] = [finding.told for finding in mend() if finding.what == "files and folders"]
    [aside] = home.keys.glob("clients.json.set-aside-*")
    assert str(aside) in told
    assert aside.read_text() == "precious, but not JSON"
