"""A target that changes everywhere has changed itself; so has a rule, or a program; and a sweep is the network's."""

from typing import Any

import msgspec
import pytest

from lampwatch.detect.blocking.accounts import Accounts
from lampwatch.detect.blocking.against import (
    EVERYWHERE,
    ONE_PROGRAM,
    RULES_CHANGED,
    SWEEP,
    Crowd,
    against,
    explained_by,
)
from lampwatch.detect.blocking.measured import Measured
from lampwatch.formats.vote_tables import VOTE
from lampwatch.model.blocking import Block
from lampwatch.model.event import Event
from tests.detect.blocking.making_blocks import HOUR, accounts, block, coverage, evidence, measured, presence
from tests.detect.blocking.making_votes import Row, table, vote

COUNTRIES = ("XA", *(f"Y{letter}" for letter in "ABCDEFGHIJKLMNOPQRS"))
NOTHING = accounts(VOTE.empty_table())


def around() -> Measured:
    rows = [(country, "telegram", 1, 5, 5) for country in COUNTRIES]
    known = {(country, 1): 0 for country in COUNTRIES}
    return measured(evidence(covered=coverage(rows, days=60), present=presence(known, days=60)))


def told(blocks: list[Block], behind: Accounts = NOTHING, *, swept: bool = False) -> set[str]:
    """What speaks against the first of the blocks."""
    return reasons(blocks[:1], Crowd(blocks, around(), behind), swept=swept)


def reasons(blocks: list[Block], crowd: Crowd, *, swept: bool = False) -> set[str]:
    explained = explained_by(blocks, crowd)
    return {reason.name for reason in against(blocks, explained, crowd, {1, 2}, swept=swept)}


def in_countries(
    many: int, *, apart: float = 0.0, direct: int = 0, before: float | None = 0.0
) -> list[Block]:
    return [
        block(country=country, begins=48 + apart * place, until=3000, direct=direct, before=before)
        for place, country in enumerate(COUNTRIES[:many])
    ]


def test_a_target_that_changes_in_several_countries_within_a_day_has_changed_itself() -> None:
    assert EVERYWHERE in told(in_countries(6))
    assert EVERYWHERE not in told(in_countries(3))


def test_countries_that_follow_over_weeks_are_no_change_of_the_target() -> None:
    assert EVERYWHERE not in told(in_countries(20, apart=7 * 24))


def test_what_everybody_has_always_seen_is_the_site() -> None:
    assert EVERYWHERE in told(in_countries(6, before=None))
    assert EVERYWHERE not in told(in_countries(3, before=None))


@pytest.mark.parametrize(("hours", "expected"), [(48, False), (300, False), (800, True)])
def test_what_failed_elsewhere_for_some_days_says_nothing_of_what_stands_here(
    hours: int, *, expected: bool
) -> None:
    here = block(begins=0, until=1400, before=None)
    elsewhere = [
        block(country=country, begins=500, ends=500 + hours, until=1400) for country in COUNTRIES[1:9]
    ]
    assert (EVERYWHERE in told([here, *elsewhere])) is expected


@pytest.mark.parametrize(
    "here",
    [
        block(begins=0, ends=400, until=400, before=None),
        block(begins=20, until=3000),
        block(begins=20, ends=400, until=400),
    ],
)
def test_what_has_always_stood_elsewhere_did_not_begin_with_it(here: Block) -> None:
    standing = [block(country=country, begins=0, until=3000, before=None) for country in COUNTRIES[1:4]]
    assert EVERYWHERE not in told([here, *standing])


def within_days(event: Event, days: int) -> Event:
    """An event of which no more is known than within so many days."""
    return msgspec.structs.replace(
        event, low=event.low - days * 24 * HOUR, high=event.high + days * 24 * HOUR
    )


