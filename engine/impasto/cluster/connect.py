"""Connects to a Ray cluster, or starts one on this machine, and turns Ray's errors into sentences for a person.

Ray is imported only after its environment variables are set: it reads them while it is imported.
"""

import contextlib
import importlib.util
import os
import platform
import re
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from impasto_wire.errors import EngineFault, EngineUnavailable, ImpastoError, SettingError, VersionMismatch

AUTO = "auto"
"""Instead of an address: a cluster of our own, on this machine."""
_ADDRESS = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):(?P<port>[0-9]{1,5})")
_CONNECT_SECONDS = 5.0
_QUIET = {"configure_logging": False, "log_to_driver": False, "logging_level": "ERROR"}

Ray = Any
"""The module `ray`; its own types are of no use here."""


def check_ray(address: str) -> None:
    """Raises `SettingError` if Ray is not installed, or if the address is none."""
    if address != AUTO and not _ADDRESS.fullmatch(address):
        raise SettingError(f"ray is {address}; it must be auto or the address that `ray start --head` shows, HOST:6379")
    if importlib.util.find_spec("ray") is None:
        raise SettingError("Ray is not installed here; get it with: pip install 'gimp-impasto[ray]'")


@contextlib.contextmanager
def joined(address: str, cpus: int) -> Iterator[Ray]:
    """The module `ray`, with this process connected to the cluster at an address. With `auto` that is a new cluster on
    this machine, with `cpus` CPUs; it ends when the context does. Raises `EngineUnavailable`, `VersionMismatch`."""
    _set("RAY_USAGE_STATS_ENABLED", "0")
    with _own_cluster(cpus) if address == AUTO else _cluster_at(address) as ray:
        try:
            yield ray
        finally:
            ray.shutdown()


@contextlib.contextmanager
def _own_cluster(cpus: int) -> Iterator[Ray]:
    """A cluster that nobody else can use: it listens on the loopback, and only its own processes know its token."""
    os.environ |= {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # this keeps Ray on the loopback, on every system
    }
    with closed_folder() as folder:
        import ray

        try:
            ray.init("local", num_cpus=cpus, include_dashboard=False, _temp_dir=str(folder / "r"), **_QUIET)
        except Exception as error:
            raise EngineFault(f"Ray can't start here ({_first_line(error)}); leave --ray out") from error
        yield ray


@contextlib.contextmanager
def closed_folder() -> Iterator[Path]:
    """A fresh folder that nobody else can enter. Ray opens its own folder, and the sockets in it, to everyone: that one
    must lie within this."""
    # The path of a socket can have only about a hundred characters.
    parent = "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108, mkdtemp makes it private
    folder = tempfile.mkdtemp(prefix="impasto-", dir=parent)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _cluster_at(address: str) -> Iterator[Ray]:
    _check_port(address)
    _set("RAY_AUTH_MODE", "token")
    _set("RAY_NUM_REDIS_GET_RETRIES", "1")  # one try, which takes 40 seconds at most
    import ray

    try:
        ray.init(address, **_QUIET)
    except Exception as error:
        raise _error_from_ray(address, error, ray.__version__) from error
    yield ray


def _check_port(address: str) -> None:
    found = _ADDRESS.fullmatch(address)
    assert found
    try:
        with socket.create_connection((found["host"].strip("[]"), int(found["port"])), _CONNECT_SECONDS):
            pass
    except (OSError, OverflowError) as error:
        raise EngineUnavailable(
            f"no Ray cluster answers at {address}; check the address and the firewall, or start one with: "
            "ray start --head"
        ) from error


def _error_from_ray(address: str, error: BaseException, version: str) -> ImpastoError:
    """The error for a person. Ray gives the reason only as text, and often as the text of the cause of a cause."""
    text = "\n".join(_texts(error))
    if "Version mismatch" in text:
        theirs = ", ".join(re.findall(r"(?:Ray|Python): \S+", text)[:2])
        return VersionMismatch(
            f"the Ray cluster at {address} has {theirs}, this machine has Ray {version}, Python "
            f"{platform.python_version()}; install the same on all machines"
        )
    if "token" in text.lower():
        return EngineUnavailable(
            f"the Ray cluster at {address} doesn't take this machine's token, or there is none; copy ~/.ray/auth_token "
            "from its head, readable by you alone"
        )
    if "No node info found" in text:
        return EngineUnavailable(
            f"this machine is not in the Ray cluster at {address}; join it with: ray start --address={address} "
            "--num-cpus=0"
        )
    return EngineUnavailable(f"what answers at {address} is no Ray cluster; check the address")


def _texts(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield str(error)
        error = error.__cause__ or error.__context__


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _set(name: str, value: str) -> None:
    os.environ.setdefault(name, value)
