"""One source, however loud, never reaches level 2 nor hides a true level 3."""

import datetime as dt
import time
from collections.abc import Callable
from functools import cache

import pytest

from lampwatch.detect.blocking.counts import counts
from lampwatch.detect.blocking.incidents import incidents
from lampwatch.detect.blocking.setting import Belonging, Setting
from lampwatch.detect.blocking.votes import deciding
from lampwatch.model.blocking import BlockingIncident
from lampwatch.model.incident import Level
from tests.detect.blocking.making_votes import BEGIN, HOUR, Row, since, table, vote
from tests.detect.blocking.making_worlds import (
    BLOCKING,
    ELSEWHERE,
    END,
    NETWORKS,
    ONSET,
    TARGET,
    evidence_of,
    forged,
    found,
    honest,
    world,
)

AFTER = range(ONSET, END)
BEFORE = range(ONSET)
EVERY = (1, 2, 3, 4, 5, 6, 7)


def made_up(networks: int) -> range:
    return range(64_512, 64_512 + networks)


def several(name: str, texts: tuple[str, ...], hours: range = AFTER) -> list[Row]:
    """Forged blocks with another text on each network."""
    return [
        row
        for asn, text in zip(BLOCKING, texts, strict=True)
        for row in (row | {name: text} for row in forged(hours, "blocked", (asn,)))
    ]


HIDING: dict[str, Callable[[], list[Row]]] = {
    "ok every hour since": lambda: forged(AFTER, "ok", BLOCKING),
    "ok once a day since": lambda: forged(range(ONSET, END, 24), "ok", BLOCKING),
    "ok every hour of all days": lambda: forged(range(END), "ok", BLOCKING),
    "ok by another program": lambda: forged(range(ONSET, END, 6), "ok", BLOCKING, software="made up 9"),
    "ok by many programs": lambda: [
        row
        for at in range(20)
        for row in forged(range(ONSET + at, END, 20), "ok", BLOCKING, software=f"p {at}")
    ],
    "ok on networks nobody knew": lambda: forged(range(ONSET, ONSET + 5), "ok", made_up(40)),
    "ok on networks, backdated": lambda: forged(range(0, END, 12), "ok", made_up(40)),
    "blocked on networks nobody knew": lambda: forged(AFTER, "blocked", made_up(30)),
    "blocked every hour before": lambda: forged(BEFORE, "blocked", BLOCKING),
    "blocked once a day before": lambda: forged(range(0, ONSET, 24), "blocked", BLOCKING),
    "blocked by the same program in other countries": lambda: [
        row for country in ELSEWHERE for row in forged(AFTER, "blocked", (300,), country=country)
    ],
    "blocked everywhere at once": lambda: [
        row for country in ELSEWHERE for row in forged(AFTER, "blocked", (100, 101), country=country)
    ],
    "blocked in another way on each network": lambda: several(
        "mechanism", ("dns_bogon", "ip_drop", "http_block_page")
    ),
    "blocked by other rules": lambda: several("rule_id", ("a", "b", "c")),
    "blocked by other rules versions": lambda: several("rules_version", ("8", "9", "10")),
    "five other targets at the same time": lambda: [
        row for at in range(8) for row in forged(AFTER, "blocked", BLOCKING, target=f"z{at}.example")
    ],
    "down and unknown": lambda: forged(AFTER, "down", EVERY) + forged(AFTER, "unknown", EVERY),
    "in years gone by": lambda: forged([-100_000], "blocked", BLOCKING),
    "of no country, network or target": lambda: [
        *forged(AFTER, "blocked", (0,), country=""),
        *forged(AFTER, "blocked", (0,), country="ZZ", target=""),
        *forged(AFTER, "ok", (0,), software="", rules_version="", voters=[]),
    ],
}


@cache
def true_one(a_day: int) -> BlockingIncident:
    (told,) = found(world(blocked=True, a_day=a_day))
    assert told.level is Level.CORROBORATED
    return told


@pytest.mark.parametrize("a_day", [1, 4])
@pytest.mark.parametrize("attack", HIDING)
def test_one_source_hides_no_true_level_three(attack: str, a_day: int) -> None:
    true = true_one(a_day)
    poisoned = [
        one for one in found(world(blocked=True, a_day=a_day) + HIDING[attack]()) if TARGET in one.targets
    ]
    told = max(poisoned, key=lambda one: one.level)
    assert told.level is Level.CORROBORATED
    assert set(BLOCKING) <= set(told.networks)
    assert told.mechanisms == true.mechanisms
    assert abs(told.onset.at - true.onset.at) <= 2 * 86_400 / a_day


