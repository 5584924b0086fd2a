"""`impasto serve`: one engine for each person, which ends when asked to, or after some time without a session."""

import argparse
import contextlib
import hashlib
import logging
import os
import re
import signal
import sys
from pathlib import Path

import zmq

from impasto.folders import Folders, folders, private_folder
from impasto.locks import TwinLock
from impasto_wire import __version__
from impasto_wire.errors import EngineUnavailable, ImpastoError, SettingError

from .address import listen_locally, remove_socket, sweep_sockets
from .broker import Broker
from .control import lock_of
from .frontend import ANY_PORT, Frontend
from .keys import KeyPair, KnownClients, PairedClients
from .log_file import log_to
from .pool import WorkerPool
from .publication import Publication
from .store import RunFolder, Store
from .supervisor import WorkerOptions

log = logging.getLogger(__name__)

PAINTER = "impasto.painting.local_painter:open_painter"
_STORE_BYTES = 8 << 30
_REST_SECONDS = 60.0
_LOCK_SECONDS = 0.2
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
    os.umask(0o077)  # the log, the spool and the workers' pictures are this person's alone
    painter, device = _painter_and_device(arguments)
    places = folders()
    connection_file = arguments.connection_file or places.connection_file
    log_to(places.log_file, connection_file.with_name(places.log_file.name), arguments.log_level)
    try:
        lock = _lock_of(connection_file, places.spool)
        if not _take(lock):
            print("an Impasto engine is already running", file=sys.stderr)  # noqa: T201
            return 0
        with contextlib.closing(lock):
            _serve_alone(lock, connection_file, places, arguments, painter, device)
    except ImpastoError as error:
        log.error("%s", error)
        raise
    except Exception:
        log.exception("the engine ends by its own fault")
        raise
    return 0


def _lock_of(connection_file: Path, spool: Path) -> TwinLock:
    """The lock that makes an engine the only one of its connection file.

    It stands beside that file, where others look, and in the folder of pictures: when one is deleted, a second engine
    that is started before the first one looks again still finds the other.
    """
    name = hashlib.sha256(os.fsencode(connection_file.absolute())).hexdigest()[:16]
    twin = private_folder(spool) / f"engine-{name}.lock"
    return TwinLock(twin, private_folder(connection_file.parent) / lock_of(connection_file).path.name)


def _take(lock: TwinLock) -> bool:
    try:
        return lock.wait(_LOCK_SECONDS)
    except OSError as error:
        raise EngineUnavailable(
            f"{error.filename} can't be used ({error.strerror}); run: impasto doctor --fix"
        ) from error


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
    lock: TwinLock, connection_file: Path, places: Folders, arguments: argparse.Namespace, painter: str, device: str
) -> None:
    _allow_many_files()
    is_ending = _Ending(arguments.idle_minutes * 60, arguments.parent)
    paired = PairedClients(places.keys) if arguments.bind else None
    server, known = paired.server_keys() if paired else KeyPair.new(), KnownClients("", paired)
    run_folder = RunFolder(places.spool)
    context = zmq.Context[zmq.Socket[bytes]]()
    try:
        frontend = Frontend(context, server, known)
        _listen(frontend, connection_file, arguments.bind, bool(arguments.share_connection))
        publication = Publication(lock, connection_file, arguments.share_connection, frontend, known, server.public)
        options = WorkerOptions(run_folder.path, painter, arguments.rest)
        pool = WorkerPool(context, options, device)

        def is_over(idle_seconds: float) -> bool:
            if not run_folder.path.is_dir():
                raise EngineUnavailable("the folder of the engine's pictures was deleted; start the filter again")
            return not publication.keep() or is_ending(idle_seconds)

        broker = Broker(frontend, Store(run_folder.path, _STORE_BYTES), pool, is_over)
        try:
            publication.publish()
            address = frontend.endpoint if frontend.endpoint.startswith("tcp") else "a socket in its private folder"
            log.info("engine %s listens at %s (process %d)", __version__, address, os.getpid())
            broker.run()
        finally:
            publication.withdraw()
            remove_socket(frontend)
        frontend.close()
    finally:
        context.destroy(linger=200)
        run_folder.remove()
        log.info("engine ended")


def _listen(frontend: Frontend, connection_file: Path, bind: str | None, is_shared: bool) -> None:
    """Listen at what was asked for; at a port where a sandbox must reach it; else where no stranger can knock."""
    sweep_sockets(connection_file)
    try:
        if bind or is_shared:
            frontend.listen(bind or ANY_PORT)
        else:
            listen_locally(frontend, connection_file)
    except zmq.ZMQError as error:
        raise SettingError(
            f"bind is {bind or ANY_PORT}; it must be a free address, such as tcp://0.0.0.0:5577"
        ) from error


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
