import datetime as dt
import itertools

import pytest

from lampwatch.detect.blocking import blocks as room
from lampwatch.detect.blocking.blocks import blocks
from lampwatch.model.event import Turn
from lampwatch.model.vocabulary import Mechanism
from tests.detect.blocking.making_votes import shown, since, table, vote, votes

QUIET = votes(range(0, 100, 2), "ok")


def test_nothing_is_blocked_where_nothing_was_measured() -> None:
    assert blocks(table()) == []


def test_what_fails_after_long_quiet_is_blocked_from_between_two_votes() -> None:
    [block] = blocks(table(QUIET, votes(range(100, 110))))
    assert (block.country, block.asn, block.target) == ("KZ", 9198, "blocked.test")
    assert block.method == "web_connectivity"
    assert (block.onset.turn, block.onset.high) == (Turn.ONSET, since(100.5))
    assert since(96.5) < block.onset.low <= since(98.5)
    assert block.onset.low < block.onset.at < block.onset.high
    assert (block.end, block.until) == (None, since(109.5))
    assert (block.begun_before, block.rate, block.rate_before) == (False, 1.0, 0.0)
    assert (block.blocked, block.blocked_voters, block.contrary_voters) == (10, 10, 0)
    assert block.probability > 0.99


def test_three_failures_are_enough_and_two_are_not() -> None:
    assert len(blocks(table(QUIET, votes([100, 101, 102])))) == 1
    assert blocks(table(QUIET, votes([100, 101]))) == []


def test_stray_failures_are_no_block() -> None:
    assert blocks(table(QUIET, votes([9, 31, 33, 57, 75, 91]))) == []


def test_one_voter_who_measures_again_within_the_hour_is_one_failure() -> None:
    loud = [vote(100, voters=[7], verdicts=50), vote(101, voters=[7], verdicts=50)]
    assert blocks(table(QUIET, loud)) == []


def test_it_is_known_with_the_vote_that_made_it_enough_and_not_before() -> None:
    rows = [*QUIET, *votes(range(100, 110))]
    [block] = blocks(table(rows))
    assert since(102) <= block.onset.known <= since(104)
    known = dt.datetime.fromtimestamp(block.onset.known, dt.UTC).replace(tzinfo=None)
    assert len(blocks(table([row for row in rows if row["last"] <= known]))) == 1
    assert blocks(table([row for row in rows if row["last"] < known])) == []


def test_an_end_is_known_after_two_measured_hours_in_which_all_is_open() -> None:
    [block] = blocks(table(QUIET, votes(range(100, 140)), votes(range(140, 150), "ok")))
    assert block.end is not None
    assert block.end.turn is Turn.RECOVERY
    assert (block.end.low, block.end.high) == (since(139.5), since(140.5))
    assert block.end.low < block.end.at < block.end.high
    assert block.until == block.end.at
    assert block.end.known <= since(142)


@pytest.mark.parametrize("kind", [{"state": "down"}, {"state": "unknown"}, {"control": "absent"}])
def test_what_does_not_decide_makes_no_block(kind: dict[str, str]) -> None:
    assert blocks(table(QUIET, votes(range(100, 130), **kind))) == []


@pytest.mark.parametrize("evidence", ["direct", "inferred"])
def test_what_was_seen_or_inferred_needs_no_control(evidence: str) -> None:
    assert len(blocks(table(QUIET, votes(range(100, 110), evidence=evidence, control="absent")))) == 1


def test_a_site_that_always_failed_now_and_then_is_not_blocked() -> None:
    flaky = [vote(hour, "blocked" if hour % 5 in {0, 3} and hour % 7 else "ok") for hour in range(400)]
    assert blocks(table(flaky)) == []


def test_what_was_blocked_when_first_measured_says_since_when_at_least() -> None:
    [block] = blocks(table(votes(range(5, 15))))
    assert block.begun_before
    assert (block.onset.at, block.onset.low, block.onset.high) == (since(5.5),) * 3
    assert block.rate_before is None


def test_a_roll_out_to_a_third_is_found() -> None:
    before = [vote(hour, "ok", voters=[hour * 10 + at for at in range(3)]) for hour in range(100)]
    after = [vote(hour, voters=[hour * 10]) for hour in range(100, 150)]
    still = [vote(hour, "ok", voters=[hour * 10 + 1, hour * 10 + 2]) for hour in range(100, 150)]
    [block] = blocks(table(before, after, still))
    assert block.rate == pytest.approx(1 / 3, abs=0.05)
    assert block.onset.low <= since(100) <= block.onset.high
    assert block.blocked_voters == 50
    assert block.contrary_voters == pytest.approx(100, abs=8)


