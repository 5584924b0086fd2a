"""The manifest survives a round trip; one that can't be read is none."""

from pathlib import Path

import pytest

from impasto_setup.manifest import Manifest, PlacedFilter, read_manifest, write_manifest

FULL = Manifest(
    version="0.1.0",
    source="abc",
    torch="auto",
    engine="engine/0.1.0-abc-cpu",
    filters=(PlacedFilter("/home/Käthe/plug-ins/impasto-filter", "3.0", {"impasto-filter.py": "12"}),),
    made_folders=("/home/Käthe/.config",),
    paths={"config": "/home/Käthe/.config/impasto"},
)


@pytest.mark.parametrize("manifest", [Manifest(), FULL])
def test_a_manifest_is_read_as_it_was_written(tmp_path: Path, manifest: Manifest) -> None:
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"filters": [{"folder": 1}]}', '{"filters": 7}'])
def test_a_manifest_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    assert read_manifest(tmp_path) is None


def test_a_newer_versions_manifest_is_read_as_far_as_it_is_known(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"version": "9", "something": {"new": 1}}')
    assert read_manifest(tmp_path) == Manifest(version="9")


def test_a_filter_that_is_placed_again_replaces_its_older_self() -> None:
    newer = PlacedFilter(FULL.filters[0].folder, "3.0", {"impasto-filter.py": "13"})
    manifest = FULL.with_filter(newer).with_folders(["/home/Käthe/.config", "/home/Käthe/new"])
    assert manifest.filters == (newer,)
    assert manifest.made_folders == ("/home/Käthe/.config", "/home/Käthe/new")
