"""Where Impasto keeps things: the connection file, the log, caches, settings and people's own styles."""

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from platformdirs import PlatformDirs

from impasto_presets import user_folder
from impasto_wire.errors import EngineUnavailable

_DIRS = PlatformDirs("impasto", appauthor=False)


@dataclass(frozen=True)
class Folders:
    """Every place of this person's engine; nothing is made by asking."""

    connection_file: Path
    log_file: Path
    cache: Path
    spool: Path
    checkpoints: Path
    config: Path
    presets: Path
    keys: Path


def folders() -> Folders:
    """The places that this platform has for them (the XDG folders on Linux). Raises `EngineUnavailable`."""
    try:
        Path.home()
    except RuntimeError as error:
        raise EngineUnavailable("this account has no home folder; set HOME to a folder of yours") from error
    config, cache = _DIRS.user_config_path, _DIRS.user_cache_path
    return Folders(
        connection_file=_runtime() / "connection.json",
        log_file=_DIRS.user_log_path / "engine.log",
        cache=cache,
        spool=cache / "spool",
        checkpoints=cache / "checkpoints",
        config=config,
        presets=user_folder(),
        keys=config / "keys",
    )


def _runtime() -> Path:
    """The folder of what lasts as long as a login: the session's own, else one below this person's home.

    Never one in /tmp, where anybody could have made it first; nor one for temporary files, which Windows and macOS
    empty by themselves, while a service may run for weeks. `XDG_RUNTIME_DIR` counts unless the folder that it names
    is another's, as after `su`.
    """
    if sys.platform in ("win32", "darwin"):
        return _DIRS.user_config_path / "run"
    named = os.environ.get("XDG_RUNTIME_DIR", "")
    if Path(named).is_absolute() and (not os.path.lexists(named) or _is_ours(Path(named))):
        return Path(named, "impasto")
    usual = Path(f"/run/user/{os.getuid()}")
    return usual / "impasto" if _is_ours(usual) else _DIRS.user_state_path / "run"


def _is_ours(folder: Path) -> bool:
    try:
        return folder.stat().st_uid == os.getuid()
    except OSError:
        return False


def private_folder(path: Path) -> Path:
    """The folder, which only its owner can enter, made if need be.

    Raises `EngineUnavailable` if it is another's, or can't be made.
    """
    try:
        for folder in [*reversed(path.parents), path]:
            if not folder.is_dir():  # `parents=True` would make those above as open as the umask lets it
                folder.mkdir(mode=0o700, exist_ok=True)
        if os.name == "posix":
            status = path.stat()
            if status.st_uid != os.getuid():
                raise EngineUnavailable(f"the folder {path} belongs to someone else; run: impasto doctor --fix")
            if stat.S_IMODE(status.st_mode) & 0o777 != 0o700:
                path.chmod(0o700)
    except OSError as error:
        raise EngineUnavailable(
            f"the folder {path} can't be used ({error.strerror}); run: impasto doctor --fix,"
            " or set HOME or XDG_RUNTIME_DIR to a folder of yours"
        ) from error
    return path
