"""`lampwatch serve`: pages and API on one address."""

import signal
import socket

import click
import uvicorn

from lampwatch.cli.place import Place, data_option, utc_now
from lampwatch.cli.settings import HOST, PORT
from lampwatch.judge.version import RULES_VERSION
from lampwatch.model.errors import UserError
from lampwatch.pipeline.methods import discover, rule_book
from lampwatch.publish.app import create_app


@click.command()
@data_option
@click.option(
    "--host", envvar=HOST.envvar, default="127.0.0.1", show_default=True, help="The address to listen on."
)
@click.option(
    "--port",
    envvar=PORT.envvar,
    type=click.IntRange(0, 65535),
    default=8064,
    show_default=True,
    help="The port.",
)
def serve(place: Place, host: str, port: int) -> None:
    """Serve the pages and the API of what is stored. Stop it with Ctrl-C."""
    serve_place(place, host, port)


def serve_place(place: Place, host: str, port: int, *, example: bool = False) -> None:
    """Serve a data directory until interrupted. Raises UserError where the address cannot be had.

    example marks all that is shown as the shipped example set.
    """
    listening = _listening(host, port)
    with listening, place.archive() as archive, place.store(archive) as store:
        app = create_app(
            store,
            rules=rule_book(discover()),
            clock=utc_now,
            rules_version=RULES_VERSION,
            example=example,
        )
        # access_log is off: it would write readers' addresses down.
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
        server = uvicorn.Server(config)
        # A flag, not an exception: a signal may come while uvicorn starts, and it raises the ones it took once more.
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, lambda *_: setattr(server, "should_exit", True))
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"Lampwatch is at http://{shown}:{listening.getsockname()[1]}/ (stop it with Ctrl-C)")
        server.run(sockets=[listening])


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens; taken before the store is opened, so that a taken port costs nothing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise UserError(
            f"{host} port {port} cannot be listened on: {error.strerror}; name another with --port"
        ) from error
    listening.listen(128)
    return listening
