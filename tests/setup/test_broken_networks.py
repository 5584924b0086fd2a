"""What comes of a network that stalls, lies, breaks off, or isn't there: a sentence, and the next try goes on."""

import ssl
import urllib.error
from pathlib import Path

import pytest

from fakes.file_server import corrupt, refuse, stall, truncate, without_ranges
from fakes.package_index import PackageIndex
from impasto_setup.download import TRIES, with_retries
from impasto_setup.errors import (
    Barred,
    CutShort,
    DiskFull,
    NoNetwork,
    Refused,
    SetUpError,
    Stalled,
    WrongBytes,
    os_sentence,
)
from impasto_setup.network import Network, network_sentence
from impasto_setup.progress import Meter
from impasto_setup.uv import Uv

from .conftest import Newcomer, Onlooker, small

BIG = "canvas-1.0-py3-none-any.whl"
SIZE = 3_000_000


@pytest.fixture
def person(newcomer: Newcomer, tmp_path: Path) -> Newcomer:
    """Their list has a package of some megabytes."""
    newcomer.lists("cpu", [small(tmp_path, newcomer.index, "canvas", "1.0", SIZE)])
    return newcomer


def behaves(index: PackageIndex, *behaviours: object) -> None:
    index.behaves[BIG] = list(behaviours)  # type: ignore[arg-type]


def assert_goes_on(person: Newcomer, *, from_the_middle: bool) -> None:
    """Set Up again ends well, and asks for the rest alone."""
    person.index.ranges.clear()
    person.set_up()
    (asked,) = [asked for asked in person.index.ranges if asked] or [None]
    assert (asked is not None) == from_the_middle, person.index.ranges
    assert person.note()["version"] == "0.1.0"