def test_onsets_that_nobody_knows_well_are_together_by_chance() -> None:
    days = [-20, -15, -10, -5, 0, 5, 10, 15, 20] * 2
    others = [
        block(country=country, begins=720 + day * 24, until=3000)
        for country, day in zip(COUNTRIES[1:], days, strict=False)
    ]
    vague = [msgspec.structs.replace(one, onset=within_days(one.onset, 6)) for one in others]
    here = block(begins=720, until=3000)
    at_once = [block(country=country, begins=721, until=3000) for country in COUNTRIES[1:7]]
    assert EVERYWHERE not in told([here, *vague])
    assert EVERYWHERE in told([here, *at_once, *vague[6:]])


def test_a_block_page_on_two_networks_outweighs_what_happens_elsewhere() -> None:
    both = [msgspec.structs.replace(one, direct=5) for one in (*in_countries(6), block(2))]
    crowd = Crowd(both, around(), NOTHING)
    here = [one for one in both if one.country == "XA"]
    assert EVERYWHERE not in reasons(here, crowd)


def test_networks_that_reach_it_are_named() -> None:
    assert "open_elsewhere" in told(in_countries(1))


def test_a_sweep_is_the_network_s() -> None:
    assert SWEEP in told(in_countries(1), swept=True)


def votes_of(country: str, *, old: str, new: str, program: str = "ooniprobe 1", others: int = 0) -> list[Row]:
    """Two days without trouble and two with, of one network; others is how many of another program find it open."""
    where: dict[str, Any] = {
        "probe_cc": country,
        "target": "telegram",
        "method": "telegram",
        "probe_asn": 1,
    }
    before = [vote(hour, "ok", **where, rules_version=old, software=program) for hour in range(0, 48, 4)]
    after = [vote(hour, **where, rules_version=new, software=program) for hour in range(48, 96, 4)]
    still = [
        vote(hour, "ok", **where, rules_version=new, software="ooniprobe 2", voters=[10_000 + hour])
        for hour in range(48, 48 + others)
    ]
    return [*before, *after, *still]


@pytest.mark.parametrize(("countries", "new", "expected"), [(8, "2", True), (3, "2", False), (8, "1", False)])
def test_what_begins_with_a_release_of_rules_in_many_countries_is_the_rules(
    countries: int, new: str, *, expected: bool
) -> None:
    # Each country has a target of its own, so that only the rules are what they have in common.
    votes = [
        row | {"target": f"{country}.example"}
        for country in COUNTRIES[:countries]
        for row in votes_of(country, old="1", new=new)
    ]
    blocks = [
        msgspec.structs.replace(one, target=f"{one.country}.example") for one in in_countries(countries)
    ]
    assert (RULES_CHANGED in told(blocks, accounts(table(votes)))) is expected


def test_one_program_that_others_contradict_is_at_fault() -> None:
    assert ONE_PROGRAM in told(in_countries(1), accounts(table(votes_of("XA", old="1", new="1", others=8))))
    assert ONE_PROGRAM not in told(in_countries(1), accounts(table(votes_of("XA", old="1", new="1"))))


def test_one_program_that_calls_it_blocked_in_many_countries_is_at_fault() -> None:
    votes = [
        row
        for place, country in enumerate(COUNTRIES[:4])
        for row in votes_of(country, old="1", new="1")[12 if place else 0 :]
    ]
    assert ONE_PROGRAM in told(in_countries(1), accounts(table(votes)))


def test_testimony_of_nothing_says_nothing() -> None:
    one = block()
    assert (NOTHING.voters(one), NOTHING.versions(one), NOTHING.programs(one)) == (frozenset(), set(), {})


def test_what_all_others_have_got_over_is_no_change_of_the_target() -> None:
    short = [
        block(country=country, begins=48, ends=None if not place else 72, until=120 if not place else 72)
        for place, country in enumerate(COUNTRIES[:8])
    ]
    assert EVERYWHERE in told(short)
    long = [msgspec.structs.replace(short[0], until=short[0].until + 300 * 3600), *short[1:]]
    assert EVERYWHERE not in told(long)
