"""A data directory, and the options that several commands share."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click
import msgspec

from lampwatch.cli.references import load_references
from lampwatch.cli.settings import DATA, FINGERPRINTS, WORKERS, cores, default_directory, environment
from lampwatch.judge.references import References
from lampwatch.model.errors import UserError
from lampwatch.model.signoff import SignOff
from lampwatch.pipeline.recipe import LocalRecipe
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore, open_store
from lampwatch.store.incidents import IncidentLog
from lampwatch.store.references.categories import categories_in_force
from lampwatch.store.references.kept import keep_fingerprints, kept_fingerprints
from lampwatch.store.references.snapshot import in_force
from lampwatch.store.rows import Snapshot
from lampwatch.store.segment import Trouble
from lampwatch.store.series import SeriesStore
from lampwatch.store.signers import Signers
from lampwatch.store.signoffs import SignOffLog

STORE_FILE: Final = "lampwatch.duckdb"
ARCHIVE_FOLDER: Final = "raw"
INCIDENTS_FILE: Final = "incidents.jsonl"
SIGN_OFFS_FILE: Final = "sign-offs.jsonl"
SIGNERS_FILE: Final = "signers"
SERIES_FOLDER: Final = "series"
SERVING_MEMORY: Final = "1GB"
WRITING_MEMORY: Final = "64MB"
"""What the store may use while workers judge beside it: all together stay under 500 MB."""

C = TypeVar("C", bound=Callable[..., Any])


def utc_now() -> dt.datetime:
    """The time, UTC without a zone: the clock that every command hands on."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


class Place(msgspec.Struct, frozen=True):
    """One data directory: the archive, the store and the reference data that belong together."""

    directory: Path

    def archive(self) -> LocalArchive:
        """The raw archive."""
        return LocalArchive(self.directory / ARCHIVE_FOLDER, clock=utc_now, report=tell_trouble)

    def store(self, archive: LocalArchive, *, memory: str = SERVING_MEMORY) -> DuckDBStore:
        """The store, made where there is none. Raises UserError where another process has it open."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"{self.directory} cannot be made: {error.strerror}; name another with --data"
            ) from error
        return open_store(self.directory / STORE_FILE, archive, memory_limit=memory, threads=cores())

    def existing_store(self, archive: LocalArchive) -> DuckDBStore:
        """The store of a directory that has one. Raises UserError where nothing was ever taken in."""
        if not (self.directory / STORE_FILE).exists():
            raise UserError(f"nothing is stored in {self.directory} yet; run `lampwatch ingest PATH` first")
        return self.store(archive)

    def series(self) -> SeriesStore:
        """The series at rest; none where nothing was ever imported."""
        return SeriesStore(self.directory / SERIES_FOLDER, clock=utc_now)

    def incidents(self) -> IncidentLog:
        """The log of incidents."""
        return IncidentLog(self.directory / INCIDENTS_FILE)

    def sign_offs(self) -> SignOffLog:
        """The log of what persons signed."""
        return SignOffLog(self.directory / SIGN_OFFS_FILE)

    def signers(self) -> Signers:
        """Those who may sign."""
        return Signers(self.directory / SIGNERS_FILE)

    def signed(self) -> list[SignOff]:
        """The sign-offs that count now, in order."""
        return self.sign_offs().standing(self.signers().all())

    def recipe(self, fingerprints: tuple[Path, ...]) -> LocalRecipe:
        """How to judge here. Fingerprints given now are kept, and hold for later runs too."""
        if fingerprints:
            keep_fingerprints(self.directory, fingerprints)
        loaded = load_references(self.directory, kept_fingerprints(self.directory))
        if fingerprints and loaded.malformed:
            first = loaded.malformed[0]
            click.echo(
                f"note: of the fingerprints, {len(loaded.malformed)} cannot be used and left out; "
                f"the first, {Path(first.source).name} line {first.line}: {first.reason}",
                err=True,
            )
        return LocalRecipe(loaded.references)


def record_references(store: DuckDBStore, place: Place, references: References) -> None:
    """Write down in the store which reference data its verdicts rest on, whence it came and under what terms."""
    found = in_force(place.directory)
    if found is not None:
        files = found[0].files
        store.record_snapshot(
            Snapshot(
                "networks",
                found[0].version,
                " ".join(file.sha256 for file in files),
                "; ".join(f"{file.role}: {file.source} of {file.data_date}" for file in files),
                "\n".join(dict.fromkeys(file.attribution or file.licence for file in files)),
                dt.datetime.fromisoformat(found[0].made_at).astimezone(dt.UTC).replace(tzinfo=None),
            )
        )
    if references.fingerprints is not None:
        version = references.fingerprints_version
        store.record_snapshot(
            Snapshot("fingerprints", version, "", "lists given by --fingerprints", "", utc_now())
        )
    categories = categories_in_force(place.directory)
    if categories:
        store.set_categories(categories)


def tell_trouble(trouble: Trouble) -> None:
    """Say on standard error what is wrong with the archive."""
    click.echo(f"lampwatch: {trouble}", err=True)


def _place(given: str | None) -> Place:
    directory = Path(given).expanduser() if given else default_directory(environment())
    if directory.exists() and not directory.is_dir():
        raise UserError(f"{directory} is no directory; name one with --data DIRECTORY")
    return Place(directory)


def data_option(command: C) -> C:
    """`--data DIRECTORY`: where the archive, the store and the reference data are."""
    return click.option(
        "--data",
        "place",
        envvar=DATA.envvar,
        metavar="DIRECTORY",
        callback=lambda _ctx, _option, value: _place(value),
        help=f"Where everything is kept. [default: lampwatch in your data directory; env: {DATA.envvar}]",
    )(command)


def fingerprints_option(command: C) -> C:
    """`--fingerprints PATH`: known block pages and injected answers."""
    return click.option(
        "--fingerprints",
        envvar=FINGERPRINTS.envvar,
        multiple=True,
        type=click.Path(path_type=Path),
        help="Known block pages and injected answers: a CSV file, or a folder of them. They are kept, and used from "
        f"then on. May be given again. [env: {FINGERPRINTS.envvar}]",
    )(command)


def workers_option(command: C) -> C:
    """`--workers N`: how many processes judge."""
    return click.option(
        "--workers",
        envvar=WORKERS.envvar,
        type=click.IntRange(1, 256),
        default=cores,
        help=f"How many processes judge. [default: one a core; env: {WORKERS.envvar}]",
    )(command)