def test_a_server_that_falls_silent_is_waited_for_and_thennetwork_sentence(person: Newcomer) -> None:
    behaves(person.index, stall(SIZE // 3), stall(0))
    with pytest.raises(Stalled, match=r"nothing has come from 127\.0\.0\.1 for 1 s; .*goes on"):
        person.set_up()
    assert_goes_on(person, from_the_middle=True)


def test_one_silence_or_one_break_is_overcome(person: Newcomer) -> None:
    behaves(person.index, stall(SIZE // 3), truncate(SIZE // 3))
    person.set_up()
    assert len([asked for asked in person.index.ranges if asked]) == 2


def test_a_server_that_always_breaks_off_isnetwork_sentence(person: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("impasto_setup.download.PAUSE_SECONDS", 0.01)
    behaves(person.index, truncate(SIZE // 3), *[truncate(0)] * 8)
    with pytest.raises(CutShort, match="broke off in the middle; press Set Up again, it goes on from there"):
        person.set_up()
    person.index.behaves.clear()
    assert_goes_on(person, from_the_middle=True)


def test_other_bytes_are_thrown_away(person: Newcomer) -> None:
    behaves(person.index, corrupt)
    with pytest.raises(WrongBytes, match=r"canvas-1\.0-py3-none-any\.whl is something else"):
        person.set_up()
    assert not [*person.prefix.rglob(f"{BIG}*")]
    assert_goes_on(person, from_the_middle=False)


def test_an_index_that_lies_about_a_hash_is_not_believed(person: Newcomer, tmp_path: Path) -> None:
    """The list's own hash counts, not the index's."""
    line = small(tmp_path, person.index, "canvas", "1.0", SIZE)
    person.index.files[BIG] = b"something else"
    person.lists("cpu", [line])
    with pytest.raises(WrongBytes):
        person.set_up()


def test_where_the_list_has_no_hash_the_indexs_own_counts(person: Newcomer, tmp_path: Path) -> None:
    person.lists("cpu", [{**small(tmp_path, person.index, "canvas", "1.0", SIZE), "sha256": None, "size": 1000}])
    behaves(person.index, truncate(SIZE // 2))
    person.set_up()
    assert person.note()["version"] == "0.1.0"


def test_a_server_without_ranges_gives_it_all_again(person: Newcomer) -> None:
    behaves(person.index, truncate(SIZE // 2), without_ranges)
    seen = person.set_up()
    assert seen.shown[-1].done == seen.shown[-1].total


def test_a_file_that_is_gone_isnetwork_sentence(person: Newcomer) -> None:
    behaves(person.index, refuse(410))
    with pytest.raises(Refused, match="answered 410 instead of the file"):
        person.set_up()


def test_a_network_that_isnt_there_isnetwork_sentence(person: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMPASTO_INDEX", "http://127.0.0.1:9/simple")
    with pytest.raises(NoNetwork, match=r"127\.0\.0\.1 can't be reached \(.*\); check the network and the proxy"):
        person.set_up()
    monkeypatch.setenv("IMPASTO_INDEX", person.index.simple)
    assert_goes_on(person, from_the_middle=False)


def test_the_environments_proxy_is_asked(person: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", person.index.address)
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("IMPASTO_INDEX", "http://packages.invalid/simple")
    person.set_up()
    assert BIG in person.index.asked


def test_a_certificate_that_nobody_knows_names_the_variable() -> None:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "unable to get local issuer certificate"
    told = network_sentence(urllib.error.URLError(error), "example.org", 1)
    assert "SSL_CERT_FILE" in str(told) and "local issuer" in str(told)


def windows(number: int, errno: int = 22) -> OSError:
    """An error as Windows' Python raises it."""
    error = OSError(errno, "Windows' words")
    error.winerror = number  # type: ignore[attr-defined,unused-ignore]
    return error


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (windows(225), Barred, "a virus scanner has stopped uv.exe; allow the folder"),
        (windows(226), Barred, "a virus scanner has stopped uv.exe; allow the folder"),
        (windows(32, 13), Barred, "another program, often a virus scanner, holds a file in /prefix; wait a minute"),
        (windows(112), DiskFull, "the disk is full"),
        (OSError(28, "No space left"), DiskFull, "the disk is full"),
        (PermissionError(13, "Permission denied", "/engine"), Barred, "/engine can't be written or started"),
        (OSError(30, "Read-only file system", "/engine"), Barred, "/engine can't be written or started"),
        (FileNotFoundError(2, "No such file", "/engine/uv"), Barred, "/engine/uv is missing; a virus scanner may"),
        (OSError(5, "Input/output error"), SetUpError, "Input/output error; mend that"),
    ],
)
def test_the_systems_own_errors_have_a_sentence_with_the_next_step(
    error: OSError, kind: type[SetUpError], words: str
) -> None:
    told = os_sentence(error, Path("/prefix/uv.exe"))
    assert isinstance(told, kind)
    assert words in str(told)
    assert any(step in str(told) for step in ("press Set Up again", "mend that"))


def test_a_wireless_network_that_is_gone_for_a_moment_is_waited_for(
    index: PackageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("impasto_setup.download.PAUSE_SECONDS", 0.01)
    network, meter = Network(), Meter(Onlooker(), 1)
    answers: list[Exception | str] = [NoNetwork("gone"), NoNetwork("gone"), "there"]

    def attempt() -> str:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises(NoNetwork):
        with_retries(network, meter, attempt)  # there was none at all: whoever waits is told at once
    assert len(answers) == 2
    network.read(f"{index.simple}/anything/", {}, lambda: None)
    assert with_retries(network, meter, attempt) == "there"
    answers[:] = [NoNetwork("gone")] * 100
    with pytest.raises(NoNetwork):
        with_retries(network, meter, attempt)
    assert len(answers) == 100 - TRIES, "nobody waits for ever"


def test_programs_that_only_look_at_variables_get_the_systems_proxies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows and macOS keep them elsewhere, where uv doesn't look."""
    monkeypatch.setattr("urllib.request.getproxies", lambda: {"https": "http://proxy.example:3128", "ftp": "no"})
    program = tmp_path / "uv"
    program.write_text("#!/bin/sh\necho $HTTPS_PROXY\n")
    program.chmod(0o755)
    uv = Uv(program, tmp_path, tmp_path, tmp_path / "log", lambda: None)
    assert uv.do("anything").strip() == "http://proxy.example:3128"


def test_a_firewall_isnetwork_sentence() -> None:
    told = network_sentence(urllib.error.URLError(windows(10013)), "example.org", 1)
    assert "a firewall has barred the way to example.org; allow GIMP in it" in str(told)


def test_a_proxy_that_wants_a_password_isnetwork_sentence(index: PackageIndex) -> None:
    index.add("a-1-py3-none-any.whl", b"a")
    index.behaves["a-1-py3-none-any.whl"] = [refuse(407)]
    with pytest.raises(Refused, match="the proxy wants a name and a password"):
        Network().read(f"{index.address}/files/a-1-py3-none-any.whl", {}, lambda: None)
