"""Honest countries, for tests of who poisons: votes as sessions make them, and what the store derives of them."""

import random
from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

from lampwatch.detect.blocking.incidents import incidents
from lampwatch.detect.blocking.setting import Setting
from lampwatch.formats.vote_tables import EVIDENCE, Evidence
from lampwatch.model.blocking import BlockingIncident
from lampwatch.store import votes as expressions
from lampwatch.store.query import Window
from tests.detect.blocking.making_votes import Row, table, vote

TARGET = "t.example"
DAYS = 24
ONSET = 14 * 24
END = DAYS * 24
ELSEWHERE = tuple(f"Y{letter}" for letter in "ABCDEFGH")
NETWORKS = (1, 2, 3, 4)
BLOCKING = (1, 2, 3)
_PLAIN = Setting()


def evidence_of(rows: Iterable[Row]) -> Evidence:
    """What the store makes of votes, by its own expressions."""
    given = table(list(rows))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("vote", given)
        derived = expressions.evidence(expressions.counted(), Window())
        found: dict[str, pa.Table] = {
            name: connection.sql(expressions.sql(asked, expressions.Dialect.DUCKDB))
            .to_arrow_table()
            .cast(EVIDENCE[name])
            for name, asked in derived.items()
        }
    return Evidence(**found)


def honest(
    country: str = "XA",
    networks: Iterable[int] = NETWORKS,
    *,
    a_day: int = 3,
    blocking: Iterable[int] = (),
    target: str = TARGET,
    begins: int = ONSET,
    **told: Any,
) -> list[Row]:
    """So many sessions a day on each network, at any time, each measuring once; some networks block from an hour on."""
    drawn = random.Random(f"{country} {target}")
    rows = []
    for asn in networks:
        for day in range(DAYS):
            for _ in range(a_day):
                hour = day * 24 + drawn.randrange(24)
                state = "blocked" if asn in blocking and hour >= begins else "ok"
                where = {
                    "probe_cc": country,
                    "target": target,
                    "probe_asn": asn,
                    "minute": drawn.randrange(60),
                }
                rows.append(vote(hour, state, voters=[drawn.getrandbits(60)], **where, **told))
    return rows


def world(*, blocked: bool, a_day: int = 3, **told: Any) -> list[Row]:
    """A country of four networks, of which three may block, and eight other countries in which all is open."""
    here = honest(a_day=a_day, blocking=BLOCKING if blocked else (), **told)
    return here + [row for country in ELSEWHERE for row in honest(country, (100, 101), a_day=a_day, **told)]


def forged(
    hours: Iterable[int],
    state: str,
    networks: Iterable[int],
    *,
    country: str = "XA",
    target: str = TARGET,
    verdicts: int = 500,
    **told: Any,
) -> list[Row]:
    """What one session makes up, however loud: it is always the same voter, unless told."""
    told = {"voters": [7], "minute": 31} | told
    where = {"probe_cc": country, "target": target, "verdicts": verdicts}
    places = list(networks)
    return [vote(hour, state, probe_asn=asn, **where, **told) for hour in hours for asn in places]


def found(rows: Iterable[Row], country: str = "XA", setting: Setting = _PLAIN) -> list[BlockingIncident]:
    """The incidents of one country."""
    return [one for one in incidents(evidence_of(rows), setting) if one.country == country]
