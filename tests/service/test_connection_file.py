"""The connection file of a running engine: lost, damaged or exposed, it is soon whole again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import zmq

from fakes.engine import PATIENCE, EngineHome, RawClient, is_running, random_pixels, wait_for
from fakes.jobs import asking
from fakes.older_engine import OlderEngine
from impasto.locks import FileLock
from impasto.service import control
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.launcher import find_or_start
from impasto_wire import PROTOCOL
from impasto_wire.connection import read_connection, write_connection
from impasto_wire.errors import EngineUnavailable
from impasto_wire.messages import Failed, Hello, Ping, Stop

STYLE = [(random_pixels(8, 8), 1.0)]
SOMEONE = 12_345


@pytest.fixture
def short_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineHome]:
    """A place whose path is short enough for a socket."""
    engine = EngineHome(tmp_path_factory.mktemp("e"))
    yield engine
    engine.stop()


def paint(home: EngineHome) -> None:
    with find_or_start(home.config) as engine:
        assert engine.paint(asking(random_pixels(5, 5), STYLE)).width == 5


def replace_by_link(path: Path) -> None:
    elsewhere = path.with_name("elsewhere.json")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def remove_folder(path: Path) -> None:
    path.parent.rename(path.parent.with_name("gone"))


HARMS: dict[str, Callable[[Path], object]] = {
    "deleted": Path.unlink,
    "emptied": lambda path: path.write_bytes(b""),
    "halved": lambda path: path.write_bytes(path.read_bytes()[:50]),
    "another's address": lambda path: write_connection(
        path, replace(read_connection(path), endpoint="tcp://127.0.0.1:1")
    ),
    "readable by all": lambda path: path.chmod(0o644),
    "given away": lambda path: os.chown(path, SOMEONE, SOMEONE),
    "a link": replace_by_link,
    "without its lock": lambda path: path.with_suffix(".lock").unlink(),
    "without its folder": remove_folder,
    "in an open folder": lambda path: path.parent.chmod(0o777),
    "without its socket": lambda path: [socket.unlink() for socket in path.parent.glob("*.sock")],
}
EXPOSING = {"readable by all", "given away"}


@pytest.mark.skipif(os.name != "posix", reason="what harms a file is another matter there")
@pytest.mark.parametrize("how", HARMS)
def test_whatever_happens_to_the_connection_file_the_next_job_works(short_home: EngineHome, how: str) -> None:
    if how == "given away" and os.getuid():
        pytest.skip("only root can give a file away")
    file = short_home.connection_file
    process = short_home.start()
    before = read_connection(file)
    with short_home.connect() as running:
        HARMS[how](file)
        paint(short_home)
        wait_for(lambda: is_as_it_should_be(file), "everything to be as it was")
        assert short_home.pid() == process.pid, "it is the same engine"
        assert short_home.log().count("listens at") == 1, "and there was never another"
        if how not in EXPOSING:
            assert running.paint(asking(random_pixels(6, 6), STYLE)).width == 6, "who was in stays in"
    assert (read_connection(file).client_key != before.client_key) == (how in EXPOSING)
    assert read_connection(file).server_key == before.server_key


def is_as_it_should_be(file: Path) -> bool:
    try:
        there = zmq.has("ipc") is False or list(file.parent.glob("*.sock"))
        return bool(there and read_connection(file) and FileLock(file.with_suffix(".lock")).is_held())
    except EngineUnavailable:
        return False


def test_a_key_that_others_could_read_opens_nothing_any_more(fresh_home: EngineHome) -> None:
    fresh_home.start()
    stolen = read_connection(fresh_home.connection_file)
    with RawClient(stolen) as inside:
        fresh_home.connection_file.chmod(0o604)
        wait_for(lambda: key_of(fresh_home.connection_file) not in (None, stolen.client_key), "a new key")
        wait_for(lambda: is_shut_out(inside), "the end of its session")
    address = read_connection(fresh_home.connection_file).endpoint
    with RawClient(replace(stolen, endpoint=address), hello=False) as late, pytest.raises(EngineUnavailable):
        late.send(Hello(PROTOCOL, "thief"))
        assert late.receive(PATIENCE) is None
        pytest.fail("the connection was left open")
    assert stolen.client_secret not in fresh_home.log()


def is_shut_out(client: RawClient) -> bool:
    """Is it cut off, or told that its session is over?"""
    try:
        client.send(Ping(1))
        return isinstance(client.receive(), Failed)
    except EngineUnavailable:
        return True


def key_of(path: Path) -> str | None:
    try:
        return read_connection(path).client_key
    except EngineUnavailable:
        return None


def test_a_copy_for_a_sandbox_is_looked_after_too(fresh_home: EngineHome, tmp_path: Path) -> None:
    copy = tmp_path / "profile" / "impasto-connection.json"
    copy.parent.mkdir()
    fresh_home.start("--share-connection", str(copy))
    assert read_connection(copy) == read_connection(fresh_home.connection_file)
    assert read_connection(copy).endpoint.startswith("tcp://"), "a sandbox doesn't see the private folder"
    copy.unlink()
    wait_for(lambda: key_of(copy), "the copy")
    old = key_of(copy)
    copy.chmod(0o644)
    wait_for(lambda: key_of(copy) not in (None, old), "a new key")
    wait_for(lambda: key_of(copy) == key_of(fresh_home.connection_file), "the same key in both")


def test_an_engine_whose_place_was_taken_ends_and_leaves_the_others_files(short_home: EngineHome) -> None:
    """Both its locks are removed and another engine is quicker than the first one's next look."""
    first = short_home.start()
    remove_folder(short_home.connection_file)
    [twin] = short_home.spool.glob("engine-*.lock")
    twin.unlink()
    second = subprocess.Popen(short_home.command, env={**os.environ, **short_home.environment})
    short_home.processes.append(second)
    wait_for(lambda: first.poll() is not None or second.poll() is not None, "the end of one of them")
    assert {first.poll(), second.poll()} == {0, None}
    left = second if first.poll() == 0 else first
    wait_for(lambda: is_as_it_should_be(short_home.connection_file), "the other's files")
    paint(short_home)
    assert short_home.pid() == left.pid


