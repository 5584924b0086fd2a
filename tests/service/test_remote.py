"""Another machine's filter: paired by a key, let in through `--bind`, and shut out again at once."""

import contextlib
import json
import socket
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from fakes.engine import PATIENCE, EngineHome, RawClient, knock, random_pixels, wait_for
from fakes.jobs import asking
from fakes.painter import slow
from impasto.service.keys import KnownClients, PairedClients
from impasto.service.strangers import MOST_STRANGERS
from impasto_plugin.engine.client import Engine
from impasto_plugin.engine.launcher import EngineConfig, find_or_start
from impasto_wire.connection import read_connection
from impasto_wire.errors import EngineUnavailable
from impasto_wire.messages import Hello, Progress
from impasto_wire.settings import Settings

STYLE = [(random_pixels(8, 8), 1.0)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port(fresh_home: EngineHome) -> int:
    """The port of an engine that lets paired machines in."""
    port = free_port()
    fresh_home.start("--bind", f"tcp://0.0.0.0:{port}")
    return port


def pair(home: EngineHome, name: str, port: int) -> Path:
    """The connection file that `impasto pair` makes for another machine."""
    path = home.folder / f"{name}.json"
    done = home.impasto("pair", name, "--endpoint", f"tcp://127.0.0.1:{port}", "--output", str(path))
    assert done.returncode == 0, done.stderr
    return path


def assert_shut_out(path: Path) -> None:
    with RawClient(read_connection(path), hello=False) as client, pytest.raises(EngineUnavailable):
        client.send(Hello(1, "shut out"))
        assert client.receive(PATIENCE) is None
        pytest.fail("the connection was left open")


def test_a_paired_machine_paints_and_a_revoked_one_is_out_at_once(fresh_home: EngineHome, port: int) -> None:
    laptop, tablet = pair(fresh_home, "laptop", port), pair(fresh_home, "tablet", port)
    assert stat.S_IMODE(laptop.stat().st_mode) == 0o600
    with Engine.connect(laptop, PATIENCE) as remote, Engine.connect(tablet, PATIENCE) as other:
        assert remote.paint(asking(random_pixels(9, 9), STYLE)).width == 9
        job = remote.submit("final", asking(random_pixels(10, 10), STYLE, Settings(seed=slow(1000, 20))))
        wait_for(lambda: isinstance(job.next_event(PATIENCE), Progress), "the first step")
        assert fresh_home.impasto("pair", "--revoke", "laptop").returncode == 0
        assert other.paint(asking(random_pixels(9, 9), STYLE)).width == 9, "the revoked one's job was dropped"
        assert fresh_home.impasto("pair", "--list").stdout.partition(":")[0] == "tablet"
    assert_shut_out(laptop)
    Engine.connect(tablet, PATIENCE).close()


def test_an_engine_that_is_not_bound_lets_no_paired_machine_in(fresh_home: EngineHome) -> None:
    fresh_home.start()
    path = pair(fresh_home, "laptop", free_port())
    own = read_connection(fresh_home.connection_file)
    with_right_server = replace(read_connection(path), server_key=own.server_key, endpoint=own.endpoint)
    with RawClient(with_right_server, hello=False) as client, pytest.raises(EngineUnavailable):
        client.send(Hello(1, "not bound"))
        assert client.receive(PATIENCE) is None
        pytest.fail("the connection was left open")


def test_the_filter_here_still_reaches_a_bound_engine(fresh_home: EngineHome, port: int) -> None:
    connection = read_connection(fresh_home.connection_file)
    assert connection.endpoint == f"tcp://127.0.0.1:{port}"
    with fresh_home.connect() as engine:
        assert engine.paint(asking(random_pixels(9, 9), STYLE)).width == 9


def test_the_keys_of_a_bound_engine_last(fresh_home: EngineHome, port: int) -> None:
    laptop = pair(fresh_home, "laptop", port)
    fresh_home.stop()
    fresh_home.start("--bind", f"tcp://127.0.0.1:{port}")
    Engine.connect(laptop, PATIENCE).close()
    for path in fresh_home.keys.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_remote_engine_that_does_not_answer_is_not_started_here(fresh_home: EngineHome) -> None:
    path = pair(fresh_home, "laptop", free_port())
    config = EngineConfig(("/nowhere/impasto", "serve"), path, fresh_home.log_file, "0")
    with pytest.raises(EngineUnavailable, match="ended or refuses this filter"):
        find_or_start(config)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("pair", "laptop"), "pairing needs --endpoint"),
        (("pair", "--revoke", "nobody-i-know"), "no client is named nobody-i-know; paired is nobody"),
        (("serve", "--bind", "tcp://256.0.0.1:1"), "it must be a free address"),
        (("serve", "--bind", "nonsense"), "it must be a free address"),
    ],
)
def test_mistakes_are_told_in_a_sentence(fresh_home: EngineHome, arguments: tuple[str, ...], sentence: str) -> None:
    done = fresh_home.impasto(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_name_is_paired_once(fresh_home: EngineHome) -> None:
    pair(fresh_home, "laptop", 5577)
    again = fresh_home.impasto("pair", "laptop", "--endpoint", "tcp://x:1", "-o", str(fresh_home.folder / "x.json"))
    assert again.returncode == 2
    assert "paired already" in again.stderr
    assert json.loads((fresh_home.keys / "clients.json").read_text()).popitem()[1] == "laptop"


def test_a_pairing_whose_file_cannot_be_written_never_was(fresh_home: EngineHome) -> None:
    nowhere = fresh_home.folder / "nowhere" / "x.json"
    done = fresh_home.impasto("pair", "laptop", "--endpoint", "tcp://x:1", "-o", str(nowhere))
    assert done.returncode == 2
    assert done.stderr.startswith(f"impasto: {nowhere} can't be written (No such file or directory); nobody was paired")
    assert done.stderr.count("\n") == 1
    assert fresh_home.impasto("pair", "--list").stdout.strip() == ""


def test_a_pairing_that_cannot_be_kept_leaves_no_file(fresh_home: EngineHome) -> None:
    (fresh_home.keys / "clients.json").mkdir(parents=True)
    output = fresh_home.folder / "x.json"
    done = fresh_home.impasto("pair", "laptop", "--endpoint", "tcp://x:1", "-o", str(output))
    assert done.returncode == 2
    assert "doctor --fix" in done.stderr
    assert not output.exists()


def test_pairings_and_revocations_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    for name in range(8):
        with PairedClients(tmp_path).adding(f"old {name}"):
            pass

    def change(number: int) -> None:
        paired = PairedClients(tmp_path)
        if number % 2:
            paired.revoke(f"old {number // 2}")
        else:
            with paired.adding(f"new {number // 2}"):
                pass

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(change, range(16)))
    assert sorted(client.name for client in PairedClients(tmp_path).clients().values()) == [
        f"new {number}" for number in range(8)
    ]


