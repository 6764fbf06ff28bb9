"""What one measurement saw, event by event, in the shapes of the OONI data format (df-001, 002, 005, 006, 008)."""

from base64 import b64encode
from collections.abc import Collection, Sequence
from typing import Any, Final

import msgspec

from lampwatch.probe.clock import Clock
from lampwatch.probe.failed import Failed

Entry = dict[str, Any]
Tags = tuple[str, ...]

_MOST_EVENTS: Final = 64
"""Reads and writes kept of one connection; what comes after is only summed up."""


def binary(content: bytes) -> Entry:
    """Bytes as the format writes them where they are no text."""
    return {"format": "base64", "data": b64encode(content).decode("ascii")}


def text_or_binary(content: bytes) -> str | Entry:
    """Bytes as text where they are UTF-8, else as base64."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return binary(content)


class Mark(msgspec.Struct, frozen=True):
    """Which connection or lookup an event belongs to, and what it was made for."""

    transaction_id: int
    tags: Tags = ()


class Comparison(msgspec.Struct):
    """A question to the control, and its answer: None while it is on its way."""

    question: dict[str, Any]
    answer: dict[str, Any] | Failed | None = None


class Record:
    """Gathers the events of one measurement. Times are seconds since it began."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._transactions = 0
        self.queries: list[Entry] = []
        self.duplicate_answers: list[Entry] = []
        self.tcp_connect: list[Entry] = []
        self.tls_handshakes: list[Entry] = []
        self.quic_handshakes: list[Entry] = []
        self.requests: list[Entry] = []
        self.network_events: list[Entry] = []
        self.comparisons: list[Comparison] = []
        """For who looks on; a method writes down itself what it asked and was told."""

    def now(self) -> float:
        """Seconds since the measurement began, to the microsecond."""
        return round(self._clock.monotonic() - self._began, 6)

    def mark(self, *tags: str) -> Mark:
        """A new number for what follows, with its tags."""
        self._transactions += 1
        return Mark(self._transactions, tags)

    def times(self, t0: float, mark: Mark) -> Entry:
        """The fields that every event ends with: begun at t0, over now."""
        return {
            "t0": t0,
            "t": self.now(),
            "tags": list(mark.tags),
            "transaction_id": mark.transaction_id,
        }

    def event(self, operation: str, mark: Mark, **fields: object) -> None:
        """Note that something happened now."""
        now = self.now()
        self.network_events.append(
            {"operation": operation, "failure": None, **fields, **self.times(now, mark)}
        )

    def test_keys(self) -> dict[str, Any]:
        """All events, under the names of the data format."""
        # Requests stand newest first, as the format has it.
        return {"queries": self.queries, **self._carried(), "requests": self.requests[::-1]}

    @property
    def lookups(self) -> set[int]:
        """The transactions of the lookups so far."""
        return {entry["transaction_id"] for entry in self.queries}

    def test_keys_with_lookups_apart(self) -> dict[str, Any]:
        """All events; those that carried lookups stand apart, under `x_lookups`.

        A resolver that is asked over TLS is connected to as well: that says nothing of the site that is measured.
        """
        lookups = self.lookups
        return {
            "queries": self.queries,
            **self._carried(without=lookups),
            "requests": [
                entry for entry in reversed(self.requests) if entry["transaction_id"] not in lookups
            ],
            "x_lookups": self._carried(only=lookups),
        }

    def _carried(
        self, *, only: Collection[int] | None = None, without: Collection[int] = ()
    ) -> dict[str, list[Entry]]:
        lists = {
            "tcp_connect": self.tcp_connect,
            "tls_handshakes": self.tls_handshakes,
            "quic_handshakes": self.quic_handshakes,
            "network_events": self.network_events,
        }
        return {
            name: [
                entry
                for entry in entries
                if (only is None or entry["transaction_id"] in only)
                and entry["transaction_id"] not in without
            ]
            for name, entries in lists.items()
        }


class Traffic:
    """Notes reads and writes of one connection, the first ones each, the others as a sum."""

    def __init__(self, record: Record, address: str, protocol: str, mark: Mark) -> None:
        self._record = record
        self._address = address
        self._protocol = protocol
        self._mark = mark
        self._noted = 0
        self._later: dict[str, int] = {}

    def note(
        self, operation: str, t0: float, size: int, failure: str | None, records: Sequence[Entry] = ()
    ) -> None:
        """One read or write that began at t0. records are the TLS records that began in it."""
        if self._noted >= _MOST_EVENTS and failure is None:
            self._later[operation] = self._later.get(operation, 0) + size
            return
        self._noted += 1
        entry: Entry = {
            "address": self._address,
            "failure": failure,
            "num_bytes": size,
            "operation": operation,
            "proto": self._protocol,
            **self._record.times(t0, self._mark),
        }
        if records:
            entry["tls_records"] = list(records)
        self._record.network_events.append(entry)

    def end(self) -> None:
        """Note the sums of what was not noted one by one."""
        for operation, size in self._later.items():
            self._record.event(
                f"{operation}_more", self._mark, address=self._address, num_bytes=size, proto=self._protocol
            )
        self._later = {}
