"""What one client can have of the engine is bounded, by its key; and what it does costs the others nothing."""

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from fakes.broker import OWN_KEY
from fakes.engine import EngineHome, RawClient, random_pixels
from fakes.loose_broker import LooseBroker, greeted
from impasto.service.accounts import OWN, Limits
from impasto.service.jobs import LEAST_UPLOAD, RESULT_SECONDS, UPLOAD_SECONDS
from impasto_wire.bands import Band
from impasto_wire.connection import read_connection
from impasto_wire.errors import SettingError
from impasto_wire.messages import (
    AskStatus,
    Cancel,
    Cancelled,
    Credit,
    Failed,
    Hello,
    Need,
    Ping,
    StatusReport,
    Submit,
    Welcome,
)
from impasto_wire.pictures import Pixels
from impasto_wire.request import WeightedStyle

JOB, OTHER = "0123456789abcdef" * 2, "f" * 32
LIAR, HONEST = b"\0liar", b"\0honest"
LAYER, STYLE = random_pixels(20, 20, seed=1), random_pixels(8, 8, seed=2)
RESULT = random_pixels(20, 20, channels=3, seed=3)


def submission(job: str = JOB, layer: Pixels = LAYER) -> Submit:
    return Submit(layer.ref(), (WeightedStyle(STYLE.ref()),), job=job, purpose="final")


def name(number: int) -> str:
    return f"{number:032x}"


def two_keys(folder: Path, limits: Limits = OWN) -> LooseBroker:
    return greeted(folder, (LIAR, "a"), (HONEST, "b"), limits=limits)


def use_of(broker: LooseBroker, key: str) -> dict[str, int]:
    account = broker.clients._accounts.of(key)
    return {what: amount for what, amount in account.used.items() if amount}


LIMITS = [
    ("jobs", Limits(jobs=3), "3 jobs wait or aren't fetched and at most 3 may"),
    (
        "stored",
        Limits(stored=256 + 3 * 1600),
        "the jobs' pictures would take 6.5 KiB and at most 4.938 KiB may be kept",
    ),
    ("unread", Limits(unread=3 * 1200), "the jobs' results would take 4.688 KiB and at most 3.516 KiB may be kept"),
]


@pytest.mark.parametrize(("limit", "limits", "sentence"), LIMITS, ids=[limit for limit, *_ in LIMITS])
def test_a_client_has_so_much_and_another_one_as_much_again(
    tmp_path: Path, limit: str, limits: Limits, sentence: str
) -> None:
    broker = two_keys(tmp_path, limits)
    for number in range(4):
        broker.receive(LIAR, submission(name(number), random_pixels(20, 20, seed=number)), "a")
    [failed] = broker.answers(LIAR, Failed)
    assert (failed.job, failed.code) == (name(3), "limit")
    assert failed.message.startswith(sentence)
    broker.receive(HONEST, submission(), "b")
    assert not broker.answers(HONEST, Failed)
    broker.receive(LIAR, Cancel(name(0)), "a")
    broker.receive(LIAR, submission(name(9)), "a")
    assert len(broker.answers(LIAR, Failed)) == 1, f"the {limit} of a job that is over are free again"


def test_sessions_are_counted_by_key(tmp_path: Path) -> None:
    clients = [(b"\0%d" % number, "a") for number in range(4)]
    broker = greeted(tmp_path, *clients, (HONEST, "b"), limits=Limits(sessions=3))
    [failed] = broker.answers(b"\x003", Failed)
    assert failed.code == "limit"
    assert "3 sessions are open and at most 3 may be" in failed.message
    assert broker.answers(HONEST, Welcome)
    broker.clients._sessions[b"\x000"].lose()
    broker.clients.end_sessions()
    broker.receive(b"\x003", Hello(1, "again"), "a")
    assert broker.answers(b"\x003", Welcome)


