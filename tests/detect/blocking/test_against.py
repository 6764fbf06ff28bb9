"""A target that changes everywhere has changed itself; what one program says alone is named."""

import msgspec

from lampwatch.detect.blocking.against import EVERYWHERE, Crowd, against
from lampwatch.detect.blocking.surroundings import Surroundings
from tests.detect.blocking.making_blocks import block, coverage, evidence

COUNTRIES = ("XA", *(f"Y{letter}" for letter in "ABCDEFGHIJKLMNOPQRS"))


def around() -> Surroundings:
    return Surroundings(evidence(covered=coverage((country, "telegram", 1, 5, 5) for country in COUNTRIES)))


def doubts(blocked: int, *, apart: float = 0.0, direct: int = 0, begun_before: bool = False) -> set[str]:
    """What speaks against a block in XA, where so many countries of twenty have it too."""
    before = None if begun_before else 0.0
    blocks = [
        block(country=country, begins=48 + apart * place, direct=direct, before=before)
        for place, country in enumerate(COUNTRIES[:blocked])
    ]
    return {reason.name for reason in against(blocks[:1], Crowd(blocks, around()), {1, 2})}


def test_a_target_that_changes_in_a_fifth_of_all_countries_within_a_day_has_changed_itself() -> None:
    assert EVERYWHERE in doubts(6)
    assert EVERYWHERE not in doubts(4)


def test_countries_that_follow_over_weeks_are_no_change_of_the_target() -> None:
    assert EVERYWHERE not in doubts(20, apart=7 * 24)


def test_what_everybody_has_always_seen_is_the_site_unless_a_block_page_says_otherwise() -> None:
    assert EVERYWHERE in doubts(6, begun_before=True)
    assert EVERYWHERE not in doubts(6, begun_before=True, direct=3)


def test_networks_that_reach_it_are_named() -> None:
    assert "open_elsewhere" in doubts(1)


def test_one_program_is_named_where_several_networks_rest_on_it() -> None:
    alone = [msgspec.structs.replace(block(asn), software=(("ooniprobe 1", 8),)) for asn in (1, 2)]
    names = {reason.name for reason in against(alone, Crowd(alone, around()), {1, 2})}
    assert "one_program" in names
