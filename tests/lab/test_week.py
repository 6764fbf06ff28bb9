"""The week that ships as example data holds together: whoever is blocked is asked for, and nothing contradicts."""

import itertools

import pytest

from lampwatch.lab.block import Address, Intercept, Name, Sni
from lampwatch.lab.script import Happening
from lampwatch.lab.week import CATEGORIES, HAPPENINGS, NETWORKS, WEEK
from lampwatch.model.vocabulary import Mechanism, State

NUMBERS = {network.asn for network in NETWORKS}
ASKED = {(asked.measure.method, target) for asked in WEEK.asked for target in asked.truth}
PAIRS = [
    (a, b)
    for a, b in itertools.combinations(HAPPENINGS, 2)
    if set(a.networks) & set(b.networks) and a.begins < b.ends and b.begins < a.ends
]


def test_nothing_can_be_taken_for_the_world() -> None:
    assert WEEK.country == "XA"
    assert set(range(64512, 65535)) >= NUMBERS
    assert [network.name for network in NETWORKS if not network.name.endswith("(lab recording)")] == []


@pytest.mark.parametrize("happening", HAPPENINGS, ids=lambda happening: happening.story)
def test_what_happens_happens_to_networks_that_exist_in_the_week(happening: Happening) -> None:
    assert happening.networks
    assert set(happening.networks) <= NUMBERS
    assert 0 <= happening.begins < happening.ends <= WEEK.hours
    assert happening.blocks


@pytest.mark.parametrize("happening", HAPPENINGS, ids=lambda happening: happening.story)
def test_what_happens_is_measured_while_it_does(happening: Happening) -> None:
    assert set(happening.truth) <= ASKED
    for number in happening.networks:
        (network,) = (one for one in NETWORKS if one.asn == number)
        meant = {question.method for one in WEEK.rounds(network) if happening.going_on(number, one.hour)
                 for question in one.questions}  # fmt: skip
        # An outage speaks of methods that not every network measures by.
        assert meant & {method for method, _ in happening.truth}
        if not happening.outage:
            assert {method for method, _ in happening.truth} <= meant


def test_two_things_at_once_never_say_different_things_of_a_target_unless_all_is_off() -> None:
    assert [
        (a.story, b.story)
        for a, b in PAIRS
        if not (a.outage or b.outage)
        and any(a.truth[about] != b.truth[about] for about in set(a.truth) & set(b.truth))
    ] == []


def test_no_network_is_cut_off_twice_at_once() -> None:
    assert [(a.story, b.story) for a, b in PAIRS if a.outage and b.outage] == []


def test_no_name_is_looked_for_where_a_proxy_has_taken_all_of_tls_before() -> None:
    for network in NETWORKS:
        blocks = WEEK.stage(network).censor
        proxies = [block.hop for block in blocks if isinstance(block.action, Intercept)]
        others = [
            block.hop
            for block in blocks
            if isinstance(block.match, Sni) and not isinstance(block.action, Intercept)
        ]
        assert [hop for hop in others if any(hop >= proxy for proxy in proxies)] == []


def test_lines_abroad_are_all_but_those_at_home() -> None:
    (cut,) = (
        one for one in HAPPENINGS if one.outage and all(isinstance(b.match, Address) for b in one.blocks)
    )
    prefixes = [block.match.prefix for block in cut.blocks if isinstance(block.match, Address)]
    assert len(prefixes) == len(set(prefixes))
    home = [prefix for prefix in prefixes if prefix.startswith(("10.", "195.82.146."))]
    assert home == []


def test_names_that_are_forged_are_names_that_are_asked_for() -> None:
    inputs = " ".join([*(asked.measure.input for asked in WEEK.asked), "web.whatsapp.com v.whatsapp.net"])
    forged = {block.match.name for one in HAPPENINGS for block in one.blocks if isinstance(block.match, Name)}
    assert [name for name in forged if name not in inputs] == []


def test_each_site_has_a_category() -> None:
    sites = {
        target for method, target in ASKED if method in {"web_connectivity", "quic", "throttle", "stream"}
    }
    assert sites == set(CATEGORIES)


def test_something_fails_that_nobody_blocks_and_something_is_never_touched() -> None:
    down = {
        about for asked in WEEK.asked for about, truth in asked.truth.items() if truth.state is State.DOWN
    }
    assert len(down) == 2
    touched = {target for one in HAPPENINGS if not one.outage for _, target in one.truth}
    assert {"wiki.example", "shop.example"} & touched == set()


def test_many_mechanisms_are_in_it() -> None:
    told = {truth.mechanism for one in HAPPENINGS for truth in one.truth.values()}
    assert {Mechanism.IP_DROP, Mechanism.TLS_SNI_RESET, Mechanism.DNS_BOGON, Mechanism.DNS_NXDOMAIN,
            Mechanism.HTTP_RESET, Mechanism.HTTP_BLOCK_PAGE, Mechanism.TLS_INTERCEPTION, Mechanism.QUIC_DROP,
            Mechanism.THROTTLING} <= told  # fmt: skip


def test_a_shutdown_of_twenty_hours_and_one_of_the_country_are_in_it() -> None:
    lengths = sorted(one.ends - one.begins for one in HAPPENINGS if one.outage)
    assert lengths[0] >= 18
    everywhere = [
        network
        for network in NETWORKS
        if any(one.outage and one.going_on(network.asn, 4 * 24 + 15) for one in HAPPENINGS)
    ]
    assert everywhere == list(NETWORKS)