def test_a_picture_that_many_jobs_need_is_counted_once(tmp_path: Path) -> None:
    broker = two_keys(tmp_path)
    for number in range(5):
        broker.receive(LIAR, submission(name(number)), "a")
    assert use_of(broker, "a")["stored"] == len(LAYER.data) + len(STYLE.data)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_a_client_does_it_has_nothing_once_its_sessions_are_over(tmp_path: Path, seed: int) -> None:
    dice, broker = random.Random(seed), two_keys(tmp_path)
    layers = [random_pixels(20, 20, seed=number) for number in range(4)]
    for _ in range(200):
        job = name(dice.randrange(8))
        match dice.randrange(4):
            case 0 | 1:
                purpose = dice.choice(["preview", "final"])
                broker.receive(LIAR, replace(submission(job, dice.choice(layers)), purpose=purpose), "a")
            case 2:
                broker.receive(LIAR, Cancel(job), "a")
            case _:
                needs = broker.answers(LIAR, Need)
                if needs:
                    need = dice.choice(needs)
                    pixels = next(pixels for pixels in (*layers, STYLE) if pixels.ref().digest == need.digest)
                    broker.receive(LIAR, Band(need.job, need.digest, 0, dice.choice([pixels.data, b"lie"])), "a")
    broker.clients._sessions[LIAR].lose()
    broker.clients.end_sessions()
    assert use_of(broker, "a") == {}
    assert broker.store._used_bytes == 0
    assert not broker.store._uploads
    assert broker.store._bytes == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert not list(tmp_path.glob("*.part"))


def test_announcing_denies_nobody(tmp_path: Path) -> None:
    broker = two_keys(tmp_path)
    for number in range(100):
        broker.receive(LIAR, submission(name(number), random_pixels(400, 500, seed=number)), "a")
    assert use_of(broker, "a")["stored"] > broker.store.limit
    broker.receive(HONEST, submission(), "b")
    broker.send_pictures(HONEST, LAYER, STYLE)
    assert not broker.answers(HONEST, Failed)
    assert len(broker.queue) == 1


def test_who_only_knows_a_digest_is_asked_for_the_picture(tmp_path: Path) -> None:
    broker = two_keys(tmp_path)
    broker.receive(HONEST, submission(), "b")
    broker.send_pictures(HONEST, LAYER, STYLE)
    broker.receive(LIAR, submission(), "a")
    assert {need.digest for need in broker.answers(LIAR, Need)} == {LAYER.ref().digest, STYLE.ref().digest}
    broker.receive(HONEST, submission(OTHER), "b")
    assert len(broker.answers(HONEST, Need)) == 2, "its own sender isn't asked again"


def test_another_job_asks_for_the_picture_when_the_one_that_asked_is_over(tmp_path: Path) -> None:
    broker = two_keys(tmp_path)
    for number in range(3):
        broker.receive(LIAR, submission(name(number)), "a")
    assert {need.job for need in broker.answers(LIAR, Need)} == {name(0)}
    broker.receive(LIAR, Cancel(name(0)), "a")
    assert {need.job for need in broker.answers(LIAR, Need)} == {name(0), name(1)}
    broker.send_pictures(LIAR, LAYER, STYLE)
    assert len(broker.queue) == 2


# Deadlines


def pass_time(broker: LooseBroker, seconds: float, tick: Callable[[], None] = lambda: None) -> None:
    """Let so many seconds pass for the jobs; `tick` is called after each."""
    for _ in range(round(seconds)):
        broker.jobs.keep_time(broker.jobs._now + 1, broker.clients._sessions.values())
        tick()


def test_an_upload_that_does_not_come_fails_its_job_and_frees_its_room(tmp_path: Path) -> None:
    broker = two_keys(tmp_path)
    broker.receive(LIAR, submission(), "a")
    broker.receive(HONEST, submission(), "b")
    broker.send_pictures(HONEST, LAYER, STYLE)
    offset = iter(range(10_000))

    def send_a_byte() -> None:
        place = next(offset)
        broker.receive(LIAR, Band(JOB, LAYER.ref().digest, place, LAYER.data[place : place + 1]), "a")

    pass_time(broker, UPLOAD_SECONDS - 2, send_a_byte)
    assert not broker.answers(LIAR, Failed)
    pass_time(broker, 4, send_a_byte)
    [failed] = broker.answers(LIAR, Failed)
    assert (failed.job, failed.code) == (JOB, "limit")
    assert "look at the network and try again" in failed.message
    assert not broker.answers(HONEST, Failed)
    assert not list(tmp_path.glob("*.part"))


