"""Which computer paints: a pairing added, chosen, tested and forgotten, with a second engine that is really there."""

import json
import os
import socket
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

import fakes.gimp_modules  # noqa: F401  before the filter's modules
from fakes.engine import EngineHome, at_a_port, random_pixels
from fakes.jobs import asking
from fakes.painter import slow
from fakes.systems import needs_posix
from impasto_plugin.engine import computers as module
from impasto_plugin.engine import launcher
from impasto_plugin.engine.computers import (
    LARGEST_PAIRING,
    Computer,
    add_computer,
    answer_of,
    bring_back,
    choose_computer,
    chosen_computer,
    computers,
    config_of,
    engine_of,
    forget_computer,
    is_pairing,
)
from impasto_plugin.image.layer_pixels import LayerPixels
from impasto_plugin.image.styles import Style
from impasto_plugin.painting import LayerOutcome, Result, painting_task
from impasto_plugin.progress import Answer
from impasto_setup.places import ENGINE_NOTE, this_prefix
from impasto_wire import PROTOCOL, __version__
from impasto_wire.connection import read_connection
from impasto_wire.errors import EngineUnavailable, ImpastoError, VersionMismatch
from impasto_wire.files import write_whole
from impasto_wire.pictures import Pixels
from impasto_wire.request import WeightedStyle
from impasto_wire.settings import Settings

STYLES = [(random_pixels(8, 8), 1.0)]
KEY = "." * 40


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a person's pairings are kept, with no engine set up here."""
    monkeypatch.delenv("IMPASTO_ENGINE", raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "mine"))
    monkeypatch.setattr(module, "user_folder", lambda: tmp_path / "mine" / "impasto" / "presets")
    return tmp_path / "mine" / "impasto" / "computers"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Studio:
    """Another computer: its engine, which lets paired machines in at a port."""

    def __init__(self, place: Path) -> None:
        self.home, self.port, self._place = EngineHome(place / "studio"), free_port(), place
        self.start()

    def start(self) -> None:
        self.home.start("--bind", f"tcp://127.0.0.1:{self.port}")

    def pair(self, name: str = "laptop") -> Path:
        """The pairing file for this computer, as others may read it after a download."""
        path = self._place / f"{name}.json"
        place = f"tcp://127.0.0.1:{self.port}"
        done = self.home.impasto("pair", name, "--endpoint", place, "--output", str(path))
        assert done.returncode == 0, done.stderr
        path.chmod(0o644)
        return path


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    found = Studio(tmp_path)
    yield found
    found.home.stop()


@pytest.fixture
def here(tmp_path: Path, folder: Path) -> Iterator[EngineHome]:
    """This computer's engine, as a set-up tells the filter of it; it isn't running yet."""
    home = EngineHome(at_a_port(tmp_path / "here"))
    told = home.config
    note = this_prefix() / ENGINE_NOTE
    note.parent.mkdir(parents=True)
    values = {"command": told.command, "connection_file": str(told.connection_file), "log_file": str(told.log_file)}
    write_whole(note, json.dumps({**values, "version": __version__}).encode(), 0o600)
    yield home
    home.stop()


def written(path: Path, **changes: object) -> Path:
    """A pairing file, as far as nothing is changed in it."""
    endpoint = "tcp://studio.local:5577"
    values = {"endpoint": endpoint, "server_key": KEY, "client_key": KEY, "client_secret": KEY}
    values |= {"protocol": PROTOCOL, "version": __version__, "pid": 0}
    path.write_text(json.dumps({name: value for name, value in (values | changes).items() if value is not None}))
    return path


