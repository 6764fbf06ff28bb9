"""What can be asked of the store. Every field left at its default asks for everything.

Times are UTC without a zone; `since` is inclusive and `until` exclusive. Countries are ISO 3166-1 alpha-2 in capitals.
"""

import datetime as dt
from enum import StrEnum

import msgspec


class VerdictFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which verdicts: all that are given must hold. since and until bound the measurement's start time."""

    country: str | None = None
    asn: int | None = None
    target: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    state: str | None = None
    method: str | None = None
    input: str | None = None
    uid: str | None = None
    layer: str | None = None
    mechanism: str | None = None
    rule_id: str | None = None
    category: str | None = None


class MeasurementFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which measurements: within a tuple any value may hold (empty: any at all), across fields all must.

    targets and categories hold where some verdict of the measurement is about one of them. anomaly, confirmed and
    failure are as in MeasurementRow; None does not ask.
    """

    countries: tuple[str, ...] = ()
    asns: tuple[int, ...] = ()
    methods: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    uid: str | None = None
    report_id: str | None = None
    software_versions: tuple[str, ...] = ()
    anomaly: bool | None = None
    confirmed: bool | None = None
    failure: bool | None = None


class Window(msgspec.Struct, frozen=True):
    """A stretch of time; None leaves that side open.

    What is counted by day, network or country takes in the whole of every day that the window touches.
    """

    since: dt.datetime | None = None
    until: dt.datetime | None = None


ALWAYS = Window()
"""No bound on either side."""


class VerdictOrder(StrEnum):
    """By what verdicts are ordered; ties by uid and target, so that pages never overlap."""

    START_TIME = "start_time"
    TARGET = "target"
    COUNTRY = "probe_cc"
    NETWORK = "probe_asn"


class MeasurementOrder(StrEnum):
    """By what measurements are ordered; ties by uid."""

    START_TIME = "start_time"
    COUNTRY = "probe_cc"
    NETWORK = "probe_asn"
    METHOD = "method"


class Direction(StrEnum):
    """Upwards or downwards."""

    ASCENDING = "asc"
    DESCENDING = "desc"


class Axis(StrEnum):
    """What measurements can be counted by, under the names that OONI's API gives them."""

    DAY = "measurement_start_day"
    COUNTRY = "probe_cc"
    NETWORK = "probe_asn"
    METHOD = "test_name"
    INPUT = "input"
    TARGET = "domain"
    CATEGORY = "category_code"
    MECHANISM = "blocking_type"


class Grain(StrEnum):
    """The width of one step of time. Weeks begin on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
