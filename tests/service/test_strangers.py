"""Who isn't known gets nothing, and who is known gets nothing that belongs to another."""

import contextlib
from dataclasses import replace

import pytest
import zmq

from fakes.engine import PATIENCE, EngineHome, RawClient, knock, random_pixels, stranger, wait_for
from fakes.jobs import asking, events_of
from fakes.painter import slow
from impasto_plugin.engine.jobs import Done
from impasto_wire import PROTOCOL
from impasto_wire.bands import Band
from impasto_wire.codec import FROM_ENGINE, decode, encode
from impasto_wire.connection import Connection, read_connection
from impasto_wire.errors import EngineUnavailable
from impasto_wire.messages import Cancel, Credit, Failed, Finished, Hello, Need, Ping, Pong, Submit, Welcome
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Settings

JOB = "0123456789abcdef" * 2
STYLE = random_pixels(8, 8)


def try_with_a_key(connection: Connection) -> None:
    """Say Hello with a key that isn't known: the connection ends without a frame."""
    with RawClient(connection, hello=False) as client, pytest.raises(EngineUnavailable):
        client.send(Hello(PROTOCOL, "stranger"))
        assert client.receive(PATIENCE) is None
        pytest.fail("the connection was left open")


def try_without_a_key(connection: Connection) -> None:
    """Greet as ZeroMQ does without encryption, and say Hello: no more comes than ZeroMQ's own greeting."""
    ready = b"\x05READY\x0bSocket-Type" + len(b"DEALER").to_bytes(4, "big") + b"DEALER"
    hello = encode(Hello(PROTOCOL, "stranger"))
    greeting = b"\xff" + bytes(7) + b"\x01\x7f\x03\x01" + b"NULL".ljust(20, b"\0") + bytes(32)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        received = talk(connection, greeting + bytes((4, len(ready))) + ready + bytes((0, len(hello))) + hello)
        assert len(received) <= 64, "no more than ZeroMQ's greeting"
        assert b"0.1" not in received


def talk(connection: Connection, data: bytes) -> bytes:
    """Send bytes without ZeroMQ: what came back until the engine hung up."""
    received = b""
    with knock(connection) as stream:
        stream.settimeout(PATIENCE)
        stream.sendall(data)
        with contextlib.suppress(ConnectionResetError):
            while more := stream.recv(4096):
                received += more
    return received


def revoked(home: EngineHome) -> Connection:
    """The connection of a machine that was paired, and is let in no more."""
    path = home.folder / "laptop.json"
    endpoint = read_connection(home.connection_file).endpoint
    assert home.impasto("pair", "laptop", "--endpoint", endpoint, "--output", str(path)).returncode == 0
    with RawClient(read_connection(path)) as client:
        client.ping(1)
    assert home.impasto("pair", "--revoke", "laptop").returncode == 0
    return read_connection(path)


ATTEMPTS = [pytest.param(20, id="20"), pytest.param(10_000, id="10000", marks=pytest.mark.long)]


@pytest.mark.parametrize("attempts", ATTEMPTS)
@pytest.mark.parametrize("key", ["none", "wrong", "revoked"])
@pytest.mark.timeout(1200)
def test_without_a_valid_key_nothing_comes_back(fresh_home: EngineHome, key: str, attempts: int) -> None:
    fresh_home.start("--bind", "tcp://127.0.0.1:*")
    connection = read_connection(fresh_home.connection_file)
    if key != "none":
        connection = stranger(connection) if key == "wrong" else revoked(fresh_home)
    for _ in range(attempts):
        if key == "none":
            try_without_a_key(connection)
        else:
            try_with_a_key(connection)
    with RawClient.of(fresh_home) as client:
        client.ping(1, seconds=1.0)


def test_the_right_key_for_another_server_gets_no_frame(home: EngineHome) -> None:
    wrong, _ = zmq.curve_keypair()
    connection = replace(read_connection(home.connection_file), server_key=wrong.decode())
    with RawClient(connection, hello=False) as client:
        try:
            client.send(Hello(PROTOCOL, "lost"))
            assert client.receive(1.0) is None
        except EngineUnavailable:
            pass  # closed on us: as good


def test_plain_zeromq_gets_no_frame(home: EngineHome) -> None:
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.connect(read_connection(home.connection_file).endpoint)
        dealer.send(encode(Hello(PROTOCOL, "plain")))
        assert not dealer.poll(500)


