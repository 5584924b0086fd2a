"""The engine's folder is its own: what a person keeps stands in no installation's way, and is never removed with it."""

from dataclasses import replace
from pathlib import Path

import pytest

from impasto_install import make_venv
from impasto_install.installation import install
from impasto_install.main import _uninstall
from impasto_install.prefixes import default_prefix, earlier_prefix
from impasto_install.source import Source
from impasto_install.system import System
from impasto_presets import user_folder
from impasto_setup.manifest import read_manifest

from .conftest import MakeSystem, snapshot

pytestmark = pytest.mark.usefixtures("unproved", "quick_environments")


@pytest.fixture(params=["win32", "darwin"])
def person(request: pytest.FixtureRequest, living: System) -> System:
    """A person with a system whose programs and settings lay in one folder before; what runs there runs here."""
    return replace(living, platform=request.param)


def settings_of(system: System) -> Path:
    return user_folder(system.platform, system.environ, system.home).parent


def keep_a_style(system: System) -> dict[str, str]:
    """Have a person save a style; returns what is there then."""
    style = settings_of(system) / "presets" / "mine.json"
    style.parent.mkdir(parents=True, exist_ok=True)
    style.write_text("{}")
    return snapshot(settings_of(system))


@pytest.mark.parametrize("platform", ["linux", "win32", "darwin"])
def test_no_installation_lies_among_a_persons_settings(machine: MakeSystem, platform: str) -> None:
    system = machine(platform)
    prefix, settings = default_prefix(system), settings_of(system)
    assert not prefix.is_relative_to(settings)
    assert not settings.is_relative_to(prefix)


def test_whoever_keeps_styles_can_install_remove_and_install_again(
    person: System, source: Source, wheels: Path
) -> None:
    kept = keep_a_style(person)
    prefix = default_prefix(person)
    for _ in range(2):
        install(person, prefix, source, "auto", wheels)
        assert make_venv.is_complete(prefix / (read_manifest(prefix) or pytest.fail("no manifest")).engine)
        _uninstall(person, prefix)
        assert not prefix.exists()
        assert snapshot(settings_of(person)) == kept


def test_an_earlier_installation_is_moved_and_nothing_of_the_person_is_lost(
    person: System, source: Source, wheels: Path
) -> None:
    prefix = default_prefix(person)
    earlier = earlier_prefix(person, prefix)
    assert earlier == settings_of(person)
    install(person, earlier, source, "auto", wheels)
    old = read_manifest(earlier)
    assert old
    assert old.engine
    style = earlier / "presets/mine.json"
    style.parent.mkdir()
    style.write_text("{}")

    install(person, prefix, source, "auto", wheels)
    manifest = read_manifest(prefix)
    assert manifest
    assert make_venv.is_complete(prefix / manifest.engine)
    assert Path(prefix / manifest.engine).is_relative_to(prefix)
    assert set(old.made_folders) <= set(manifest.made_folders)
    assert [path.name for path in earlier.rglob("*")] == ["presets", "mine.json"]

    _uninstall(person, prefix)
    assert not prefix.exists()
    assert style.read_text() == "{}"


def test_an_earlier_installation_can_be_removed_as_it_is(person: System, source: Source, wheels: Path) -> None:
    earlier = earlier_prefix(person, default_prefix(person))
    assert earlier
    install(person, earlier, source, "auto", wheels)
    kept = keep_a_style(person)
    _uninstall(person, default_prefix(person))
    assert [path.name for path in earlier.rglob("*")] == ["presets", "mine.json"]
    assert {name: state for name, state in kept.items() if name.startswith("presets")} == snapshot(earlier)
