"""The command `impasto`: one sub-command for each thing that a person can ask of the engine."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from impasto_install.errors import InstallError
from impasto_wire import __version__
from impasto_wire.errors import ImpastoError, JobCancelled

from . import commands


class Parser(argparse.ArgumentParser):
    """An argument parser that answers a mistake with one sentence."""

    def error(self, message: str) -> NoReturn:
        """End with the sentence and exit code 2."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


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
    chosen = build_parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen) or 0)
    except (KeyboardInterrupt, JobCancelled):
        return 130
    except BrokenPipeError:
        return 0
    except (ImpastoError, InstallError) as error:
        sys.stderr.write(f"impasto: {error}\n")
        return 2
