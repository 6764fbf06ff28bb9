"""`lampwatch serve`: pages, API, collector and control on one address."""

import random
import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import click
from fastapi import APIRouter

from lampwatch import __version__
from lampwatch.cli.beside import Beside, until_next_hour
from lampwatch.cli.controlling import Controlling
from lampwatch.cli.detecting import Watch
from lampwatch.cli.facts import Facts, facts_options, read_facts
from lampwatch.cli.ingest import SMALL_BYTES
from lampwatch.cli.listening import address_of, listening, run_until_interrupted
from lampwatch.cli.offered import Offered
from lampwatch.cli.place import Place, data_option, record_references, tell_trouble, utc_now
from lampwatch.cli.references import load_references
from lampwatch.cli.series_own import OWN_DAYS
from lampwatch.cli.settings import CONTROL, HOST, PORT, cores
from lampwatch.collect.reception.check_in import Helper
from lampwatch.collect.reception.report_id import TOKEN_CHARACTERS
from lampwatch.collect.reception.routes import Reception
from lampwatch.formats.names import url_parts
from lampwatch.judge.version import RULES_VERSION
from lampwatch.model.errors import UserError
from lampwatch.pipeline.live import LiveReceiver
from lampwatch.pipeline.methods import discover, rule_book
from lampwatch.pipeline.recipe import LocalRecipe
from lampwatch.pipeline.reprocess import catch_up
from lampwatch.probe.control_service.service import control_routes
from lampwatch.publish.app import create_app
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore

CONTROL_PATH: Final = "/control"
WATCH_S: Final = 10.0
"""So long after it looked, the server looks again whether measurements came, and what they change."""


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
@click.option(
    "--control",
    envvar=CONTROL.envvar,
    multiple=True,
    metavar="URL",
    callback=lambda _ctx, _option, urls: [_control(url) for url in urls],
    help="A control service that probes are told of when they check in, as https://control.example.org/. May be given "
    f"again. [env: {CONTROL.envvar}]",
)
@click.option("--no-control", is_flag=True, help=f"Do not be a control service at {CONTROL_PATH}.")
@facts_options
def serve(
    place: Place,
    *,
    host: str,
    port: int,
    control: Sequence[str],
    no_control: bool,
    occasion_files: tuple[Path, ...],
    size_files: tuple[Path, ...],
) -> None:
    """Serve the pages and the API of what is stored, and take in what probes submit. Stop it with Ctrl-C."""
    facts = read_facts(size_files, occasion_files)
    service = (
        None if no_control else Controlling().service(load_references(place.directory).references.asn_of)
    )
    with (
        listening(host, port) as taken,
        place.archive() as archive,
        place.store(archive) as store,
        _collecting(place, store, archive, control) as reception,
        _watching(place, store, facts),
    ):
        further, endings = [reception.router], [reception.close]
        if service is not None:
            further.append(control_routes(service, CONTROL_PATH))
            endings.append(service.end)
        _run(store, taken, host, further=further, endings=endings)


@contextmanager
def _watching(place: Place, store: DuckDBStore, facts: Facts) -> Iterator[None]:
    """Series are looked at every hour, and what is blocked whenever measurements came."""
    watch = Watch(place, store, utc_now, OWN_DAYS, facts)
    looks = (
        ("looking for shutdowns", watch.series, until_next_hour),
        ("looking for what is blocked", watch.votes, lambda _now: WATCH_S),
    )
    with ExitStack() as stack:
        for name, work, pause in looks:
            stack.enter_context(Beside(name, work, pause=pause, clock=utc_now, report=_tell))
        yield


def serve_example(place: Place, host: str, port: int) -> None:
    """Serve a data directory that holds the shipped lab recording, which every page then says; nothing is collected.

    Raises UserError where the address cannot be had.
    """
    with (
        listening(host, port) as taken,
        place.archive() as archive,
        place.store(archive) as store,
    ):
        _run(store, taken, host, example=True)


@contextmanager
def _collecting(
    place: Place, store: DuckDBStore, archive: LocalArchive, control: Sequence[str]
) -> Iterator[Reception]:
    """A reception whose documents go into archive and store; it opens when the store has all that the archive has."""
    offered = Offered(place.directory, random.SystemRandom())
    recipe = place.recipe(())
    record_references(store, place, recipe.references)
    _catch_up(store, archive, recipe)
    with LiveReceiver(store=store, archive=archive, kernel=recipe.kernel(), report=_tell) as receiver:
        yield Reception(
            receiver,
            clock=utc_now,
            token=lambda: secrets.token_hex(TOKEN_CHARACTERS // 2),
            targets=offered,
            helpers=[Helper(url, "https") for url in control],
            networks=recipe.references.networks,
            version=__version__,
        )


def _catch_up(store: DuckDBStore, archive: LocalArchive, recipe: LocalRecipe) -> None:
    """Take in what was archived just before a crash, and say so where there was any."""
    behind = sum(path.stat().st_size for path in archive.segments())
    behind -= sum(stretch.length for stretch in store.taken_in())
    workers = 1 if behind < SMALL_BYTES else cores()
    added = 0
    for rebuilt in catch_up(
        store=store, archive=archive, recipe=recipe, workers=workers, report=tell_trouble
    ):
        added = rebuilt.summary.added
    if added:
        _tell(f"{added} measurements were in the archive and not in the store; they are in it now")


def _control(url: str) -> str:
    parts = url_parts(url)
    if parts.scheme not in {"https", "http"} or not parts.host:
        raise UserError(
            f"{url!r} is no address of a control service; write it as --control https://control.example.org/"
        )
    return url


def _tell(line: str) -> None:
    click.echo(f"lampwatch: {line}", err=True)


def _run(
    store: DuckDBStore,
    taken: socket.socket,
    host: str,
    *,
    example: bool = False,
    further: Sequence[APIRouter] = (),
    endings: Sequence[Callable[[], None]] = (),
) -> None:
    """Serve until interrupted. endings are called in the server's loop when it begins to end."""
    app = create_app(
        store,
        rules=rule_book(discover()),
        clock=utc_now,
        rules_version=RULES_VERSION,
        example=example,
        further=further,
    )
    said = f"Lampwatch is at {address_of(taken, host)} (stop it with Ctrl-C)"
    run_until_interrupted(app, taken, said, endings=endings)
