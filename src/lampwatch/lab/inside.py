"""What runs in a sandbox as its first process: builds labs and answers requests, until whoever holds it goes away."""

import os
import pty
import socket
import sys
import threading
from pathlib import Path

import msgspec

from lampwatch.lab.errors import LabError
from lampwatch.lab.lab import Lab
from lampwatch.lab.sandbox import in_sandbox
from lampwatch.lab.servers.authority import Authority
from lampwatch.lab.wire import (
    Answer,
    Build,
    Built,
    Call,
    Close,
    Counts,
    Done,
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


class _Keeper:
    """Holds the one lab there is, and answers each request in a thread of its own."""

    def __init__(self, held: socket.socket) -> None:
        self._held = held
        self._lock = threading.Lock()
        self._building = threading.Lock()
        self._authority = Authority()
        self._lab: Lab | None = None

    def answer(self, call: Call) -> None:
        """Do what is asked, and say how it went."""
        try:
            reply = self._reply(call.request)
        except LabError as error:
            reply = Failed(str(error))
        except Exception as error:  # noqa: BLE001  a bug of the lab is told to whoever holds it, who raises it
            reply = Failed(f"{type(error).__name__}: {error}")
        with self._lock:
            self._held.sendall(msgspec.json.encode(Answer(call.number, reply)) + b"\n")

    def _reply(self, request: Request) -> Reply:
        if isinstance(request, Build):
            with self._building:
                self._clear()
                self._lab = Lab(request.stage, self._authority)
                return Built(self._lab.view)
        if isinstance(request, Close):
            with self._building:
                self._clear()
            return Done()
        if self._lab is None:
            raise LabError("there is no lab yet")
        return self._of_lab(self._lab, request)

    def _of_lab(self, lab: Lab, request: Request) -> Reply:
        if isinstance(request, Run) and request.terminal:
            return Ran(os.waitstatus_to_exitcode(pty.spawn(lab.at_client(request.argv))), b"", b"", 0.0)
        if isinstance(request, Run):
            return lab.run(request.argv, request.timeout_s, outside=request.outside, name=request.name)
        if isinstance(request, Fetch):
            return Fetched(lab.fetch(request.url))
        if isinstance(request, Fired):
            return Counts(lab.fired())
        if isinstance(request, Start):
            lab.start(request.argv, request.address, request.port)
        if isinstance(request, Kill):
            lab.kill(request.name)
        if isinstance(request, Switch):
            lab.switch(request.block, on=request.on)
        return Done()

    def _clear(self) -> None:
        if self._lab is not None:
            lab, self._lab = self._lab, None
            lab.close()


def main(descriptor: int) -> None:
    """Serve requests from a socket; when its other end is closed, however that came about, end at once."""
    if not in_sandbox() or os.getpid() != 1:
        sys.exit("this program builds networks, and does so in a sandbox only")
    # Only names of the lab resolve here, and nothing may wait for the machine's own resolver.
    Path("/run/lab").mkdir(exist_ok=True)
    with socket.socket(fileno=descriptor) as held, held.makefile("rb") as lines:
        keeper = _Keeper(held)
        decoder = msgspec.json.Decoder(Call)
        for line in lines:
            threading.Thread(target=keeper.answer, args=[decoder.decode(line)], daemon=True).start()
    # Everything in the sandbox ends with its first process: there is nothing to take down one by one.
    os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
