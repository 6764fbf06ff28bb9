"""Blocks, votes and what is measured around them, as tests write them down. Hours count from MONDAY."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from lampwatch.detect.blocking.accounts import Accounts
from lampwatch.detect.blocking.levels import Voting
from lampwatch.detect.blocking.measured import Measured
from lampwatch.detect.blocking.testimony import Hearing, blocked_voters
from lampwatch.formats.vote_tables import COVERAGE, PRESENCE, VOTE, Evidence
from lampwatch.model.blocking import Block, Means
from lampwatch.model.event import Event, Turn
from lampwatch.model.vocabulary import Mechanism
from tests.detect.blocking.making_votes import BEGIN

HOUR = 3600
DAY = 24 * HOUR
MONDAY = BEGIN


def block(
    asn: int = 1,
    *,
    target: str = "telegram",
    begins: float = 48,
    ends: float | None = None,
    until: float = 96,
    country: str = "XA",
    method: str = "telegram",
    rate: float = 0.95,
    before: float | None = 0.0,
    voters: int = 8,
    blocked: int = 30,
    mechanism: Mechanism = Mechanism.IP_DROP,
    direct: int = 0,
    fingerprints: tuple[str, ...] = (),
    probability: float = 0.99,
) -> Block:
    """A block from one hour to another, seen within the hour after."""
    at = round(MONDAY + begins * HOUR)
    end = None if ends is None else round(MONDAY + ends * HOUR)
    last = round(MONDAY + until * HOUR) if end is None else end
    return Block(
        country=country,
        asn=asn,
        target=target,
        method=method,
        onset=Event(Turn.ONSET, at, at - HOUR // 2, at + HOUR // 2, at + 2 * HOUR),
        end=None
        if end is None
        else Event(Turn.RECOVERY, end, end - HOUR // 2, end + HOUR // 2, end + 2 * HOUR),
        until=last,
        begun_before=before is None,
        rate=rate,
        rate_before=before,
        blocked=blocked,
        blocked_voters=voters,
        contrary_voters=0,
        means=(Means(mechanism, blocked, at, last),),
        direct=direct,
        fingerprints=fingerprints,
        software=(("lampwatch 0.1.0", voters), ("ooniprobe-android 5.2.1", voters)),
        versions=("2026.11.1",),
        witness=f"2022010{asn}",
        probability=probability,
    )


def day(number: int) -> str:
    """The nth day from MONDAY on, as text."""
    return (dt.date(2022, 1, 3) + dt.timedelta(days=number)).isoformat()


def coverage(rows: Iterable[tuple[str, str, int, int, int]], *, days: int = 7) -> pa.Table:
    """Country, target, network, open and blocked verdicts a day, the same on each day."""
    return pa.Table.from_pylist(
        [
            {
                "probe_cc": country,
                "target": target,
                "method": "telegram",
                "probe_asn": asn,
                "day": day(number),
                "ok": ok,
                "down": 0,
                "blocked": blocked,
                "unknown": 0,
                "least_voter": asn * 1000,
                "greatest_voter": asn * 1000 + 9,
            }
            for country, target, asn, ok, blocked in rows
            for number in range(days)
        ],
        COVERAGE,
    )


def presence(networks: Mapping[tuple[str, int], int], *, days: int = 7) -> pa.Table:
    """By country and network, the day from MONDAY on which it was first measured; the last is the same for all."""
    return pa.Table.from_pylist(
        [
            {
                "probe_cc": country,
                "probe_asn": asn,
                "first_day": day(first),
                "last_day": day(days - 1),
                "days": days - first,
                "targets": 5,
                "verdicts": 100,
            }
            for (country, asn), first in networks.items()
        ],
        PRESENCE,
    )


def evidence(
    histories: pa.Table | None = None,
    covered: pa.Table | None = None,
    present: pa.Table | None = None,
) -> Evidence:
    """Evidence of what is given; what is not is empty."""
    return Evidence(
        VOTE.empty_table() if histories is None else histories,
        COVERAGE.empty_table() if covered is None else covered,
        PRESENCE.empty_table() if present is None else present,
    )


def measured(told: Evidence) -> Measured:
    """What was measured around blocks, by evidence."""
    return Measured(told.coverage, told.presence, blocked_voters(told.histories))


def accounts(histories: pa.Table) -> Accounts:
    """What stands behind any block, by votes alone."""
    heard = Hearing(histories)
    return Accounts(heard.of, heard.programs(), heard.released())


def around(networks: Iterable[int] = range(1, 7), *, elsewhere: int = 5, first: int = 0) -> Measured:
    """A country XA in which these networks are measured from a day on, and others where all is open."""
    here = [("XA", "telegram", asn, 4, 4) for asn in networks]
    there = [(f"Y{letter}", "telegram", 100, 10, 0) for letter in "ABCDEFGH"[:elsewhere]]
    known = {("XA", asn): first for asn in networks}
    return measured(evidence(covered=coverage([*here, *there]), present=presence(known)))


def voting(
    *,
    tested: Iterable[int] = range(1, 7),
    operators: Mapping[int, str] | None = None,
    users: Mapping[int, float] | None = None,
    shared: frozenset[int] = frozenset(),
    others: bool = False,
    first: int = 0,
    regions: Mapping[str, Sequence[int]] | None = None,
) -> Voting:
    """Each network has as many voters of its own as its block says; shared ones speak for all."""
    return Voting(
        around(tested, first=first),
        lambda one: shared or frozenset(range(one.asn * 1000, one.asn * 1000 + one.blocked_voters)),
        lambda asn: (operators or {}).get(asn, ""),
        (users or {}).get,
        sorted(tested),
        others,
        regions=regions or {},
    )
