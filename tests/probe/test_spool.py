import datetime as dt
import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.model.errors import UserError
from lampwatch.probe.spool import DROPPED, MAX_REFUSED, Last
from lampwatch.probe.spool_worth import Worth
from tests.probe.spooling import NOON, StandingClock, contents, document, number_of, spool_at


def dropped_told(content: bytes) -> int:
    return int(json.loads(content)["annotations"].get(DROPPED, 0))


def test_what_was_put_is_there_after_reopening_with_its_bytes_and_its_key(tmp_path: Path) -> None:
    with spool_at(tmp_path) as spool:
        keys = [spool.put(document(n), worth=Worth.OK) for n in range(3)]
    with spool_at(tmp_path) as spool:
        found = spool.batch(documents=10, content_bytes=10**6)
    assert [(one.key, one.content) for one in found] == [(keys[n], document(n)) for n in range(3)]


def test_a_document_on_several_lines_is_kept_on_one(tmp_path: Path) -> None:
    with spool_at(tmp_path) as spool:
        spool.put(b'{\n "a": "b\\n"\n}', worth=Worth.OK)
        assert contents(spool) == [b'{"a":"b\\n"}']


@pytest.mark.parametrize("content", [b"", b"[]", b"no JSON", b'{"a": '])
def test_what_is_no_document_is_refused_at_once(tmp_path: Path, content: bytes) -> None:
    with spool_at(tmp_path) as spool, pytest.raises(ValueError, match="must be a JSON object"):
        spool.put(content, worth=Worth.OK)


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    with spool_at(tmp_path) as spool:
        assert spool.put(document(1), worth=Worth.OK) == spool.put(document(1), worth=Worth.OK)
        assert spool.waiting().documents == 1


def test_only_what_was_acknowledged_leaves(tmp_path: Path) -> None:
    with spool_at(tmp_path) as spool:
        keys = [spool.put(document(n), worth=Worth.OK) for n in range(4)]
        spool.settle([keys[0], keys[2], "never put"])
        assert spool.waiting().documents == 2
    with spool_at(tmp_path) as spool:
        assert [number_of(content) for content in contents(spool)] == [1, 3]
        assert spool.waiting().documents == 2


def test_what_was_refused_is_kept_aside_with_the_reason(tmp_path: Path) -> None:
    with spool_at(tmp_path) as spool:
        key = spool.put(document(1), worth=Worth.OK)
        spool.settle(refused={key: "too old"})
        assert contents(spool) == []
        assert [(r.key, r.reason, r.content) for r in spool.refusals()] == [(key, "too old", document(1))]


def test_only_the_newest_refusals_are_kept(tmp_path: Path) -> None:
    with spool_at(tmp_path) as spool:
        keys = [spool.put(document(n), worth=Worth.OK) for n in range(MAX_REFUSED + 5)]
        spool.settle(refused=dict.fromkeys(keys, "no"))
        assert [number_of(r.content) for r in spool.refusals()] == list(range(5, MAX_REFUSED + 5))


def test_the_most_informative_is_sent_first_and_of_equals_the_oldest(tmp_path: Path) -> None:
    worths = [Worth.REPEATED_OK, Worth.CHANGE, Worth.FAILURE, Worth.CHANGE, Worth.CONNECTIVITY]
    with spool_at(tmp_path) as spool:
        for number, worth in enumerate(worths):
            spool.put(document(number), worth=worth)
        assert [number_of(content) for content in contents(spool)] == [4, 1, 3, 2, 0]


def test_what_was_postponed_goes_after_the_rest(tmp_path: Path) -> None:
    with spool_at(tmp_path) as spool:
        keys = [spool.put(document(n), worth=Worth.OK) for n in range(3)]
        spool.settle(postponed=[keys[0]])
        assert [number_of(content) for content in contents(spool)] == [1, 2, 0]


def test_a_batch_holds_at_least_one_document_however_small_it_may_be(tmp_path: Path) -> None:
    with spool_at(tmp_path) as spool:
        for n in range(3):
            spool.put(document(n), worth=Worth.OK)
        assert len(spool.batch(documents=9, content_bytes=1)) == 1
        assert len(spool.batch(documents=9, content_bytes=2 * len(document(1)))) == 2
        assert len(spool.batch(documents=2, content_bytes=10**6)) == 2


def test_over_the_cap_the_least_informative_goes_first(tmp_path: Path) -> None:
    with spool_at(tmp_path, cap=60_000) as spool:
        for number in range(60):
            worth = list(Worth)[number % 5]
            spool.put(document(number, padding=4000), worth=worth)
            assert spool.waiting().bytes <= 60_000
        left = [number_of(content) % 5 for content in contents(spool)]
    assert left.count(4) == 12
    assert {0, 1}.isdisjoint(left)


def test_what_was_dropped_is_counted_in_the_next_document_and_told_once(tmp_path: Path) -> None:
    with spool_at(tmp_path, cap=30_000) as spool:
        for number in range(40):
            spool.put(document(number, padding=4000), worth=Worth.OK)
        left = contents(spool)
        untold = spool.waiting().dropped_untold
        assert untold + sum(map(dropped_told, left)) == 40 - len(left) > 0


