"""The engine as a service of the person's own login (`--service`), for a GIMP in a sandbox, which can't start it.

One small file: a systemd user unit, a launchd agent, or a command in Windows' Startup folder.
"""

from __future__ import annotations

import os
import plistlib
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import InstallError
from .system import System

UNIT = "impasto.service"
AGENT = "org.impasto.engine"
STARTUP = "impasto-engine.cmd"
NEVER_IDLE = ("--idle-minutes", "0")
"""Nobody could start it again from inside a sandbox."""

Command = Sequence[str]


@dataclass(frozen=True)
class Service:
    """Where its file lies, the deepest folder that is needed, and the commands that make the system heed it or not.

    `starting` starts the engine once more where it has ended, and does nothing where it runs.
    """

    file: Path
    folder: Path
    enabling: tuple[Command, ...]
    starting: Command
    disabling: tuple[Command, ...]


def service_of(system: System) -> Service:
    """How this system starts something at login."""
    if system.platform == "win32":
        folder = system.folder("APPDATA", "AppData", "Roaming") / "Microsoft/Windows/Start Menu/Programs/Startup"
        start = ("cmd", "/c", str(folder / STARTUP))
        return Service(folder / STARTUP, folder, (start,), start, ())
    if system.platform == "darwin":
        folder = system.home / "Library/LaunchAgents"
        file, person = folder / f"{AGENT}.plist", f"gui/{os.getuid()}"
        return Service(
            file,
            folder,
            (("launchctl", "bootstrap", person, str(file)),),
            ("launchctl", "kickstart", f"{person}/{AGENT}"),
            (("launchctl", "bootout", f"{person}/{AGENT}"),),
        )
    folder = system.folder("XDG_CONFIG_HOME", ".config") / "systemd/user"
    systemctl = ("systemctl", "--user")
    return Service(
        folder / UNIT,
        folder / "default.target.wants",
        ((*systemctl, "daemon-reload"), (*systemctl, "enable", "--now", UNIT)),
        (*systemctl, "start", UNIT),
        ((*systemctl, "disable", "--now", UNIT), (*systemctl, "daemon-reload")),
    )


def text_of(system: System, serve: Command) -> bytes:
    """What stands in the service's file."""
    command = [*serve, *NEVER_IDLE]
    if system.platform == "win32":
        quiet = [command[0].replace("python.exe", "pythonw.exe"), *command[1:]]
        line = subprocess.list2cmdline(quiet).replace("%", "%%")
        return f'@chcp 65001 >nul\r\n@start "" {line}\r\n'.encode()
    if system.platform == "darwin":
        return plistlib.dumps(
            {
                "Label": AGENT,
                "ProgramArguments": command,
                "RunAtLoad": True,
                "KeepAlive": {"SuccessfulExit": False},
            }
        )
    return (
        "[Unit]\nDescription=Impasto's engine, which GIMP's filter talks to\n\n"
        # Through env, since systemd takes no quotation mark in the program's own path.
        f"[Service]\nExecStart=/usr/bin/env {' '.join(map(_quoted, command))}\nRestart=on-failure\n\n"
        "[Install]\nWantedBy=default.target\n"
    ).encode()


def enable_service(system: System, serve: Command) -> None:
    """Write the file; have the engine started now and at every login. Raises `InstallError` and leaves nothing then."""
    service = service_of(system)
    service.folder.mkdir(parents=True, exist_ok=True)
    part = service.file.with_name(service.file.name + ".part")
    part.write_bytes(text_of(system, serve))
    if service.file.exists():
        disable_service(system)
    part.replace(service.file)
    if not all(system.succeeds(command) for command in service.enabling):
        disable_service(system)
        raise InstallError(
            f"all else is installed, but {service.enabling[0][0]} can't start services here; have your session start"
            f" this at login: {subprocess.list2cmdline([*serve, *NEVER_IDLE])}"
        )


def start_service(system: System) -> bool:
    """Start a service that is enabled and has ended; False where the system says that it can't."""
    return system.succeeds(service_of(system).starting)


def disable_service(system: System) -> None:
    """End the service and take its file away."""
    service = service_of(system)
    for command in service.disabling[:1]:
        system.succeeds(command)
    service.file.unlink(missing_ok=True)
    for command in service.disabling[1:]:
        system.succeeds(command)


def _quoted(word: str) -> str:
    """A word of ExecStart, whatever is in it."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{plain}"'
