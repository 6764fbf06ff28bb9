"""The sandbox: a process in namespaces of its own, without an uplink, that dies with whoever started it.

Inside, one Python process builds labs and serves the outside of them; from here it is asked over a socket pair. No
root is needed where user namespaces are allowed.
"""

import itertools
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from lampwatch.lab.errors import LabError
from lampwatch.lab.scenario import Stage
from lampwatch.lab.view import LabView
from lampwatch.lab.wire import (
    Answer,
    Build,
    Built,
    Call,
    Close,
    Counts,
    Failed,
    Fetch,
    Fetched,
    Fired,
    Kill,
    Ran,
    Reply,
    Request,
    Run,
    Start,
    Switch,
)

_TOOLS: Final = ("ip", "nft", "iptables", "tc", "mount", "nsenter")
# /run is hidden by an empty one: namespaces are kept there. A resolv.conf that is a link into /run must exist to be
# mounted over, and the tools live where a plain user's PATH often does not lead.
_SET_UP: Final = """
PATH="$PATH:/usr/sbin:/sbin"; export PATH
real=$(readlink -m /etc/resolv.conf)
mount -t tmpfs none /run && mkdir -p /run/netns /run/lab && ip link set lo up || exit 71
case "$real" in /run/*) mkdir -p "$(dirname "$real")" && : > "$real";; esac
exec "$@"
"""
_TRIED_S: Final = 20
_ANSWERED_S: Final = 60
"""A lab is built in well under a second; a sandbox that says nothing for so long hangs."""


def _unshared(*argv: str) -> list[str]:
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    flags = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return ["unshare", *user, *flags, "sh", "-c", _SET_UP, "sh", *argv]


@cache
def available() -> str:
    """Why no lab can be built on this machine, in one line; empty where it can."""
    if sys.platform != "linux":
        return f"the lab needs Linux, and this is {sys.platform}"
    missing = f"for tool in {' '.join(_TOOLS)}; do command -v $tool >/dev/null || echo no $tool; done"
    works = "ip netns add trial && ip netns exec trial nft add table inet trial && echo works"
    try:
        tried = subprocess.run(  # noqa: S603  a command of this module
            _unshared("sh", "-c", f"{missing}; {works}"),
            capture_output=True,
            text=True,
            timeout=_TRIED_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unshare does not run here: {error}"
    if "works" in tried.stdout.split() and "no " not in tried.stdout:
        return ""
    said = "; ".join(f"{tried.stdout}\n{tried.stderr}".split("\n")).strip("; ")
    return f"namespaces cannot be made here: {said or f'unshare ended with status {tried.returncode}'}"


class Sandbox:
    """One sandbox with at most one lab in it at a time. Safe to use from several threads; leave it to end it.

    Raises LabError where the sandbox cannot do what is asked or has died.
    """

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._numbers = itertools.count()
        self._waiting: dict[int, Future[Reply]] = {}
        self._lock = threading.Lock()
        self._closed = False
        argv = _unshared(sys.executable, "-m", "lampwatch.lab.inside", str(theirs.fileno()))
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  as in available()
                argv,
                pass_fds=[theirs.fileno()],
                # Ctrl-C is for whoever holds the sandbox: it ends this by closing it, and not with a complaint.
                start_new_session=True,
            )
        self._reader = threading.Thread(target=self._read, name="lab replies", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox with everything in it. May be called again."""
        if not self._closed:
            self._closed = True
            self._socket.shutdown(socket.SHUT_RDWR)
            self._process.kill()
            self._process.wait()
            self._reader.join()
            self._socket.close()

    def build(self, stage: Stage) -> LabView:
        """Build a fresh lab in the place of any before it."""
        built = self._ask(Build(stage))
        assert isinstance(built, Built)  # noqa: S101  the reply to this request
        return built.view

    def start(self, argv: Sequence[str], address: str, port: int) -> None:
        """Start a service outside, and wait until it listens."""
        self._ask(Start(tuple(argv), address, port))

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float,
        outside: bool = False,
        terminal: bool = False,
        name: str = "",
    ) -> Ran:
        """Run a program at the client, or outside, to its end or its time limit; by its name it can be killed."""
        ran = self._ask(Run(tuple(argv), timeout_s, outside, terminal, name), timeout_s + _ANSWERED_S)
        assert isinstance(ran, Ran)  # noqa: S101  the reply to this request
        return ran

    def kill(self, name: str) -> None:
        """End a program that runs under a name, or a service by its address, without a word."""
        self._ask(Kill(name))

    def fetch(self, url: str) -> str:
        """Fetch a page at the client; the failure, empty where it came."""
        fetched = self._ask(Fetch(url))
        assert isinstance(fetched, Fetched)  # noqa: S101  the reply to this request
        return fetched.failure

    def switch(self, block: int, *, on: bool) -> None:
        """Apply or lift one block of the stage."""
        self._ask(Switch(block, on))

    def fired(self) -> tuple[int, ...]:
        """How often each block of the stage has fired so far."""
        counts = self._ask(Fired())
        assert isinstance(counts, Counts)  # noqa: S101  the reply to this request
        return counts.fired

    def clear(self) -> None:
        """Take the lab down; the sandbox stays for another."""
        self._ask(Close())

    def _ask(self, request: Request, timeout_s: float = _ANSWERED_S) -> Reply:
        waiting: Future[Reply] = Future()
        number = next(self._numbers)
        with self._lock:
            self._waiting[number] = waiting
            try:
                self._socket.sendall(msgspec.json.encode(Call(number, request)) + b"\n")
            except OSError as error:
                raise LabError(f"the sandbox has ended: {error}") from error
        try:
            reply = waiting.result(timeout_s)
        except TimeoutError:
            raise LabError(
                f"the sandbox did not answer {type(request).__name__} in {timeout_s:.0f} s"
            ) from None
        if isinstance(reply, Failed):
            raise LabError(reply.why)
        return reply

    def _read(self) -> None:
        decoder = msgspec.json.Decoder(Answer)
        with self._socket.makefile("rb") as lines:
            for line in lines:
                answer = decoder.decode(line)
                with self._lock:
                    waiting = self._waiting.pop(answer.number, None)
                if waiting is not None:
                    waiting.set_result(answer.reply)
        with self._lock:
            left = list(self._waiting.values())
            self._waiting.clear()
        for waiting in left:
            waiting.set_exception(LabError("the sandbox has ended before it answered"))


def in_sandbox() -> bool:
    """Whether this process runs inside one: `inside` refuses to touch a machine's own network."""
    return Path("/run/netns").is_dir() and Path("/run/lab").is_dir()
