"""The engine's log: what it tells, what it never tells, and how large it grows."""

import json
import logging
from pathlib import Path

import pytest

from fakes import painter
from fakes.engine import EngineHome, RawClient, random_pixels, wait_for
from fakes.jobs import asking
from impasto.service.log_file import OneLine
from impasto_wire import PROTOCOL
from impasto_wire.errors import EngineFault
from impasto_wire.messages import Failed, Hello
from impasto_wire.settings import Settings

STYLE = [(random_pixels(8, 8), 1.0)]


def test_the_log_names_jobs_but_no_keys_and_no_places(fresh_home: EngineHome) -> None:
    fresh_home.start()
    with fresh_home.connect() as engine:
        engine.paint(asking(random_pixels(9, 9), STYLE))
    log, connection = fresh_home.log(), fresh_home.connection_file.read_text()
    assert "final of 9x9" in log
    assert "finished in" in log
    for secret in ("client_secret", "client_key", "server_key"):
        assert connection.split(f'"{secret}": "')[1][:40] not in log
    assert str(Path.home()) + "/" not in log
    assert str(fresh_home.folder) not in log


def test_the_log_level_holds_for_broker_and_worker(fresh_home: EngineHome) -> None:
    fresh_home.start("--log-level", "error")
    with fresh_home.connect() as engine:
        engine.paint(asking(random_pixels(9, 9), STYLE))
        with pytest.raises(EngineFault):
            engine.paint(asking(random_pixels(9, 9), STYLE, Settings(seed=painter.RAISES)))
    wait_for(lambda: "ZeroDivisionError" in fresh_home.log(), "the worker's error, whole")
    assert {line.split()[2] for line in fresh_home.log().splitlines()} == {"ERROR"}


def test_the_log_begins_anew_at_a_mebibyte_and_keeps_three_older_ones(fresh_home: EngineHome) -> None:
    folder = fresh_home.log_file.parent
    folder.mkdir(parents=True)
    for number in (1, 2, 3):
        (folder / f"engine.log.{number}").write_text(f"old {number}")
    fresh_home.log_file.write_bytes(b"x" * ((1 << 20) - 10))
    fresh_home.start()
    fresh_home.connect().close()
    assert sorted(path.name for path in folder.iterdir()) == ["engine.log", *(f"engine.log.{n}" for n in (1, 2, 3))]
    assert (folder / "engine.log.1").read_bytes()[:3] == b"xxx"
    assert (folder / "engine.log.3").read_text() == "old 2"
    assert "listens at" in fresh_home.log()


def test_no_client_can_forge_a_line(fresh_home: EngineHome) -> None:
    forged = "x\n2026-01-01 00:00:00,000 INFO forged: line\r\x1b[2J\u2028\x85y"
    fresh_home.start()
    with RawClient.of(fresh_home, hello=False) as client:
        client.send(Hello(PROTOCOL, forged))
        client.send(b'{"type": "' + json.dumps(forged)[1:-1].encode() + b'"}')
        client.expect(Failed)
    assert not [line for line in fresh_home.log().splitlines() if line.startswith(("2026-01-01", "y"))]


def test_the_logs_own_format_escapes_what_is_not_printable() -> None:
    record = logging.makeLogRecord({"msg": "who: %s", "args": ("a\nb\x1b[2J\u2028é",)})
    assert OneLine("%(message)s").format(record) == "who: a\\nb\\x1b[2J\\u2028é"
