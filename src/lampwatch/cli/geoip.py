"""`lampwatch geoip`: which address data verdicts rest on, and how to bring it up to date."""

import datetime as dt
from pathlib import Path
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from lampwatch.cli.settings import DATA, default_directory, environment
from lampwatch.store.references.geoip import Update, update_geoip
from lampwatch.store.references.registry import PUBLIC_REGISTRY
from lampwatch.store.references.snapshot import Snapshot, in_force
from lampwatch.store.references.web import Web

_DIRECTORY = click.option(
    f"--{DATA.name}",
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=lambda: default_directory(environment()),
    envvar=DATA.envvar,
    show_default="lampwatch in your data directory",
    show_envvar=True,
    help="The directory that holds reference data.",
)


@click.group()
def geoip() -> None:
    """Address data: which network and country an address belongs to."""


@geoip.command()
@_DIRECTORY
@click.option("--asn", multiple=True, metavar="FILE|URL", help="Networks, as .mmdb or .csv. Can be repeated.")
@click.option("--country", multiple=True, metavar="FILE|URL", help="Countries, as .mmdb or .csv.")
@click.option(
    "--registry",
    default=PUBLIC_REGISTRY,
    envvar="NPM_CONFIG_REGISTRY",
    show_default=True,
    show_envvar=True,
    help="The npm registry that free data is fetched from.",
)
def update(directory: Path, asn: tuple[str, ...], country: tuple[str, ...], registry: str) -> None:
    """Fetch address data and put it in force.

    Without --asn and --country, free data (ip-location-db) is fetched from the npm registry. With one of them, the
    other stays as it is. Where anything fails, the data in force stays in force.
    """
    with _Shown() as shown:
        how = Update(registry=registry, web=Web(), now=dt.datetime.now(dt.UTC), progress=shown.tell)
        snapshot, folder = update_geoip(directory, {"asn": asn, "country": country}, how)
    _print(snapshot, folder, how.now.date())


def fetch_default(directory: Path) -> None:
    """Fetch the free default and put it in force. Raises UserError where that fails."""
    registry = environment().get("NPM_CONFIG_REGISTRY") or PUBLIC_REGISTRY
    with _Shown() as shown:
        how = Update(registry=registry, web=Web(), now=dt.datetime.now(dt.UTC), progress=shown.tell)
        update_geoip(directory, {}, how)


@geoip.command()
@_DIRECTORY
def show(directory: Path) -> None:
    """Show which address data is in force, its date and its licences."""
    found = in_force(directory)
    if found is None:
        click.echo(
            f"No address data in {directory}: verdicts do without it. Run `lampwatch geoip update` to get it."
        )
        return
    _print(*found, dt.datetime.now(dt.UTC).date())


def _print(snapshot: Snapshot, folder: Path, today: dt.date) -> None:
    click.echo(f"{snapshot.version} is in force, in {folder}")
    for file in snapshot.files:
        age = (today - dt.date.fromisoformat(file.data_date)).days
        click.echo(
            f"  {file.role:<8} {file.data_date} ({age} days old), {file.size / 1e6:.1f} MB, {file.source}"
        )
        if file.licence:
            click.echo(f"           licence: {file.licence}")
        for line in file.attribution.splitlines():
            click.echo(f"           {line}")
        if file.caveat:
            click.echo(f"           note: {file.caveat}")


class _Shown:
    """Progress on the standard error, one line for each step; nothing where that is no terminal."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._steps: dict[tuple[str, int | None], TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def tell(self, what: str, done: int, total: int | None) -> None:
        """Show how far a step is."""
        step = (what, total)
        if step not in self._steps:
            self._steps[step] = self._bars.add_task(what, total=total)
        self._bars.update(self._steps[step], completed=done)