def test_hours_that_nobody_measured_do_not_part_a_block() -> None:
    assert len(blocks(table(QUIET, votes(range(100, 110)), votes(range(150, 160))))) == 1


def test_a_shutdown_within_a_block_does_not_part_it() -> None:
    dark = votes(range(110, 150), "unknown")
    assert len(blocks(table(QUIET, votes(range(100, 110)), dark, votes(range(150, 160))))) == 1


def test_a_short_thin_pause_does_not_part_a_block_and_a_long_one_does() -> None:
    blocked = [*votes(range(100, 120)), *votes(range(140, 160))]
    assert len(blocks(table(QUIET, blocked, votes([125], "ok")))) == 1
    assert len(blocks(table(QUIET, blocked, votes(range(120, 140), "ok")))) == 2


def test_an_hour_that_turned_tells_the_onset_to_the_minute() -> None:
    turned = [
        vote(100, "ok", minute=10, until_minute=20, voters=[5, 6, 7, 8]),
        vote(100, minute=26, until_minute=50, voters=[1, 2]),
    ]
    [block] = blocks(table(QUIET, turned, votes(range(101, 110))))
    assert (block.onset.low, block.onset.high) == (since(100) + 20 * 60, since(100) + 26 * 60)
    assert block.blocked == 11


def test_an_hour_that_turned_back_tells_the_end_to_the_minute() -> None:
    turned = [
        vote(120, minute=5, until_minute=9, voters=[1, 2]),
        vote(120, "ok", minute=15, voters=[5, 6, 7]),
    ]
    [block] = blocks(table(QUIET, votes(range(100, 120)), turned, votes(range(121, 130), "ok")))
    assert block.end is not None
    assert (block.end.low, block.end.high) == (since(120) + 9 * 60, since(120) + 15 * 60)
    assert block.blocked == 22


def test_a_change_of_mechanism_does_not_part_a_block() -> None:
    by_dns = votes(range(100, 124), mechanism="dns_spoof")
    [block] = blocks(table(QUIET, by_dns, votes(range(124, 160))))
    assert [(one.mechanism, one.measurements) for one in block.means] == [
        (Mechanism.DNS_SPOOF, 24),
        (Mechanism.TLS_SNI_RESET, 36),
    ]
    assert (block.means[0].first, block.means[0].last) == (since(100.5), since(123.5))


def test_a_mechanism_seen_once_beside_a_dominant_one_is_not_told() -> None:
    [block] = blocks(table(QUIET, votes(range(100, 115)), [vote(107, mechanism="ip_drop", voters=[3])]))
    assert [one.mechanism for one in block.means] == [Mechanism.TLS_SNI_RESET]


def test_mechanisms_of_which_none_dominates_are_all_told() -> None:
    several = ("tls_sni_reset", "tls_sni_drop", "ip_drop")
    rows = [vote(100 + at, mechanism=name) for at, name in enumerate(several)]
    [block] = blocks(table(QUIET, rows))
    assert [str(one.mechanism) for one in block.means] == list(several)


def test_a_mechanism_that_nobody_knows_costs_nothing_but_its_name() -> None:
    [block] = blocks(table(QUIET, votes(range(100, 110), mechanism="magic")))
    assert (block.means, block.blocked) == ((), 10)


def test_the_witness_is_the_best_evidence_first_seen() -> None:
    rows = votes(range(100, 110))
    direct = {"evidence": "direct", "mechanism": "http_block_page", "fingerprint": "kz_page"}
    [compared] = blocks(table(QUIET, rows))
    [seen] = blocks(table(QUIET, rows, [vote(105, **direct, voters=[4]), vote(104, **direct, voters=[5])]))
    assert compared.witness == "uid-00100-blocked-1000100"
    assert seen.witness == "uid-00104-blocked-5"
    assert (seen.direct, seen.fingerprints) == (2, ("kz_page",))


def test_of_equal_evidence_the_witness_shows_what_most_saw() -> None:
    odd = vote(100, mechanism="ip_drop", minute=1, voters=[4])
    [block] = blocks(table(QUIET, [odd], votes(range(100, 110))))
    assert block.witness == "uid-00100-blocked-1000100"