def test_a_paired_computer_paints_is_forgotten_and_comes_back(folder: Path, studio: Studio) -> None:
    pairing = studio.pair()
    studios = add_computer(pairing)
    assert studios.name == "127.0.0.1"
    assert computers() == [studios]
    assert chosen_computer() is None, "to add one chooses nothing"
    assert answer_of(studios) == f"127.0.0.1 answers: Impasto {__version__}, fake"
    choose_computer(studios)
    assert chosen_computer() == studios
    with engine_of(chosen_computer()) as engine:
        assert engine.paint(asking(random_pixels(9, 7), STYLES)).width == 9
    kept = forget_computer(studios)
    assert (computers(), chosen_computer(), studios.file.exists()) == ([], None, False)
    bring_back(studios, kept)
    engine_of(studios).close()
    assert chosen_computer() is None
    forget_computer(studios)
    engine_of(add_computer(pairing)).close()


@needs_posix
def test_keys_and_the_choice_are_the_persons_alone_whatever_the_file_was(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    before = os.umask(0)
    try:
        pairing = written(tmp_path / "laptop.json")
        pairing.chmod(0o666)
        choose_computer(add_computer(pairing))
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert len([*folder.iterdir()]) == 2
    chosen = folder / "chosen.json"
    chosen.chmod(0o666)
    assert chosen_computer() is None, "others could have written it"


def test_a_second_pairing_with_a_computer_takes_the_place_of_the_first(folder: Path, studio: Studio) -> None:
    first = add_computer(studio.pair("laptop"))
    assert studio.home.impasto("pair", "--revoke", "laptop").returncode == 0
    with pytest.raises(EngineUnavailable, match="doesn't take this pairing, or not any more; pair again there"):
        engine_of(first)
    second = add_computer(studio.pair("laptop"))
    assert second == first
    assert computers() == [first]
    engine_of(second).close()


def test_two_at_one_name_are_told_apart_by_their_ports(folder: Path, tmp_path: Path) -> None:
    one = add_computer(written(tmp_path / "a.json"))
    assert one.name == "studio.local"
    other = add_computer(written(tmp_path / "a.json", endpoint="tcp://studio.local:5578"))
    assert {one.name, other.name} == {"studio.local:5577", "studio.local:5578"}
    assert add_computer(written(tmp_path / "a.json", endpoint="tcp://[fe80::1]:5577")).place == ("fe80::1", 5577)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"server_key": None}, "“a.json” is no pairing file; make one on the other computer with: impasto pair"),
        ({"client_secret": None}, "“a.json” is damaged; copy the pairing file once more"),
        ({"client_secret": "short"}, "“a.json” is damaged; copy the pairing file once more"),
        ({"pid": "0"}, "“a.json” is damaged"),
        ({"pid": 4711}, "“a.json” leads to no other computer"),
        ({"endpoint": "ipc:///run/impasto"}, "“a.json” leads to no other computer"),
        ({"endpoint": "tcp://*:5577"}, "“a.json” leads to no other computer"),
        ({"endpoint": "tcp://studio:77777"}, "“a.json” leads to no other computer"),
        ({"endpoint": "tcp://stu\ndio:5577"}, "“a.json” leads to no other computer"),
        ({"endpoint": "tcp://studio:" + "5" * 5000}, "“a.json” leads to no other computer"),
        ({"protocol": PROTOCOL + 1, "version": "9.9"}, "“a.json” is of Impasto 9.9, and here is"),
        ({"version": "x" * LARGEST_PAIRING}, "“a.json” is too large for a pairing file, which has less than 16 kB"),
    ],
)
def test_what_cannot_be_used_is_a_sentence_and_keeps_nothing(
    folder: Path, tmp_path: Path, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(EngineUnavailable, match=f"^{sentence}"):
        add_computer(written(tmp_path / "a.json", **changes))
    assert not folder.exists()


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8\xff\xe0", b"[]", b"[" * 10_000, b"null", b'{"pid": 0}', b"{" + b" " * 99]
)
def test_a_file_of_another_kind_is_a_sentence(folder: Path, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.json").write_bytes(data)
    with pytest.raises(EngineUnavailable, match=r"^“a\.json” is no pairing file"):
        add_computer(tmp_path / "a.json")


def test_what_is_no_file_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    for path, why in ((tmp_path, "folder"), (tmp_path / "gone.json", "No such file")):
        with pytest.raises(EngineUnavailable, match=f"can't be read .*{why}"):
            add_computer(path)


@needs_posix
def test_a_pipe_is_not_waited_for(folder: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(EngineUnavailable, match="can't be read"):
        add_computer(tmp_path / "a.json")


def test_pairing_files_are_known_among_what_is_dropped(tmp_path: Path) -> None:
    photo, pairing = tmp_path / "photo.png", written(tmp_path / "no ending")
    photo.write_bytes(b"\x89PNG")
    found = {path.name: is_pairing(path) for path in (photo, pairing, tmp_path / "gone.json", tmp_path / "gone.png")}
    assert found == {"photo.png": False, "no ending": True, "gone.json": True, "gone.png": False}


def test_a_choice_that_cannot_be_kept_leaves_the_earlier_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = add_computer(written(tmp_path / "a.json"))
    other = add_computer(written(tmp_path / "a.json", endpoint="tcp://attic:5577"))
    choose_computer(one)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "write_whole", full)
    with pytest.raises(EngineUnavailable, match=r"No space left on device.*nothing was changed"):
        choose_computer(other)
    assert chosen_computer() == one


def test_a_damaged_choice_or_pairing_is_no_riddle(folder: Path, tmp_path: Path) -> None:
    one = add_computer(written(tmp_path / "a.json"))
    choose_computer(one)
    one.file.write_text("{")
    assert computers() == []
    assert chosen_computer() == one, "it must be seen that another computer was to paint"
    with pytest.raises(EngineUnavailable, match=r"pairing with studio\.local can't be read any more; add its pairing"):
        engine_of(one)
    (folder / "chosen.json").write_text("[" * 100_000)
    assert chosen_computer() is None


def test_a_variable_that_names_the_engine_comes_before_the_choice(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_computer(add_computer(written(tmp_path / "a.json")))
    monkeypatch.setenv("IMPASTO_ENGINE", str(tmp_path / "engine.json"))
    assert chosen_computer() is None


@pytest.fixture
def ports() -> Iterator[dict[str, int]]:
    """A free port; one where something listens that says nothing; one where nobody is let in, as by a firewall."""
    with ExitStack() as open_sockets:
        silent = open_sockets.enter_context(socket.create_server(("127.0.0.1", 0)))
        full = open_sockets.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _number in range(4):  # more than wait at a port that has no room for any
            waiting = open_sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        named = {"silent": silent, "full": full}
        yield {"free": free_port(), **{name: int(found.getsockname()[1]) for name, found in named.items()}}


@pytest.mark.parametrize(
    ("endpoint", "sentence"),
    [
        ("tcp://127.0.0.1:{free}", "127.0.0.1 is on, but has no engine at port"),
        ("tcp://127.0.0.1:{silent}", "127.0.0.1 is on, but its engine doesn't answer within 0.5 s"),
        ("tcp://no-such-computer.invalid:5577", "no computer is called no-such-computer.invalid in this network"),
        pytest.param("tcp://127.0.0.1:{full}", "127.0.0.1 doesn't answer; switch it on", marks=needs_posix),
    ],
)
def test_why_a_computer_does_not_answer_is_a_sentence_with_the_next_step(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ports: dict[str, int],
    endpoint: str,
    sentence: str,
) -> None:
    monkeypatch.setattr(module, "ANSWER_SECONDS", 0.5)
    if "full" in endpoint:
        monkeypatch.setattr(module, "_PROBE_SECONDS", 0.3)
    with pytest.raises(EngineUnavailable) as told:
        answer_of(add_computer(written(tmp_path / "a.json", endpoint=endpoint.format(**ports))))
    assert str(told.value).startswith(sentence)


def test_another_version_is_named_with_what_to_do(
    folder: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    studios = add_computer(studio.pair())
    monkeypatch.setattr(module, "__version__", "0.9.9")
    assert (
        answer_of(studios) == f"127.0.0.1 answers, with Impasto {__version__}; here is 0.9.9: install the same on both"
    )
    other = replace(read_connection(studios.file), protocol=PROTOCOL + 1)
    write_whole(studios.file, other.as_bytes(), 0o600)
    with pytest.raises(
        VersionMismatch, match=r"^127\.0\.0\.1 has another version of Impasto; install the same on both"
    ):
        engine_of(studios)


def test_a_gimp_without_zeromq_reaches_it_through_this_computers_relay(
    here: EngineHome, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "has_zmq", lambda: False)
    studios = add_computer(studio.pair())
    with engine_of(studios) as engine:
        assert engine.paint(asking(random_pixels(9, 7), STYLES)).width == 9
    assert not here.connection_file.exists(), "no engine was started here"


def test_without_zeromq_and_an_engine_here_the_sentence_says_that(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "has_zmq", lambda: False)
    with pytest.raises(EngineUnavailable, match="install"):
        engine_of(add_computer(written(tmp_path / "a.json")))


class Person:
    """Watches a painting, and answers after a fault as told."""

    def __init__(self, *answers: Answer, at_first_picture: Callable[[], object] = lambda: None) -> None:
        self.answers, self.faults, self._act = [*answers], list[str](), at_first_picture
        self._has_seen = False

    def show_progress(self, fraction: float, text: str) -> None:
        if fraction > 0 and not self._has_seen:
            self._has_seen = True
            self._act()

    def show_picture(self, picture: Pixels) -> None:
        pass

    def is_cancelled(self) -> bool:
        return False

    def takes_keep(self) -> bool:
        return False

    def ask_after_fault(self, error: ImpastoError, has_picture: bool) -> Answer:
        self.faults.append(str(error))
        return self.answers.pop(0)


def painted(person: Person, steps: int = 5) -> list[LayerOutcome]:
    style = Style("Coffee", (WeightedStyle(random_pixels(8, 8)),))
    layers = [LayerPixels(random_pixels(12, 9)), LayerPixels(random_pixels(13, 9, seed=1))]
    return painting_task(layers, style, Settings(seed=slow(steps, 20)), "layer")(person)


def test_what_paint_and_scripts_ask_for_is_painted_by_the_chosen_computer(here: EngineHome, studio: Studio) -> None:
    choose_computer(add_computer(studio.pair()))
    assert all(isinstance(outcome, Result) for outcome in painted(Person()))
    assert not here.connection_file.exists(), "no engine was started here"
    choose_computer(None)
    assert all(isinstance(outcome, Result) for outcome in painted(Person()))
    assert here.connection_file.exists()


def test_a_painting_that_loses_its_computer_is_painted_here_instead(here: EngineHome, studio: Studio) -> None:
    choose_computer(add_computer(studio.pair()))
    person = Person("go-on", "here", at_first_picture=studio.home.stop)
    assert all(isinstance(outcome, Result) for outcome in painted(person, 100))
    assert person.faults[0] == "the connection to 127.0.0.1 was lost; try again"
    assert person.faults[1].startswith("127.0.0.1 is on, but has no engine at port")
    assert chosen_computer() is None


def test_a_computer_that_is_off_is_asked_about_before_anything_is_painted(folder: Path, tmp_path: Path) -> None:
    choose_computer(add_computer(written(tmp_path / "a.json", endpoint=f"tcp://127.0.0.1:{free_port()}")))
    (outcome,) = painted(Person("give-up"))
    assert str(outcome).startswith("127.0.0.1 is on, but has no engine at port")


def test_a_painting_goes_on_where_it_was_begun_when_another_computer_is_chosen(
    here: EngineHome, studio: Studio
) -> None:
    choose_computer(add_computer(studio.pair()))
    person = Person(at_first_picture=lambda: choose_computer(None))
    assert all(isinstance(outcome, Result) for outcome in painted(person, 50))
    assert not here.connection_file.exists(), "the second layer was painted here"
    assert person.faults == []


def test_a_config_of_another_computer_starts_nothing(here: EngineHome, tmp_path: Path) -> None:
    one = Computer("tcp://studio:5577")
    assert config_of(one).connection_file == one.file
    assert config_of(None).connection_file == here.connection_file
