import itertools
import random

import numpy as np

from lampwatch.model.entity import Entity
from lampwatch.signals.bgp.space import Counted, Part, Space, merged, size


def placed(*prefixes: tuple[int, list[Part], tuple[int, ...]]) -> Space:
    space = Space()
    for number, parts, asns in prefixes:
        space.tell(number, parts)
        space.place(number, asns)
    return space


def test_overlapping_prefixes_count_once() -> None:
    space = placed((0, [(0, 255, "KZ")], (1,)), (1, [(10, 20, "KZ")], (1,)), (2, [(250, 300, "KZ")], (2,)))
    found = space.changed()
    assert found[Entity("", 1)] == Counted(2, 256)
    assert found[Entity("", 2)] == Counted(1, 51)
    assert found[Entity("KZ")] == Counted(3, 301)
    assert found[Entity("KZ", 2)] == Counted(1, 51)


def test_a_prefix_across_a_border_counts_in_both_countries_with_its_part() -> None:
    found = placed((0, [(0, 9, "KZ"), (10, 11, "RU"), (12, 15, "KZ")], (1,))).changed()
    assert found[Entity("KZ")] == Counted(1, 14)
    assert found[Entity("RU")] == Counted(1, 2)
    assert found[Entity("", 1)] == Counted(1, 16)
    assert found[Entity("KZ", 1)] == Counted(1, 14)


def test_space_of_no_country_counts_for_its_network_only() -> None:
    assert placed((0, [(0, 9, "")], (1,))).changed() == {Entity("", 1): Counted(1, 10)}


def test_a_prefix_of_several_networks_counts_for_each_and_once_for_the_country() -> None:
    found = placed((0, [(0, 9, "KZ")], (1, 2))).changed()
    assert {entity: counted.units for entity, counted in found.items()} == dict.fromkeys(
        (Entity("", 1), Entity("", 2), Entity("KZ"), Entity("KZ", 1), Entity("KZ", 2)), 10
    )
    assert found[Entity("KZ")].prefixes == 1


def test_what_goes_leaves_nothing_behind_and_only_changes_are_told() -> None:
    space = placed((0, [(0, 9, "KZ")], (1,)), (1, [(0, 99, "RU")], (2,)))
    space.changed()
    space.place(0, ())
    assert space.changed() == {
        Entity("", 1): Counted(0, 0),
        Entity("KZ"): Counted(0, 0),
        Entity("KZ", 1): Counted(0, 0),
    }
    assert space.changed() == {}
    assert (space.visible(0), space.visible(1)) == (False, True)


def test_unions_are_those_of_sets() -> None:
    chance = random.Random(1)
    for _ in range(300):
        begins = [chance.randrange(200) for _ in range(chance.randrange(12))]
        stretches = [(begin, begin + chance.randrange(30)) for begin in begins]
        union = merged(np.array(stretches, np.int64).reshape(-1, 2))
        units = {unit for first, last in stretches for unit in range(first, last + 1)}
        assert size(union) == len(units)
        assert {unit for first, last in union for unit in range(first, last + 1)} == units
        assert all(second[0] > first[1] + 1 for first, second in itertools.pairwise(union))
