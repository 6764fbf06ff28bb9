"""Votes for the tests of detection: rows as the store gives them, each of one history unless told otherwise."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from lampwatch.formats.vote_tables import VOTE
from lampwatch.model.blocking import Block

HOUR = 3600
DAY = 24 * HOUR
BEGIN = int(dt.datetime(2022, 1, 3, tzinfo=dt.UTC).timestamp())
"""Hour 0 of all histories: a Monday, midnight UTC."""

Row = dict[str, Any]


def vote(hour: int, state: str = "blocked", **told: Any) -> Row:
    """One row: who measured in an hour, at minute 30 unless told, and what was found. Everybody is another voter."""
    is_blocked = state == "blocked"
    since = BEGIN + hour * HOUR
    first = since + 60 * told.pop("minute", 30)
    last = since + 60 * told.pop("until_minute", (first - since) // 60)
    voters = told.pop("voters", [1_000_000 + hour])
    row = {
        "probe_cc": "KZ",
        "target": "blocked.test",
        "method": "web_connectivity",
        "probe_asn": 9198,
        "hour": _time(since),
        "state": state,
        "mechanism": "tls_sni_reset" if is_blocked else "",
        "rule_id": f"test.{state}",
        "fingerprint": "",
        "evidence": "compared" if is_blocked else "none",
        "control": "worked",
        "software": "ooniprobe-android 5.2.1",
        "rules_version": "7",
        "verdicts": len(voters),
        "voters": sorted(voters),
        "first": _time(first),
        "last": _time(last),
        "witness": f"uid-{hour:05}-{state}-{min(voters, default=0)}",
    }
    return row | told


def votes(hours: Iterable[int], state: str = "blocked", **told: Any) -> list[Row]:
    """The same row in several hours."""
    return [vote(hour, state, **told) for hour in hours]


def table(*rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist([row for several in rows for row in several], schema=VOTE)


def since(hour: float) -> int:
    """A time as it stands in events."""
    return BEGIN + round(hour * HOUR)


def shown(blocks: Sequence[Block]) -> list[tuple[float, float | None]]:
    """Onsets and ends, in hours."""
    return [
        ((one.onset.at - BEGIN) / HOUR, (one.end.at - BEGIN) / HOUR if one.end else None) for one in blocks
    ]


def _time(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC).replace(tzinfo=None)
