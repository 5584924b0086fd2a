"""A newer filter over one that an earlier installer has placed: the engine is updated, a person's own stays."""

import json
import shutil
from pathlib import Path

from impasto_setup.manifest import Manifest, PlacedFilter, read_manifest, write_manifest
from impasto_setup.set_up import plans, wants_update

from .conftest import Newcomer

STYLE = {"title": "Mine"}


def earlier_installation(person: Newcomer, home: Path) -> Path:
    """What the installer of commit eae786b left, of the same version; returns the environment."""
    environment = person.prefix / "engine" / "0.1.0-1234567890-default"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(shutil.which("true") or "/bin/true")
    (environment / "complete").touch()
    folder = str(person.asking.folder)
    placed = PlacedFilter(folder, "3.0", {"impasto-filter.py": "0" * 64})
    paths = {"connection_file": str(home / "connection.json"), "log_file": str(home / "engine.log")}
    manifest = Manifest("0.1.0", "source", "auto", "engine/0.1.0-1234567890-default", (placed,), paths=paths)
    write_manifest(person.prefix, manifest)
    python = str(environment / "bin" / "python")
    note = {
        "python": python,
        "command": [python, "-m", "impasto", "serve", "--connection-file", paths["connection_file"]],
        **paths,
        "version": "0.1.0",
    }
    person.asking.note.write_text(json.dumps(note), encoding="utf-8")
    return environment


def test_an_earlier_installers_engine_is_updated_and_what_is_the_persons_own_stays(
    newcomer: Newcomer, tmp_path: Path
) -> None:
    old = earlier_installation(newcomer, tmp_path)
    own = tmp_path / "config" / "impasto"
    own.mkdir(parents=True)
    (own / "mine.json").write_text(json.dumps(STYLE))
    (own / "favourites.json").write_text('["mine"]')
    assert wants_update(newcomer.asking, newcomer.prefix)
    newcomer.lists("cuda", [newcomer.index.add("pigment-1.0-py3-none-any.whl", b"not there")])
    (plan, *_others) = plans(newcomer.asking, newcomer.prefix)
    assert plan.is_update and plan.kind == "cuda", "it paints on with what it painted with"
    newcomer.lists("cuda", [])
    newcomer.set_up()
    assert not wants_update(newcomer.asking, newcomer.prefix)
    told = json.loads(newcomer.asking.note.read_text(encoding="utf-8"))
    assert told["version"] == "0.1.0" and told["python"] == newcomer.note()["python"]
    assert not old.exists(), "two engines would take twice the disk"
    manifest = read_manifest(newcomer.prefix)
    assert manifest and manifest.filters[0].folder == str(newcomer.asking.folder)
    assert json.loads((own / "mine.json").read_text()) == STYLE
    assert json.loads((own / "favourites.json").read_text()) == ["mine"]
