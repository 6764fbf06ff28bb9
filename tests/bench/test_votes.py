"""The quick way from a simulated world to the evidence gives what a plain count of its verdicts gives."""

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

import pyarrow as pa
import pytest

from bench.blocking.rows import Rows
from bench.blocking.verdicts import batches
from bench.blocking.votes import evidence
from bench.blocking.world import World
from lampwatch.formats.vote_tables import COVERAGE, MOST_VOTERS, PRESENCE, VOTE

Row = dict[str, Any]
WORLD = World(seed=3, countries=9, days=12, scale=0.6)
KEY = VOTE.names[: VOTE.names.index("rules_version") + 1]
STATES = ("ok", "down", "blocked", "unknown")


@pytest.fixture(scope="module")
def countries() -> list[Rows]:
    return [one.rows for one in WORLD.simulated()]


@pytest.fixture(scope="module")
def verdicts(countries: list[Rows]) -> list[Row]:
    """Every verdict as the store would get it, with its hour, and no null where a text is empty."""
    found = []
    for rows in countries:
        for tables in batches(rows, 5_000):
            for row in tables["verdict"].to_pylist():
                hour = row["start_time"].replace(minute=0, second=0, microsecond=0)
                found.append({**row, "hour": hour, "mechanism": row["mechanism"] or ""})
    return found


def history(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("probe_cc", "target", "method", "probe_asn"))


def rows_of(table: pa.Table) -> list[tuple[Any, ...]]:
    rows = [tuple(tuple(v) if isinstance(v, list) else v for v in row.values()) for row in table.to_pylist()]
    return sorted(rows)


def test_there_is_something_to_count(verdicts: list[Row]) -> None:
    assert len(verdicts) > 20_000
    assert {row["state"] for row in verdicts} == set(STATES)


def test_votes_are_those_of_a_plain_count(countries: list[Rows], verdicts: list[Row]) -> None:
    troubled = {history(row) for row in verdicts if row["state"] == "blocked"}
    alike: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in verdicts:
        if history(row) in troubled:
            alike[tuple(row[name] for name in KEY)].append(row)
    expected = []
    for key, rows in alike.items():
        voters = tuple(sorted({row["voter"] for row in rows})[:MOST_VOTERS])
        times = [row["start_time"] for row in rows]
        witness = min((row["start_time"], row["uid"]) for row in rows)[1]
        expected.append((*key, len(rows), voters, min(times), max(times), witness))
    given = evidence(countries).histories
    assert given.schema == VOTE
    assert rows_of(given) == sorted(expected)


def test_coverage_is_that_of_a_plain_count(countries: list[Rows], verdicts: list[Row]) -> None:
    troubled = {(row["target"], row["method"]) for row in verdicts if row["state"] == "blocked"}
    counts: Counter[tuple[Any, ...]] = Counter()
    voters: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row in verdicts:
        if (row["target"], row["method"]) in troubled:
            counts[*history(row), row["day"], row["state"]] += 1
            if row["state"] in {"ok", "blocked"}:
                voters[*history(row), row["day"]].append(row["voter"])
    cells = {key[:-1] for key in counts}
    expected = [
        (
            *cell,
            *(counts[*cell, state] for state in STATES),
            min(voters[cell], default=0),
            max(voters[cell], default=0),
        )
        for cell in cells
    ]
    given = evidence(countries).coverage
    assert given.schema == COVERAGE
    assert rows_of(given) == sorted(expected)


def test_presence_is_that_of_a_plain_count(countries: list[Rows], verdicts: list[Row]) -> None:
    networks: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in verdicts:
        networks[row["probe_cc"], row["probe_asn"]].append(row)
    expected = []
    for network, rows in networks.items():
        days = {row["day"] for row in rows}
        targets = {row["target"] for row in rows}
        expected.append((*network, min(days), max(days), len(days), len(targets), len(rows)))
    given = evidence(countries).presence
    assert given.schema == PRESENCE
    assert rows_of(given) == sorted(expected)


def test_a_crowd_of_voters_is_cut_to_the_smallest(countries: list[Rows]) -> None:
    rows = max(countries, key=lambda one: one.size)
    many = 3 * MOST_VOTERS
    blocked = next(n for n, why in enumerate(rows.whys) if why.state == "blocked")
    start = int(dt.datetime(2026, 8, 1, tzinfo=dt.UTC).timestamp()) * 1_000_000
    head = rows.taken(rows.time.argsort(kind="stable")[:many])
    crowd = head._replace(
        time=head.time * 0 + start,
        item=head.item * 0,
        network=head.network * 0,
        software=head.software * 0,
        version=head.version * 0,
        why=head.why * 0 + blocked,
    )
    (vote,) = evidence([crowd]).histories.to_pylist()
    assert vote["verdicts"] == many
    assert vote["voters"] == sorted(set(crowd.voter.tolist()))[:MOST_VOTERS]
