import pytest

from lampwatch.signals.probing.pace import TokenBucket


def leaving(bucket: TokenBucket, asked_s: list[float]) -> list[float]:
    """When questions leave that come at these times, each waiting for its token."""
    found, now_s = [], 0.0
    for asked in asked_s:
        now_s = max(now_s, asked)
        now_s += bucket.take(now_s)
        found.append(now_s)
    return found


def test_in_the_long_run_no_more_than_the_rate_leaves() -> None:
    times = leaving(TokenBucket(20.0), [0.0] * 201)
    assert times[-1] == pytest.approx(10.0)


def test_what_comes_slower_than_the_rate_never_waits() -> None:
    assert leaving(TokenBucket(20.0), [0.0, 1.0, 2.0]) == [0.0, 1.0, 2.0]


def test_after_a_rest_only_the_burst_leaves_at_once() -> None:
    times = leaving(TokenBucket(10.0, burst=3.0), [100.0] * 5)
    assert times == pytest.approx([100.0, 100.0, 100.0, 100.1, 100.2])


def test_in_no_second_does_more_leave_than_rate_and_burst() -> None:
    times = leaving(TokenBucket(20.0, burst=4.0), [n * 0.01 for n in range(500)])
    assert max(sum(begin <= time < begin + 1 for time in times) for begin in times) <= 24