def test_a_batch_on_its_way_is_not_dropped(tmp_path: Path) -> None:
    with spool_at(tmp_path, cap=30_000) as spool:
        first = spool.put(document(0, padding=4000), worth=Worth.REPEATED_OK)
        assert [one.key for one in spool.batch(documents=1, content_bytes=1)] == [first]
        for number in range(1, 40):
            spool.put(document(number, padding=4000), worth=Worth.CHANGE)
        assert first in {one.key for one in spool.batch(documents=99, content_bytes=10**6)}


def test_nothing_but_the_annotation_is_changed_by_the_count(tmp_path: Path) -> None:
    with spool_at(tmp_path, cap=2_000) as spool:
        spool.put(document(1, padding=4000), worth=Worth.OK)
        spool.put(document(2), worth=Worth.OK)
        changed = json.loads(contents(spool)[0])
    assert changed["annotations"].pop(DROPPED) == "1"
    assert changed == json.loads(document(2))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("put"), st.sampled_from(list(Worth)), st.integers(0, 3)),
            st.tuples(st.just("send"), st.sampled_from(list(Worth)), st.integers(1, 5)),
        ),
        max_size=60,
    )
)
def test_every_document_is_delivered_waiting_or_counted(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Worth, int]]
) -> None:
    clock, delivered, put = StandingClock(), [], 0
    with spool_at(tmp_path_factory.mktemp("spool"), clock, cap=20_000) as spool:
        for what, worth, count in steps:
            clock.move(60)
            if what == "put":
                put += 1
                spool.put(document(put, padding=3000), worth=worth, about=f"site {count}")
            else:
                batch = spool.batch(documents=count, content_bytes=10**6)
                delivered += [one.content for one in batch]
                spool.settle([one.key for one in batch])
            assert spool.waiting().bytes <= 20_000
        there = delivered + contents(spool)
        counted = spool.waiting().dropped_untold + sum(map(dropped_told, there))
    assert len({number_of(content) for content in there}) == len(there)
    assert len(there) + counted == put


def test_what_was_measured_is_remembered_with_its_time_and_what_it_used(tmp_path: Path) -> None:
    clock = StandingClock()
    with spool_at(tmp_path, clock) as spool:
        spool.put(document(1), worth=Worth.OK, about="telegram", outcome="ok", bytes_used=700)
        clock.move(3600)
        spool.put(document(2), worth=Worth.OK, about="telegram", outcome="requests eof_error", bytes_used=50)
    with spool_at(tmp_path, clock) as spool:
        at = (NOON + dt.timedelta(hours=1)).replace(tzinfo=dt.UTC).timestamp()
        assert spool.last() == {"telegram": Last(at, "requests eof_error")}
        assert spool.spent(NOON.date()) == (2, 750)
        assert spool.spent(NOON.date() + dt.timedelta(days=1)) == (0, 0)


def test_a_damaged_spool_is_set_aside_and_told_of_in_one_line(tmp_path: Path) -> None:
    with spool_at(tmp_path) as spool:
        spool.put(document(1), worth=Worth.OK)
    (tmp_path / "spool.sqlite").write_bytes(b"no database at all" * 1000)
    told: list[str] = []
    with spool_at(tmp_path, told=told) as spool:
        spool.put(document(2), worth=Worth.OK)
        assert [number_of(content) for content in contents(spool)] == [2]
    assert len(told) == 1
    assert "damaged-20261123T120000.sqlite" in told[0]
    assert "\n" not in told[0]
    assert (tmp_path / "damaged-20261123T120000.sqlite").read_bytes().startswith(b"no database")


@pytest.mark.parametrize("page", [1, 2, 5])
def test_a_spool_with_a_spoilt_page_opens_and_goes_on(tmp_path: Path, page: int) -> None:
    with spool_at(tmp_path) as spool:
        for n in range(200):
            spool.put(document(n, padding=500), worth=Worth.OK)
    path = tmp_path / "spool.sqlite"
    spoilt = bytearray(path.read_bytes())
    spoilt[page * 4096 : page * 4096 + 4096] = b"\xff" * 4096
    path.write_bytes(spoilt)
    with spool_at(tmp_path, told=[]) as spool:
        spool.put(document(999), worth=Worth.CONNECTIVITY)
        assert number_of(contents(spool)[0]) == 999


def test_a_document_that_the_disk_has_spoilt_counts_as_dropped(tmp_path: Path) -> None:
    with spool_at(tmp_path) as spool:
        for n in range(2):
            spool.put(document(n), worth=Worth.OK)
    file = sqlite3.connect(tmp_path / "spool.sqlite", isolation_level=None)
    file.execute("UPDATE document SET content = x'00' WHERE number = 1")
    file.close()
    with spool_at(tmp_path) as spool:
        assert [number_of(content) for content in contents(spool)] == [1]
        assert spool.waiting().documents == spool.waiting().dropped_untold == 1


def test_a_second_probe_is_told_that_there_is_one(tmp_path: Path) -> None:
    with spool_at(tmp_path), pytest.raises(UserError, match="another `lampwatch probe` is at work"):
        spool_at(tmp_path)


def test_a_spool_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    file = sqlite3.connect(tmp_path / "spool.sqlite")
    file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(UserError, match="newer Lampwatch"):
        spool_at(tmp_path)
    with pytest.raises(UserError, match="newer Lampwatch"):
        spool_at(tmp_path)


def test_nobody_else_may_look_into_the_spool(tmp_path: Path) -> None:
    with spool_at(tmp_path / "probe"):
        assert (tmp_path / "probe").stat().st_mode & 0o077 == 0
