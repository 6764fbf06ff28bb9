"""`lampwatch lists`: which URLs a probe measures, and how to bring them up to date."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Column, Table

from lampwatch.cli.place import STORE_FILE, WRITING_MEMORY, Place, data_option
from lampwatch.formats.csv_rows import MalformedRow
from lampwatch.formats.printable import printable
from lampwatch.formats.test_list import TestListEntry, write_test_list
from lampwatch.model.errors import UserError
from lampwatch.store.references.categories import categories_in_force
from lampwatch.store.references.lists import (
    GLOBAL,
    PUBLIC_LISTS,
    Update,
    entries_in_force,
    lists_in_force,
    update_lists,
)
from lampwatch.store.references.snapshot import Snapshot
from lampwatch.store.references.web import Web


@click.group()
def lists() -> None:
    """Test lists: which URLs a probe measures, by country and category."""


@lists.command()
@click.argument("countries", nargs=-1, metavar="[COUNTRY]…")
@data_option
@click.option(
    "--from",
    "source",
    default=PUBLIC_LISTS,
    metavar="PATH|URL",
    help="A list (.csv), a folder of them, or the address of either. [default: Citizen Lab's, at GitHub]",
)
def update(countries: tuple[str, ...], place: Place, source: str) -> None:
    """Fetch test lists and put them in force: those of each COUNTRY, such as KZ, and the global one.

    Without COUNTRY, those that are in force are fetched anew. Where anything fails, the lists in force stay so.
    """
    now = dt.datetime.now(dt.UTC)
    with Console(stderr=True).status("fetching test lists") as status:
        how = Update(
            place=source,
            web=Web(),
            now=now,
            progress=lambda what, done, _: status.update(f"{what}, {done / 1000:.0f} kB"),
        )
        updated = update_lists(place.directory, countries, how)
    _print_snapshot(updated.snapshot, place.directory, now.date())
    _tell_malformed(updated.malformed)
    if {file.role for file in updated.snapshot.files} == {GLOBAL}:
        click.echo(
            "Only the global list is in force. Name your country for its own: `lampwatch lists update KZ`."
        )
    _fill_categories(place)


@lists.command()
@data_option
@click.option(
    "--country", metavar="CC", help="What is measured in one country: its own list and the global one."
)
@click.option(
    "--category", multiple=True, metavar="CODE", help="Only this category, as NEWS. May be given again."
)
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How to print the entries; csv is the layout of the lists themselves.",
)
def show(place: Place, country: str | None, category: tuple[str, ...], shape: str) -> None:
    """Show which lists are in force, their dates, sources and licence; or their entries."""
    found = lists_in_force(place.directory)
    if found is None:
        raise UserError(f"no test lists in {place.directory}; run `lampwatch lists update` to get them")
    if shape == "table" and not country and not category:
        _print_snapshot(found[0], place.directory, dt.datetime.now(dt.UTC).date())
        return
    chosen = chosen_entries(place.directory, country, category)
    if shape == "csv":
        entries = {entry.url: entry for name in chosen for entry in chosen[name]}
        click.echo(write_test_list(entries.values()), nl=False)
    elif shape == "json":
        rows = [{"list": name, **msgspec.structs.asdict(entry)} for name in chosen for entry in chosen[name]]
        click.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
    else:
        _print_entries(chosen)


def chosen_entries(
    directory: Path, country: str | None, categories: Sequence[str] = ()
) -> Mapping[str, Sequence[TestListEntry]]:
    """The entries in force by list: a country's and the global one, of these categories; all where none is given.

    Raises UserError where a country has no list, or a category is in none.
    """
    wanted = {code.upper() for code in categories}
    names = None if country is None else {country.lower(), GLOBAL}
    found = entries_in_force(directory, names)
    if country is not None and country.lower() not in found:
        raise UserError(f"no list of {country} is in force; run `lampwatch lists update {country.upper()}`")
    unknown = wanted - {entry.category for entries in found.values() for entry in entries}
    if unknown:
        raise UserError(f"no list in force has the category {', '.join(sorted(unknown))}")
    return {
        name: [entry for entry in entries if not wanted or entry.category in wanted]
        for name, entries in found.items()
    }


def _print_entries(chosen: Mapping[str, Sequence[TestListEntry]]) -> None:
    table = Table("list", "category", Column("URL", overflow="fold"), "added", "notes")
    for name, entries in chosen.items():
        for entry in entries:
            table.add_row(
                *[
                    printable(cell)
                    for cell in (name, entry.category, entry.url, entry.date_added, entry.notes)
                ]
            )
    Console(markup=False).print(table)


def _print_snapshot(snapshot: Snapshot, directory: Path, today: dt.date) -> None:
    click.echo(f"{snapshot.version} is in force")
    entries = entries_in_force(directory)
    for file in snapshot.files:
        held = entries.get(file.role, ())
        age = (today - dt.date.fromisoformat(file.data_date)).days
        kinds = Counter(entry.category for entry in held)
        most = ", ".join(f"{code} {count}" for code, count in kinds.most_common(5))
        click.echo(f"  {file.role:<8}{len(held):>5} URLs, {file.data_date} ({age} days old), mostly {most}")
        click.echo(f"          {file.source}, sha256 {file.sha256[:16]}…")
    for licence in dict.fromkeys(f"{file.licence}: {file.attribution}" for file in snapshot.files):
        click.echo(f"Licence {licence}")


def _tell_malformed(malformed: Sequence[MalformedRow]) -> None:
    if malformed:
        first = malformed[0]
        click.echo(
            f"note: {len(malformed)} rows are left out; the first, {printable(first.source)} line {first.line}: "
            f"{first.reason}",
            err=True,
        )


def _fill_categories(place: Place) -> None:
    """Give the categories to the store where there is one that nobody else has open; lists do not wait for that."""
    if not (place.directory / STORE_FILE).exists():
        return
    try:
        with place.archive() as archive, place.store(archive, memory=WRITING_MEMORY) as store:
            store.set_categories(categories_in_force(place.directory))
    except UserError as error:
        click.echo(f"note: the store keeps the categories that it has: {error}", err=True)
