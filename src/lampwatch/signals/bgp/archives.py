"""Where collectors' files lie on the web, and what their names say: RIPE RIS and RouteViews.

RIS writes a table every eight hours and updates every five minutes, RouteViews every two hours and every quarter of an
hour. Source: ris.ripe.net/docs/mrt, archive.routeviews.org.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from lampwatch.model.errors import UserError

RIS: Final = "https://data.ris.ripe.net"
ROUTEVIEWS: Final = "https://archive.routeviews.org"
MOST_DAYS: Final = 366

_RRC: Final = re.compile(r"rrc\d\d")
_ROUTEVIEWS: Final = re.compile(r"route-views[0-9a-z.-]*")
_NAMED: Final = re.compile(r"(?:^|/|_)(bview|rib|updates)\.(\d{8})\.(\d{4})(?:\.(gz|bz2))?$")
_RIS_UPDATES, _RIS_TABLES = dt.timedelta(minutes=5), dt.timedelta(hours=8)
_RV_UPDATES, _RV_TABLES = dt.timedelta(minutes=15), dt.timedelta(hours=2)


class Named(msgspec.Struct, frozen=True):
    """What a file's name says: a table or updates, from when (seconds since 1970), and how long at least."""

    table: bool
    start: int
    seconds: int


def named(name: str) -> Named | None:
    """What the name of an archive's file says; None where it is no such name."""
    found = _NAMED.search(name)
    if found is None:
        return None
    kind, day, minute, ending = found.groups()
    try:
        start = dt.datetime.strptime(day + minute, "%Y%m%d%H%M").replace(tzinfo=dt.UTC)
    except ValueError:
        return None
    period = _RV_UPDATES if ending == "bz2" else _RIS_UPDATES
    table = kind != "updates"
    return Named(table, int(start.timestamp()), 0 if table else int(period.total_seconds()))


def collector_in(place: str) -> str:
    """The collector that a file or address names, empty where it names none: `rrc00`, `route-views.sydney`."""
    parts = re.split(r"[/_]", place)
    if found := next((part for part in parts if _RRC.fullmatch(part) or _ROUTEVIEWS.fullmatch(part)), ""):
        return found
    return "route-views2" if place.startswith(f"{ROUTEVIEWS}/bgpdata/") else ""


def addresses(collector: str, since: dt.datetime, until: dt.datetime) -> Iterator[str]:
    """The files that tell of [since, until) at a collector: the last table before, later tables, and all updates.

    Times are UTC. In order of time, a table before the updates of its moment. Raises UserError for a name that is none,
    and for no time or too much of it.
    """
    if until <= since:
        raise UserError("--until is not after --since, so nothing lies between; until is exclusive")
    if until - since > dt.timedelta(days=MOST_DAYS):
        raise UserError(f"that is more than {MOST_DAYS} days of updates; ask for less at a time")
    if _RRC.fullmatch(collector):
        folder, tables, updates = f"{RIS}/{collector}", _RIS_TABLES, _RIS_UPDATES
    elif _ROUTEVIEWS.fullmatch(collector):
        own = "" if collector in ("route-views", "route-views2") else f"/{collector}"
        folder, tables, updates = f"{ROUTEVIEWS}{own}/bgpdata", _RV_TABLES, _RV_UPDATES
    else:
        raise UserError(f"{collector} is no collector; name one as rrc00 or route-views.sydney")
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + (since - midnight) // tables * tables
    while at < until:
        if not (at - midnight) % tables:
            yield _address(folder, "table", at)
        yield _address(folder, "updates", at)
        at += updates


def _address(folder: str, kind: str, at: dt.datetime) -> str:
    if folder.startswith(RIS):
        name = "bview" if kind == "table" else kind
        return f"{folder}/{at:%Y.%m}/{name}.{at:%Y%m%d.%H%M}.gz"
    kinds, name = ("RIBS", "rib") if kind == "table" else ("UPDATES", "updates")
    return f"{folder}/{at:%Y.%m}/{kinds}/{name}.{at:%Y%m%d.%H%M}.bz2"
