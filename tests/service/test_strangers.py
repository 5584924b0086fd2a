"""Who isn't known gets nothing, and who is known gets nothing that belongs to another."""

import contextlib
import socket
from dataclasses import replace

import pytest
import zmq

from fakes.engine import PATIENCE, EngineHome, RawClient, random_pixels, stranger, wait_for
from fakes.painter import slow
from impasto_plugin.jobs import Done
from impasto_wire import PROTOCOL
from impasto_wire.bands import Band
from impasto_wire.codec import encode
from impasto_wire.connection import read_connection
from impasto_wire.errors import EngineUnavailable
from impasto_wire.messages import (
    Cancel,
    Credit,
    Failed,
    Finished,
    Hello,
    Need,
    Ping,
    Pong,
    Submit,
    WeightedStyle,
    Welcome,
)
from impasto_wire.settings import Settings

JOB = "0123456789abcdef" * 2
STYLE = random_pixels(8, 8)
ATTEMPTS = 20
LONG_ATTEMPTS = 10_000


def assert_no_way_in(home: EngineHome, attempts: int) -> None:
    connection = read_connection(home.connection_file)
    for _ in range(attempts):
        with RawClient(stranger(connection), hello=False) as client, pytest.raises(EngineUnavailable):
            client.send(Hello(PROTOCOL, "stranger"))
            assert client.receive(PATIENCE) is None
            pytest.fail("the connection was left open")


def test_a_wrong_key_gets_no_frame(home: EngineHome) -> None:
    assert_no_way_in(home, ATTEMPTS)
    home.connect().close()


@pytest.mark.long
def test_a_wrong_key_gets_no_frame_however_often_it_tries(home: EngineHome) -> None:
    assert_no_way_in(home, LONG_ATTEMPTS)
    home.connect().close()


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


def test_bare_tcp_gets_the_greeting_and_is_sent_away(home: EngineHome) -> None:
    host, port = read_connection(home.connection_file).endpoint.removeprefix("tcp://").split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as stream:
        stream.settimeout(PATIENCE)
        stream.sendall(b"GET / HTTP/1.1\r\n\r\n" + bytes(100))
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while more := stream.recv(4096):  # until it hangs up
                received += more
    assert len(received) <= 64, "no more than ZeroMQ's greeting"
    assert b"0.1" not in received


def test_silence_after_connecting_is_timed_out(home: EngineHome) -> None:
    host, port = read_connection(home.connection_file).endpoint.removeprefix("tcp://").split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as stream:
        stream.settimeout(10.0)
        while stream.recv(4096):
            pass


def submission(job: str = JOB, settings: Settings | None = None) -> Submit:
    style = STYLE.ref()
    return Submit(job, "final", settings or Settings(), style, (WeightedStyle(style),))


def test_two_sessions_may_use_one_name_for_their_jobs(home: EngineHome) -> None:
    first_layer, second_layer = random_pixels(20, 20, seed=1), random_pixels(20, 20, seed=2)
    with home.connect() as first, home.connect() as second:
        jobs = []
        for engine, layer in ((first, first_layer), (second, second_layer)):
            job = engine.submit("final", Settings(), layer, [(STYLE, 1.0)])
            jobs.append((job, layer))
        for job, layer in jobs:
            *_, done = job.events(PATIENCE)
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
        engine.submit("final", Settings(seed=slow(1, 5)), layer, [(STYLE, 1.0)])
        for engine, layer in zip(engines, layers, strict=True)
    ]
    for job, layer in zip(jobs, layers, strict=True):
        *_, done = job.events(PATIENCE)
        assert isinstance(done, Done)
        rgb = bytes(value for place, value in enumerate(layer.data) if place % 4 != 3)
        assert done.picture.data == bytes(255 - value for value in rgb)
    for engine in engines:
        engine.close()
    wait_for(lambda: home.log().count("begins") == home.log().count(" ends\n"), "the end of all sessions")
