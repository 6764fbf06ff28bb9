"""What pages show: countries, networks, targets, categories and their days. Read from the roll-ups."""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound

import duckdb

from lampwatch.store.duckdb.conditions import Where, whole_days
from lampwatch.store.duckdb.rollups import LAST, LAST_STATE, SUMS
from lampwatch.store.query import Grain, Window
from lampwatch.store.rows import (
    CategorySummary,
    CountrySummary,
    DayCounts,
    HistoryStep,
    NetworkSummary,
    TargetSummary,
)

Cursor = duckdb.DuckDBPyConnection

_NETWORKS = "count(DISTINCT probe_asn) FILTER (WHERE probe_asn > 0)"


def countries(cursor: Cursor, window: Window) -> list[CountrySummary]:
    """Every country measured."""
    where = Where().within_days(window)
    found = cursor.execute(
        f"SELECT probe_cc, {_NETWORKS}, {LAST}, {SUMS} FROM day_network{where.sql}"
        " GROUP BY probe_cc ORDER BY sum(ok + down + blocked + unknown) DESC, probe_cc",
        where.values,
    ).fetchall()
    return [
        CountrySummary(
            country=country, networks=networks, last=last, ok=ok, down=down, blocked=blocked, unknown=unknown
        )
        for country, networks, last, ok, down, blocked, unknown in found
    ]


def country_days(cursor: Cursor, country: str, window: Window) -> list[DayCounts]:
    """A country's days."""
    where = Where().equal("probe_cc", country).within_days(window)
    found = cursor.execute(
        f"SELECT CAST(day AS VARCHAR), {_NETWORKS}, {SUMS} FROM day_network{where.sql} GROUP BY day ORDER BY day",
        where.values,
    ).fetchall()
    return [
        DayCounts(day=day, networks=networks, ok=ok, down=down, blocked=blocked, unknown=unknown)
        for day, networks, ok, down, blocked, unknown in found
    ]


def country_networks(cursor: Cursor, country: str, window: Window) -> list[NetworkSummary]:
    """A country's networks."""
    where = Where().equal("probe_cc", country).within_days(window)
    return _networks(cursor, "day_network", where, "ok + down + blocked + unknown")


def target_networks(cursor: Cursor, target: str, country: str | None, window: Window) -> list[NetworkSummary]:
    """One target on every network that measured it."""
    where = Where().equal("target", target).equal("probe_cc", country)
    return _networks(cursor, "cell", where.between("hour", window.since, window.until), "blocked")


def _networks(cursor: Cursor, table: str, where: Where, most: str) -> list[NetworkSummary]:
    found = cursor.execute(
        f"WITH found AS (SELECT probe_cc, probe_asn, {LAST} AS last, {LAST_STATE} AS last_state, {SUMS},"
        f" sum({most}) AS most FROM {table}{where.sql} GROUP BY probe_cc, probe_asn)"
        " SELECT probe_cc, probe_asn, coalesce(network_name, ''), last, last_state, ok, down, blocked, unknown"
        " FROM found LEFT JOIN network USING (probe_asn)"
        " ORDER BY most DESC, ok + down + blocked + unknown DESC, probe_cc, probe_asn",
        where.values,
    ).fetchall()
    return [
        NetworkSummary(
            country=country,
            asn=asn,
            network_name=name,
            last=last,
            last_state=state,
            ok=ok,
            down=down,
            blocked=blocked,
            unknown=unknown,
        )
        for country, asn, name, last, state, ok, down, blocked, unknown in found
    ]


