"""What is found group by group, here or elsewhere, all at once or bit by bit, is the same to the last digit."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bench.blocking.rows import Rows
from bench.blocking.votes import evidence
from bench.blocking.world import World
from lampwatch.detect.blocking.accounts import accounts_of
from lampwatch.detect.blocking.changes import LEAST_FAILURES, changes
from lampwatch.detect.blocking.counts import counts
from lampwatch.detect.blocking.findings import findings
from lampwatch.detect.blocking.incidents import incidents
from lampwatch.detect.blocking.measured import Measured
from lampwatch.detect.blocking.portions import groups_of, portions
from lampwatch.detect.blocking.testimony import blocked_voters
from lampwatch.detect.blocking.votes import deciding
from lampwatch.formats.vote_tables import Evidence
from lampwatch.pipeline.side_by_side import SideBySide
from tests.detect.blocking.making_blocks import accounts, measured
from tests.detect.blocking.making_votes import table, votes


@pytest.fixture(scope="module")
def rows() -> list[Rows]:
    return [one.rows for one in World(countries=4, days=30).simulated()]


@pytest.fixture(scope="module")
def seen(rows: list[Rows]) -> Evidence:
    return evidence(rows)


def group_by_group(histories: pa.Table) -> Iterator[pa.Table]:
    _, of_row = groups_of(histories)
    return (histories.filter(pa.array(of_row == place)) for place in range(int(of_row.max()) + 1))


def test_each_group_alone_has_the_findings_it_has_among_all_others(seen: Evidence) -> None:
    whole = findings([seen.histories], ())
    assert sum(len(finding.blocks) for finding in whole.values()) > 10
    assert findings(group_by_group(seen.histories), ()) == whole


def test_histories_that_hardly_ever_fail_need_not_be_looked_at(seen: Evidence) -> None:
    votes = deciding(seen.histories)
    failing = votes.failing(LEAST_FAILURES)
    assert 0 < failing.sum() < len(failing)
    found = changes(counts(votes.of(np.flatnonzero(failing[votes.history]))))
    assert found == changes(counts(votes))
    assert found


def test_two_processes_find_the_same_as_one(seen: Evidence) -> None:
    parts = list(portions(seen.histories, seen.histories.num_rows // 6))
    assert len(parts) > 4
    assert findings(parts, (), SideBySide(2)) == findings([seen.histories], ())


def test_incidents_are_the_same_in_whatever_portions_their_votes_come(
    seen: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = incidents(seen)
    assert len(whole) > 3
    parts: list[int] = []

    def work(do: Any, given: Any) -> Any:
        found = list(map(do, given))
        parts.append(len(found))
        return found

    monkeypatch.setattr("lampwatch.detect.blocking.incidents.portions", lambda rows: portions(rows, 100))
    assert incidents(seen, work=work) == whole
    assert parts[0] > 10


@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_portions_hold_every_row_once_and_each_group_whole(seen: Evidence, size: int) -> None:
    parts = list(portions(seen.histories, size))
    assert sum(part.num_rows for part in parts) == seen.histories.num_rows
    names = [name for part in parts for name in groups_of(part)[0]]
    assert names == groups_of(seen.histories)[0]
    assert all(part.num_rows <= size or len(groups_of(part)[0]) == 1 for part in parts)


def test_there_is_one_portion_of_nothing(seen: Evidence) -> None:
    (part,) = portions(seen.histories.slice(0, 0), 10)
    assert part.num_rows == 0
    assert findings([part], ()) == {}


def test_accounts_of_findings_say_what_accounts_of_votes_say(seen: Evidence) -> None:
    found = findings([seen.histories], ())
    of_votes, of_findings = accounts(seen.histories), accounts_of(found)
    for finding in found.values():
        for block in finding.blocks:
            for asked in ("voters", "versions", "versions_before", "rules", "programs", "countries"):
                assert getattr(of_findings, asked)(block) == getattr(of_votes, asked)(block), asked
            for version in block.versions:
                assert of_findings.released(version) == of_votes.released(version) > 0


def test_a_program_s_voters_are_counted_once_however_often_they_vote() -> None:
    found = [
        votes(range(5), voters=[1, 2], software="a 1"),
        votes(range(5), voters=[2, 3], software="a 1", probe_asn=2),
        votes(range(5), "ok", voters=[1], software="a 1"),
        votes(range(3), "down", voters=[9], software="a 1"),
        votes(range(2), "ok", voters=[7, 8], software="b 2"),
    ]
    (finding,) = findings([table(*found)], ()).values()
    assert finding.programs == {"a 1": (3, 1), "b 2": (0, 2)}
    # Of those that found it blocked, voter 2 is on two networks.
    assert finding.blocked_voters == 4


def test_voters_that_found_it_blocked_may_be_counted_before(seen: Evidence) -> None:
    counted = blocked_voters(seen.histories)
    bare = seen._replace(histories=seen.histories.slice(0, 0))
    known = measured(seen)
    given = Measured(bare.coverage, bare.presence, counted)
    shares = {
        (target, country): known.open_share(target, country)
        for country, target, _ in groups_of(seen.histories)[0]
    }
    assert len(set(shares.values())) > 10
    assert all(given.open_share(*asked) == share for asked, share in shares.items())
