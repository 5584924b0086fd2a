"""What Flathub wants of an extension for its GIMP: it can't be built here, but its metadata can be checked."""

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from impasto_install.source import FILTER

ID = "org.gimp.GIMP.Plugin.Impasto"


@pytest.fixture
def folder(checkout: Path) -> Path:
    return checkout / "install" / "flatpak"


def test_the_manifest_and_the_metainfo_are_of_one_extension(folder: Path) -> None:
    manifest = (folder / f"{ID}.yml").read_text(encoding="utf-8")
    assert re.findall(r"^(?:id|runtime): (.+)$", manifest, re.MULTILINE) == [ID, "org.gimp.GIMP"]
    assert "build-extension: true" in manifest
    assert f"plug-ins/{FILTER}/{FILTER}.py" in manifest, "GIMP skips a plug-in that may not be run"
    metainfo = ET.parse(folder / f"{ID}.metainfo.xml").getroot()
    assert metainfo.get("type") == "addon"
    assert [metainfo.findtext(name) for name in ("id", "extends")] == [ID, "org.gimp.GIMP"]


def test_appstream_accepts_the_metainfo(folder: Path) -> None:
    program = shutil.which("appstreamcli")
    if program is None:
        pytest.skip("needs appstreamcli: apt install appstream")
    command = [program, "validate", "--no-net", str(folder / f"{ID}.metainfo.xml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
