"""The set-up from the dialog: what it will take, carrying it out, and taking it away again."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import folders
from .download import sha256_of
from .earlier import manifest_of, remove_earlier
from .environment import PYTHON_SIZE, Maker, minor_in, missing_in
from .errors import INCOMPLETE, N_, Unsuitable, in_sentences
from .index import Indexes, chosen_indexes
from .lists import FOLDER, OWN_WHEELS, List, known_kinds, own_wheels, pinned_python, read_list, uv_wheel
from .machine import APPLE, CPU, NVIDIA, kinds, this_platform
from .manifest import Manifest, write_json, write_manifest
from .network import Network
from .places import (
    COMPLETE,
    DOWNLOADS,
    ENGINE_NOTE,
    ENGINES,
    LOCK,
    LOG,
    OWN,
    PYTHONS,
    alone,
    earlier_of,
    python_in,
    require_room,
    this_prefix,
    without_places,
)
from .programs import clean_environment, run_program
from .progress import Meter, Onlooker
from .rights import closed_to_others

STOP_SECONDS = 60
REPORT_LENGTH = 20_000
"""So many of the log's last letters are in a report."""


@dataclass(frozen=True)
class Filter:
    """The filter that asks for an engine: its folder, and the lists and wheels that came with it."""

    folder: Path
    lists: Path = FOLDER
    wheels: Path = OWN_WHEELS

    @property
    def note(self) -> Path:
        """Where the installer says which engine this filter has."""
        return self.folder / ENGINE_NOTE


def this_filter() -> Filter:
    """The filter that this file is part of."""
    return Filter(Path(__file__).resolve().parents[1])


@dataclass(frozen=True)
class SetUpPlan:
    """What a set-up will take. `download` and `disk` are bytes, and little where most of it is there."""

    kind: str
    prefix: Path
    environment: Path
    download: int
    disk: int
    is_update: bool


def wants_set_up(asking: Filter, prefix: Path | None = None) -> bool:
    """Has this filter no engine, or one that is older than the one that came with it?"""
    told = _told(asking, prefix)
    return told is None or _is_gone(told) or wants_update(asking, prefix)


def wants_update(asking: Filter, prefix: Path | None = None) -> bool:
    """Did a newer engine come with the filter than the one that is set up?"""
    told = _told(asking, prefix)
    if told is None or _is_gone(told) or not list(asking.wheels.glob("gimp_impasto-*.whl")):
        return False
    engine = own_wheels(asking.wheels)[0]
    prefix = prefix or this_prefix()
    is_ours = "wheel" in told or not {prefix, earlier_of(prefix)}.isdisjoint(Path(told.get("python", "")).parents)
    if is_ours:  # the installer's, too: it has no such digest
        return bool(told.get("wheel") != sha256_of(engine))
    return bool(told.get("version") != _version_of(engine) and told.get("version") != "0")


def plans(asking: Filter, prefix: Path | None = None, root: Path = Path("/")) -> list[SetUpPlan]:
    """What may be set up here, the kind that fits best first. Raises `Unsuitable`."""
    prefix = prefix or this_prefix()
    _require_a_place_of_its_own(sys.executable)
    platform = this_platform()
    possible = [kind for kind in kinds(platform, root) if kind in known_kinds(platform, asking.lists)]
    if not possible:
        raise Unsuitable(INCOMPLETE, name=f"{platform}-….json")
    kept = _kept_kind(manifest_of(prefix, earlier_of(prefix)), platform)
    possible.sort(key=lambda kind: kind != kept)
    return [_set_up_plan(asking, prefix, platform, kind) for kind in possible]


