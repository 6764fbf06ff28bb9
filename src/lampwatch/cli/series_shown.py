"""`lampwatch series list`, `show` and `export`: what the series at rest say."""

import datetime as dt
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import click
import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lampwatch.cli.place import Place, data_option
from lampwatch.cli.series_options import CountryCode, span_options
from lampwatch.cli.series_sources import matching
from lampwatch.formats import series_csv
from lampwatch.formats.instants import iso
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.series import Family, Series, Values
from lampwatch.store.series import Known

_PIPE_WIDTH: Final = 240
_DAY: Final = 86400
_MOST_DAYS: Final = 120
_LAST: Final = 24
_BARS: Final = "▁▂▃▄▅▆▇█"
_UNITS: Final = ((7 * _DAY, "w"), (_DAY, "d"), (3600, "h"), (60, "min"))


@click.command(name="list")
@data_option
@click.option("--country", type=CountryCode(), help="Only this country, its regions and networks in it.")
@click.option("--family", type=click.Choice([str(one) for one in Family]), help="Only this kind of signal.")
@click.option("--json", "as_json", is_flag=True, help="One object a line.")
def listed(place: Place, country: str | None, family: str | None, *, as_json: bool) -> None:
    """List the series there are, with the time they span."""
    known = [
        one
        for one in place.series().known()
        if (not country or one.series.entity.country == country) and family in {None, str(one.series.family)}
    ]
    if as_json:
        for one in known:
            click.echo(msgspec.json.encode(_described(one.series) | _spanned(one)))
        return
    if not known:
        click.echo("No series is of this kind; `lampwatch series import PATH` takes some in.")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("series", "family", "unit", "bin", "from (UTC)", "to (UTC)"):
        table.add_column(heading, no_wrap=True)
    table.add_column("values", justify="right", no_wrap=True)
    table.add_column("licence", overflow="fold")
    for one in known:
        head = one.series
        table.add_row(
            Text(printable(head.id)),
            str(head.family),
            Text(printable(head.unit)),
            _duration(head.resolution_s),
            _shown(one.first),
            _shown(one.last),
            str(one.count),
            Text(printable(head.licence)),
        )
    (Console() if sys.stdout.isatty() else Console(width=_PIPE_WIDTH)).print(table)


@click.command()
@click.argument("name", metavar="ID")
@data_option
@span_options
@click.option("--json", "as_json", is_flag=True, help="The header and all values as one object.")
def show(
    place: Place, name: str, since: int | None, until: int | None, as_of: int | None, *, as_json: bool
) -> None:
    """Show one series: what it is, its course by day, and its last values."""
    ids = matching(place, [name])
    for values in place.series().values(ids, since=since, until=until, as_of=as_of):
        if as_json:
            click.echo(msgspec.json.encode(_described(values.series) | {"values": list(_points(values))}))
        else:
            for line in _lines(values):
                click.echo(printable(line) if line else "")
        ids.remove(values.series.id)
    if ids and not as_json:
        click.echo(f"{', '.join(ids)}: no value in this time" + (" had arrived by then" if as_of else ""))


@click.command()
@click.argument("names", nargs=-1, metavar="ID…")
@data_option
@span_options
@click.option("--all", "everything", is_flag=True, help="All series.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["csv", "parquet"]),
    help="csv unless told, or by the file's ending.",
)
@click.option(
    "--output", type=click.Path(path_type=Path), help="A file to write; standard output unless told."
)
def export(
    place: Place,
    names: tuple[str, ...],
    since: int | None,
    until: int | None,
    as_of: int | None,
    shape: str | None,
    output: Path | None,
    *,
    everything: bool,
) -> None:
    """Write series as CSV or Parquet, in a form that `series import` takes back (CSV) value for value."""
    if everything == bool(names):
        raise UserError("name series by their ids or patterns of ids, or say --all, and not both")
    ids = None if everything else matching(place, names)
    found = place.series().values(ids, since=since, until=until, as_of=as_of)
    parquet = shape == "parquet" or (shape is None and output is not None and output.suffix == ".parquet")
    if parquet and output is None and sys.stdout.isatty():
        raise UserError("Parquet is no text: send it to a file with --output FILE.parquet")
    try:
        if parquet:
            _write_parquet(found, sys.stdout.buffer if output is None else output)
        elif output is None:
            for piece in series_csv.write(found):
                sys.stdout.write(piece)
        else:
            with output.open("w", encoding="utf-8", newline="") as file:
                file.writelines(series_csv.write(found))
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise UserError(
            f"{output} cannot be written: {error.strerror}; name another with --output"
        ) from error


