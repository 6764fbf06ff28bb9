"""`lampwatch services`: what people know targets as, and on how many networks of a country each is blocked."""

import csv
import datetime as dt
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from lampwatch.cli.asked import Country, Moment
from lampwatch.cli.facts import read_facts, sizes_option
from lampwatch.cli.place import Place, data_option
from lampwatch.cli.services_shown import (
    Found,
    found_object,
    print_catalogue,
    print_found,
    print_one,
    service_object,
)
from lampwatch.formats.csv_rows import RowError
from lampwatch.formats.occasions import region_of
from lampwatch.formats.roll_ups import by_category, by_service, targets_on_networks
from lampwatch.formats.services import catalogue, service_of
from lampwatch.model.errors import UserError
from lampwatch.model.service import Service
from lampwatch.store.query import Window


@click.command()
@data_option
@click.option("--country", type=Country(), help="How services stand in this country (ISO 3166-1 alpha-2).")
@click.option(
    "--region",
    metavar="NAME",
    help="Only on the networks that serve this region of it and no other, as --sizes tells: its name, or its code.",
)
@sizes_option
@click.option("--since", type=Moment(), help="Only what was measured from this time on (UTC).")
@click.option("--until", type=Moment(), help="Only what was measured before this time (UTC).")
@click.option("--service", "name", metavar="ID", help="One service, by its id or any of its targets.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="json is one array or, with --country, one object.",
)
def services(
    place: Place,
    *,
    country: str | None,
    region: str | None,
    size_files: tuple[Path, ...],
    since: dt.datetime | None,
    until: dt.datetime | None,
    name: str | None,
    shape: str,
) -> None:
    """List the services that are known or, with --country, on how many of its networks each is blocked."""
    service = _named(name) if name else None
    if country is None:
        if since or until or region:
            raise UserError(
                "--region, --since and --until are about measurements: name their country with --country"
            )
        _list([service] if service else catalogue().services, shape)
        return
    if since and until and until <= since:
        raise UserError("--until is not after --since, so nothing lies between; until is exclusive")
    found = _found(
        place,
        country,
        Window(since, until),
        service,
        _region(country, region, size_files) if region else None,
    )
    if shape == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(found_object(found))).decode())
    elif shape == "csv":
        of_country = found_object(found)
        _write_csv(
            [
                {"country": country, "region": found.region, "of": kind, **row}
                for kind in ("service", "category")
                for row in of_country["services" if kind == "service" else "categories"]
            ]
        )
    elif service is not None:
        print_one(found, service)
    else:
        print_found(found)


def _named(name: str) -> Service:
    """The service of an id or a target. Raises UserError where the catalogue has none, and it is no site."""
    known = catalogue().with_id(name.lower())
    if known is not None:
        return known
    service = service_of(name)
    if not service.is_in_catalogue and "." not in service.id:
        raise UserError(f"{name[:100]!r} is no service; `lampwatch services` lists those that are known")
    return service


class _Region(NamedTuple):
    """A region's place, and the networks that serve it alone."""

    place: str
    networks: frozenset[int]


def _region(country: str, name: str, size_files: Sequence[Path]) -> _Region:
    """The region of that name or code. Raises UserError where no file tells of its networks."""
    try:
        place = region_of(country, name)
    except RowError as error:
        raise UserError(f"--region: {error}") from error
    networks = frozenset(
        asn
        for (where, asn), region in read_facts(size_files).regions.items()
        if (where, region) == (country, place)
    )
    if not networks:
        raise UserError(
            f"no file says which networks serve {name[:60]!r} in {country}; name one with --sizes, whose columns are"
            " entity,size,country,region"
        )
    return _Region(place, networks)


def _list(found: Sequence[Service], shape: str) -> None:
    rows = [service_object(service) for service in found]
    if shape == "json":
        click.echo(msgspec.json.format(msgspec.json.encode(rows)).decode())
    elif shape == "csv":
        _write_csv(rows)
    else:
        print_catalogue(found)


def _found(
    place: Place, country: str, window: Window, service: Service | None, region: _Region | None
) -> Found:
    """What the store has of a country in a window, or of one of its regions.

    Raises UserError where nothing was measured.
    """
    hours: list[dt.datetime] = []

    def heard(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows:
                ends = pc.call_function("min_max", [batch["hour"]]).as_py()
                hours.extend(ends.values())
            yield batch

    with place.archive() as archive, place.existing_store(archive) as store:
        measured = targets_on_networks(heard(store.cells(window, country)))
        listed = store.target_categories({one.target for one in measured})
        names = {network.asn: network.network_name for network in store.country_networks(country)}
    if region is not None:
        measured = [one for one in measured if one.asn in region.networks]
    if service is not None:
        measured = [one for one in measured if service_of(one.target).id == service.id]
    if not measured:
        what = f"{service.name} was not" if service else "nothing was"
        raise UserError(
            f"{what} measured {'there' if region else f'in {country}'} in that time;"
            " `lampwatch verdicts` prints what there is"
        )
    return Found(
        country=country,
        region=region.place if region else "",
        first=min(hours),
        last=max(hours),
        measured=measured,
        services=by_service(measured),
        categories=[] if service else by_category(measured, listed),
        names=names,
    )


def _write_csv(rows: Sequence[dict[str, Any]]) -> None:
    """Lists stand in one cell, their parts divided by spaces; so do the parts of an object, each with a column."""
    flat = [_flat(row) for row in rows]
    writer = csv.DictWriter(sys.stdout, list(flat[0]) if flat else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, dict):
            cells |= {f"{name}_{part}": one for part, one in _flat(value).items()}
        else:
            cells[name] = " ".join(str(one) for one in value) if isinstance(value, list) else value
    return cells
