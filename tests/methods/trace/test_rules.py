from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.methods.trace.location import Location, Place, Try, What, location
from lampwatch.model.verdict import Verdict
from lampwatch.model.vocabulary import State
from tests.methods.judging import Method

TRACE = Method("trace")
NAME, OTHER = "blocked.test", "blacked.test"
A, R, C, E, S = What.ANSWERED, What.RESET, What.CLOSED, What.EXPIRED, What.SILENT


def tries(target: str, control: str, repeats: int = 2, *, went_on: bool = False) -> list[Try]:
    """One letter for each number of hops: (a)nswered, (r)eset, (c)losed, (e)xpired, (s)ilent, `-` for not tried."""
    known = {"a": A, "r": R, "c": C, "e": E, "s": S}
    return [
        Try(side == target, ttl, known[letter], went_on and side == target and letter in "ar")
        for side in (target, control)
        for ttl, letter in enumerate(side, 1)
        if letter != "-"
        for _ in range(repeats)
    ]


@pytest.mark.parametrize(
    ("target", "control", "first", "how"),
    [
        ("errr", "eeea", 2, R),
        ("eccc", "eeea", 2, C),
        ("eaaa", "eeea", 2, A),
        ("esss", "eeea", 2, S),
        ("ssss", "sssa", 4, S),
        ("srrr", "sssa", 2, R),
        ("eeer", "eeea", 4, R),
        ("rrrr", "eeea", 1, R),
    ],
)
def test_the_first_number_of_hops_that_shows_it_is_found(
    target: str, control: str, first: int, how: What
) -> None:
    found = location(tries(target, control))
    assert (found.first, found.how) == (first, how)


@pytest.mark.parametrize(
    ("target", "control"),
    [
        ("eeea", "eeea"),
        ("errr", "eeee"),  # the other name is never answered
        ("eree", "eeea"),  # at one number of hops alone
    ],
)
def test_where_nothing_is_plain_nothing_is_found(target: str, control: str) -> None:
    assert location(tries(target, control)).first == 0


def test_a_single_try_says_nothing() -> None:
    assert location(tries("errr", "eeea", repeats=1)) == Location(0)


def test_tries_that_differ_say_nothing() -> None:
    mixed = [*tries("e-rr", "eeea"), Try(True, 2, R), Try(True, 2, E)]
    assert location(mixed).first == 3


def test_reports_beside_a_reset_show_a_device_beside_the_path() -> None:
    assert location(tries("errr", "eeea", went_on=True)).place is Place.ON_PATH


def test_their_absence_tells_only_where_all_are_heard() -> None:
    assert location(tries("eaaa", "eeea")).place is Place.UNKNOWN
    assert location(tries("eaaa", "eeea"), all_heard=True).place is Place.IN_PATH


def test_at_the_servers_distance_it_may_be_the_server() -> None:
    assert not location(tries("eeer", "eeea")).before_server
    assert location(tries("errr", "eeea")).before_server


def keys(protocol: str, target: str, control: str) -> dict[str, Any]:
    """Test keys of tries written as above, both answered without a limit of hops."""
    heard = {
        "a": ["answer"],
        "r": ["connection_reset"],
        "c": ["eof_error"],
        "e": ["host_unreachable"],
        "s": [],
    }
    return {
        "protocol": protocol,
        "target_name": NAME,
        "control_name": OTHER,
        "address": "93.184.216.34",
        "port": 443,
        "tries": [
            {"side": side, "ttl": ttl, "failure": None, "heard": [{"what": what} for what in heard[letter]]}
            for side, letters in (("target", "a" + target), ("control", "a" + control))
            for ttl, letter in enumerate(letters)
            for _ in range(2)
        ],
    }


def judged(protocol: str, target: str, control: str) -> Verdict:
    return TRACE.judged(keys(protocol, target, control), f"https://{NAME}/")[NAME]


@pytest.mark.parametrize(
    ("protocol", "target", "control", "rule"),
    [
        ("tls", "errr", "eeea", "trace.tls.cut"),
        ("tls", "eeer", "eeea", "trace.at_server"),
        ("tls", "eaaa", "eeea", "trace.tls.answered"),
        ("http", "eccc", "eeea", "trace.http.cut"),
        ("http", "eaaa", "eeea", "trace.http.answered"),
        ("dns", "eaaa", "eeea", "trace.dns.answered"),
        ("tls", "esss", "eeea", "trace.tls.vanishes"),
        ("http", "esss", "eeea", "trace.http.vanishes"),
        ("dns", "esss", "eeea", "trace.dns.vanishes"),
        ("tls", "eeea", "eeea", "trace.both_answered"),
        ("dns", "eeea", "eeea", "trace.undetermined"),
        ("dns", "errr", "eeea", "trace.undetermined"),
        ("tls", "eeea", "eeee", "trace.other_name_fails"),
        ("ftp", "errr", "eeea", "trace.other_name_fails"),
    ],
)
def test_each_rule_fires_on_the_smallest_facts(protocol: str, target: str, control: str, rule: str) -> None:
    assert judged(protocol, target, control).rule_id == rule


def test_the_witnesses_are_the_tries_where_it_begins() -> None:
    # Ten tries of the target come first: two without a limit, then two for each number of hops.
    assert judged("tls", "errr", "eeea").witnesses == tuple(f"probe.handshake.{n}" for n in (4, 5, 14, 15))


def test_a_name_that_is_answered_at_times_is_not_ok() -> None:
    now_and_then = keys("tls", "eeea", "eeea")
    now_and_then["tries"][0]["heard"] = [{"what": "connection_reset"}]
    [verdict] = TRACE.judged(now_and_then, f"https://{NAME}/").values()
    assert verdict.rule_id == "trace.undetermined"


def test_silence_is_never_a_block() -> None:
    silent = [judged(protocol, "esss", "eeea").state for protocol in ("tls", "http", "dns")]
    assert set(silent) == {State.UNKNOWN}


def test_without_keys_nothing_is_found() -> None:
    [verdict] = TRACE.judged({}, f"https://{NAME}/").values()
    assert verdict.rule_id == "trace.other_name_fails"


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "protocol": st.sampled_from(["tls", "http", "dns", "", "x", None]),
            "target_name": st.sampled_from([NAME, "", None, " ", "a" * 300]),
            "control_name": st.sampled_from([OTHER, NAME, "", None]),
            "address": st.text(max_size=5) | st.none(),
            "tries": st.lists(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "side": st.sampled_from(["target", "control", "", None]),
                        "ttl": st.integers(-2, 70) | st.none(),
                        "failure": st.sampled_from([None, "connection_refused", "", True]),
                        "heard": st.lists(
                            st.fixed_dictionaries(
                                {},
                                optional={
                                    "what": st.sampled_from(
                                        [
                                            "answer",
                                            "host_unreachable",
                                            "connection_reset",
                                            "eof_error",
                                            "",
                                            None,
                                        ]
                                    )
                                },
                            ),
                            max_size=3,
                        )
                        | st.none(),
                    },
                ),
                max_size=20,
            )
            | st.none(),
        },
    )
)
def test_hostile_tries_are_judged(hostile: dict[str, Any]) -> None:
    assert len(TRACE.judged(hostile, f"https://{NAME}/")) == 1