def test_a_damaged_list_of_clients_ends_nothing(fresh_home: EngineHome, port: int) -> None:
    laptop = pair(fresh_home, "laptop", port)
    clients = fresh_home.keys / "clients.json"
    whole = clients.read_bytes()
    with Engine.connect(laptop, PATIENCE) as remote:
        clients.write_bytes(b"{")
        wait_for(lambda: "clients.json is damaged" in fresh_home.log(), "a line in the log")
        assert remote.paint(asking(random_pixels(9, 9), STYLE)).width == 9
        Engine.connect(laptop, PATIENCE).close()
        assert fresh_home.log().count("clients.json is damaged") == 1
        clients.write_bytes(whole.replace(b"laptop", b"tablet"))
        assert fresh_home.impasto("pair", "--revoke", "tablet").returncode == 0
    assert_shut_out(laptop)


def test_a_list_that_others_could_write_lets_nobody_in(tmp_path: Path) -> None:
    paired = PairedClients(tmp_path)
    with paired.adding("laptop") as keys:
        pass
    (tmp_path / "clients.json").chmod(0o666)
    assert not KnownClients("", PairedClients(tmp_path)).knows(keys.public)
    with pytest.raises(EngineUnavailable, match="can't be trusted"):
        paired.revoke("laptop")


@pytest.mark.parametrize("damaged", [b"", b"{}", b"[]", b'{"public": 1, "secret": 2}', b"[" * 100_000])
def test_damaged_server_keys_are_a_sentence(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "server.json"
    path.write_bytes(damaged)
    path.chmod(0o600)
    with pytest.raises(EngineUnavailable, match=r"server\.json is damaged; run: impasto doctor --fix"):
        PairedClients(tmp_path).server_keys()


@pytest.mark.parametrize("at", [pytest.param("a port"), pytest.param("a socket", marks=pytest.mark.long)])
def test_strangers_use_up_no_connections_and_keep_nobody_out(fresh_home: EngineHome, at: str) -> None:
    fresh_home.start(*(("--bind", "tcp://127.0.0.1:*") if at == "a port" else ()))
    connection = read_connection(fresh_home.connection_file)
    with contextlib.ExitStack() as strangers, fresh_home.connect() as engine:
        for _ in range(5):
            for _ in range(MOST_STRANGERS // 3):
                strangers.enter_context(knock(connection))
            fresh_home.connect().close()
        assert engine.paint(asking(random_pixels(9, 9), STYLE)).width == 9, "who is in stays in"
        broker = psutil.Process(fresh_home.pid())
        wait_for(lambda: broker.num_fds() < MOST_STRANGERS + 60, "the end of the oldest strangers", 2.0)
        wait_for(lambda: broker.num_fds() < 60, "the end of the silent strangers")
    fresh_home.connect().close()
