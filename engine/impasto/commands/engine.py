"""The service's part of the command line: `impasto serve`, `status`, `stop`, `relay`, `pair` and `paths`."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from impasto.folders import folders
from impasto.service import serve
from impasto.service.accounts import Limits, amount_text
from impasto.service.control import ask_status, stop
from impasto.service.keys import PairedClients
from impasto.service.relay import relay
from impasto_wire import PROTOCOL, __version__
from impasto_wire.connection import REMOTE, Connection, write_connection
from impasto_wire.errors import EngineUnavailable, SettingError
from impasto_wire.messages import ClientUse

Subparsers = Any  # argparse's own class for it is private


def add_parsers(subparsers: Subparsers) -> None:
    """Add the service's commands; each sets `run`, which takes the parsed arguments and returns the exit code."""
    parser = subparsers.add_parser("serve", help="run the engine that the filter talks to")
    serve.add_arguments(parser)
    parser.set_defaults(run=serve.serve)
    parser = subparsers.add_parser("status", help="say whether the engine runs and what it does")
    _add_connection_file(parser)
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=_status)
    parser = subparsers.add_parser("stop", help="end the engine")
    _add_connection_file(parser)
    parser.set_defaults(run=_stop)
    parser = subparsers.add_parser("relay", help="connect a GIMP without ZeroMQ to the engine")
    _add_connection_file(parser)
    parser.set_defaults(run=lambda arguments: relay(_connection_file(arguments)))
    _add_pair(subparsers)
    parser = subparsers.add_parser("paths", help="say where everything is kept")
    parser.add_argument("--json", action="store_true", help="as one JSON object")
    parser.set_defaults(run=_paths)


def _add_connection_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--connection-file", type=Path, help=argparse.SUPPRESS)


def _connection_file(arguments: argparse.Namespace) -> Path:
    """The one that was named, or this person's; asked for only now, since an account may have no home for it."""
    return arguments.connection_file or folders().connection_file


def _add_pair(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("pair", help="let another machine's filter use this engine (impasto serve --bind)")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("name", nargs="?", help="what you call the other machine")
    what.add_argument("--list", action="store_true", help="name the paired machines")
    what.add_argument("--revoke", metavar="NAME", help="let a machine in no more, from now on")
    parser.add_argument("--endpoint", help="how the other machine reaches this one, such as tcp://studio:5577")
    parser.add_argument("-o", "--output", type=Path, help="the connection file to take to the other machine")
    parser.add_argument(
        "--limit",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="how much it may have at a time: sessions=8, jobs=64, stored=2GiB, unread=1GiB; may be given several "
        "times, and later for a machine that is paired",
    )
    parser.set_defaults(run=_pair)


def _pair(arguments: argparse.Namespace) -> int:
    paired = PairedClients(folders().keys)
    if arguments.list:
        _list(paired)
    elif arguments.revoke:
        paired.revoke(arguments.revoke)
    elif arguments.limit and not arguments.endpoint and not arguments.output:
        paired.limit(arguments.name, Limits.parse(arguments.limit))
    elif not arguments.endpoint or not arguments.output:
        raise SettingError("pairing needs --endpoint tcp://THIS-MACHINE:PORT and --output FILE")
    else:
        limits = Limits.parse(arguments.limit)
        _pair_with(paired, arguments.name, limits, arguments.endpoint, arguments.output)
        print(f"Take {arguments.output} to {arguments.name}, by a way that nobody else can read, and delete it here.")  # noqa: T201
    return 0


def _list(paired: PairedClients) -> None:
    for client in sorted(paired.clients().values(), key=lambda client: client.name):
        print(f"{client.name}: {Limits().changed(client.limits)}")  # noqa: T201


def _pair_with(paired: PairedClients, name: str, limits: dict[str, int], endpoint: str, output: Path) -> None:
    """Pair a client and write the file for it, or neither."""
    server = paired.server_keys()
    try:
        with paired.adding(name, limits) as client:
            keys = (server.public, client.public, client.secret)
            write_connection(output, Connection(endpoint, *keys, PROTOCOL, __version__, REMOTE))
    except EngineUnavailable:
        output.unlink(missing_ok=True)
        raise
    except OSError as error:
        raise SettingError(
            f"{output} can't be written ({error.strerror}); nobody was paired, name another file"
        ) from error


def _status(arguments: argparse.Namespace) -> int:
    status = ask_status(_connection_file(arguments))
    if arguments.json:
        print(json.dumps(asdict(status)))  # noqa: T201
    else:
        devices = ", ".join(status.devices) or "its painter is still being loaded"
        print(f"The engine {status.version} runs (process {status.pid}) at {status.endpoint}: {devices}.")  # noqa: T201
        print(f"{status.queue} jobs are painted or waiting.")  # noqa: T201
        if status.clients is not None:
            print(f"Faults of its own since it started, each of which ended one session: {status.faults}.")  # noqa: T201
            _print_clients(status.clients)
    return 0


def _print_clients(clients: Sequence[ClientUse]) -> None:
    row = "{:24} {:>8} {:>6} {:>10} {:>10} {:>10}".format
    print(row("client", "sessions", "jobs", "stored", "results", "painted"))  # noqa: T201
    for client in clients:
        stored, unread = amount_text("stored", client.stored), amount_text("unread", client.unread)
        seconds = f"{client.painting_seconds:.0f} s"
        print(row(client.name[:24], client.sessions, client.jobs, stored, unread, seconds))  # noqa: T201


def _stop(arguments: argparse.Namespace) -> int:
    stop(_connection_file(arguments))
    return 0


def _paths(arguments: argparse.Namespace) -> int:
    places = {name: str(path) for name, path in asdict(folders()).items()}
    if arguments.json:
        print(json.dumps({**places, "command": [sys.executable, "-m", "impasto", "serve"]}))  # noqa: T201
    else:
        for name, path in places.items():
            print(f"{name.replace('_', ' '):16}{path}")  # noqa: T201
    return 0