def test_programs_have_as_many_voters_as_found_it_blocked() -> None:
    other = [vote(hour, software="lampwatch 0.1.0", voters=[1, 2]) for hour in (103, 104)]
    [block] = blocks(table(QUIET, votes(range(100, 110)), other))
    assert block.software == (("ooniprobe-android 5.2.1", 10), ("lampwatch 0.1.0", 2))
    assert block.blocked_voters == 12


def test_a_release_of_rules_at_the_onset_shows_in_the_versions() -> None:
    [released] = blocks(table(QUIET, votes(range(100, 110), rules_version="8")))
    [steady] = blocks(table(QUIET, votes(range(100, 110))))
    assert (released.versions, steady.versions) == (("7", "8"), ("7",))


def test_a_voter_whose_resolver_changed_makes_no_block_where_others_find_it_open() -> None:
    others = [vote(hour, "ok", voters=[hour]) for hour in range(0, 340, 2)]
    alone = [vote(hour, voters=[7], mechanism="dns_spoof") for hour in range(101, 340)]
    assert blocks(table(others, alone)) == []


def test_one_loud_voter_does_not_outvote_ten_quiet_ones_either_way() -> None:
    days = range(5, 15)
    quiet = list(itertools.product(days, range(10)))
    opened = [vote(day * 24 + 2 * at, "ok", voters=[100 * day + at]) for day, at in quiet]
    blocked = [vote(day * 24 + 2 * at, voters=[100 * day + at]) for day, at in quiet]
    loud = range(5 * 24, 15 * 24)
    assert blocks(table(QUIET, opened, votes(loud, voters=[7], verdicts=50))) == []
    [block] = blocks(table(QUIET, blocked, votes(loud, "ok", voters=[7], verdicts=50)))
    assert block.rate > 0.8
    assert block.contrary_voters == 1


def test_one_who_measures_alone_sees_a_block_at_once_and_for_as_long_as_it_lasts() -> None:
    alone = [vote(hour, "ok", voters=[7]) for hour in range(300)]
    alone += [vote(hour, voters=[7]) for hour in range(300, 1300)]
    [block] = blocks(table(alone))
    assert since(298.5) <= block.onset.low <= since(299.5)
    assert block.onset.high == since(300.5)
    assert block.onset.known <= since(304)
    assert (block.end, block.until, block.blocked_voters) == (None, since(1299.5), 1)


def test_what_one_program_alone_finds_blocked_is_no_more_than_a_third() -> None:
    rows = []
    for hour in range(100, 200):
        rows.append(vote(hour, voters=[10 * hour + at for at in range(4)], software="buggy 2"))
        rows.append(vote(hour, "ok", voters=[10 * hour + 9]))
    found = blocks(table(QUIET, rows))
    assert all(block.rate < 0.4 for block in found)


def test_histories_do_not_touch_each_other_and_come_in_order() -> None:
    one = [*QUIET, *votes(range(100, 110))]
    other = [row | {"target": "another.test", "probe_asn": 1} for row in [*QUIET, *votes(range(100, 130))]]
    first, second = blocks(table(one, other))
    assert [first, second] == [*blocks(table(other)), *blocks(table(one))]
    assert (first.target, second.target) == ("another.test", "blocked.test")


def test_many_rows_are_worked_in_parts_with_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row | {"probe_asn": asn} for asn in range(7) for row in [*QUIET, *votes(range(100, 110 + asn))]]
    whole = blocks(table(rows))
    monkeypatch.setattr(room, "_AT_ONCE", 70)
    assert blocks(table(rows)) == whole
    assert len(whole) == 7


def test_a_row_without_voters_is_one_voter() -> None:
    [block] = blocks(table(QUIET, votes(range(100, 110), voters=[], verdicts=5)))
    assert (block.blocked_voters, block.blocked) == (1, 50)


def test_two_blocks_of_one_history_are_two() -> None:
    rows = [*QUIET, *votes(range(100, 120)), *votes(range(120, 160), "ok"), *votes(range(160, 180))]
    first, second = blocks(table(rows))
    assert first.end is not None
    assert first.end.high <= second.onset.low
    assert second.rate_before == 0
    assert [onset for onset, _ in shown([first, second])] == pytest.approx([99.5, 160], abs=0.5)