def test_a_slow_line_has_all_the_time_that_it_needs(tmp_path: Path) -> None:
    """50 kB/s: a band of 512 KiB every ten seconds; here a hundredth of it, by a hundredth of the least."""
    layer = random_pixels(1000, 700)
    broker = greeted(tmp_path, (HONEST, "b"), store_bytes=8 << 20)
    broker.receive(HONEST, submission(layer=layer), "b")
    places = iter(range(0, len(layer.data), 50_000))
    ticks = iter(range(1000))

    def send_a_band() -> None:
        if next(ticks) % 10 == 0 and (place := next(places, None)) is not None:
            broker.receive(HONEST, Band(JOB, layer.ref().digest, place, layer.data[place : place + 50_000]), "b")

    assert 50_000 * UPLOAD_SECONDS / 10 > LEAST_UPLOAD
    pass_time(broker, 500, send_a_band)
    assert not broker.answers(HONEST, Failed)


def test_a_result_that_nobody_fetches_goes_in_the_end(tmp_path: Path) -> None:
    broker = two_keys(tmp_path)
    for client, key in ((LIAR, "a"), (HONEST, "b")):
        broker.receive(client, submission(), key)
        broker.send_pictures(client, LAYER, STYLE)
        broker.paint(client, JOB, RESULT)
        if client == LIAR:
            pass_time(broker, RESULT_SECONDS / 2)
    pass_time(broker, RESULT_SECONDS / 2 + 1)
    [failed] = broker.answers(LIAR, Failed)
    assert "nobody fetched this painting for 30 minutes" in failed.message
    assert not broker.answers(HONEST, Failed)
    broker.receive(HONEST, Credit(JOB, RESULT.ref().digest, 1), "b")
    assert [band.payload for band in broker.answers(HONEST, Band)] == [RESULT.data]
    assert use_of(broker, "a") == {"sessions": 1}
    assert use_of(broker, "b") == {"sessions": 1}
    assert RESULT.ref().digest not in {path.name for path in tmp_path.iterdir()}


# Status


def test_this_machine_hears_of_everybody_and_another_one_of_itself(tmp_path: Path) -> None:
    broker = greeted(tmp_path, (LIAR, "a"), (HONEST, "b"))
    broker.receive(LIAR, submission(), "a")
    for client, key in ((b"\0asks", OWN_KEY), (b"\0asks too", "a")):
        broker.receive(client, AskStatus(), key)
    [report] = broker.answers(b"\0asks", StatusReport)
    by_name = {client.name: client for client in report.clients}
    assert set(by_name) == {"a", "b", OWN_KEY}
    assert (by_name["a"].sessions, by_name["a"].jobs, by_name["a"].stored) == (1, 1, 1600 + 256)
    assert by_name[OWN_KEY].sessions == 0, "the question needs no session"
    [own] = broker.answers(b"\0asks too", StatusReport)
    assert [client.name for client in own.clients] == ["a"]


def test_faults_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = two_keys(tmp_path)

    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(broker.jobs, "submit", break_down)
        broker.receive(LIAR, submission(), "a")
    broker.receive(HONEST, AskStatus(), "b")
    [report] = broker.answers(HONEST, StatusReport)
    assert report.faults == 1


def test_limits_are_set_when_a_machine_is_paired_and_later(fresh_home: EngineHome) -> None:
    fresh_home.start("--bind", "tcp://127.0.0.1:*")
    endpoint, path = read_connection(fresh_home.connection_file).endpoint, fresh_home.folder / "laptop.json"
    paired = fresh_home.impasto(
        "pair", "laptop", "--endpoint", endpoint, "-o", str(path), "--limit", "sessions=1", "--limit", "stored=512MiB"
    )
    assert paired.returncode == 0, paired.stderr
    assert fresh_home.impasto("pair", "--list").stdout == "laptop: sessions 1, jobs 256, stored 512 MiB, unread 1 GiB\n"
    with RawClient(read_connection(path)):
        with RawClient(read_connection(path), hello=False) as second:
            second.send(Hello(1, "one too many"))
            assert second.expect(Failed).code == "limit"
        status = fresh_home.impasto("status", "--connection-file", str(fresh_home.connection_file))
        assert "laptop" in status.stdout
        assert "this machine" in status.stdout
        far = json.loads(fresh_home.impasto("status", "--json", "--connection-file", str(path)).stdout)
        assert [(client["name"], client["sessions"]) for client in far["clients"]] == [("laptop", 1)]
        assert fresh_home.impasto("pair", "laptop", "--limit", "sessions=2").returncode == 0
        RawClient(read_connection(path)).close()
    wrong = fresh_home.impasto("pair", "laptop", "--limit", "speed=8")
    assert "it must be one of sessions=…, jobs=…, stored=…, unread=…" in wrong.stderr


