import math

import numpy as np

from lampwatch.model.entity import Entity
from lampwatch.model.series import Family, Quantity
from lampwatch.signals.bgp.bins import Bins
from tests.formats.mrt import writer
from tests.formats.mrt.writer import T0
from tests.signals.bgp.world import (
    BIN,
    KAZAKH,
    OTHER,
    PEERS,
    TABLE,
    A,
    B,
    C,
    announced,
    countries,
    dump,
    fed,
    heartbeat,
    series,
    withdrawn,
)

D = (64503, "192.0.2.4")


def fresh(**more: object) -> Bins:
    return Bins("rrc00", **{"countries": countries, **more})  # type: ignore[arg-type]  # as Bins has them


def column(bins: Bins, name: str) -> list[float | None]:
    """The values of a series, None for a gap."""
    return [None if math.isnan(value) else value for value in series(bins)[name].values]


def test_a_table_dump_alone_is_one_bin_with_all_that_is_visible() -> None:
    bins = fed(fresh(), dump())
    bins.finish()
    found = series(bins)
    assert {name: one.values.tolist() for name, one in found.items() if name.startswith("KZ:")} == {
        "KZ:rrc00:prefixes-v4": [2.0],
        "KZ:rrc00:slash24s": [384.0],
    }
    assert {name for name in found if ":prefixes" in name} == {
        "KZ:rrc00:prefixes-v4", "RU:rrc00:prefixes-v4", "RU:rrc00:prefixes-v6", "AS9198:rrc00:prefixes-v4",
        "AS3216:rrc00:prefixes-v4", "AS3216:rrc00:prefixes-v6", "AS9198@KZ:rrc00:prefixes-v4",
        "AS3216@RU:rrc00:prefixes-v4", "AS3216@RU:rrc00:prefixes-v6",
    }  # fmt: skip
    assert found["RU:rrc00:slash48s"].values.tolist() == [65536.0]
    one = found["AS9198@KZ:rrc00:slash24s"]
    header = one.series
    assert (header.entity, header.family, header.quantity) == (Entity("KZ", 9198), Family.BGP, Quantity.COUNT)
    assert (header.unit, header.resolution_s) == ("/24s", 300)
    assert (one.starts.tolist(), one.arrived.tolist()) == ([T0], [T0 + 7777])


def test_a_withdrawal_shows_in_its_bin_and_a_return_in_its_own() -> None:
    updates = (
        heartbeat(T0 + 10) + withdrawn(T0 + BIN + 20) + heartbeat(T0 + 2 * BIN) + announced(T0 + 3 * BIN)
    )
    bins = fed(fresh(), dump(), updates + heartbeat(T0 + 4 * BIN))
    assert column(bins, "KZ:rrc00:slash24s") == [384, 0, 0, 384]


def test_a_prefix_is_visible_while_more_than_half_of_the_full_feeds_see_it() -> None:
    gone = [withdrawn(T0 + n * BIN, [KAZAKH[0]], [peer]) for n, peer in enumerate(PEERS)]
    bins = fed(fresh(), dump(), b"".join(gone) + heartbeat(T0 + 3 * BIN))
    assert column(bins, "KZ:rrc00:prefixes-v4") == [2, 1, 1]


def test_a_peer_that_goes_away_takes_no_prefix_with_it() -> None:
    peers = [*PEERS, D]
    down = writer.state(T0 + BIN, D, 6, 1) + withdrawn(T0 + BIN + 1, KAZAKH, [A])
    bins = fed(fresh(), dump(peers=peers), heartbeat(T0) + down + heartbeat(T0 + 2 * BIN))
    # Two of the three that are left see it; with the fourth in the count it would have been two of four.
    assert column(bins, "KZ:rrc00:prefixes-v4") == [2, 2]
    assert bins.full_feeds[0] == 3


def test_with_too_few_full_feeds_a_bin_is_a_gap_and_no_outage() -> None:
    down = writer.state(T0 + BIN, C, 6, 1)
    bins = fed(
        fresh(), dump(), heartbeat(T0) + down + withdrawn(T0 + BIN, KAZAKH, [A, B]) + heartbeat(T0 + 2 * BIN)
    )
    assert column(bins, "KZ:rrc00:slash24s") == [384, None]
    assert (bins.closed, bins.gaps) == (2, 1)


