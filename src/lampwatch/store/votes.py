"""Votes and what is derived from them, written once for every engine: Ibis expressions over tables that are elsewhere.

Nothing here touches an engine: an expression is compiled to SQL of one dialect, and the twins under store/ run it on
tables of these names and types. The shapes are those of `formats.vote_tables`.
"""

from collections.abc import Collection
from enum import Enum
from typing import Any, Final, TypeAlias

import ibis  # type: ignore[import-untyped]  # Ibis ships no marker of its types
import pyarrow as pa
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler  # type: ignore[import-untyped]  # as above
from ibis.backends.sql.compilers.pyspark import PySparkCompiler  # type: ignore[import-untyped]  # as above

from lampwatch.formats.tables_schema import INTEGER, INTEGERS, TEXT, TEXTS, TIME, VERDICT
from lampwatch.formats.vote_tables import COVERAGE, HISTORY, MOST_VOTERS, PRESENCE, VOTE
from lampwatch.store.query import Window

Table: TypeAlias = Any
"""An Ibis table; Any, since Ibis is untyped."""

_TYPES: Final = {
    TEXT: "string",
    INTEGER: "int64",
    TIME: "timestamp(6)",
    TEXTS: "array<string>",
    INTEGERS: "array<int64>",
}
_KEY: Final = VOTE.names[: VOTE.names.index("rules_version") + 1]
_OF_HISTORY: Final = [name for name, _ in HISTORY]
FOR: Final = "for_country"
"""Whose evidence a row is part of, where one country's evidence tells of others too."""
_STATES: Final = ("ok", "down", "blocked", "unknown")
"""States from the least grave to the gravest."""


class Dialect(Enum):
    """Whose SQL."""

    DUCKDB = DuckDBCompiler()
    SPARK = PySparkCompiler()


def sql(table: Table, dialect: Dialect) -> str:
    """One SELECT, with the columns in order."""
    compiler = dialect.value
    return str(compiler.to_sqlglot(table).sql(dialect=compiler.dialect))


def verdicts(name: str = "verdict") -> Table:
    """A table of verdicts, as `tables_schema.VERDICT`, that the engine knows by this name."""
    return _table(VERDICT, name)


def counted(name: str = "vote") -> Table:
    """A table of votes that the engine knows by this name."""
    return _table(VOTE, name)


def _table(schema: pa.Schema, name: str) -> Table:
    return ibis.table({field.name: _TYPES[field.type] for field in schema}, name=name)


@ibis.udf.scalar.builtin(signature=(("array<int64>",), "array<int64>"))  # type: ignore[untyped-decorator]  # as above
def array_distinct(values: Table) -> Table:
    """Each number once, in any order: a function that the engines themselves have under this very name.

    Ibis's own `unique` also looks for nulls, one by one, which takes as long as all the rest of counting.
    """


def votes(verdict: Table) -> Table:
    """Count verdicts: one row for all of one hour that are alike. The same verdicts in any order give the same rows.

    A uid begins with the measurement's start, country and method, which are the same within a row or ordered by time:
    the least uid is the earliest.
    """
    hour = verdict.start_time.truncate("h").cast(_TYPES[TIME])
    alike = verdict.mutate(hour=hour, mechanism=verdict.mechanism.coalesce(""))
    rows = alike.group_by(_KEY).agg(
        verdicts=alike.count(),
        every=alike.voter.collect(),
        first=alike.start_time.min(),
        last=alike.start_time.max(),
        witness=alike.uid.min(),
    )
    # In a step of its own, so that no engine collects the voters more than once.
    kept = rows.mutate(voters=array_distinct(rows.every).sort()[:MOST_VOTERS])
    return kept.select(VOTE.names)


def within(vote: Table, window: Window) -> Table:
    """The votes of the hours that begin within a window."""
    if window.since is not None:
        vote = vote.filter(vote.hour >= ibis.literal(window.since, type=_TYPES[TIME]))
    if window.until is not None:
        vote = vote.filter(vote.hour < ibis.literal(window.until, type=_TYPES[TIME]))
    return vote


def _asked(vote: Table, countries: Collection[str] | None, targets: Collection[str] | None = None) -> Table:
    if countries is not None:
        vote = vote.filter(vote.probe_cc.isin(sorted(countries)))
    return vote if targets is None else vote.filter(vote.target.isin(sorted(targets)))


def evidence(
    vote: Table,
    window: Window,
    countries: Collection[str] | None = None,
    targets: Collection[str] | None = None,
) -> dict[str, Table]:
    """The tables of `vote_tables.Evidence` by name, of all votes within a window.

    Of some countries: their troubled histories and networks, and the coverage of what is troubled in them, wherever it
    was measured. Of some targets: histories and coverage alone are narrowed, since the networks are what they are.
    """
    vote = within(vote, window)
    there = _asked(vote, countries)
    troubled = _asked(there, None, targets)
    return {
        "histories": histories(troubled),
        "coverage": coverage(vote, troubled),
        "presence": presence(there),
    }


def histories(vote: Table) -> Table:
    """The votes of the histories in which some vote is blocked."""
    troubled = vote.filter(vote.state == "blocked").select(_OF_HISTORY).distinct()
    return vote.semi_join(troubled, _OF_HISTORY).select(VOTE.names)


def coverage(vote: Table, troubled: Table) -> Table:
    """Verdicts by state and day, for every target and method that a vote of troubled calls blocked."""
    about = ["target", "method"]
    found = vote.semi_join(troubled.filter(troubled.state == "blocked").select(about).distinct(), about)
    by_day = found.mutate(day=found.hour.date())
    decides = by_day.state.isin(["ok", "blocked"])
    counts = by_day.group_by([*_OF_HISTORY, "day"]).agg(
        **_by_state(by_day),
        least_voter=by_day.voters[0].min(where=decides).coalesce(0),
        greatest_voter=by_day.voters[by_day.voters.length() - 1].max(where=decides).coalesce(0),
    )
    # Text is slow to group by.
    return counts.mutate(day=counts.day.cast("string")).select(COVERAGE.names)


def coverage_by_country(vote: Table, window: Window, countries: Collection[str] | None = None) -> Table:
    """The coverage that each country's evidence has, with that country in a column FOR beside the rest."""
    vote = within(vote, window)
    there = _asked(vote, countries)
    about = ["target", "method"]
    troubled = there.filter(there.state == "blocked").select(*about, **{FOR: there.probe_cc}).distinct()
    return coverage(vote, there).join(troubled, about).select([*COVERAGE.names, FOR])


def _by_state(vote: Table) -> dict[str, Any]:
    return {
        state: vote.verdicts.sum(where=vote.state == state).coalesce(0).cast("int64") for state in _STATES
    }


def presence(vote: Table) -> Table:
    """Since when, how often and how broadly each network is measured."""
    network = ["probe_cc", "probe_asn"]
    dated = vote.mutate(day=vote.hour.date())
    # Fewer rows first: what is counted once is slow to count.
    by_day = dated.group_by([*network, "day", "target"]).agg(verdicts=dated.verdicts.sum())
    return (
        by_day.group_by(network)
        .agg(
            first_day=by_day.day.min().cast("string"),
            last_day=by_day.day.max().cast("string"),
            days=by_day.day.nunique(),
            targets=by_day.target.nunique(),
            verdicts=by_day.verdicts.sum().cast("int64"),
        )
        .select(PRESENCE.names)
    )