def set_up(asking: Filter, plan: SetUpPlan, watcher: Onlooker, network: Network | None = None) -> None:
    """Download and unpack everything, and tell the filter. Raises `SetUpError`; what has come is used next time."""
    platform = this_platform()
    indexes = _indexes(asking)
    own = own_wheels(asking.wheels)
    chosen = read_list(platform, plan.kind, asking.lists)
    require_room(plan.prefix, plan.download + plan.disk - _already(plan.prefix))
    made, earlier = folders.missing_above(plan.prefix), earlier_of(plan.prefix)
    with closed_to_others(), alone(plan.prefix):
        known = (manifest_of(plan.prefix, earlier) or Manifest()).with_folders(made)
        write_manifest(plan.prefix, known)
        maker = Maker(plan.prefix, network or Network(), indexes, Meter(watcher, plan.download))
        if not _is_whole(plan.environment):
            uv = maker.bring_uv(uv_wheel(platform, asking.lists))
            python, minor = maker.bring_python(uv, pinned_python(asking.lists), [*chosen.wheels])
            maker.make(uv, python, chosen.wheels[minor], chosen.resolved, own, plan.environment, _old(plan.prefix))
        paths = maker.prove(plan.environment, has_torch=_has_torch(chosen))
        engine = plan.environment.relative_to(plan.prefix).as_posix()
        write_manifest(plan.prefix, replace(known, engine=engine, torch=plan.kind, paths=paths))
        _tell(asking, plan, known, paths, own[0])
        _end_others(plan, known, paths)
        remove_earlier(earlier)
        shutil.rmtree(plan.prefix / DOWNLOADS, ignore_errors=True)


def is_removable(asking: Filter, prefix: Path | None = None) -> bool:
    """Has this filter an engine that a set-up made?"""
    return "wheel" in (_told(asking, prefix) or {})


def remove_engine(asking: Filter, prefix: Path | None = None) -> None:
    """End the engine and take it away; the filter and a person's own styles stay. Raises `SetUpError`."""
    prefix = prefix or this_prefix()
    told = _told(asking, prefix)
    with in_sentences(prefix):
        with alone(prefix):
            if told and "python" in told:
                _stop(Path(told["python"]), prefix, told.get("connection_file"))
            for name in OWN:
                folders.remove(prefix / name)
            asking.note.unlink(missing_ok=True)
            remove_earlier(earlier_of(prefix))
            if manifest := manifest_of(prefix, None):
                write_manifest(prefix, replace(manifest, engine="", source="", torch=""))
        folders.remove(prefix / LOCK)  # now that it is closed: Windows removes no open file


def report(prefix: Path, sentence: str) -> str:
    """What helps whoever is asked for help: the sentence, the machine, the end of the log; nobody's name."""
    try:
        said = (prefix / LOG).read_text(encoding="utf-8", errors="replace")[-REPORT_LENGTH:]
    except OSError:
        said = ""
    machine = f"{sys.platform} {os.name} Python {sys.version.split()[0]}"
    return without_places(f"{sentence}\n{machine}\n\n{said}", Path.home())


def _set_up_plan(asking: Filter, prefix: Path, platform: str, kind: str) -> SetUpPlan:
    chosen = read_list(platform, kind, asking.lists)
    engine = own_wheels(asking.wheels)[0]
    name = f"{_version_of(engine)}-{sha256_of(engine)[:10]}-{kind}"
    environment = prefix / ENGINES / name
    old = _old(prefix)
    if _is_whole(environment):
        return SetUpPlan(kind, prefix, environment, 0, 0, bool(old))
    minor = pinned_python(asking.lists)
    size = chosen.size(minor) + uv_wheel(platform, asking.lists).size
    if not [*(prefix / PYTHONS).glob(f"cpython-{minor}.*")]:
        size += PYTHON_SIZE
    if old and minor_in(old) in chosen.wheels:  # where that Python is found again, its packages are taken over
        wheels = chosen.wheels[minor_in(old)]
        size -= sum(wheel.size for wheel in wheels) - sum(wheel.size for wheel in missing_in(old, wheels))
    return SetUpPlan(kind, prefix, environment, size, chosen.disk, bool(old))


def _old(prefix: Path) -> Path | None:
    """The environment that is set up now, if it is whole."""
    manifest = manifest_of(prefix, earlier_of(prefix))
    old = prefix / manifest.engine if manifest and manifest.engine else None
    return old if old and _is_whole(old) else None


