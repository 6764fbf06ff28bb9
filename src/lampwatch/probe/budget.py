"""What a probe may use up in a day (UTC): measurements, and bytes on the network. Pure."""

import datetime as dt
import re
from collections.abc import Iterable
from typing import Final

import msgspec

from lampwatch.model.errors import UserError

EXPECTED_BYTES: Final = 256 * 1024
"""What a measurement is expected to use before it has ended; most web pages need less."""
DAY_S: Final = 86_400

_UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SIZE: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([kmgt]?)(?:b|bytes?)", re.IGNORECASE)
_COUNT: Final = re.compile(r"[1-9]\d{0,8}")


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """The most a day may use."""

    measurements: int = 5_000
    bytes: int = 500 * 10**6

    @property
    def measurements_expected(self) -> int:
        """How many measurements a whole day can be expected to have room for."""
        return min(self.measurements, self.bytes // EXPECTED_BYTES)


def budget_of(texts: Iterable[str]) -> Budget:
    """`200MB` limits bytes, `1000` measurements; what is not named keeps its default. Raises UserError for others."""
    found = Budget()
    for text in texts:
        if _COUNT.fullmatch(text):
            found = msgspec.structs.replace(found, measurements=int(text))
        else:
            found = msgspec.structs.replace(found, bytes=size_of(text))
    return found


def size_of(text: str) -> int:
    """`500MB` -> bytes. Raises UserError where it is no size."""
    match = _SIZE.fullmatch(text.strip())
    if match is None or not (size := int(float(match[1]) * _UNITS[match[2].lower()])):
        raise UserError(f"{text[:40]!r} is no size; write 500MB or 2GB")
    return size


class Purse:
    """What is left of a day's budget, with room set aside for what is running. Times are seconds since 1970, UTC.

    No measurement begins that the day has no room for. Its bytes are known only when it ended, so the day may end over
    its bytes by what ran at that moment used beyond EXPECTED_BYTES, and never over its measurements.
    """

    def __init__(self, budget: Budget, now_s: float, spent: tuple[int, int] = (0, 0)) -> None:
        """Begin with what this day has spent before: measurements, bytes."""
        self._budget = budget
        self._day = day_of(now_s)
        self._measurements, self._bytes = spent
        self._running = 0

    def room(self, now_s: float) -> int:
        """How many more measurements may begin."""
        self._turn(now_s)
        by_count = self._budget.measurements - self._measurements - self._running
        by_bytes = (self._budget.bytes - self._bytes) // EXPECTED_BYTES - self._running
        return max(min(by_count, by_bytes), 0)

    def begin(self, now_s: float) -> None:
        """Set room aside for a measurement."""
        self._turn(now_s)
        self._running += 1

    def ended(self, now_s: float, bytes_used: int) -> None:
        """Book a measurement to the day on which it ended."""
        self._turn(now_s)
        self._running -= 1
        self._measurements += 1
        self._bytes += bytes_used

    def _turn(self, now_s: float) -> None:
        if day_of(now_s) != self._day:
            self._day = day_of(now_s)
            self._measurements = self._bytes = 0


def day_of(time_s: float) -> dt.date:
    """The UTC day of a time in seconds since 1970."""
    return dt.datetime.fromtimestamp(time_s, dt.UTC).date()


def left_of_day_s(time_s: float) -> float:
    """The seconds until midnight, UTC."""
    return DAY_S - time_s % DAY_S


class _Event(msgspec.Struct, gc=False):
    operation: str = ""
    num_bytes: int = 0


class _TestKeys(msgspec.Struct, gc=False):
    network_events: list[_Event] | None = None


class _Document(msgspec.Struct, gc=False):
    test_keys: _TestKeys | None = None


_DECODER: Final = msgspec.json.Decoder(_Document)


def bytes_used(document: bytes) -> int:
    """What a measurement used on the network: what its network events read and wrote, or its own size if that is more.

    The latter is what its upload costs at most, and stands in where a method records no events.
    """
    try:
        keys = _DECODER.decode(document).test_keys
    except (msgspec.DecodeError, UnicodeDecodeError):
        keys = None
    events = keys.network_events if keys else None
    return max(len(document), sum(max(event.num_bytes, 0) for event in events or ()))
