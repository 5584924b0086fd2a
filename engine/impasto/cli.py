"""The command `impasto`: one sub-command for each thing that a person can ask of the engine."""

import argparse
import contextlib
import io
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from impasto_install.errors import InstallError
from impasto_wire import __version__
from impasto_wire.errors import ImpastoError, JobCancelled

from . import commands
from .commands.speak import one_line, say
from .folders import folders
from .libraries import lacks_runtime, why_not_loaded


class Parser(argparse.ArgumentParser):
    """An argument parser that answers a mistake with one sentence."""

    def error(self, message: str) -> NoReturn:
        """End with the sentence and exit code 2."""
        self.exit(2, f"{one_line(f'{self.prog}: {message}; see {self.prog} --help')}\n")


def build_parser() -> Parser:
    """The whole command line."""
    parser = Parser(prog="impasto", description="Repaint pictures in the style of a painting.")
    parser.add_argument("--version", action="version", version=f"impasto {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in commands.ADD_PARSERS:
        add(subparsers)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 the doctor found something wrong.

    2 is a mistake, told in one sentence; 130 an interruption.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file's name may hold what no text can; and a pipe of Windows' has few letters of its own.
            stream.reconfigure(encoding="utf-8" if os.name == "nt" else None, errors="backslashreplace")
    chosen = build_parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen) or 0)
    except (KeyboardInterrupt, JobCancelled):
        return 130
    except BrokenPipeError:
        return 0
    except (ImpastoError, InstallError) as error:
        say(f"impasto: {error}")
    except MemoryError:
        say("impasto: there is too little memory for that; close other programs, or take a smaller picture")
    except (ImportError, OSError) as error:
        say(f"impasto: {_of_the_system(error)}")
    except Exception as error:
        say(f"impasto: {_unexpected(error)}")
    return 2


def _of_the_system(error: ImportError | OSError) -> str:
    """A sentence about what the system refuses, wherever that was: a library, a name, a full disk, missing rights."""
    if lacks_runtime(error):
        return why_not_loaded(error)
    if isinstance(error, ImportError) or error.filename is None or error.strerror is None:
        return _unexpected(error)
    return f"{str(error.filename)[:200]} can't be used ({error.strerror}); check its name, the disk and your rights"


def _unexpected(error: Exception) -> str:
    """A sentence about an error that nobody has foreseen; its traceback goes to a file, where that can be written."""
    told = next(iter(str(error).splitlines()), "")[:200]
    what = f"something went wrong inside Impasto ({type(error).__name__}{told and f': {told}'})"
    with contextlib.suppress(OSError, ImpastoError):
        place = _keep("".join(traceback.format_exception(error)))
        return f"{what}; the details are in {place}, please report them"
    return f"{what}; please report it"


def _keep(details: str) -> Path:
    place = folders().log_file.with_name("command.log")
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(details)
    return place