@pytest.mark.parametrize(
    "text", ["jobs", "jobs=", "jobs=0", "jobs=-1", "jobs=1GiB", "stored=1TB", "stored=9999GiB", ""]
)
def test_a_limit_that_makes_no_sense_is_a_sentence(text: str) -> None:
    with pytest.raises(SettingError, match="must"):
        Limits.parse([text])


def test_every_limit_can_be_set() -> None:
    for limit in fields(Limits):
        assert Limits.parse([f"{limit.name}=7"]) == {limit.name: 7}
    assert Limits.parse(["stored=2GiB"]) == {"stored": 2 << 30}


# No message costs more because more is held


def fill(broker: LooseBroker, numbers: range) -> None:
    """Have these many more pictures held, half of them pinned."""
    for number in numbers:
        tiny = Pixels(1, 1, 4, "u8", number.to_bytes(4, "little"))
        upload = broker.store.begin(tiny.ref())
        upload.take(Band(JOB, tiny.ref().digest, 0, tiny.data))
        broker.store.finish(upload, "a")
        if number % 2:
            broker.store.pin(tiny.ref(), "a")


def busy(folder: Path, queued: int) -> LooseBroker:
    """A broker in which so many jobs of one client wait, and another client is connected."""
    broker = greeted(folder, (LIAR, "a"), (HONEST, "b"), limits=Limits(jobs=queued + 10), store_bytes=1 << 30)
    for client, key, jobs in ((LIAR, "a", queued), (HONEST, "b", 1)):
        for number in range(jobs):
            broker.receive(client, submission(name(number)), key)
        broker.send_pictures(client, LAYER, STYLE)
    return broker


def messages(number: int) -> Iterator[tuple[str, Callable[[LooseBroker], None]]]:
    """One message of each kind, by an honest client; a layer for each number."""
    layer = Pixels(2, 2, 4, "u8", b"\xff" * 8 + number.to_bytes(8, "little"))
    yield "Ping", lambda broker: broker.receive(HONEST, Ping(1), "b")
    yield "Submit", lambda broker: broker.receive(HONEST, submission(OTHER, layer), "b")
    yield "a last band", lambda broker: broker.receive(HONEST, Band(OTHER, layer.ref().digest, 0, layer.data), "b")
    yield "Credit", lambda broker: broker.receive(HONEST, Credit(OTHER, "a" * 64, 1), "b")
    yield "Cancel", lambda broker: broker.receive(HONEST, Cancel(OTHER), "b")
    yield "Status", lambda broker: broker.receive(HONEST, AskStatus(), "b")
    yield "the loop", lambda broker: (broker.clients.send_waiting(), broker.clients.end_sessions())  # type: ignore[func-returns-value]


def costs(broker: LooseBroker, rounds: range) -> dict[str, float]:
    """The least seconds that each kind of message took."""
    least: dict[str, float] = {}
    for number in rounds:
        broker.frontend.sent.clear()
        for kind, send in messages(number):
            begun = time.perf_counter()
            send(broker)
            least[kind] = min(least.get(kind, 1.0), time.perf_counter() - begun)
        assert broker.answers(HONEST, Need)
        assert broker.answers(HONEST, Cancelled)
    return least


@pytest.fixture
def memory_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where the system has one: on a disk, a first file can take longer than the ten thousandth."""
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else tmp_path) as folder:
        yield Path(folder)


def test_a_message_costs_the_same_however_many_pictures_are_held(memory_folder: Path) -> None:
    broker = busy(memory_folder, queued=10)
    fill(broker, range(100))
    few = costs(broker, range(40))
    fill(broker, range(100, 10_000))
    many = costs(broker, range(40, 80))
    ratios = {kind: many[kind] / few[kind] for kind in few}
    assert max(ratios.values()) < 3, ratios


@pytest.mark.long
def test_no_message_costs_five_milliseconds(memory_folder: Path) -> None:
    broker = busy(memory_folder, queued=2000)
    fill(broker, range(10_000))
    least = costs(broker, range(40))
    print({kind: f"{1000 * seconds:.2f} ms" for kind, seconds in least.items()})
    assert max(least.values()) < 0.005, least