CREATING: dict[str, Callable[[], list[Row]]] = {
    "blocked every hour on all networks": lambda: forged(AFTER, "blocked", EVERY),
    "blocked every hour of all days": lambda: forged(range(END), "blocked", EVERY),
    "blocked on networks nobody knew": lambda: forged(AFTER, "blocked", made_up(200)),
    "by many programs, directly, with a fingerprint": lambda: [
        row
        for at in range(20)
        for row in forged(
            range(ONSET, END, 3),
            "blocked",
            EVERY,
            software=f"p {at}",
            evidence="direct",
            fingerprint=f"f{at}",
        )
    ],
    "in every way": lambda: [
        row
        for at, way in enumerate(("dns_bogon", "ip_drop", "tls_sni_reset", "quic_drop", "throttling"))
        for row in forged(range(ONSET + at, END, 5), "blocked", EVERY, mechanism=way, method=f"m{at}")
    ],
    "a target of its own, with its own open votes before and elsewhere": lambda: [
        *forged(range(0, ONSET, 6), "ok", EVERY, target="own.example"),
        *forged(AFTER, "blocked", EVERY, target="own.example"),
        *[
            row
            for country in ELSEWHERE
            for row in forged(BEFORE, "ok", (100,), country=country, target="own.example")
        ],
    ],
    "without numbers of voters": lambda: forged(AFTER, "blocked", EVERY, voters=[]),
}


@pytest.mark.parametrize("a_day", [1, 4])
@pytest.mark.parametrize("attack", CREATING)
def test_one_source_never_reaches_level_two(attack: str, a_day: int) -> None:
    assert not found(world(blocked=False, a_day=a_day))
    told = found(world(blocked=False, a_day=a_day) + CREATING[attack]())
    assert all(one.level <= Level.SIGNAL for one in told)


def test_ok_elsewhere_by_one_source_makes_no_dead_site_a_block() -> None:
    dead = honest(blocking=NETWORKS, begins=0)
    dead += honest(target="other.example")
    assert all(one.level <= Level.SIGNAL for one in found(dead))
    lies = [row for country in ELSEWHERE for row in forged(range(END), "ok", (100,), country=country)]
    assert all(one.level <= Level.SIGNAL for one in found(dead + lies))


def test_the_same_voters_on_every_network_are_one_network() -> None:
    rows = [
        vote(hour, probe_cc="XA", target=TARGET, probe_asn=asn, voters=list(range(hour, hour + 40)))
        for hour in AFTER
        for asn in NETWORKS
    ]
    assert all(one.level <= Level.SIGNAL for one in found(world(blocked=False) + rows))


def test_who_measures_all_day_is_not_taken_for_those_that_a_full_list_leaves_out() -> None:
    step = 2**64 // 70
    many = [place * step - 2**63 for place in range(70)]
    usual = [vote(hour, "ok", voters=many[hour % 6 :: 6]) for hour in range(100)]
    full = vote(100, "ok", voters=many[:64], verdicts=70, software="other")
    assert float(counts(deciding(table(usual, [full]))).open[-1]) < 80
    loud = full | {"verdicts": 100_000}
    assert float(counts(deciding(table(usual, [loud]))).open[-1]) < 80


def test_no_source_ends_an_incident_that_lasts() -> None:
    lies = forged(range(END - 48, END), "ok", BLOCKING)
    (told,) = found(world(blocked=True) + lies)
    assert (told.level, told.end) == (Level.CORROBORATED, None)


def test_no_source_adds_to_what_is_true() -> None:
    (true,) = found(world(blocked=True))
    early = forged(range(100, END, 2), "blocked", made_up(3))
    pages = forged(range(ONSET, END, 3), "blocked", made_up(3), evidence="direct", fingerprint="made.up")
    assert found(world(blocked=True) + early + pages) == [true]


def test_no_source_keeps_open_what_has_ended() -> None:
    honest_ones = world(blocked=True)
    lifted = [
        vote(number, "ok", probe_cc="XA", target=TARGET, probe_asn=row["probe_asn"], voters=row["voters"])
        if row["state"] == "blocked" and (number := hour_of(row)) >= END - 96
        else row
        for row in honest_ones
    ]
    (told,) = found(lifted + forged(AFTER, "blocked", made_up(3)))
    assert told.end is not None
    assert abs(told.end.at - since(END - 96)) < 86_400


def hour_of(row: Row) -> int:
    return int((row["hour"].replace(tzinfo=dt.UTC).timestamp() - BEGIN) // HOUR)


def test_no_source_has_a_target_of_its_own_told_with_what_is_true_of_another() -> None:
    messengers = Setting(belonging=lambda target: Belonging(target, "COMT"))
    lies = [
        row
        for at in range(8)
        for row in forged(range(ONSET, END, 3), "blocked", NETWORKS, target=f"m{at}.example")
    ]
    told = found(world(blocked=True) + honest(target="m0.example") + lies, setting=messengers)
    assert [one.targets for one in told if one.level > Level.SIGNAL] == [(TARGET,)]


def test_thousands_of_made_up_targets_are_soon_looked_at() -> None:
    lies = [
        row
        for at in range(1500)
        for row in forged(
            range(ONSET + at % 90, ONSET + at % 90 + 6), "blocked", BLOCKING, target=f"z{at}.example"
        )
    ]
    evidence = evidence_of(world(blocked=True) + lies)
    began = time.process_time()
    told = incidents(evidence)
    # Each with each, on three networks, takes a minute and more.
    assert time.process_time() - began < 30
    assert [one.targets for one in told if one.level > Level.SIGNAL] == [(TARGET,)]
