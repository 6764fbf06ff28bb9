import pytest
from hypothesis import given
from hypothesis import strategies as st

from lampwatch.model.standing import Counts, Held, RollUp, Standing, gravest


@pytest.mark.parametrize(
    ("counts", "standing"),
    [
        (Counts(ok=2, blocked=3), Standing.BLOCKING),
        (Counts(blocked=1), Standing.BLOCKING),
        (Counts(ok=3, blocked=3), Standing.PARTLY),
        (Counts(ok=100, blocked=1), Standing.PARTLY),
        (Counts(ok=1), Standing.OPEN),
        (Counts(ok=1, down=50, unknown=50), Standing.OPEN),
        (Counts(blocked=2, ok=1, down=50, unknown=50), Standing.BLOCKING),
        (Counts(down=5), Standing.UNDECIDED),
        (Counts(unknown=5), Standing.UNDECIDED),
        (Counts(), Standing.UNDECIDED),
    ],
)
def test_more_than_half_of_the_deciding_verdicts_make_it_blocking(counts: Counts, standing: Standing) -> None:
    assert counts.standing is standing


numbers = st.integers(0, 1000)


@given(numbers, numbers, numbers, numbers)
def test_down_and_unknown_never_change_how_it_stands(ok: int, blocked: int, down: int, unknown: int) -> None:
    assert Counts(ok, down, blocked, unknown).standing is Counts(ok=ok, blocked=blocked).standing


@given(st.lists(st.sampled_from(Standing)))
def test_what_is_counted_up_is_never_milder_than_its_parts(standings: list[Standing]) -> None:
    order = list(Standing)
    assert all(order.index(gravest(standings)) <= order.index(one) for one in standings)
    assert gravest(standings) in {*standings, Standing.UNDECIDED}


def test_undecided_networks_are_named_and_not_among_those_counted_to() -> None:
    one = RollUp(
        place="KZ",
        about="telegram",
        networks={
            30: Held(Standing.BLOCKING, Counts(blocked=1)),
            2: Held(Standing.BLOCKING, Counts(blocked=1)),
            4: Held(Standing.OPEN, Counts(ok=1)),
            5: Held(Standing.UNDECIDED, Counts(down=1)),
        },
        targets={"telegram": Held(Standing.BLOCKING, Counts(ok=1, down=1, blocked=2))},
    )
    assert one.networks_that_are(Standing.BLOCKING) == (2, 30)
    assert one.networks_that_are(Standing.UNDECIDED) == (5,)
    assert one.decided == 3
    assert one.standing is Standing.BLOCKING