def test_a_session_that_comes_back_counts_when_its_table_has_ceased_to_grow() -> None:
    back = writer.state(T0 + BIN, C, 6, 1) + writer.state(T0 + BIN + 1, C, 5, 6)
    half, rest = announced(T0 + BIN + 2, OTHER, [C]), announced(T0 + 2 * BIN, KAZAKH, [C])
    quiet = heartbeat(T0 + 3 * BIN) + heartbeat(T0 + 4 * BIN)
    bins = fed(fresh(least_peers=2), dump(), heartbeat(T0) + back + half + rest + quiet)
    assert column(bins, "KZ:rrc00:prefixes-v4") == [2, 2, 2, 2]
    assert bins.full_feeds[0] == 3


def test_a_silent_collector_is_a_gap() -> None:
    bins = fed(fresh(), dump(), heartbeat(T0) + heartbeat(T0 + 3 * BIN) + heartbeat(T0 + 4 * BIN))
    assert column(bins, "KZ:rrc00:prefixes-v4") == [2, None, None, 2]


def test_a_broken_link_is_a_gap() -> None:
    bins = fed(fresh(), dump(), heartbeat(T0 + BIN))
    bins.lost(T0 + BIN + 100, T0 + 2 * BIN + 5)
    fed(bins, heartbeat(T0 + 2 * BIN + 5) + heartbeat(T0 + 3 * BIN) + heartbeat(T0 + 4 * BIN))
    assert column(bins, "KZ:rrc00:prefixes-v4") == [2, None, None, 2]


def test_nothing_is_told_before_a_table_dump() -> None:
    bins = fed(fresh(), announced(T0, TABLE) + heartbeat(T0 + 3 * BIN))
    assert series(bins) == {}
    assert (bins.based, bins.closed, bins.gaps) == (False, 3, 3)


def test_a_later_dump_takes_the_place_of_what_was_known() -> None:
    later = dump(T0 + BIN, table={prefix: asn for prefix, asn in TABLE.items() if prefix != KAZAKH[1]})
    bins = fed(fresh(), dump(), heartbeat(T0), later, heartbeat(T0 + 2 * BIN))
    assert column(bins, "KZ:rrc00:prefixes-v4") == [2, 1]


def test_a_damaged_dump_takes_nobodys_place() -> None:
    bins = fed(fresh(), dump(), heartbeat(T0), dump(T0 + BIN)[:-30], heartbeat(T0 + 2 * BIN))
    assert column(bins, "RU:rrc00:prefixes-v6") == [1, 1]
    assert bins.refused_dumps == 1


def test_a_record_from_the_far_future_closes_no_bins() -> None:
    strange = heartbeat(2**32 - 1)
    bins = fed(fresh(), dump(), heartbeat(T0) + strange + heartbeat(T0 + 1) + heartbeat(T0 + BIN))
    bins.finish()
    assert (bins.closed, bins.doubted) == (1, 1)


def test_a_long_hole_leaves_its_bins_out_and_the_tables_before_it_behind() -> None:
    later = T0 + 86_400
    bins = fed(fresh(), dump(), heartbeat(T0) + heartbeat(later) + heartbeat(later + BIN), dump(later + BIN))
    fed(bins, heartbeat(later + 2 * BIN))
    found = series(bins)["KZ:rrc00:prefixes-v4"]
    assert found.starts.tolist() == [T0, later, later + BIN]
    assert np.array_equal(found.values, [2, math.nan, 2], equal_nan=True)


def test_default_routes_are_nobodys_space() -> None:
    bins = fed(fresh(), dump(table={**TABLE, "0.0.0.0/0": 9198, "::/0": 9198}))
    bins.finish()
    assert "AS9198:rrc00:prefixes-v6" not in series(bins)


