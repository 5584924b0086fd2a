"""Reads from the network with urllib: the system's proxies, private certificates, and a wait that can be cancelled."""

from __future__ import annotations

import http.client
import os
import queue
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from impasto_wire.programs import OUT_OF_SIGHT

from .errors import (
    FIREWALL,
    N_,
    CutShort,
    NetworkError,
    NoNetwork,
    Refused,
    Stalled,
    barred_by_firewall,
    unreachable,
)

STALL_SECONDS = 20.0
CHUNK = 1 << 18
LOOK_SECONDS = 0.1
KEYCHAINS = ("/System/Library/Keychains/SystemRootCertificates.keychain", "/Library/Keychains/System.keychain")
ROOTS = ("/etc/ssl/cert.pem", "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
"""Where systems keep the authorities that they trust; a Python that was built elsewhere may not know."""


@dataclass(frozen=True)
class Reply:
    """A server's answer: its status, and its headers by their names in small letters."""

    status: int
    headers: Mapping[str, str]


class Network:
    """Opens URLs as this person's system would. `stall` is how many seconds of silence are too many."""

    def __init__(self, environ: Mapping[str, str] = os.environ, stall: float = STALL_SECONDS) -> None:
        self._stall = stall
        handlers: list[urllib.request.BaseHandler] = [
            urllib.request.ProxyHandler(_proxies(environ)),
            urllib.request.HTTPSHandler(context=_trust(environ)),
        ]
        self._opener = urllib.request.build_opener(*handlers)
        self.has_answered = False
        """Has anybody answered yet? Then there is a network, and what fails may come again."""

    @contextmanager
    def open(
        self, url: str, headers: Mapping[str, str], check: Callable[[], object]
    ) -> Iterator[tuple[Reply, Iterator[bytes]]]:
        """The answer to a request, and its bytes as they come. Raises `NetworkError`; `check` may raise at any time.

        Another thread waits for the server, so that this one hears of a cancel at once.
        """
        arrived: queue.Queue[Reply | bytes | Exception | None] = queue.Queue(maxsize=16)
        is_over = threading.Event()
        request = urllib.request.Request(url, headers={"User-Agent": "impasto", **headers})  # noqa: S310  ours
        reader = threading.Thread(target=self._read, args=(request, arrived, is_over), name="impasto-net", daemon=True)
        reader.start()
        server = urlsplit(url).hostname or url

        def chunks() -> Iterator[bytes]:
            while (found := self._next(arrived, server, check)) is not None:
                assert isinstance(found, bytes)
                yield found

        try:
            answer = self._next(arrived, server, check)
            assert isinstance(answer, Reply)
            yield answer, chunks()
        finally:
            is_over.set()

    def read(self, url: str, headers: Mapping[str, str], check: Callable[[], object]) -> tuple[Reply, bytes]:
        """The whole answer to a request. Raises `NetworkError`."""
        with self.open(url, headers, check) as (answer, chunks):
            return answer, b"".join(chunks)

    def _next(
        self, arrived: queue.Queue[Reply | bytes | Exception | None], server: str, check: Callable[[], object]
    ) -> Reply | bytes | None:
        waited = 0.0
        while True:
            check()
            try:
                found = arrived.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                waited += LOOK_SECONDS
                if waited > 2 * self._stall:  # a name that is looked up for ever knows no other limit
                    raise _stalled(server, self._stall) from None
                continue
            if isinstance(found, Exception):
                raise network_sentence(found, server, self._stall) from found
            return found

    def _read(
        self,
        request: urllib.request.Request,
        arrived: queue.Queue[Reply | bytes | Exception | None],
        is_over: threading.Event,
    ) -> None:
        def put(what: Reply | bytes | Exception | None) -> bool:
            while not is_over.is_set():
                with suppress(queue.Full):
                    arrived.put(what, timeout=LOOK_SECONDS)
                    return True
            return False

        try:
            with self._opener.open(request, timeout=self._stall) as response:
                self.has_answered = True
                lower = {name.lower(): value for name, value in response.headers.items()}
                put(Reply(response.status, lower))
                expected, got = lower.get("content-length"), 0
                while chunk := response.read1(CHUNK):
                    got += len(chunk)
                    if not put(chunk):
                        return
                if expected and got < int(expected):
                    raise http.client.IncompleteRead(b"", int(expected) - got)
                put(None)
        except Exception as error:  # whatever it is, the waiting thread words it
            put(error)


def _stalled(server: str, seconds: float) -> Stalled:
    return Stalled(
        N_("nothing has come from {server} for {seconds:.0f} s; check the network and press Set Up again, it goes on"),
        server=server,
        seconds=seconds,
    )


def network_sentence(error: Exception, server: str, seconds: float) -> Exception:
    """A foreign error of the network, in a sentence."""
    if isinstance(error, urllib.error.HTTPError):
        if error.code == 407:
            return Refused(
                N_("the proxy wants a name and a password before {server}; set them in the system's proxy settings"),
                server=server,
            )
        return Refused(
            N_("{server} answered {status} instead of the file; try again later, or get a newer filter"),
            server=server,
            status=error.code,
        )
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        return _stalled(server, seconds)
    if isinstance(cause, (http.client.HTTPException, ConnectionResetError)):
        return CutShort(
            N_("{server} broke off in the middle; press Set Up again, it goes on from there"), server=server
        )
    if isinstance(cause, ssl.SSLCertVerificationError):
        return NoNetwork(
            N_(
                "the certificate of {server} isn't known here ({reason}); a company's own authority can be named by "
                "the variable {variable}"
            ),
            server=server,
            reason=cause.verify_message,
            variable="SSL_CERT_FILE",
        )
    if FIREWALL in (getattr(cause, "winerror", None), getattr(cause, "errno", None)):
        return barred_by_firewall(server)
    if isinstance(cause, (OSError, ValueError)) and not isinstance(error, NetworkError):
        return unreachable(server, getattr(cause, "strerror", None) or str(cause))
    return error


def _proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """The proxies of the environment, or else the system's."""
    return urllib.request.getproxies() if environ is os.environ else urllib.request.getproxies_environment()


def proxy_variables() -> dict[str, str]:
    """The proxies that this person's system has, for programs that only look at variables."""
    found = urllib.request.getproxies()
    return {f"{scheme.upper()}_PROXY": found[scheme] for scheme in ("http", "https") if scheme in found}


def _trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Who is believed: SSL_CERT_FILE alone where it is set, as everywhere; otherwise the system's authorities."""
    context = ssl.create_default_context()
    if named := environ.get("SSL_CERT_FILE") or environ.get("PIP_CERT"):
        with suppress(OSError, ssl.SSLError):
            context.load_verify_locations(cafile=named)
        return context
    if sys.platform == "darwin":
        with suppress(OSError, ssl.SSLError, subprocess.SubprocessError):
            told = subprocess.run(
                ["/usr/bin/security", "find-certificate", "-a", "-p", *KEYCHAINS],
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
                creationflags=OUT_OF_SIGHT,
            )
            context.load_verify_locations(cadata=told.stdout)
    if not context.cert_store_stats()["x509_ca"]:
        for roots in filter(Path.exists, map(Path, ROOTS)):
            with suppress(OSError, ssl.SSLError):
                context.load_verify_locations(cafile=str(roots))
    return context
