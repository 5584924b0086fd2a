"""Where Impasto keeps things: the connection file, the log, caches, settings and people's own styles."""

import os
import warnings
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
    with warnings.catch_warnings():
        # A session without XDG_RUNTIME_DIR gets a folder of the temporary ones, which `private_folder` makes safe.
        warnings.simplefilter("ignore")
        runtime = _DIRS.user_runtime_path
    return Folders(
        connection_file=runtime / "connection.json",
        log_file=_DIRS.user_log_path / "engine.log",
        cache=cache,
        spool=cache / "spool",
        checkpoints=cache / "checkpoints",
        config=config,
        presets=user_folder(),
        keys=config / "keys",
    )


def private_folder(path: Path) -> Path:
    """The folder, which only its owner can enter, made if need be.

    Raises `EngineUnavailable` if it is another's, or can't be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.name == "posix":
            if path.stat().st_uid != os.getuid():
                raise EngineUnavailable(f"the folder {path} belongs to someone else; delete it or set XDG_RUNTIME_DIR")
            path.chmod(0o700)
    except OSError as error:
        raise EngineUnavailable(
            f"the folder {path} can't be used ({error.strerror}); set HOME or XDG_RUNTIME_DIR to a folder of yours"
        ) from error
    return path
