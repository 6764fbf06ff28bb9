"""Blocks that are one thing in the world are one group; others are not."""

import random

from lampwatch.detect.blocking.joining import groups
from lampwatch.detect.blocking.setting import Belonging
from lampwatch.model.blocking import Block
from lampwatch.model.vocabulary import Mechanism
from tests.detect.blocking.making_blocks import block

_SERVICES = {
    "telegram": Belonging("telegram", "messenger"),
    "web.telegram.org": Belonging("telegram", "messenger"),
    "whatsapp": Belonging("whatsapp", "messenger"),
    "herald.example": Belonging("herald.example", "NEWS"),
    "channel5.example": Belonging("channel5.example", "NEWS"),
    "shop.example": Belonging("shop.example", "COMM"),
    "rights.example": Belonging("rights.example", "HUMR"),
    "video.example": Belonging("video.example", "MMED"),
}


def joined(*blocks: Block) -> list[list[tuple[int, str]]]:
    return [[(one.asn, one.target) for one in members] for members in groups(blocks, _SERVICES.__getitem__)]


def test_a_service_is_one_incident_on_all_networks_however_late_they_follow() -> None:
    assert len(joined(block(1), block(2, begins=60), block(3, target="web.telegram.org", begins=90))) == 1


def test_a_service_that_was_free_for_a_week_is_blocked_anew() -> None:
    assert len(joined(block(1, ends=60), block(1, begins=60 + 7 * 24))) == 2
    assert len(joined(block(1, ends=60), block(1, begins=60 + 48))) == 1


def test_two_news_sites_that_fall_together_are_one_incident() -> None:
    both = [
        block(asn, target=target, begins=48 + asn)
        for asn in (1, 2, 3)
        for target in ("herald.example", "channel5.example")
    ]
    assert len(joined(*both)) == 1


def test_two_messengers_a_day_apart_are_two() -> None:
    assert len(joined(block(1), block(2), block(1, target="whatsapp", begins=75))) == 2


def test_what_has_nothing_in_common_but_the_hour_on_one_network_is_two() -> None:
    assert len(joined(block(1, target="shop.example"), block(1, target="rights.example"))) == 2


def test_a_sweep_over_all_kinds_on_two_networks_is_one() -> None:
    swept = [block(asn, target=target) for asn in (1, 2) for target in ("shop.example", "rights.example")]
    assert len(joined(*swept)) == 1


def test_a_shared_block_page_joins_what_began_within_two_hours() -> None:
    pages = [
        block(asn, target=target, begins=begins, fingerprints=("ministry",))
        for target, begins in (("shop.example", 48), ("rights.example", 49.5))
        for asn in (1, 2)
    ]
    assert len(joined(*pages)) == 1


def test_slow_films_on_one_network_are_not_their_quic_on_another() -> None:
    slow = block(4, target="video.example", method="throttle", mechanism=Mechanism.THROTTLING, begins=60)
    quic = block(2, target="video.example", method="quic", mechanism=Mechanism.QUIC_DROP, begins=80)
    assert len(joined(slow, quic)) == 2


def test_the_same_blocks_in_any_order_give_the_same_groups() -> None:
    blocks = [block(asn, target=target, begins=asn * 5) for asn in (1, 2, 3) for target in sorted(_SERVICES)]
    expected = joined(*blocks)
    for seed in range(5):
        shuffled = random.Random(seed).sample(blocks, len(blocks))
        assert joined(*shuffled) == expected


def test_what_sweeps_a_network_is_one_incident_and_joins_no_service() -> None:
    telegram = [block(asn, begins=40) for asn in (1, 2)]
    swept = [block(3, target=target, begins=48) for target in sorted(_SERVICES)]
    found = groups([*telegram, *swept], _SERVICES.__getitem__, set(swept))
    assert [len(members) for members in found] == [2, len(_SERVICES)]


def test_two_networks_that_are_swept_days_apart_are_two_incidents() -> None:
    swept = [block(asn, target=target, begins=48 * asn) for asn in (1, 2) for target in sorted(_SERVICES)]
    assert len(groups(swept, _SERVICES.__getitem__, set(swept))) == 2