def test_a_local_engine_listens_where_no_stranger_can_knock(short_home: EngineHome) -> None:
    if not zmq.has("ipc"):
        pytest.skip("this ZeroMQ has no local sockets")
    import psutil

    process = short_home.start()
    endpoint = read_connection(short_home.connection_file).endpoint
    socket = Path(endpoint.removeprefix("ipc://"))
    assert socket.parent == short_home.connection_file.parent
    assert socket.stat().st_mode & 0o077 == 0
    assert not psutil.Process(process.pid).net_connections("inet")
    status = short_home.impasto("status", "--connection-file", str(short_home.connection_file))
    assert endpoint in status.stdout
    process.kill()
    process.wait()
    assert socket.exists(), "it had no chance to delete it"
    paint(short_home)
    assert not socket.exists()


def test_a_path_too_long_for_a_socket_gets_a_port(tmp_path: Path) -> None:
    home = EngineHome(tmp_path / ("x" * 90))
    home.folder.mkdir()
    home.start()
    assert read_connection(home.connection_file).endpoint.startswith("tcp://127.0.0.1:")
    paint(home)
    home.stop()


# status and stop


@pytest.mark.skipif(os.name != "posix", reason="a process can't be stopped and continued there")
def test_status_and_stop_answer_when_the_engine_hangs(fresh_home: EngineHome, monkeypatch: pytest.MonkeyPatch) -> None:
    process = fresh_home.start()
    process.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(control, "_ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(control, "_REPUBLISH_SECONDS", 0.3)
    try:
        for ask in (control.ask_status, control.stop):
            begun = time.monotonic()
            with pytest.raises(EngineUnavailable, match=rf"\(process {process.pid}\) doesn't answer"):
                ask(fresh_home.connection_file)
            assert time.monotonic() - begun < 3, "0.6 s, on a machine that isn't busy"
    finally:
        process.send_signal(signal.SIGCONT)
    monkeypatch.undo()
    control.stop(fresh_home.connection_file)
    assert process.wait(PATIENCE) == 0


def test_status_and_stop_answer_whatever_lies_there(fresh_home: EngineHome) -> None:
    fresh_home.start()
    stale = read_connection(fresh_home.connection_file)
    fresh_home.stop()
    for connection in (stale, replace(stale, endpoint="tcp://nowhere.invalid:1"), replace(stale, endpoint="tcp://x")):
        write_connection(fresh_home.connection_file, connection)
        with pytest.raises(EngineUnavailable):
            control.ask_status(fresh_home.connection_file)
    if hasattr(os, "mkfifo"):
        fresh_home.connection_file.unlink()
        os.mkfifo(fresh_home.connection_file)
        with pytest.raises(EngineUnavailable, match="damaged"):
            control.stop(fresh_home.connection_file)
    fresh_home.connection_file.unlink()


def test_a_lost_connection_file_delays_status_and_stop_only_a_little(fresh_home: EngineHome) -> None:
    process = fresh_home.start()
    fresh_home.connection_file.unlink()
    assert control.ask_status(fresh_home.connection_file).pid == process.pid
    fresh_home.connection_file.unlink()
    control.stop(fresh_home.connection_file)
    assert process.wait(PATIENCE) == 0


def test_only_its_own_machine_stops_an_engine(fresh_home: EngineHome, tmp_path: Path) -> None:
    fresh_home.start("--bind", "tcp://127.0.0.1:*")
    paired = tmp_path / "laptop.json"
    endpoint = read_connection(fresh_home.connection_file).endpoint
    assert fresh_home.impasto("pair", "laptop", "--endpoint", endpoint, "-o", str(paired)).returncode == 0
    with RawClient(read_connection(paired)) as client:
        client.send(Stop())
        assert client.expect(Failed).code == "setting"
        client.ping(1)
    with RawClient.of(fresh_home) as own, pytest.raises(EngineUnavailable):
        own.send(Stop())
        assert own.expect(Failed).code == "unavailable"
        own.receive()
        pytest.fail("it goes on")
    assert fresh_home.processes[0].wait(PATIENCE) == 0


@pytest.mark.skipif(os.name != "posix", reason="signals are another matter there")
@pytest.mark.parametrize(("words", "ends"), [(("impasto", "serve"), True), (("somebody", "else's"), False)])
def test_an_older_engine_is_stopped_by_a_signal_and_nobody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, str], ends: bool
) -> None:
    monkeypatch.setattr(control, "_END_SECONDS", 0.5)
    path = tmp_path / "connection.json"
    process = subprocess.Popen([sys.executable, "-c", "input()", *words], stdin=subprocess.PIPE)
    write_connection(path, replace(OlderEngine().connection, pid=process.pid))
    with pytest.raises(EngineUnavailable, match="does not end"):  # it leaves its file
        control.stop(path)
    if ends:
        assert process.wait(PATIENCE) == -signal.SIGTERM
    else:
        assert is_running(process.pid)
        process.communicate(b"\n")


def test_a_session_sees_that_the_engine_was_stopped(fresh_home: EngineHome) -> None:
    fresh_home.start()
    with Engine.connect(fresh_home.connection_file, PATIENCE) as engine:
        job = engine.submit("final", asking(random_pixels(9, 9), STYLE))
        control.stop(fresh_home.connection_file)
        with pytest.raises(EngineUnavailable):
            while True:
                job.next_event(PATIENCE)
