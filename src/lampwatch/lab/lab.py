"""One lab: path, outside, censor and trouble, from a stage; and what may be asked of it. Runs inside a sandbox."""

import http.client
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path as FilePath
from threading import Event, Thread
from typing import Final
from urllib.parse import urlsplit

import dns.exception
import dns.message
import dns.query
import dns.rdatatype

from lampwatch.lab import topology
from lampwatch.lab.censor.fit import Censor
from lampwatch.lab.censor.fitting import NftFitting, forward_chain
from lampwatch.lab.censor.line import Line, is_bad
from lampwatch.lab.errors import LabError
from lampwatch.lab.netns import nft, within
from lampwatch.lab.scenario import Stage
from lampwatch.lab.servers.authority import Authority
from lampwatch.lab.servers.listening import Serving
from lampwatch.lab.servers.outside import Outside
from lampwatch.lab.view import CONTROL_RESOLVER, PROVIDER_RESOLVER, LabView
from lampwatch.lab.wire import Ran

_WORK: Final = FilePath("/run/lab")
_POLL_S: Final = 0.02
_FETCH_S: Final = 4.0
_UP_S: Final = 20.0
_COMPLAINT: Final = 400
# The resolver's file is seen by this program alone: the mount is in a namespace of its own.
_AT_HOME: Final = 'mount --bind "$1" /etc/resolv.conf || exit 71; shift; exec "$@"'


