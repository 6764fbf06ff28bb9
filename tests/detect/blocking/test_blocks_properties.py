"""What holds of the blocks of any votes."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.detect.blocking.blocks import blocks
from tests.detect.blocking.making_votes import Row, table, vote

_BEFORE = st.sampled_from(["ok", "ok", "ok", "blocked", "down"])
_AFTER = st.sampled_from(["blocked", "blocked", "blocked", "ok", "unknown"])


@st.composite
def _row(draw: st.DrawFn) -> Row:
    hour = draw(st.integers(0, 60))
    state = draw(_AFTER if hour in range(25, 50) else _BEFORE)
    told: dict[str, Any] = {
        "voters": draw(st.lists(st.integers(-5, 40), unique=True, max_size=6)),
        "minute": draw(st.integers(0, 59)),
        "probe_asn": draw(st.integers(1, 2)),
        "software": draw(st.sampled_from(["a 1", "b 2"])),
        "rules_version": draw(st.sampled_from(["7", "8"])),
        "control": draw(st.sampled_from(["worked", "worked", "absent"])),
        "witness": draw(st.text("abc", min_size=1, max_size=3)),
    }
    if state == "blocked":
        told["mechanism"] = draw(st.sampled_from(["tls_sni_reset", "ip_drop", "odd"]))
        told["fingerprint"] = draw(st.sampled_from(["", "page"]))
        told["evidence"] = draw(st.sampled_from(["direct", "compared", "inferred"]))
    told["verdicts"] = max(1, len(told["voters"])) + draw(st.integers(0, 100))
    return vote(hour, state, **told)


ROWS = st.lists(_row(), min_size=20, max_size=50)


@settings(max_examples=25, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_rows_may_come_in_any_order(rows: list[Row], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert blocks(table(shuffled)) == blocks(table(rows))


@settings(max_examples=25, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_a_row_may_come_as_several_that_share_its_verdicts(rows: list[Row], random: Any) -> None:
    parted = []
    for row in rows:
        cut = random.randint(0, len(row["voters"]))
        given_away = random.randint(0, row["verdicts"])
        parted.append(row | {"verdicts": row["verdicts"] - given_away})
        if cut:
            parted[-1] = parted[-1] | {"voters": row["voters"][:cut]}
            parted.append(row | {"verdicts": given_away, "voters": row["voters"][cut:] or row["voters"]})
        else:
            parted.append(row | {"verdicts": given_away})
    assert blocks(table(parted)) == blocks(table(rows))


@settings(max_examples=25, deadline=None)
@given(ROWS)
def test_a_country_has_the_same_blocks_alone_and_among_others(rows: list[Row]) -> None:
    others = [row | {"probe_cc": "UZ"} for row in rows if row["probe_asn"] == 1]
    assert blocks(table(rows, others)) == [*blocks(table(rows)), *blocks(table(others))]


@settings(max_examples=25, deadline=None)
@given(ROWS)
def test_what_a_network_shows_alone_stays_among_the_networks_of_its_country(rows: list[Row]) -> None:
    alone = [
        block for asn in (1, 2) for block in blocks(table([row for row in rows if row["probe_asn"] == asn]))
    ]
    # All that the pool may add to what a network shows is that it is surer.
    told = {msgspec.structs.replace(block, probability=0): block.probability for block in blocks(table(rows))}
    assert all(told[msgspec.structs.replace(block, probability=0)] >= block.probability for block in alone)


@settings(max_examples=25, deadline=None)
@given(ROWS)
def test_what_a_block_says_holds_together(rows: list[Row]) -> None:
    for block in blocks(table(rows)):
        assert block.onset.low <= block.onset.at <= block.onset.high
        assert block.onset.at <= block.until
        assert block.onset.known <= max(int(row["last"].timestamp()) + 86_400 for row in rows)
        assert 0.75 <= block.probability <= 1
        assert 0 < block.rate <= 1
        assert block.blocked >= 3 or block.blocked_voters < 3
        assert block.witness
        assert sum(one.measurements for one in block.means) <= block.blocked
        assert [one.first for one in block.means] == sorted(one.first for one in block.means)
        if block.end:
            assert block.end.low <= block.end.at <= block.end.high
            assert block.until == block.end.at
