"""RIS Live on this machine: each connection gets the next script of messages, and is then closed."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve


class RisServer:
    """asked holds what clients sent, by connection. After its script a connection is closed, or stays silent."""

    def __init__(self, scripts: Sequence[Sequence[bytes]], *, silent: bool) -> None:
        self.address = ""
        self.asked: list[list[str | bytes]] = []
        self._scripts = list(scripts)
        self._silent = silent

    def talk(self, link: ServerConnection) -> None:
        self.asked.append([link.recv(), link.recv()])
        script = self._scripts.pop(0) if self._scripts else ()
        for raw in script:
            link.send(raw, text=True)
        if self._silent:
            # Until the client gives up.
            with suppress(ConnectionClosed):
                link.recv()


@contextmanager
def ris_live(*scripts: Sequence[bytes], silent: bool = False) -> Iterator[RisServer]:
    played = RisServer(scripts, silent=silent)
    with serve(played.talk, "127.0.0.1", 0) as server:
        played.address = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/v1/ws/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield played
        finally:
            server.shutdown()
            thread.join()
