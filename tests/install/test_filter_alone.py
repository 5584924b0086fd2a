"""The GIMP part alone, for an engine that came by pip."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from impasto.installed import prefix_of
from impasto_install.filter_alone import add_filter, remove_filters
from impasto_install.place import EngineNote
from impasto_install.source import FILTER, Source
from impasto_install.system import System
from impasto_setup.manifest import Manifest, read_manifest, write_manifest

from .conftest import PREFIX, snapshot


def test_the_filter_comes_and_goes_and_leaves_the_home_as_it_was(
    living: System, profile: Path, source: Source, note: EngineNote, home: Path
) -> None:
    """What the engine has written meanwhile goes too."""
    before = snapshot(home)
    paths = {"log_file": str(home / ".local/state/impasto/log/engine.log")}
    gimps = add_filter(living, home / PREFIX, source.filter, note, paths)
    assert [gimp.profile for gimp in gimps] == [profile]
    told = json.loads((profile / "plug-ins" / FILTER / "engine.json").read_text(encoding="utf-8"))
    assert told["python"] == note.python
    Path(paths["log_file"]).parent.mkdir(parents=True)
    Path(paths["log_file"]).touch()
    freed = remove_filters(living, home / PREFIX)
    assert freed
    assert freed > 100_000
    assert snapshot(home) == before
    assert remove_filters(living, home / PREFIX) is None


def test_an_engine_of_the_installers_stays(
    living: System, profile: Path, source: Source, note: EngineNote, home: Path
) -> None:
    """Its manifest no longer says that nothing has changed, so that the installer can place its own filter again."""
    prefix = home / PREFIX
    python = prefix / "engine/one/bin/python"
    python.parent.mkdir(parents=True)
    python.touch()
    write_manifest(prefix, Manifest("0.1.0", source.digest, "cpu", "engine/one"))
    add_filter(living, prefix, source.filter, replace(note, python=str(python)), {})
    assert [manifest.source for manifest in [read_manifest(prefix)] if manifest] == [source.digest]
    add_filter(living, prefix, source.filter, note, {})
    assert [manifest.source for manifest in [read_manifest(prefix)] if manifest] == [""]
    assert remove_filters(living, prefix)
    assert not (profile / "plug-ins" / FILTER).exists()
    assert python.exists()
    assert read_manifest(prefix)


def test_an_engine_knows_the_installation_that_it_is_of(
    living: System, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even one in a prefix of the person's own choice; any other engine has the installer's default one."""
    prefix = home / "Kunst"
    monkeypatch.setattr(sys, "prefix", str(prefix / "engine/one"))
    assert prefix_of(living) == home / PREFIX
    prefix.mkdir()
    write_manifest(prefix, Manifest("0.1.0", engine="engine/one"))
    assert prefix_of(living) == prefix
