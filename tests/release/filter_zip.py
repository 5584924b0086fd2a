"""The archive that a person unzips into GIMP's plug-ins folder: the filter, and the wheels of its engine within."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from impasto_install.source import FILTER, files_below, version_of

PLUG_IN = f"gimp_plugin/{FILTER}"
WHEELS = f"{FILTER}/impasto_setup/wheels"
READ_ME = f"{FILTER}/READ ME.txt"
PROGRAM = f"{FILTER}/{FILTER}.py"
PYVIPS = "pyvips==3.2.0"
"""No index has it as a wheel. It is Python alone: its library is the wheel pyvips-binary, which every list has."""
TEXT = """\
Impasto {version}: repaint a layer in the style of a painting, in GIMP 3

Windows
1. Start GIMP once and close it.
2. Press Windows+R and type  %APPDATA%\\GIMP  then open the folder 3.0 or 3.2, and in it plug-ins.
3. Put the folder impasto-filter there, whole.
4. Start GIMP, open a picture, choose Filters > Artistic > Impasto Style Transfer.
5. Press Set Up.

macOS
1. Start GIMP once and close it.
2. In the Finder press Shift+Command+G and type  ~/Library/Application Support/GIMP  then open 3.0 or 3.2, plug-ins.
3. Put the folder impasto-filter there, whole.
4. Start GIMP, open a picture, choose Filters > Artistic > Impasto Style Transfer.
5. Press Set Up.

Linux
1. Start GIMP once and close it.
2. Open the folder  ~/.config/GIMP/3.0/plug-ins  (or 3.2; hidden folders are shown with Ctrl+H).
3. Unzip impasto-filter there, whole. If GIMP doesn't show it: make impasto-filter/impasto-filter.py executable.
4. Start GIMP, open a picture, choose Filters > Artistic > Impasto Style Transfer.
5. Press Set Up.
"""


def write_filter_zip(checkout: Path, wheels: Sequence[Path], target: Path, changed: int) -> None:
    """Write the archive; the same files give the same bytes.

    `changed` is when, in seconds since 1970. GIMP asks a filter anew only if its file's time is another, so each
    version needs its own.
    """
    when = datetime.fromtimestamp(changed, UTC).timetuple()[:6]
    held = {
        f"{FILTER}/{path.relative_to(checkout / PLUG_IN).as_posix()}": path.read_bytes()
        for path in files_below(checkout / PLUG_IN)
    }
    held |= {f"{WHEELS}/{wheel.name}": wheel.read_bytes() for wheel in wheels}
    # Windows' own editor wants its line ends.
    held[READ_ME] = TEXT.format(version=version_of(checkout / PLUG_IN)).replace("\n", "\r\n").encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(held):
            entry = zipfile.ZipInfo(name, when)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Unix, wherever it is made: the run bit counts
            entry.external_attr = (0o100755 if name == PROGRAM else 0o100644) << 16
            archive.writestr(entry, held[name])


def build_pyvips(folder: Path, changed: int) -> Path:
    """The wheel of pyvips, without a library of its own."""
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(changed), "PKG_CONFIG": "no-such-program"}
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-binary", "pyvips", PYVIPS]
    done = subprocess.run(
        [*command, "--wheel-dir", str(folder)], env=environ, capture_output=True, text=True, timeout=600, check=False
    )
    found = [*folder.glob("pyvips-*-none-any.whl")]
    if done.returncode or not found:
        raise RuntimeError(f"no wheel of {PYVIPS} that runs everywhere could be built: {done.stdout}{done.stderr}")
    return found[0]


def unzip(archive: Path, folder: Path) -> None:
    """Unpack it as the programs of desktops do: with the times and the run bits that it holds."""
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            path = Path(opened.extract(entry, folder))
            path.chmod(entry.external_attr >> 16)
            stamp = datetime(*entry.date_time, tzinfo=UTC).timestamp()
            os.utime(path, (stamp, stamp))
