"""A script says which block is in force at each round, and what is the truth at each hour."""

import datetime as dt
import itertools

import msgspec
import pytest

from lampwatch.lab.block import Address, Block, Drop, Everything
from lampwatch.lab.scenario import Measure, Topology
from lampwatch.lab.script import CLEARANCE_H, Asked, Happening, Network, Script
from lampwatch.lab.truth import Truth
from lampwatch.lab.world import World
from lampwatch.model.vocabulary import Layer, Mechanism, State

OK = Truth(State.OK)
DROPPED = Truth(State.BLOCKED, Layer.IP, Mechanism.IP_DROP)
UNKNOWN = Truth(State.UNKNOWN)
FIXED, MOBILE = Network(64512, "Fixed", Topology()), Network(64513, "Mobile", Topology())
SITE = Measure(input="https://a.test/")
ABOUT = ("web_connectivity", "a.test")
BLOCKED = Happening(
    story="It is dropped.", networks=(64512,), begins=6, ends=20, blocks=(Block(Address("1.2.3.4"), Drop()),),
    truth={ABOUT: DROPPED},
)  # fmt: skip
OFF = Happening(
    story="All is off.", networks=(64512,), begins=12, ends=14, blocks=(Block(Everything(), Drop()),),
    truth={ABOUT: UNKNOWN}, outage=True,
)  # fmt: skip
SCRIPT = Script(
    country="XA",
    starts=dt.datetime(2026, 11, 16),  # noqa: DTZ001  start times are UTC without a zone
    hours=24,
    networks=(FIXED, MOBILE),
    world=World(),
    asked=(Asked(SITE, {"a.test": OK}), Asked(Measure("telegram"), {"telegram": OK}, every=2, networks=(64513,))),
    happenings=(BLOCKED, OFF),
)  # fmt: skip


def truth(hour: float, asn: int = 64512, target: str = "a.test") -> Truth | None:
    return SCRIPT.truth(asn, SCRIPT.time(hour), "web_connectivity", target)


@pytest.mark.parametrize(
    ("hour", "told"),
    [(5.9, OK), (6, DROPPED), (11.9, DROPPED), (12, UNKNOWN), (13.9, UNKNOWN), (14, DROPPED), (20, OK)],
)
def test_what_is_done_is_the_truth_while_it_is_done_and_an_outage_goes_before_it(
    hour: float, told: Truth
) -> None:
    assert truth(hour) == told


def test_another_network_is_not_touched() -> None:
    assert truth(7, asn=64513) == OK


def test_nothing_is_said_of_a_target_that_nobody_asks_for() -> None:
    assert truth(7, target="b.test") is None


def test_a_measurement_s_targets_are_those_it_is_asked_about() -> None:
    assert SCRIPT.targets("web_connectivity", "https://a.test/") == {"a.test"}
    assert SCRIPT.targets("web_connectivity", "https://b.test/") == frozenset()


def test_rounds_are_the_same_each_time() -> None:
    assert SCRIPT.rounds(FIXED) == SCRIPT.rounds(FIXED)


def test_another_seed_gives_other_minutes() -> None:
    assert SCRIPT.rounds(FIXED) != msgspec.structs.replace(SCRIPT, seed=2).rounds(FIXED)


def test_rounds_come_in_order_and_never_near_a_change() -> None:
    hours = [one.hour for one in SCRIPT.rounds(FIXED)]
    assert hours == sorted(hours)
    assert [h for h in hours for change in (6, 12, 14, 20) if abs(h - change) < CLEARANCE_H] == []


def test_a_change_is_measured_soon_after() -> None:
    hours = [one.hour for one in SCRIPT.rounds(FIXED)]
    assert [change for change in (6, 12, 14, 20) if not any(0 < h - change < 0.5 for h in hours)] == []


def test_what_is_asked_rarely_is_asked_in_so_many_of_the_regular_rounds_of_its_networks() -> None:
    telegram = Measure("telegram")
    assert [telegram in one.questions for one in SCRIPT.rounds(MOBILE)] == [True, False] * 4
    assert not any(telegram in one.questions for one in SCRIPT.rounds(FIXED))


def test_all_rounds_are_in_stretches_and_each_block_is_in_force_when_it_should_be() -> None:
    stretches = list(SCRIPT.stretches(FIXED))
    assert list(itertools.chain.from_iterable(s.rounds for s in stretches)) == SCRIPT.rounds(FIXED)
    force = [True, True]
    for stretch in stretches:
        for block, on in stretch.switches:
            assert force[block] is not on, "it is not switched twice"
            force[block] = on
        for one in stretch.rounds:
            assert force == [6 <= one.hour < 20, 12 <= one.hour < 14]


def test_a_network_s_lab_holds_all_that_is_ever_done_to_it() -> None:
    assert SCRIPT.stage(FIXED).censor == (*BLOCKED.blocks, *OFF.blocks)
    assert SCRIPT.stage(MOBILE).censor == ()


def test_a_part_of_a_script_begins_in_the_midst_of_what_goes_on() -> None:
    first, *_ = SCRIPT.stretches(FIXED, 8, 11)
    # A lab is built with everything in force: only the outage is lifted.
    assert first.switches == ((1, False),)
    assert [8 <= one.hour < 11 for one in first.rounds] == [True] * len(first.rounds)
