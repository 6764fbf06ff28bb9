"""Documents, a clock that stands until it is moved, and a spool to put them in."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from lampwatch.probe.spool import DEFAULT_CAP, Spool

NOON = dt.datetime(2026, 11, 23, 12)  # noqa: DTZ001  UTC without a zone, as everywhere


class StandingClock:
    """Time stands until somebody sleeps; sleeping takes no time of the test."""

    def __init__(self, start: dt.datetime = NOON) -> None:
        self.now = start
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return (self.now - NOON).total_seconds()

    def utc(self) -> dt.datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.move(seconds)


def document(number: int, *, padding: int = 0, **changes: Any) -> bytes:
    """A measurement that differs from all others by its number."""
    fields = {
        "test_name": "web_connectivity",
        "input": f"https://{number}.test/",
        "measurement_start_time": "2026-11-23 12:00:00",
        "annotations": {"number": str(number)},
        "padding": "".join(f"{(number * 7919 + n) * 2654435761 % 2**32:08x}" for n in range(padding // 8)),
        "test_keys": {},
    }
    return json.dumps(fields | changes).encode()


def number_of(content: bytes) -> int:
    """Which document this is."""
    return int(json.loads(content)["annotations"]["number"])


def spool_at(
    folder: Path, clock: StandingClock | None = None, *, cap: int = DEFAULT_CAP, told: list[str] | None = None
) -> Spool:
    """A spool in a folder."""
    return Spool(
        folder,
        clock=clock or StandingClock(),
        tell=(told if told is not None else []).append,
        cap_bytes=cap,
    )


def contents(spool: Spool) -> list[bytes]:
    """All that waits in a spool."""
    return [one.content for one in spool.batch(documents=1_000_000, content_bytes=2**40)]
