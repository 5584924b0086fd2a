"""`impasto serve`: one engine for each person, which ends when asked to, or after some time without a session."""

import argparse
import contextlib
import logging
import logging.handlers
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import zmq

from impasto.folders import Folders, folders, private_folder
from impasto.locks import FileLock
from impasto_wire import PROTOCOL, __version__
from impasto_wire.connection import Connection, write_connection
from impasto_wire.errors import EngineUnavailable, ImpastoError, SettingError
from impasto_wire.files import left_parts

from .broker import Broker
from .frontend import ANY_PORT, Frontend
from .keys import KeyPair, KnownClients, PairedClients
from .pool import WorkerPool
from .store import RunFolder, Store
from .supervisor import WorkerOptions

log = logging.getLogger(__name__)

PAINTER = "impasto.painting.local_painter:open_painter"
_LOG_BYTES = 1 << 20
_STORE_BYTES = 8 << 30
_REST_SECONDS = 60.0
_OPEN_FILES = 16_384


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `impasto serve`."""
    parser.add_argument(
        "--idle-minutes", type=float, default=30.0, help="end when nobody was connected for so long (0: never)"
    )
    parser.add_argument("--device", default="auto", type=_device, help="auto, cpu, cuda (every GPU), cuda:0, mps")
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    parser.add_argument("--parent", type=int, metavar="PID", help="end when this process ends")
    parser.add_argument("--connection-file", type=Path, help="where to say how this engine is reached")
    parser.add_argument(
        "--share-connection",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="say it there too, for a GIMP in a sandbox; may be given several times",
    )
    parser.add_argument(
        "--bind",
        metavar="ENDPOINT",
        help="let paired machines in (impasto pair), at tcp://0.0.0.0:5577",
    )
    parser.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="paint on the Ray cluster at HOST:PORT; filters see only this engine",
    )
    parser.add_argument(
        "--worker-cpus",
        type=int,
        metavar="N",
        help="CPUs of each worker on the cluster, where it has no GPU; all of a machine's",
    )
    parser.add_argument("--painter", default=PAINTER, help=argparse.SUPPRESS)
    parser.add_argument("--rest", type=float, default=_REST_SECONDS, help=argparse.SUPPRESS)


def _device(name: str) -> str:
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]{1,2})?", name):
        raise argparse.ArgumentTypeError(f"{name!r}; it must be auto, cpu, cuda, cuda:0 (a GPU by its number) or mps")
    return name


def serve(arguments: argparse.Namespace) -> int:
    """Run the engine until it ends; 0 also when another one is running already. Raises `ImpastoError`."""
    painter, device = _painter_and_device(arguments)
    places = folders()
    connection_file = arguments.connection_file or places.connection_file
    _log_to(places.log_file, arguments.log_level)
    try:
        private_folder(connection_file.parent)
        lock = FileLock(connection_file.with_suffix(".lock"))
        if not lock.acquire():
            print("an Impasto engine is already running", file=sys.stderr)  # noqa: T201
            return 0
        with contextlib.closing(lock):
            _serve_alone(connection_file, places, arguments, painter, device)
    except ImpastoError as error:
        log.error("%s", error)
        raise
    except Exception:
        log.exception("the engine ends by its own fault")
        raise
    return 0


def _painter_and_device(arguments: argparse.Namespace) -> tuple[str, str]:
    """What opens a painter, and the device: of this machine or of a cluster. Raises `SettingError`."""
    if arguments.ray is None:
        return arguments.painter, arguments.device
    from impasto.cluster.connect import AUTO, check_ray
    from impasto.cluster.machines import CLUSTER_PAINTER, ClusterDevice, Share

    if arguments.ray == AUTO:
        raise SettingError("ray is auto; the engine uses this machine's GPUs without Ray, leave --ray out")
    check_ray(arguments.ray)
    if arguments.worker_cpus is not None and arguments.worker_cpus < 1:
        raise SettingError(f"worker_cpus is {arguments.worker_cpus}; it must be at least 1")
    share = Share(arguments.worker_cpus, wants_gpu=arguments.device in ("auto", "cuda"))
    return CLUSTER_PAINTER, str(ClusterDevice(arguments.ray, share, arguments.painter))


def _serve_alone(
    connection_file: Path, places: Folders, arguments: argparse.Namespace, painter: str, device: str
) -> None:
    _allow_many_files()
    is_ending = _Ending(arguments.idle_minutes * 60, arguments.parent)
    paired = PairedClients(places.keys) if arguments.bind else None
    server, client = paired.server_keys() if paired else KeyPair.new(), KeyPair.new()
    run_folder = RunFolder(places.spool)
    context = zmq.Context[zmq.Socket[bytes]]()
    try:
        frontend = _open_frontend(context, server, KnownClients(client.public, paired), arguments.bind or ANY_PORT)
        options = WorkerOptions(run_folder.path, painter, arguments.rest)
        pool = WorkerPool(context, options, device)
        broker = Broker(frontend, Store(run_folder.path, _STORE_BYTES), pool, is_ending)
        connection = Connection(
            frontend.endpoint, server.public, client.public, client.secret, PROTOCOL, __version__, os.getpid()
        )
        with _published([*_reachable(arguments.share_connection), connection_file], connection):
            log.info("engine %s listens at %s (process %d)", __version__, frontend.endpoint, os.getpid())
            broker.run()
        frontend.close()
    finally:
        context.destroy(linger=200)
        run_folder.remove()
        log.info("engine ended")


def _open_frontend(context: zmq.Context[zmq.Socket[bytes]], keys: KeyPair, known: KnownClients, bind: str) -> Frontend:
    try:
        return Frontend(context, keys, known, bind)
    except zmq.ZMQError as error:
        raise SettingError(f"bind is {bind}; it must be a free address, such as tcp://0.0.0.0:5577") from error


def _reachable(paths: Sequence[Path]) -> list[Path]:
    """The paths whose folder exists: the folder of a GIMP that was removed must not be made again."""
    return [path for path in paths if path.parent.is_dir()]


@contextlib.contextmanager
def _published(paths: Sequence[Path], connection: Connection) -> Iterator[None]:
    try:
        for path in paths:
            for part in left_parts(path):  # of an engine that was killed when it started
                part.unlink(missing_ok=True)
            write_connection(path, connection)
        yield
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


class _Ending:
    """Says when the engine ends: after a signal, after its parent, or after some time without a session."""

    def __init__(self, idle_seconds: float, parent: int | None) -> None:
        self._idle_seconds = idle_seconds
        self._parent = parent
        self._asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, *_: object) -> None:
        self._asked = True

    def __call__(self, idle_seconds: float) -> bool:
        if self._parent is not None and not _is_running(self._parent):
            log.info("the parent process has ended")
            return True
        if self._idle_seconds and idle_seconds > self._idle_seconds:
            log.info("nobody was connected for %.0f s", idle_seconds)
            return True
        return self._asked


def _allow_many_files() -> None:
    """Raise the limit of open files, usually 1,024: every connection and every picture that comes in is one."""
    if sys.platform != "win32":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _OPEN_FILES if most == resource.RLIM_INFINITY else min(most, _OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _is_running(pid: int) -> bool:
    import psutil

    return bool(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)


class OneLine(logging.Formatter):
    """Writes a record as one line, whatever a client has put into it, so that none can forge a line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The line; a traceback of our own comes after it."""
        return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in super().formatMessage(record))


def _log_to(path: Path, level: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=3, encoding="utf-8")
    except OSError as error:
        raise EngineUnavailable(
            f"the log {path} can't be written ({error.strerror}); set HOME to a folder of yours"
        ) from error
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=level.upper())
    logging.raiseExceptions = False  # a full disk must not stop the engine
