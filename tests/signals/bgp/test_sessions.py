from lampwatch.signals.bgp.sessions import Session, full_feeds


def sessions(*counts: int, settled: bool = True) -> list[Session]:
    found = [Session(number, settled=settled) for number in range(len(counts))]
    for session, count in zip(found, counts, strict=True):
        session.counts[0] = count
    return found


def full(found: list[Session]) -> list[int]:
    bits = full_feeds(found, 0)
    return [session.number for session in found if bits & session.bit]


def test_a_full_feed_has_more_than_half_of_the_second_largest_table() -> None:
    assert full(sessions(1000, 990, 496, 495, 20)) == [0, 1, 2]


def test_one_peer_that_leaks_does_not_make_the_others_partial() -> None:
    assert full(sessions(5000, 1000, 990, 980)) == [0, 1, 2, 3]


def test_a_table_that_shrinks_stays_full_down_to_four_tenths() -> None:
    found = sessions(1000, 1000, 1000)
    assert full(found) == [0, 1, 2]
    found[2].counts[0] = 450
    assert full(found) == [0, 1, 2]
    found[2].counts[0] = 400
    assert full(found) == [0, 1]
    found[2].counts[0] = 450
    assert full(found) == [0, 1]


def test_a_session_that_fills_its_table_does_not_count_yet() -> None:
    found = sessions(1000, 1000, 1000)
    new = Session(3, settled=False)
    for count, counts_then in ((700, False), (990, False), (991, True)):
        new.counts[0] = count
        new.settle(0)
        assert (3 in full([*found, new])) is counts_then


def test_a_session_that_is_over_does_not_count() -> None:
    found = sessions(1000, 1000, 1000)
    found[1].live = False
    assert full(found) == [0, 2]


def test_empty_tables_are_no_full_feeds() -> None:
    assert full(sessions(0, 0, 0)) == []
    assert full([]) == []
