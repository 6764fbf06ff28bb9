"""An address to listen on, and an application served there until it is interrupted."""

import signal
import socket
from collections.abc import Callable, Sequence

import click
import uvicorn
from fastapi import FastAPI

from lampwatch.model.errors import UserError


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises UserError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise UserError(
            f"{host} port {port} cannot be listened on: {error.strerror}; name another with --port"
        ) from error
    taken.listen(128)
    return taken


def address_of(taken: socket.socket, host: str) -> str:
    """The URL under which a listening socket is reached."""
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{taken.getsockname()[1]}/"


class _Server(uvicorn.Server):
    """Tells, when it is to end, whoever still waits for something."""

    def __init__(self, config: uvicorn.Config, endings: Sequence[Callable[[], None]]) -> None:
        super().__init__(config)
        self._endings = endings

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for end in self._endings:
            end()
        await super().shutdown(sockets)


def run_until_interrupted(
    app: FastAPI,
    taken: socket.socket,
    said: str,
    *,
    endings: Sequence[Callable[[], None]],
    most_connections: int | None = None,
) -> None:
    """Say one line, and serve until SIGINT or SIGTERM. endings are called in the server's loop when it begins to end.

    Beyond most_connections, where it is given, whoever comes is told 503.
    """
    # access_log is off: it would write clients' addresses down.
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=most_connections,
    )
    server = _Server(config, endings)
    # A flag, not an exception: a signal may come while uvicorn starts, and it raises the ones it took once more.
    for signalled in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signalled, lambda *_: setattr(server, "should_exit", True))
    click.echo(said)
    server.run(sockets=[taken])
