"""Network namespaces of this sandbox: made by `ip`, entered by a thread that ends afterwards.

setns() is per thread. A thread that enters a namespace never comes back, so nothing can leak into another one, and
sockets and child processes it makes stay in the namespace for good.
"""

import ctypes
import os
import subprocess
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from lampwatch.lab.errors import LabError

CLONE_NEWNET: Final = 0x40000000
FOLDER: Final = Path("/run/netns")
COMMAND_S: Final = 30
"""No command of ours takes so long: one that does hangs."""
_LIBC: Final = ctypes.CDLL(None, use_errno=True)

Result = TypeVar("Result")


def within(namespace: str, act: Callable[[], Result]) -> Result:
    """What act gives when it runs inside a namespace; raises what it raises."""
    outcome: list[Result] = []
    failure: list[BaseException] = []

    def enter_and_act() -> None:
        try:
            enter(namespace)
            outcome.append(act())
        except BaseException as error:  # noqa: BLE001  handed over to the thread that asked
            failure.append(error)

    thread = threading.Thread(target=enter_and_act, name=f"in {namespace}", daemon=True)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return outcome[0]


def enter(namespace: str) -> None:
    """Move the calling thread into a namespace, for good."""
    descriptor = os.open(FOLDER / namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if _LIBC.setns(descriptor, CLONE_NEWNET) != 0:
            raise LabError(f"cannot enter namespace {namespace}: {os.strerror(ctypes.get_errno())}")
    finally:
        os.close(descriptor)


def command(*argv: str, stdin: str = "") -> str:
    """What a command prints; raises LabError with its complaint where it fails."""
    try:
        done = subprocess.run(  # noqa: S603  a command of this room, found on the PATH
            argv, input=stdin, capture_output=True, text=True, timeout=COMMAND_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabError(f"{argv[0]} does not run: {error}") from error
    if done.returncode != 0:
        complaint = " ".join((done.stderr or done.stdout).split())
        raise LabError(f"`{' '.join(argv)}` failed: {complaint}")
    return done.stdout


def ip_batch(lines: Sequence[str], namespace: str = "") -> None:
    """Run many `ip` commands in one process, inside a namespace where one is named."""
    where = ("-n", namespace) if namespace else ()
    command("ip", *where, "-batch", "-", stdin="\n".join(lines) + "\n")


def nft(namespace: str, rules: str) -> str:
    """Load nft text inside a namespace."""
    return within(namespace, lambda: command("nft", "-f", "-", stdin=rules))


def iptables(namespace: str, *argv: str) -> str:
    """Run one iptables command inside a namespace."""
    return within(namespace, lambda: command("iptables", "-w", *argv))


def sysctl(namespace: str, settings: dict[str, str]) -> None:
    """Write settings below /proc/sys/net inside a namespace."""

    def write() -> None:
        for name, value in settings.items():
            Path("/proc/sys/net", name).write_text(value, encoding="ascii")

    within(namespace, write)
