import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.methods.throttle.ratio import interval
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import State
from tests.methods.judging import Method

THROTTLE = Method("throttle")
URL = "https://video.test/big"


def run(side: str, pair: int | None, rate: float, **changed: Any) -> dict[str, Any]:
    size = 262_144
    return {
        "side": side,
        "pair": pair,
        "address": "93.184.216.34:443",
        "status": 206,
        "failure": None,
        "bytes": size,
        "seconds": size / rate,
        **changed,
    }


def judged(*pairs: tuple[float, float], **changed: Any) -> Verdict:
    runs = [
        run(side, n, rate, **changed)
        for n, pair in enumerate(pairs)
        for side, rate in zip(("target", "control"), pair, strict=True)
    ]
    return THROTTLE.judged({"runs": runs}, URL)["video.test"]


SLOW = (16_000.0, 900_000.0)


def test_three_pairs_that_agree_are_throttling() -> None:
    verdict = judged(SLOW, SLOW, (15_000.0, 1_000_000.0))
    assert (verdict.rule_id, verdict.state) == ("throttle.throttled", State.BLOCKED)
    assert verdict.witnesses == tuple(f"probe.http.{n}" for n in (0, 2, 4, 1, 3, 5))


def test_one_slow_run_is_not() -> None:
    assert judged(SLOW).rule_id == "throttle.not_compared"


def test_two_slow_runs_are_not() -> None:
    assert judged(SLOW, SLOW).rule_id == "throttle.not_compared"


def test_pairs_that_do_not_agree_are_undetermined() -> None:
    assert judged(SLOW, SLOW, (800_000.0, 900_000.0)).rule_id == "throttle.undetermined"


def test_pairs_that_do_not_agree_are_ok_where_most_are_fast() -> None:
    verdict = judged((130_000.0, 900_000.0), (900_000.0, 500_000.0), (800_000.0, 900_000.0))
    assert (verdict.rule_id, verdict.state) == ("throttle.fast_enough", State.OK)


def test_pairs_that_do_not_agree_are_not_ok_where_most_are_slow() -> None:
    verdict = judged((120_000.0, 900_000.0), (120_000.0, 50_000.0), (800_000.0, 900_000.0))
    assert verdict.rule_id == "throttle.undetermined"


def test_what_is_slower_but_fast_is_not_throttled() -> None:
    fast = (200_000.0, 900_000.0)
    assert judged(fast, fast, (210_000.0, 900_000.0)).rule_id == "throttle.slower"


def test_what_is_slow_but_hardly_slower_is_not_throttled() -> None:
    slow = (16_000.0, 20_000.0)
    assert judged(slow, slow, (16_500.0, 20_000.0)).rule_id == "throttle.as_fast"


def test_a_tenth_slower_is_as_fast() -> None:
    hardly = (900_000.0, 1_000_000.0)
    assert judged(hardly, hardly, hardly).rule_id == "throttle.as_fast"


def test_a_run_that_ran_out_of_time_tells_its_speed() -> None:
    target = {"failure": "generic_timeout_error", "bytes": 30_000, "seconds": 20.0}
    runs = [run("target", n, 1.0, **target) for n in range(3)] + [
        run("control", n, 900_000.0) for n in range(3)
    ]
    assert THROTTLE.judged({"runs": runs}, URL)["video.test"].rule_id == "throttle.throttled"


def test_a_run_that_was_cut_off_tells_no_speed() -> None:
    assert judged(SLOW, SLOW, SLOW, failure="connection_reset").rule_id == "throttle.not_compared"


def test_nothing_at_all_under_the_targets_name_is_no_throttling() -> None:
    runs = [run("target", n, 1.0, bytes=0, failure="connection_reset") for n in range(2)]
    runs += [run("control", n, 900_000.0) for n in range(2)]
    assert THROTTLE.judged({"runs": runs}, URL)["video.test"].rule_id == "throttle.nothing_comes"


def test_without_runs_nothing_is_compared() -> None:
    assert THROTTLE.judged({}, URL)["video.test"].rule_id == "throttle.not_compared"


def test_trials_are_not_compared() -> None:
    runs = [run("trial", None, 900_000.0), run("target", None, 16_000.0), run("control", None, 900_000.0)]
    assert THROTTLE.judged({"runs": runs * 3}, URL)["video.test"].rule_id == "throttle.not_compared"


def test_an_interval_of_equal_ratios_is_the_ratio() -> None:
    assert interval([0.25, 0.25, 0.25]) == pytest.approx((0.25, 0.25))


def test_an_interval_is_students() -> None:
    # Logarithms -1, 0 and 1: mean 0, standard error 1/sqrt(3), t(2) = 4.303.
    low, high = interval([math.exp(-1), 1.0, math.e])
    assert (math.log(low), math.log(high)) == pytest.approx((-4.303 / math.sqrt(3), 4.303 / math.sqrt(3)))


@given(st.lists(st.floats(1e-6, 1e6), min_size=2, max_size=10))
def test_an_interval_holds_the_geometric_mean(ratios: list[float]) -> None:
    low, high = interval(ratios)
    mean = math.exp(math.fsum(map(math.log, ratios)) / len(ratios))
    assert low <= mean * (1 + 1e-9)
    assert high >= mean * (1 - 1e-9)


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.none()


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "side": st.sampled_from(["target", "control", "trial", "", " ", "tar get", None]),
                "pair": st.integers(-1, 5) | st.none(),
                "status": st.integers() | st.none(),
                "bytes": st.integers() | st.none(),
                "seconds": NUMBERS,
                "failure": st.sampled_from([None, "generic_timeout_error", "", "x"]),
                "address": st.text(max_size=8) | st.none(),
            },
        ),
        max_size=12,
    )
    | st.none()
)
def test_hostile_runs_are_judged(runs: list[dict[str, Any]] | None) -> None:
    document = json.loads(THROTTLE.document({"runs": runs}, URL))
    assert set(THROTTLE.judged(document["test_keys"], URL)) == {"video.test"}
