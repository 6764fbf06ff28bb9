"""Where most of a network's targets, or all kinds of them, begin to fail at once, it is the network."""

from lampwatch.detect.blocking.setting import Belonging, by_itself
from lampwatch.detect.blocking.sweeping import sweeping
from lampwatch.model.blocking import Block
from lampwatch.model.vocabulary import Mechanism
from tests.detect.blocking.making_blocks import block, coverage, evidence, measured

KINDS = ("NEWS", "COMT", "MMED")


def swept(failing: int, of: int, *, apart: float = 0.0, kinds: int = 0) -> set[Block]:
    """So many of so many targets begin to fail on one network, so many hours apart, of so many kinds."""
    around = measured(evidence(covered=coverage(("XA", f"{n}.example", 1, 5, 5) for n in range(of))))
    blocks = [block(target=f"{n}.example", begins=48 + apart * n) for n in range(failing)]

    def belonging(target: str) -> Belonging:
        return (
            Belonging(target, KINDS[int(target.split(".", maxsplit=1)[0]) % kinds])
            if kinds
            else by_itself(target)
        )

    return sweeping(blocks, around, belonging)


def test_most_of_a_network_at_once_is_a_sweep() -> None:
    assert len(swept(12, 14)) == 12


def test_some_of_many_are_none() -> None:
    assert swept(6, 14) == set()


def test_a_handful_of_all_kinds_is_one_however_much_is_measured() -> None:
    assert len(swept(6, 40, kinds=3)) == 6
    assert swept(6, 40, kinds=2) == set()


def test_four_are_none_though_nothing_else_was_measured() -> None:
    assert swept(4, 4) == set()


def test_what_begins_one_after_the_other_is_none() -> None:
    assert swept(12, 14, apart=6.0) == set()


def test_what_fails_in_different_ways_is_none() -> None:
    ways = (Mechanism.IP_DROP, Mechanism.DNS_BOGON, Mechanism.TLS_SNI_RESET, Mechanism.HTTP_RESET)
    blocks = [block(target=f"{n}.example", mechanism=ways[n % 4]) for n in range(12)]
    around = measured(evidence(covered=coverage(("XA", f"{n}.example", 1, 5, 5) for n in range(14))))
    assert sweeping(blocks, around, by_itself) == set()