def test_a_prefix_that_several_networks_announce_counts_for_those_that_many_see() -> None:
    peers = [*PEERS, D]
    leak = writer.update(T0, A, OTHER[0], path=[A[0], 666])
    shared = b"".join(writer.update(T0, peer, OTHER[1], path=[peer[0], 777]) for peer in (A, B))
    bins = fed(
        fresh(), dump(peers=peers), leak + shared + writer.update(T0 + BIN, B, OTHER[2], path=[B[0], 3216])
    )
    found = series(bins)
    assert "AS666:rrc00:prefixes-v4" not in found
    assert found["AS777:rrc00:prefixes-v4"].values.tolist() == [1]
    assert found["AS3216:rrc00:prefixes-v4"].values.tolist() == [4]
    assert found["RU:rrc00:prefixes-v4"].values.tolist() == [4]


def test_bins_outside_the_time_asked_for_are_not_told_but_their_routes_are_known() -> None:
    updates = withdrawn(T0 + 10, [KAZAKH[0]]) + b"".join(heartbeat(T0 + n * BIN) for n in range(1, 5))
    bins = fed(fresh(since=T0 + BIN, until=T0 + 3 * BIN), dump(), updates)
    found = series(bins)["KZ:rrc00:prefixes-v4"]
    assert (found.starts.tolist(), found.values.tolist()) == ([T0 + BIN, T0 + 2 * BIN], [1, 1])


def test_what_is_taken_in_pieces_is_what_is_taken_at_once() -> None:
    first = heartbeat(T0) + withdrawn(T0 + BIN)
    then = heartbeat(T0 + 2 * BIN) + announced(T0 + 3 * BIN) + heartbeat(T0 + 4 * BIN)
    whole = series(fed(fresh(), dump(), first + then))["KZ:rrc00:slash24s"]
    bins = fed(fresh(), dump(), first)
    parts = [series(bins)["KZ:rrc00:slash24s"], series(fed(bins, then))["KZ:rrc00:slash24s"]]
    assert (
        np.concatenate([part.values for part in parts]).tolist() == whole.values.tolist() == [384, 0, 0, 384]
    )
    assert np.concatenate([part.starts for part in parts]).tolist() == whole.starts.tolist()


def test_an_entity_that_was_known_before_and_has_nothing_now_has_nothing_at_once() -> None:
    bins = fed(
        fresh(remembered=[Entity("UA"), Entity("KZ")]), dump(), heartbeat(T0) + heartbeat(T0 + 2 * BIN)
    )
    assert column(bins, "UA:rrc00:prefixes-v4") == [0, None]


def test_only_the_countries_asked_for_are_given() -> None:
    bins = fed(fresh(), dump())
    bins.finish()
    assert {name.split(":")[0] for name in series(bins, "KZ")} == {"KZ", "AS9198@KZ"}


def test_without_a_lookup_only_networks_are_told() -> None:
    bins = fed(Bins("bgp"), dump())
    bins.finish()
    assert {name.split(":")[0] for name in series(bins)} == {"AS9198", "AS3216"}


def test_collectors_count_together_and_one_that_is_silent_leaves_the_count() -> None:
    bins = fresh(least_peers=2)
    fed(bins, dump(), feed="rrc00")
    fed(bins, dump(peers=[D]), feed="rrc01")
    fed(bins, heartbeat(T0 + BIN), feed="rrc00")
    assert bins.full_feeds[0] == 4
    fed(bins, heartbeat(T0 + 2 * BIN), feed="rrc00")
    assert bins.full_feeds[0] == 3


def test_sessions_that_flap_take_no_memory() -> None:
    flaps = 200
    bins = fed(fresh(), dump())
    for flap in range(flaps):
        time = T0 + flap
        fed(
            bins,
            writer.state(time, C, 6, 1)
            + writer.state(time, C, 5, 6)
            + announced(time, TABLE.keys() - {"2001:db8::/32"}, [C]),
        )
    fed(bins, heartbeat(T0 + BIN) + heartbeat(T0 + 2 * BIN))
    assert max(seen.bit_length() for seen in bins._families[0].table.seen) <= flaps + 4
    fed(bins, heartbeat(T0 + 3 * BIN))
    fed(bins, writer.state(T0 + 3 * BIN, C, 6, 1) + writer.state(T0 + 3 * BIN, C, 5, 6))
    assert bins._numbers <= flaps + 4
    assert len(bins._free) >= flaps - 2
    # The third session counts from the second bin on, and before that there are too few.
    assert column(bins, "KZ:rrc00:prefixes-v4") == [2, 2]
