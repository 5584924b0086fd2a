"""Connections without a session: which of them must leave, and that new clients don't."""

import contextlib
import socket
import sys
from collections.abc import Iterator

import pytest
import zmq

from fakes.engine import EngineHome, RawClient, knock
from impasto.service.frontend import Frontend
from impasto.service.keys import KeyPair, KnownClients
from impasto.service.strangers import LEAST_WEIGHT, MOST_STRANGERS, STRANGERS_ROOM, Strangers
from impasto_wire import PROTOCOL
from impasto_wire.connection import read_connection
from impasto_wire.messages import Hello, Welcome

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says what has come")


@contextlib.contextmanager
def connections(count: int) -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Pairs of a client's and the accepted socket."""
    with contextlib.ExitStack() as stack, socket.create_server(("127.0.0.1", 0), backlog=count) as server:
        made = []
        for _ in range(count):
            client = stack.enter_context(socket.create_connection(server.getsockname()))
            accepted, _ = server.accept()
            made.append((client, stack.enter_context(accepted)))
        yield made


def is_open(client: socket.socket) -> bool:
    client.settimeout(0.0)
    try:
        return client.recv(1) != b""
    except BlockingIOError:
        return True


@linux_only
def test_the_heaviest_strangers_leave_and_newcomers_stay() -> None:
    strangers = Strangers(weight_unknown=1 << 20)
    with connections(60) as made:
        for number, (client, accepted) in enumerate(made):
            strangers.add(accepted.fileno())
            if number < 40:
                client.setblocking(False)
                sent = 0
                while sent < 1 << 20:  # as ZeroMQ reads what it has accepted
                    with contextlib.suppress(BlockingIOError):
                        sent += client.send(bytes(1 << 16))
                    with contextlib.suppress(BlockingIOError):
                        accepted.setblocking(False)
                        accepted.recv(1 << 20)
        strangers.limit()
        stay = [is_open(client) for client, _ in made]
        assert all(stay[40:]), "who has sent little"
        assert 25 < sum(stay[:40]) <= STRANGERS_ROOM >> 20
        assert stay[:40] == sorted(stay[:40]), "of equals the oldest leave"


def test_where_nothing_is_known_of_strangers_the_oldest_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("impasto.service.strangers.bytes_received", lambda handle: None)
    strangers = Strangers(weight_unknown=STRANGERS_ROOM // 4)
    with connections(6) as made:
        for _, accepted in made:
            strangers.add(accepted.fileno())
        strangers.limit()
        assert [is_open(client) for client, _ in made] == [False] * 2 + [True] * 4


def test_the_end_of_a_session_leaves_the_next_one_with_its_handle_alone() -> None:
    with zmq.Context[zmq.Socket[bytes]]() as context:
        keys = KeyPair.new()
        frontend = Frontend(context, keys, KnownClients(keys.public))
        with contextlib.closing(frontend):
            old, new, handle = object(), object(), 10**6
            for session in (old, new):  # ZeroMQ has closed the old one's connection, and its handle came again
                frontend._admitted.pop(handle, None)
                frontend._strangers.add(handle)
                frontend.admit(handle, session)
            frontend.dismiss(handle, old)
            assert not frontend._strangers.forget(handle), "the new one is no stranger"
            frontend.dismiss(handle, new)
            assert frontend._strangers.forget(handle)


@linux_only
def test_two_hundred_silent_strangers_keep_no_newcomer_out(fresh_home: EngineHome) -> None:
    assert MOST_STRANGERS * LEAST_WEIGHT == STRANGERS_ROOM
    fresh_home.start("--bind", "tcp://127.0.0.1:*")
    connection = read_connection(fresh_home.connection_file)
    with contextlib.ExitStack() as strangers, RawClient(connection, hello=False) as newcomer:
        for _ in range(205):
            strangers.enter_context(knock(connection))
        newcomer.send(Hello(PROTOCOL, "newcomer"))
        newcomer.expect(Welcome)
