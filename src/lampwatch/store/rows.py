"""What the store answers with. Times are UTC without a zone; asn is 0 and texts are empty where not known."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeAlias

import msgspec

Tell: TypeAlias = Callable[[int, int], None]
"""Told how many parts of a long piece of work are done, and of how many."""


class Progress(msgspec.Struct, frozen=True):
    """How far a source has been taken in.

    identity tells one version of the source from another (size and mtime, or an ETag): where it differs from what the
    source shows now, reading starts anew. position is the last line (from 1) or byte that is in; 0 is none.
    """

    identity: str
    position: int
    finished: bool = False


class Committed(msgspec.Struct, frozen=True):
    """What one commit did. Measurements: added, and already there (with replace: written anew).

    verdicts counts the verdict rows written by state; set_aside counts by reason the documents newly in the
    quarantine.
    """

    added: int
    already_there: int
    verdicts: Mapping[str, int]
    set_aside: Mapping[str, int]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers of verdicts by state."""

    ok: int = 0
    down: int = 0
    blocked: int = 0
    unknown: int = 0

    @property
    def total(self) -> int:
        """All verdicts."""
        return self.ok + self.down + self.blocked + self.unknown


class VerdictRow(msgspec.Struct, frozen=True):
    """One verdict as stored, in the order of the table's columns. witnesses are written as `probe.tcp.3`."""

    uid: str
    target: str
    day: str
    start_time: dt.datetime
    method: str
    input: str
    probe_cc: str
    probe_asn: int
    network_name: str
    source: str
    state: str
    layer: str | None
    mechanism: str | None
    evidence: str
    rule_id: str
    rules_version: str
    because: str
    control: str
    hostname: str
    fingerprint: str
    findings: list[str]
    layers: list[str]
    witnesses: list[str]
    networks_version: str
    fingerprints_version: str
    voter: int
    software: str


class MeasurementRow(msgspec.Struct, frozen=True):
    """One measurement's header, where its bytes lie in the archive, and what its verdicts came to.

    states are its verdicts' states in order. anomaly: some verdict is blocked. confirmed: blocked with a recognised
    block page or injected answer. failure: no verdict, or all are unknown. segment is empty where the bytes are not
    in the archive.
    """

    uid: str
    day: str
    start_time: dt.datetime
    method: str
    method_version: str
    input: str
    probe_cc: str
    probe_asn: int
    network_name: str
    report_id: str
    software_name: str
    software_version: str
    source: str
    position: int
    size: int
    n: int
    states: list[str]
    anomaly: bool
    confirmed: bool
    failure: bool
    segment: str
    frame_offset: int
    frame_length: int


class AggregateRow(msgspec.Struct, frozen=True):
    """Numbers of measurements in one class; axes holds the class's value on each axis asked for, in that order.

    ok, anomaly, confirmed and failure exclude each other and add up to measurements, as in OONI's API; down is the
    part of ok that worked for nobody. A day is the first of its step of time, as YYYY-MM-DD, an hour as
    YYYY-MM-DDTHH:00:00Z. Where an axis or filter is about a target, category or mechanism, a measurement counts once
    for each target, by its verdict on that target.
    """

    axes: tuple[str | int, ...]
    measurements: int
    ok: int
    down: int
    anomaly: int
    confirmed: int
    failure: int


class CountrySummary(Counted, frozen=True, kw_only=True):
    """One country: verdicts by state, networks measured, when last. networks counts known ones (asn above 0)."""

    country: str
    networks: int
    last: dt.datetime


class TargetSummary(Counted, frozen=True, kw_only=True):
    """One target: verdicts by state, networks measured, on how many of them some verdict was blocked, when last.

    last_state is the state of the latest verdict; of several in one second, the gravest.
    """

    target: str
    category: str
    networks: int
    blocked_networks: int
    last: dt.datetime
    last_state: str


class NetworkSummary(Counted, frozen=True, kw_only=True):
    """One network in one country: verdicts by state, when last and what then."""

    country: str
    asn: int
    network_name: str
    last: dt.datetime
    last_state: str


class CategorySummary(Counted, frozen=True, kw_only=True):
    """One category: verdicts by state, and how many targets they are about. "" holds targets without a category."""

    category: str
    targets: int
    blocked_targets: int
    last: dt.datetime


class DayCounts(Counted, frozen=True, kw_only=True):
    """One day: verdicts by state, and the networks measured."""

    day: str
    networks: int


class HistoryStep(Counted, frozen=True, kw_only=True):
    """One step of time in a target's history: verdicts by state, and networks. Steps nobody measured are absent."""

    start: dt.datetime
    networks: int


class StateChange(msgspec.Struct, frozen=True, kw_only=True):
    """Where a target's state on one network differs between two hours measured one after the other.

    An hour's state is that of most of its verdicts, unknown ones apart; of equals, the gravest. before held in the
    hour that begins at `since`, after holds in the hour that begins at `at`.
    """

    target: str
    country: str
    asn: int
    network_name: str
    since: dt.datetime
    at: dt.datetime
    before: str
    after: str


class QuarantineCount(msgspec.Struct, frozen=True):
    """How many documents are set aside for one reason, from how many sources."""

    reason: str
    documents: int
    sources: int


class QuarantineRow(msgspec.Struct, frozen=True):
    """One document set aside. raw is its beginning; n is -1 and segment empty where it is not in the archive."""

    id: str
    source: str
    position: int
    reason: str
    detail: str
    size: int
    raw: bytes
    n: int
    segment: str
    frame_offset: int
    frame_length: int


class Snapshot(msgspec.Struct, frozen=True):
    """A snapshot of reference data that verdicts rest on or pages show, with where it came from."""

    kind: str
    version: str
    sha256: str
    source: str
    licence: str
    loaded_at: dt.datetime


class Totals(Counted, frozen=True, kw_only=True):
    """All that the store holds, in numbers. first and last are None where it is empty."""

    measurements: int
    countries: int
    networks: int
    targets: int
    first: dt.datetime | None
    last: dt.datetime | None