def _write_parquet(found: Iterable[Values], to: Any) -> None:  # noqa: ANN401  a path or a stream, as pyarrow takes them
    times = pa.timestamp("s", tz="UTC")
    kinds: dict[str, pa.DataType] = {
        "resolution_s": pa.int64(),
        "start": times,
        "value": pa.float64(),
        "arrived": times,
    }
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in series_csv.COLUMNS])
    with pq.ParquetWriter(to, schema, compression="zstd") as writer:
        for values in found:
            header = _described(values.series)
            columns: dict[str, Any] = {
                name: [header[name]] * len(values) for name in series_csv.COLUMNS if name in header
            }
            columns |= {
                "start": pa.array(values.starts, pa.int64()).cast(times),
                "value": pa.array(values.values, pa.float64(), from_pandas=True),
                "arrived": pa.array(values.arrived, pa.int64()).cast(times),
            }
            writer.write_table(pa.table(columns, schema=schema))


def _described(head: Series) -> dict[str, Any]:
    return {
        "id": head.id,
        "entity": head.entity.code,
        "source": head.source,
        "signal": head.signal,
        "family": str(head.family),
        "unit": head.unit,
        "quantity": str(head.quantity),
        "resolution_s": head.resolution_s,
        "licence": head.licence,
        "label": head.label,
    }


def _spanned(one: Known) -> dict[str, Any]:
    return {"first": iso(one.first), "last": iso(one.last), "count": one.count}


def _points(values: Values) -> Iterator[dict[str, Any]]:
    for start, value, came in zip(
        values.starts.tolist(), values.values.tolist(), values.arrived.tolist(), strict=True
    ):
        yield {"start": iso(start), "value": None if np.isnan(value) else value, "arrived": iso(came)}


def _lines(values: Values) -> Iterator[str]:
    head = values.series
    yield head.id + (f"  {head.label}" if head.label else "")
    yield f"  {head.unit or 'values'} ({head.quantity}, {head.family}), a value every {_duration(head.resolution_s)}"
    yield f"  {_shown(int(values.starts[0]))} to {_shown(int(values.starts[-1]))} UTC: {len(values)} values"
    if head.licence:
        yield f"  {head.licence}"
    yield ""
    yield from _course(values)
    yield ""
    for start, value, came in list(
        zip(values.starts.tolist(), values.values.tolist(), values.arrived.tolist(), strict=True)
    )[-_LAST:]:
        told = "gap" if np.isnan(value) else f"{value:.6g}"
        yield f"  {_shown(start)}  {told:>12}  arrived {_shown(came)}"


def _course(values: Values) -> Iterator[str]:
    """The mean of each day as a bar, from zero to the highest; a day without values is a dot."""
    days = values.starts // _DAY
    first, last = max(int(days[0]), int(days[-1]) - _MOST_DAYS + 1), int(days[-1])
    known = ~np.isnan(values.values) & (days >= first)
    sums = np.bincount(days[known] - first, weights=values.values[known], minlength=last - first + 1)
    counts = np.bincount(days[known] - first, minlength=last - first + 1)
    means = [
        total / count if count else None for total, count in zip(sums.tolist(), counts.tolist(), strict=True)
    ]
    top = max((mean for mean in means if mean is not None), default=0.0)
    bars = "".join(
        "·"
        if mean is None
        else _BARS[min(int(max(mean, 0.0) / top * len(_BARS)), len(_BARS) - 1) if top > 0 else 0]
        for mean in means
    )
    yield f"  {bars}"
    yield f"  {_shown(first * _DAY)[:10]} to {_shown(last * _DAY)[:10]}, a day each; the highest is {top:.6g}"


def _duration(seconds: int) -> str:
    return next((f"{seconds // size} {unit}" for size, unit in _UNITS if seconds % size == 0), f"{seconds} s")


def _shown(seconds: int) -> str:
    return f"{dt.datetime.fromtimestamp(seconds, dt.UTC):%Y-%m-%d %H:%M}"
