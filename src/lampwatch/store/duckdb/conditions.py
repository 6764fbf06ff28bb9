"""Filters -> the WHERE of a query, with every value bound by name."""

# ruff: noqa: S608  names of tables and columns are constants of ours; every value is bound

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from lampwatch.store.query import MeasurementFilter, VerdictFilter, Window

_VERDICT_COLUMNS: Final = {
    "country": "probe_cc",
    "asn": "probe_asn",
    "target": "target",
    "state": "state",
    "method": "method",
    "input": "input",
    "uid": "uid",
    "layer": "layer",
    "mechanism": "mechanism",
    "rule_id": "rule_id",
}
_MEASUREMENT_COLUMNS: Final = {
    "countries": "probe_cc",
    "asns": "probe_asn",
    "methods": "method",
    "inputs": "input",
}
_CATEGORY: Final = "target IN (SELECT target FROM category WHERE category IN $categories)"


class Where:
    """Conditions that must all hold, and the values bound in them."""

    def __init__(self) -> None:
        self._conditions: list[str] = []
        self.values: dict[str, Any] = {}

    @property
    def sql(self) -> str:
        """` WHERE …`, or nothing where everything is asked for."""
        return f" WHERE {' AND '.join(self._conditions)}" if self._conditions else ""

    def add(self, condition: str, **values: object) -> "Where":
        """Ask for one thing more."""
        self._conditions.append(condition)
        self.values.update(values)
        return self

    def equal(self, column: str, value: object) -> "Where":
        """Ask for a value, None for any."""
        return self if value is None else self.add(f"{column} = ${column}", **{column: value})

    def one_of(self, column: str, values: Iterable[object], name: str) -> "Where":
        """Ask for one of several values, none for any."""
        given = list(values)
        return self.add(f"{column} IN ${name}", **{name: given}) if given else self

    def between(self, column: str, since: dt.datetime | None, until: dt.datetime | None) -> "Where":
        """Ask for a time at or after since and before until."""
        if since is not None:
            self.add(f"{column} >= $since", since=since)
        return self if until is None else self.add(f"{column} < $until", until=until)

    def within_days(self, window: Window) -> "Where":
        """Ask for a day that a window touches."""
        since, until = whole_days(window)
        if since is not None:
            self.add("day >= $since", since=since.date())
        return self if until is None else self.add("day < $until", until=until.date())


def whole_days(window: Window) -> tuple[dt.datetime | None, dt.datetime | None]:
    """The first midnight at or before the window, and the first at or after its end."""
    since, until = window.since, window.until
    if since is not None:
        since = dt.datetime.combine(since.date(), dt.time())
    if until is not None:
        last = until - dt.timedelta(microseconds=1)
        until = dt.datetime.combine(last.date(), dt.time()) + dt.timedelta(days=1)
    return since, until


def for_uid(uid: str) -> Where:
    """Conditions for the rows of one measurement; its name begins with its day, which spares a scan of all."""
    return Where().equal("uid", uid)


def for_verdicts(asked: VerdictFilter) -> Where:
    """Conditions over the verdict table."""
    where = for_uid(asked.uid) if asked.uid is not None else Where()
    for field, column in _VERDICT_COLUMNS.items():
        if field != "uid":
            where.equal(column, getattr(asked, field))
    if asked.category is not None:
        where.add(_CATEGORY, categories=[asked.category])
    return where.between("start_time", asked.since, asked.until)


def is_about_targets(asked: MeasurementFilter) -> bool:
    """Whether the filter asks for something that verdicts know and measurements do not."""
    return bool(asked.targets or asked.categories)


def for_measurements(asked: MeasurementFilter) -> Where:
    """Conditions over the measurement table."""
    where = for_uid(asked.uid) if asked.uid is not None else Where()
    _shared(where, asked)
    _of_measurement(where, asked)
    for name in ("anomaly", "confirmed", "failure"):
        where.equal(name, getattr(asked, name))
    if is_about_targets(asked):
        about = Where()
        _targets(about, asked)
        where.add(f"uid IN (SELECT uid FROM verdict{about.sql})", **about.values)
    return where


def for_verdicts_of(asked: MeasurementFilter) -> Where:
    """Conditions over the verdict table, for counting measurements by their verdicts on each target."""
    where = for_uid(asked.uid) if asked.uid is not None else Where()
    _shared(where, asked)
    _targets(where, asked)
    for wanted, condition in (
        (asked.anomaly, "state = 'blocked'"),
        (asked.confirmed, "(state = 'blocked' AND fingerprint <> '')"),
        (asked.failure, "state = 'unknown'"),
    ):
        if wanted is not None:
            where.add(condition if wanted else f"NOT {condition}")
    if asked.report_id is not None or asked.software_versions:
        of = Where()
        _of_measurement(of, asked)
        where.add(f"uid IN (SELECT uid FROM measurement{of.sql})", **of.values)
    return where


def _shared(where: Where, asked: MeasurementFilter) -> None:
    for field, column in _MEASUREMENT_COLUMNS.items():
        where.one_of(column, getattr(asked, field), field)
    where.between("start_time", asked.since, asked.until)


def _of_measurement(where: Where, asked: MeasurementFilter) -> None:
    where.equal("report_id", asked.report_id)
    where.one_of("software_version", asked.software_versions, "software_versions")


def _targets(where: Where, asked: MeasurementFilter) -> None:
    where.one_of("target", asked.targets, "targets")
    if asked.categories:
        where.add(_CATEGORY, categories=list(asked.categories))
