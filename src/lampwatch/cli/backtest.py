"""`lampwatch backtest`: how good detection is, on series with labelled events."""

import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from lampwatch.cli.asked import Instant
from lampwatch.cli.detect import chosen_series, shown
from lampwatch.cli.facts import facts_options, read_facts
from lampwatch.cli.place import Place, data_option
from lampwatch.cli.series_options import source_options
from lampwatch.detect.connectivity.incidents import incidents
from lampwatch.detect.scoring.match import Leniency, Observed
from lampwatch.detect.scoring.score import score
from lampwatch.detect.scoring.spans import spans
from lampwatch.detect.scoring.text import told
from lampwatch.formats.labels import read_labels
from lampwatch.formats.printable import printable
from lampwatch.model.errors import UserError
from lampwatch.model.label import DAY_S

_MOST_TOLD = 5


@click.command()
@data_option
@click.argument("labels", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("names", nargs=-1, required=True, metavar="SERIES…")
@click.option("--since", type=Instant(), help="Only values from this time on (UTC).")
@click.option("--until", type=Instant(), help="Only values before this time (UTC).")
@click.option(
    "--level",
    type=click.IntRange(0, 4),
    default=1,
    show_default=True,
    help="Count incidents of this level and above.",
)
@click.option(
    "--around",
    "around_h",
    type=click.FloatRange(0, 24 * 31),
    default=6.0,
    show_default=True,
    help="How many hours a label may be missed by.",
)
@click.option(
    "--warmup",
    "warmup_d",
    type=click.FloatRange(0, 366),
    default=0.0,
    show_default=True,
    help="How many days at the begin of each series count neither way.",
)
@click.option(
    "--upward/--exact",
    default=True,
    show_default=True,
    help="Whether what lies in a labelled region meets its label.",
)
@facts_options
@click.option("--json", "as_json", is_flag=True, help="Print the whole score, label by label, as JSON.")
@source_options
def backtest(
    place: Place,
    labels: Path,
    names: tuple[str, ...],
    *,
    since: int | None,
    until: int | None,
    level: int,
    around_h: float,
    warmup_d: float,
    upward: bool,
    occasion_files: tuple[Path, ...],
    size_files: tuple[Path, ...],
    as_json: bool,
    **source: Any,  # noqa: ANN401  as click gives them
) -> None:
    """Score detection against a file of labels: recall, false incidents, delay and coverage, with intervals.

    LABELS is IODA's curated CSV, Access Now's STOP dataset, Tor Metrics' news.json, or a CSV with the columns entity,
    begin and end. SERIES are ids, patterns of ids, or files and folders that an importer reads.
    """
    try:
        content = labels.read_bytes()
    except OSError as error:
        raise UserError(
            f"{printable(str(labels))} cannot be read: {error.strerror}; name a file of labels"
        ) from error
    known = read_labels(content, labels.name)
    for row in known.malformed[:_MOST_TOLD]:
        click.echo(
            f"note: {printable(row.source)} line {row.line} is no label: {printable(row.reason)}", err=True
        )
    if len(known.malformed) > _MOST_TOLD:
        click.echo(f"note: and {len(known.malformed) - _MOST_TOLD} more rows", err=True)
    given = chosen_series(place, names, since, until, None, source)
    facts = read_facts(size_files, occasion_files)
    with shown() as tell:
        found = incidents(given, facts.beside_series, tell)
    observed = [
        Observed(
            one.series.entity,
            int(one.starts[0]),
            int(one.starts[-1]) + one.series.resolution_s,
            one.series.resolution_s,
        )
        for one in given
    ]
    leniency = Leniency(
        around_s=int(around_h * 3600), open_s=7 * DAY_S, upward=upward, warmup_s=int(warmup_d * DAY_S)
    )
    scored = score(known.labels, spans(found), observed, leniency, least_level=level)
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(scored) + b"\n")
    else:
        click.echo("\n".join(told(scored)))