def targets(
    cursor: Cursor, country: str | None, window: Window, limit: int, category: str | None
) -> list[TargetSummary]:
    """Targets with most blocked verdicts first.

    The few that are shown are found in the small roll-up; only their networks are counted in the large one.
    """
    days = Where().equal("probe_cc", country).within_days(window)
    if category is not None:
        days.add("target IN (SELECT target FROM category WHERE category = $category)", category=category)
    found = cursor.execute(
        f"WITH top AS (SELECT target, {LAST} AS last, {LAST_STATE} AS last_state, {SUMS}"
        f" FROM {_by_target(country)}{days.sql}"
        " GROUP BY target ORDER BY sum(blocked) DESC, sum(ok + down + unknown) DESC, target LIMIT $limit)"
        " SELECT target, coalesce(category, ''), last, last_state, ok, down, blocked, unknown"
        " FROM top LEFT JOIN category USING (target)"
        " ORDER BY blocked DESC, ok + down + unknown DESC, target",
        days.values | {"limit": limit},
    ).fetchall()
    hours = Where().equal("probe_cc", country).between("hour", *whole_days(window))
    networks = _networks_by_target(cursor, [row[0] for row in found], hours)
    return [
        TargetSummary(
            target=target,
            category=category,
            networks=networks.get(target, (0, 0))[0],
            blocked_networks=networks.get(target, (0, 0))[1],
            last=last,
            last_state=state,
            ok=ok,
            down=down,
            blocked=blocked,
            unknown=unknown,
        )
        for target, category, last, state, ok, down, blocked, unknown in found
    ]


def _by_target(country: str | None) -> str:
    """The smallest roll-up that tells targets."""
    return "world_target" if country is None else "day_target"


def _networks_by_target(cursor: Cursor, names: list[str], where: Where) -> dict[str, tuple[int, int]]:
    """How many networks measured each target, and on how many it was ever blocked.

    Target and network are packed into one integer, which is grouped by in two thirds of the time.
    """
    found = cursor.execute(
        "WITH asked AS (SELECT unnest($names) AS target, CAST(unnest(range(len($names))) AS BIGINT) AS place),"
        " seen AS (SELECT place << 32 | probe_asn AS pair, max(blocked) AS blocked"
        f" FROM cell JOIN asked USING (target){where.sql} GROUP BY pair)"
        " SELECT pair >> 32, count(*), count(*) FILTER (WHERE blocked > 0) FROM seen"
        " WHERE pair & 4294967295 > 0 GROUP BY ALL",
        where.values | {"names": names},
    ).fetchall()
    return {names[place]: (networks, blocked) for place, networks, blocked in found}


def target_history(
    cursor: Cursor, target: str, country: str | None, asn: int | None, grain: Grain, window: Window
) -> list[HistoryStep]:
    """One target's history by steps of time."""
    where = Where().equal("target", target).equal("probe_cc", country).equal("probe_asn", asn)
    where.between("hour", window.since, window.until)
    found = cursor.execute(
        f"SELECT CAST(date_trunc('{grain.value}', hour) AS TIMESTAMP) AS start, {_NETWORKS}, {SUMS}"
        f" FROM cell{where.sql} GROUP BY start ORDER BY start",
        where.values,
    ).fetchall()
    return [
        HistoryStep(start=start, networks=networks, ok=ok, down=down, blocked=blocked, unknown=unknown)
        for start, networks, ok, down, blocked, unknown in found
    ]


def categories(cursor: Cursor, country: str | None, window: Window) -> list[CategorySummary]:
    """Verdicts by category."""
    where = Where().equal("probe_cc", country).within_days(window)
    found = cursor.execute(
        f"WITH found AS (SELECT target, max(latest) AS latest, {SUMS}"
        f" FROM {_by_target(country)}{where.sql} GROUP BY target)"
        " SELECT coalesce(category, '') AS name, count(*), count(*) FILTER (WHERE blocked > 0),"
        f" {LAST}, {SUMS} FROM found LEFT JOIN category USING (target)"
        " GROUP BY name ORDER BY sum(blocked) DESC, sum(ok + down + unknown) DESC, name",
        where.values,
    ).fetchall()
    return [
        CategorySummary(
            category=category,
            targets=count,
            blocked_targets=blocked_targets,
            last=last,
            ok=ok,
            down=down,
            blocked=blocked,
            unknown=unknown,
        )
        for category, count, blocked_targets, last, ok, down, blocked, unknown in found
    ]
