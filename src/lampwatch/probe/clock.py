"""The clocks of a probe: one that only runs forward for timings, one of the world for dates."""

import asyncio
import datetime as dt
import time
from typing import Protocol


class Clock(Protocol):
    """Where every time comes from."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        ...

    def utc(self) -> dt.datetime:
        """The time of the world, UTC without a zone."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class SystemClock:
    """The machine's clocks; shifted by so much where dates are to be another time's, as in a lab recording."""

    def __init__(self, shift: dt.timedelta = dt.timedelta()) -> None:
        self._shift = shift

    def monotonic(self) -> float:
        """Seconds of the machine's monotonic clock."""
        return time.monotonic()

    def utc(self) -> dt.datetime:
        """The machine's time in UTC, shifted."""
        return dt.datetime.now(dt.UTC).replace(tzinfo=None) + self._shift

    async def sleep(self, seconds: float) -> None:
        """Wait on the running loop."""
        await asyncio.sleep(seconds)