class Lab:
    """A fresh lab with its censor applied. Close it to take everything away; what fails to build takes itself away.

    Blocks with from_s are applied so many seconds after the client's first packet.
    """

    def __init__(self, stage: Stage, authority: Authority) -> None:
        self._blocks = stage.censor
        self._ended = Event()
        self.view = LabView(str(authority.write(_WORK)))
        with ExitStack() as made:
            self.path = topology.build(stage.topology)
            made.callback(topology.remove, self.path)
            self._outside = Outside(stage.world, authority)
            topology.serve_addresses(self.path.outside, self._outside.addresses)
            topology.serve_prefixes(self.path.outside, stage.world.answering)
            self._keep_silent()
            serving = Serving(self.path.outside)
            made.callback(serving.close)
            serving.open(self._outside.listeners)
            if is_bad(stage.topology):
                made.callback(Line(self.path.routers[-1], stage.topology).close)
            self._censor = Censor(stage.censor, self.path, self._outside, authority)
            made.callback(self._censor.close)
            for block, fitting in zip(stage.censor, self._censor.fittings, strict=True):
                if not block.from_s:
                    fitting.apply()
            self._write_resolvers()
            self._services: list[subprocess.Popen[bytes]] = []
            self._named: dict[str, subprocess.Popen[bytes]] = {}
            made.callback(self._end_services)
            self._schedule(made)
            self._made = made.pop_all()

    def close(self) -> None:
        """Take everything away."""
        self._made.close()

    def start(self, argv: Sequence[str], address: str, port: int) -> None:
        """Start a service outside; returns when it listens. Raises LabError where it ends or never does."""
        log = _WORK / f"service-{len(self._services)}.log"
        with log.open("wb") as written:
            service = within(
                self.path.outside, lambda: self._popen(argv, outside=True, output=written.fileno())
            )
        self._services.append(service)
        self._named[address] = service
        deadline = time.monotonic() + _UP_S
        while not within(self.path.outside, lambda: _listens(address, port)):
            if service.poll() is not None or time.monotonic() > deadline:
                said = " ".join(log.read_text(errors="replace").split())[-_COMPLAINT:]
                raise LabError(f"nothing listens on {address}:{port} (status {service.poll()}): {said}")
            self._ended.wait(_POLL_S)

    def run(self, argv: Sequence[str], timeout_s: float, *, outside: bool = False, name: str = "") -> Ran:
        """Run a program to its end, at the client or outside; what it printed, and how long it took."""
        where = self.path.outside if outside else self.path.client
        begun = time.monotonic()
        program = within(where, lambda: self._popen(argv, outside=outside, output=subprocess.PIPE))
        if name:
            self._named[name] = program
        try:
            out, err = program.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            program.kill()
            out, err = program.communicate()
            err += f"\nended after {timeout_s:.0f} s\n".encode()
        return Ran(program.returncode, out, err, time.monotonic() - begun)

    def kill(self, name: str) -> None:
        """End a program by its name, or a service by its address, without a word; returns when it is gone.

        Raises LabError where nothing runs under that name.
        """
        program = self._named.pop(name, None)
        if program is None or program.poll() is not None:
            raise LabError(f"nothing that is called {name} is running")
        program.kill()
        program.wait()

    def fetch(self, url: str) -> str:
        """Fetch an unencrypted page at the client, as its browser would; the failure, empty where it came."""
        return within(self.path.client, lambda: _fetch(url))

    def fired(self) -> tuple[int, ...]:
        """How often each block has fired."""
        return tuple(fitting.fired() for fitting in self._censor.fittings)

    def switch(self, block: int, *, on: bool) -> None:
        """Apply or lift one block."""
        fitting = self._censor.fittings[block]
        if on:
            fitting.apply()
        else:
            fitting.lift()

    def at_client(self, argv: Sequence[str]) -> list[str]:
        """The command line that runs a program at the client, for who cannot make it a child of a thread there."""
        home = ["unshare", "-m", "sh", "-c", _AT_HOME, "sh", str(self._resolver_file(outside=False))]
        return ["nsenter", f"--net=/run/netns/{self.path.client}", *home, *argv]

    def _popen(self, argv: Sequence[str], *, outside: bool, output: int) -> "subprocess.Popen[bytes]":
        home = ["unshare", "-m", "sh", "-c", _AT_HOME, "sh", str(self._resolver_file(outside=outside))]
        return subprocess.Popen(  # noqa: S603  what whoever holds the lab asked for
            [*home, *argv], stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=_WORK
        )

    def _resolver_file(self, *, outside: bool) -> FilePath:
        return _WORK / ("resolv-outside.conf" if outside else "resolv-client.conf")

    def _write_resolvers(self) -> None:
        for outside, resolver in ((False, PROVIDER_RESOLVER), (True, CONTROL_RESOLVER)):
            text = f"nameserver {resolver}\noptions timeout:1 attempts:3\n"
            self._resolver_file(outside=outside).write_text(text, encoding="ascii")

    def _keep_silent(self) -> None:
        """Let the addresses of silent sites answer nobody, whether they ask from far away or from beside them."""
        addresses = [ip for ip in self._outside.silent if ":" not in ip]
        if addresses:
            rule = f"ip daddr {{ {', '.join(addresses)} }} drop"
            chains = f"chain in {{ type filter hook input priority 0;\n{rule}\n}}"
            nft(self.path.outside, f"table inet lab_silent {{\n{chains}\n}}\n")

    def _schedule(self, made: ExitStack) -> None:
        """Watch for the client's first packet, and apply from then on what begins later."""
        later = sorted((block.from_s, number) for number, block in enumerate(self._blocks) if block.from_s)
        if not later:
            return
        first = NftFitting(
            self.path.routers[0], "lab_first", forward_chain("ip saddr 10.0.0.1 counter name fired")
        )
        first.apply()

        def wait_and_apply() -> None:
            while not first.fired():
                if self._ended.wait(_POLL_S):
                    return
            begun = time.monotonic()
            for from_s, number in later:
                if self._ended.wait(max(0.0, begun + from_s - time.monotonic())):
                    return
                self._censor.fittings[number].apply()

        clock = Thread(target=wait_and_apply, name="lab clock", daemon=True)
        made.callback(clock.join)
        made.callback(self._ended.set)
        clock.start()

    def _end_services(self) -> None:
        for service in self._services:
            service.kill()
            service.wait()


def _listens(address: str, port: int) -> bool:
    connection = http.client.HTTPConnection(address, port, timeout=1)
    try:
        connection.connect()
    except OSError:
        return False
    connection.close()
    return True


def _fetch(url: str) -> str:
    split = urlsplit(url)
    host = split.hostname or ""
    query = dns.message.make_query(host, dns.rdatatype.A)
    try:
        answer = dns.query.udp(query, PROVIDER_RESOLVER, timeout=_FETCH_S)
        addresses = [item.to_text() for rrset in answer.answer for item in rrset]
        if not addresses:
            return f"{host} has no address"
        connection = http.client.HTTPConnection(addresses[0], split.port or 80, timeout=_FETCH_S)
        try:
            connection.request("GET", split.path or "/", headers={"Host": host})
            status = connection.getresponse().status
        finally:
            connection.close()
    except (OSError, dns.exception.DNSException, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    return "" if status == http.client.OK else f"status {status}"
