import math

from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity
from lampwatch.signals.probing.belief import BlockState, Standing
from lampwatch.signals.probing.rounds import Result
from lampwatch.signals.probing.tally import Tally, round_values, tally
from tests.signals.probing.scripted import block

UP, DOWN, UNCERTAIN = BlockState.UP, BlockState.DOWN, BlockState.UNCERTAIN
BLOCKS = [
    block(1, places=("XA", "XA-N", "AS64601")),
    block(2, places=("XA", "XA-S")),
    block(3, places=("XA", "XA-S")),
]


def standing(state: BlockState, belief: float, availability: float = 0.5) -> Standing:
    return Standing(1.0, 1 / availability, belief=belief, state=state)


def values(states: list[Standing], gap: str = "") -> dict[str, float]:
    standings = {one.name: state for one, state in zip(BLOCKS, states, strict=True)}
    found = round_values(
        BLOCKS, Result(gap, standings, 3, 2, 0), start_s=660, arrived_s=1300, resolution_s=660
    )
    assert {(*one.starts.tolist(), *one.arrived.tolist()) for one in found} == {(660, 1300)}
    return {one.series.id: float(one.values[0]) for one in found}


def test_blocks_are_counted_for_their_country_region_and_network() -> None:
    found = values([standing(UP, 0.99), standing(UP, 0.99), standing(DOWN, 0.01)])
    assert found == {
        "XA:lampwatch:slash24s-up": 2.0,
        "XA:lampwatch:slash24s-measured": 3.0,
        "XA-N:lampwatch:slash24s-up": 1.0,
        "XA-N:lampwatch:slash24s-measured": 1.0,
        "XA-S:lampwatch:slash24s-up": 1.0,
        "XA-S:lampwatch:slash24s-measured": 2.0,
        "AS64601:lampwatch:slash24s-up": 1.0,
        "AS64601:lampwatch:slash24s-measured": 1.0,
    }


def test_an_uncertain_block_counts_as_it_did_before() -> None:
    assert tally([standing(UP, 0.5), standing(DOWN, 0.6)]) == Tally(up=1, down=1, uncertain=2)


def test_a_block_of_which_nothing_was_decided_yet_is_not_measured() -> None:
    found = values([standing(UNCERTAIN, 0.5), standing(UP, 0.99), standing(UNCERTAIN, 0.99)])
    assert (found["XA:lampwatch:slash24s-up"], found["XA:lampwatch:slash24s-measured"]) == (1.0, 1.0)
    assert math.isnan(found["XA-N:lampwatch:slash24s-up"])
    assert found["XA-N:lampwatch:slash24s-measured"] == 0.0


def test_a_block_that_answers_too_rarely_by_now_is_not_measured() -> None:
    assert tally([standing(UP, 0.99, 0.09)]) == Tally(unknown=1)


def test_a_gap_is_told_as_a_gap_and_not_as_zero() -> None:
    found = values([standing(DOWN, 0.01)] * 3, gap="our own network")
    assert len(found) == 8
    assert all(math.isnan(value) for value in found.values())


def test_the_series_say_what_they_are() -> None:
    result = Result("", {one.name: standing(UP, 0.99) for one in BLOCKS}, 3, 3, 0)
    header = round_values(BLOCKS, result, start_s=0, arrived_s=0, resolution_s=660)[0].series
    assert (header.entity, header.family, header.unit) == (Entity("", 64601), Family.PROBING, "/24s")
    assert (header.quantity, header.resolution_s) == (Quantity.COUNT, 660)
