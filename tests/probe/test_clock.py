import asyncio
import datetime as dt

from lampwatch.probe.clock import SystemClock


def test_a_shifted_clock_tells_another_times_date_and_the_same_time_span() -> None:
    shift = dt.timedelta(days=-3650)
    before, there, after = SystemClock().utc(), SystemClock(shift).utc(), SystemClock().utc()
    assert before + shift <= there <= after + shift


def test_the_date_has_no_zone() -> None:
    assert SystemClock().utc().tzinfo is None


def test_the_monotonic_clock_never_goes_back() -> None:
    clock = SystemClock()
    first = clock.monotonic()
    asyncio.run(clock.sleep(0))
    assert clock.monotonic() >= first
