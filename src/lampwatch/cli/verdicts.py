"""`lampwatch verdicts`: what the store says, as a table, JSON, CSV or Parquet."""

import csv
import datetime as dt
import sys
from collections.abc import Iterator
from typing import Any, Final

import click
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lampwatch.cli.asked import Country, Moment, Network, Target
from lampwatch.cli.place import Place, data_option
from lampwatch.formats.printable import printable
from lampwatch.formats.tables_schema import VERDICT
from lampwatch.formats.verdict_rows import COLUMNS, csv_row, public_batch, public_verdict
from lampwatch.model.errors import UserError
from lampwatch.model.vocabulary import State
from lampwatch.pipeline.methods import by_test_name, discover
from lampwatch.store.protocol import Reading
from lampwatch.store.query import VerdictFilter
from lampwatch.store.rows import VerdictRow

_STYLES: Final = {"ok": "green", "down": "yellow", "blocked": "bold red", "unknown": "dim"}
_PIPE_WIDTH: Final = 220


class _Method(click.ParamType[str]):
    """The test name of a method, as `telegram` or `stunreachability`."""

    name = "method"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        names = by_test_name(discover())
        if str(value) not in names:
            self.fail(
                f"{value!r} is no method's test name; write one of {', '.join(sorted(names))}", param, ctx
            )
        return str(value)


@click.command()
@data_option
@click.option("--country", type=Country(), help="ISO 3166-1 alpha-2, as KZ.")
@click.option("--asn", type=Network(), help="A network, as AS9198.")
@click.option("--target", type=Target(), help="What is judged, as telegram or example.org.")
@click.option("--method", type=_Method(), help="How it was measured: a test name, as web_connectivity.")
@click.option("--since", type=Moment(), help="From this time on (UTC).")
@click.option("--until", type=Moment(), help="Before this time (UTC).")
@click.option("--state", type=click.Choice([str(state) for state in State]), help="Only this state.")
@click.option("--limit", type=click.IntRange(1), help="At most so many; a table shows 100 unless told.")
@click.option(
    "--format",
    "shape",
    type=click.Choice(["table", "json", "jsonl", "csv", "parquet"]),
    default="table",
    show_default=True,
    help="json is one array with a verdict on each line, jsonl one object a line.",
)
def verdicts(
    place: Place,
    country: str | None,
    asn: int | None,
    target: str | None,
    method: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    state: str | None,
    limit: int | None,
    shape: str,
) -> None:
    """Print verdicts, newest first in a table, oldest first in the other formats: one row a measurement and target."""
    if since and until and until <= since:
        raise UserError("--until is not after --since, so nothing lies between; until is exclusive")
    where = VerdictFilter(
        country=country,
        asn=asn,
        target=target,
        method=method,
        since=since,
        until=until,
        state=state,
    )
    with place.archive() as archive, place.existing_store(archive) as store:
        if shape == "table":
            _print_table(store, where, limit or 100)
        elif shape == "json":
            _write_json(_rows(store, where, limit))
        elif shape == "jsonl":
            _write_lines(_rows(store, where, limit))
        elif shape == "csv":
            writer = csv.writer(sys.stdout, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(csv_row(row) for row in _rows(store, where, limit))
        else:
            _write_parquet(store, where, limit)


def _write_json(rows: Iterator[dict[str, Any]]) -> None:
    """One array; each row on a line of its own, so that what reads lines can follow too."""
    out = sys.stdout.buffer
    before = b"[\n"
    for row in rows:
        out.write(before + msgspec.json.encode(row))
        before = b",\n"
    out.write(b"[]\n" if before.startswith(b"[") else b"\n]\n")
    out.flush()


def _write_lines(rows: Iterator[dict[str, Any]]) -> None:
    out = sys.stdout.buffer
    for row in rows:
        out.write(msgspec.json.encode(row) + b"\n")
    out.flush()


def _rows(store: Reading, where: VerdictFilter, limit: int | None) -> Iterator[dict[str, Any]]:
    for batch in _batches(store, where, limit):
        for row in batch.to_pylist():
            yield public_verdict(row)


def _batches(store: Reading, where: VerdictFilter, limit: int | None) -> Iterator[pa.RecordBatch]:
    left = limit
    for batch in store.export_verdicts(where):
        if left is not None and batch.num_rows >= left:
            yield batch.slice(0, left)
            return
        left = None if left is None else left - batch.num_rows
        yield batch


def _write_parquet(store: Reading, where: VerdictFilter, limit: int | None) -> None:
    if sys.stdout.isatty():
        raise UserError(
            "Parquet is no text: send it to a file, as in lampwatch verdicts --format parquet > v.parquet"
        )
    schema = public_batch(pa.RecordBatch.from_pylist([], schema=VERDICT)).schema
    writer = pq.ParquetWriter(sys.stdout.buffer, schema, compression="zstd")
    for batch in _batches(store, where, limit):
        public = public_batch(batch)
        writer.write_batch(public)
    writer.close()


def _shown_target(row: VerdictRow) -> str:
    """The target, and where it happened if that is another host, which a redirect led to."""
    elsewhere = row.hostname and row.hostname != row.target and row.state == State.BLOCKED
    return f"{row.target} → {row.hostname}" if elsewhere else row.target


def _print_table(store: Reading, where: VerdictFilter, limit: int) -> None:
    rows = store.verdicts(where, limit=limit)
    table = Table(box=None, pad_edge=False)
    for heading in ("measured (UTC)", "where", "target", "state", "how"):
        table.add_column(heading, no_wrap=True)
    table.add_column("rule", overflow="fold")
    table.add_column("measurement", overflow="fold")
    for row in rows:
        how = row.mechanism or row.layer or ""
        table.add_row(
            f"{row.start_time:%Y-%m-%d %H:%M}",
            f"{row.probe_cc} AS{row.probe_asn}",
            Text(printable(_shown_target(row))),
            Text(row.state, _STYLES[row.state]),
            how,
            row.rule_id,
            row.uid,
        )
    # What is no terminal has no width: a file or a pipe gets whole lines.
    console = Console() if sys.stdout.isatty() else Console(width=_PIPE_WIDTH)
    if not rows:
        console.print("No verdict is of this kind.")
        return
    console.print(table)
    total = store.count_verdicts(where)
    if total > len(rows):
        console.print(f"{len(rows)} of {total}; --limit shows more, --format json gives all")
