"""The service's part of the command line: `impasto serve` and `impasto paths`."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from impasto.folders import folders

from . import serve

Subparsers = Any  # argparse's own class for it is private


def add_parsers(subparsers: Subparsers) -> None:
    """Hang the service's commands in; each sets `run`, which takes the parsed arguments and returns the exit code."""
    parser = subparsers.add_parser("serve", help="run the engine that the filter talks to")
    serve.add_arguments(parser)
    parser.set_defaults(run=serve.serve)
    parser = subparsers.add_parser("paths", help="say where everything is kept")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=_paths)


def _paths(arguments: argparse.Namespace) -> int:
    places = {name: str(path) for name, path in asdict(folders()).items()}
    if arguments.json:
        print(json.dumps({**places, "command": [sys.executable, "-m", "impasto", "serve"]}))  # noqa: T201
    else:
        for name, path in places.items():
            print(f"{name.replace('_', ' '):16}{path}")  # noqa: T201
    return 0