def test_whoever_speaks_no_zeromq_gets_the_greeting_and_is_sent_away(home: EngineHome) -> None:
    received = talk(read_connection(home.connection_file), b"GET / HTTP/1.1\r\n\r\n" + bytes(100))
    assert len(received) <= 64, "no more than ZeroMQ's greeting"
    assert b"0.1" not in received


def test_an_address_of_ones_own_is_refused(home: EngineHome) -> None:
    connection = read_connection(home.connection_file)
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.linger = 0
        dealer.routing_id = b"another's"
        dealer.curve_serverkey = connection.server_key.encode()
        dealer.curve_publickey = connection.client_key.encode()
        dealer.curve_secretkey = connection.client_secret.encode()
        dealer.connect(connection.endpoint)
        dealer.send(encode(Hello(PROTOCOL, "thief")))
        assert dealer.poll(PATIENCE * 1000)
        failed = decode(dealer.recv(), FROM_ENGINE)
    assert isinstance(failed, Failed)
    assert "ROUTING_ID" in failed.message


def test_silence_after_connecting_is_timed_out(home: EngineHome) -> None:
    with knock(read_connection(home.connection_file)) as stream:
        stream.settimeout(10.0)
        while stream.recv(4096):
            pass


def submission(job: str = JOB, settings: Settings | None = None) -> Submit:
    style = STYLE.ref()
    return Submit(style, (WeightedStyle(style),), settings or Settings(), job=job, purpose="final")


def test_two_sessions_may_use_one_name_for_their_jobs(home: EngineHome) -> None:
    first_layer, second_layer = random_pixels(20, 20, seed=1), random_pixels(20, 20, seed=2)
    with home.connect() as first, home.connect() as second:
        jobs = []
        for engine, layer in ((first, first_layer), (second, second_layer)):
            job = engine.submit("final", asking(layer, [(STYLE, 1.0)]))
            jobs.append((job, layer))
        for job, layer in jobs:
            *_, done = events_of(job, PATIENCE)
            assert isinstance(done, Done)
            assert bytes(done.picture.data[:3]) == bytes(255 - value for value in layer.data[:3])
    with RawClient.of(home) as one, RawClient.of(home) as two:
        for client in (one, two):
            client.send(submission())
        for client in (one, two):
            assert upload_and_finish(client).job == JOB


def upload_and_finish(client: RawClient) -> Finished:
    from impasto_wire.bands import pack_band

    while not isinstance(message := client.receive(), Finished):
        assert not isinstance(message, Failed), message
        if isinstance(message, Need):
            client.send(pack_band(Band(JOB, STYLE.ref().digest, 0, STYLE.data)))
    return message


def test_nobody_fetches_or_cancels_the_job_of_another_session(home: EngineHome) -> None:
    with RawClient.of(home) as owner, RawClient.of(home) as thief:
        owner.send(submission(settings=Settings(seed=slow(10, 30))))
        thief.send(Cancel(JOB))
        ref = upload_and_finish(owner).picture
        thief.send(Credit(JOB, ref.digest, 32))
        thief.send(Cancel(JOB))
        thief.send(Ping(3))
        while not (isinstance(message := thief.receive(), Pong) and message.number == 3):
            assert isinstance(message, (Pong, Welcome)), "nothing of the job"
        owner.send(Credit(JOB, ref.digest, 1))
        assert owner.expect(Band).job == JOB


def test_many_sessions_each_get_their_own_result(home: EngineHome) -> None:
    engines = [home.connect() for _ in range(10)]
    layers = [random_pixels(30, 30, seed=number) for number in range(10)]
    jobs = [
        engine.submit("final", asking(layer, [(STYLE, 1.0)], Settings(seed=slow(1, 5))))
        for engine, layer in zip(engines, layers, strict=True)
    ]
    for job, layer in zip(jobs, layers, strict=True):
        *_, done = events_of(job, PATIENCE)
        assert isinstance(done, Done)
        rgb = bytes(value for place, value in enumerate(layer.data) if place % 4 != 3)
        assert done.picture.data == bytes(255 - value for value in rgb)
    for engine in engines:
        engine.close()
    wait_for(lambda: home.log().count("begins") == home.log().count(" ends\n"), "the end of all sessions")