def _kept_kind(manifest: Manifest | None, platform: str) -> str:
    """The kind that an environment has by its name; the installer calls PyPI's own build the default."""
    kind = manifest.engine.rpartition("-")[2] if manifest else ""
    return {"linux": NVIDIA, "macos": APPLE}.get(platform.split("-")[0], CPU) if kind == "default" else kind


def _told(asking: Filter, prefix: Path | None) -> dict[str, Any] | None:
    """What engine.json says; None where there is none, or it names no engine."""
    for path in (asking.note, (prefix or this_prefix()) / ENGINE_NOTE):
        try:
            told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if "command" in told:
            return told
    return None


def _is_gone(told: Mapping[str, Any]) -> bool:
    """Is what a set-up has made there no more, as after a virus scanner or a tidy hand?"""
    return "wheel" in told and not Path(told["python"]).exists()


def _indexes(asking: Filter) -> Indexes:
    try:
        told: Mapping[str, str] = json.loads(asking.note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    return chosen_indexes(os.environ, told)


def _tell(asking: Filter, plan: SetUpPlan, known: Manifest, paths: Mapping[str, str], engine: Path) -> None:
    """Let every filter of this person's know the engine; those that know another already, too: it will be removed."""
    python, connection = str(python_in(plan.environment)), paths["connection_file"]
    told = {
        "python": python,
        "command": [python, "-m", "impasto", "serve", "--connection-file", connection],
        "connection_file": connection,
        "log_file": paths["log_file"],
        "version": _version_of(engine),
        "wheel": sha256_of(engine),
        "is_beside": True,
    }
    with in_sentences(plan.prefix):
        write_json(plan.prefix / ENGINE_NOTE, told)
    placed = (Path(filter_.folder) / ENGINE_NOTE for filter_ in known.filters)
    for note in {asking.note, *placed}:
        if note.exists():
            with in_sentences(note):
                write_json(note, {**json.loads(note.read_text(encoding="utf-8")), **told})


def _end_others(plan: SetUpPlan, known: Manifest, paths: Mapping[str, str]) -> None:
    """End the engine that ran before this one, which may have another connection file, and remove it."""
    others = [other for other in plan.environment.parent.iterdir() if other != plan.environment]
    if others or (known.engine and plan.prefix / known.engine != plan.environment):
        for connection in {paths["connection_file"], known.paths.get("connection_file")}:
            _stop(python_in(plan.environment), plan.prefix, connection)
    for other in others:
        shutil.rmtree(other, ignore_errors=True)


def _stop(python: Path, prefix: Path, connection: str | None) -> None:
    if python.exists() and connection:
        command = [str(python), "-m", "impasto", "stop", "--connection-file", connection]
        run_program(command, clean_environment(), prefix / LOG, lambda: None, STOP_SECONDS)


def _already(prefix: Path) -> int:
    """Bytes that an earlier try has left."""
    found = [path for path in (prefix / DOWNLOADS).rglob("*") if path.is_file() and not path.is_symlink()]
    return sum(path.stat().st_size for path in found)


def _is_whole(environment: Path) -> bool:
    return (environment / COMPLETE).exists() and python_in(environment).exists()


def _has_torch(chosen: List) -> bool:
    wheels = next(iter(chosen.wheels.values()), ())
    return bool(chosen.resolved) or any(wheel.project == "torch" for wheel in wheels)


def _version_of(wheel: Path) -> str:
    return wheel.name.split("-")[1]


def _require_a_place_of_its_own(program: str) -> None:
    """Raises `Unsuitable` for a GIMP whose system keeps programs that were not installed by its shop from starting."""
    if "\\windowsapps\\" in program.lower():
        raise Unsuitable(
            N_(
                "this GIMP comes from the Microsoft Store, which keeps other programs from it; "
                "install GIMP from gimp.org beside it, and set Impasto up there"
            )
        )
