"""The live loop keeps what it acknowledges, once, whatever fails around it."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.collect.reception.receiver import Receipt, Status, UnavailableError
from lampwatch.formats.archive import Batch
from lampwatch.model.errors import UserError
from lampwatch.pipeline import live as module
from lampwatch.pipeline.kernel import RawLine, Worked
from lampwatch.pipeline.live import LiveReceiver
from lampwatch.store.archive import LocalArchive
from lampwatch.store.duckdb import DuckDBStore
from lampwatch.store.segment import Locator
from tests.cli.running import example_lines
from tests.pipeline.making import BROKEN, kernel, opened, stored

LINES = example_lines()[:30]
KERNEL = kernel()


class Tool:
    """An archive, a store and a kernel in one, each real, that fail and wait when told to."""

    def __init__(self, store: DuckDBStore, archive: LocalArchive) -> None:
        self._store, self._archive = store, archive
        self.full = False
        self.broken = False
        self.poison = b"\0"
        self.frames: list[int] = []
        self.failed = threading.Event()
        self.committed = threading.Event()
        self.appending = threading.Event()
        self.may_append = threading.Event()
        self.may_append.set()
        self.said: list[str] = []

    def append(self, batch: bytes) -> Locator:
        self.appending.set()
        assert self.may_append.wait(60)
        if self.full:
            raise UserError("raw/x cannot be written: No space left on device.")
        locator = self._archive.append(batch)
        self.frames.append(len(self.batch(locator).documents))
        return locator

    def batch(self, locator: Locator) -> Batch:
        return self._archive.batch(locator)

    def commit(self, *given: Any, **more: Any) -> object:
        self._check()
        committed = self._store.commit(*given, **more)
        self.committed.set()
        return committed

    def known(self, uids: Sequence[str], set_aside: Sequence[str]) -> set[str]:
        self._check()
        return self._store.known(uids, set_aside)

    def _check(self) -> None:
        if self.broken:
            self.failed.set()
            message = "the file is gone"
            raise RuntimeError(message)

    def work(self, lines: Sequence[RawLine]) -> Worked:
        if any(self.poison in line.raw for line in lines):
            message = "poison"
            raise RuntimeError(message)
        return KERNEL.work(lines)

    def receiver(self) -> LiveReceiver:
        part: Any = self
        return LiveReceiver(store=part, archive=part, kernel=part, report=self.said.append)


@contextmanager
def tooled(folder: Path) -> Iterator[tuple[Tool, DuckDBStore]]:
    with opened(folder) as (store, archive):
        yield Tool(store, archive), store


def received(receiver: LiveReceiver, *documents: bytes) -> Sequence[Receipt]:
    return asyncio.run(_received(receiver, documents))


async def _received(receiver: LiveReceiver, documents: Sequence[bytes]) -> Sequence[Receipt]:
    return await receiver.receive(documents)


def statuses(receipts: Sequence[Receipt]) -> list[str]:
    return [receipt.status.value for receipt in receipts]


def archived(folder: Path) -> list[bytes]:
    with opened(folder) as (_, archive):
        found = archive.batches(lambda trouble: pytest.fail(str(trouble)))
        return [document for each in found for document in each.batch.documents]


def expected(folder: Path, documents: Sequence[bytes]) -> list[dict[str, Any]]:
    """The verdicts of these documents, each submitted once, one after the other."""
    with tooled(folder) as (tool, store):
        with tool.receiver() as receiver:
            for document in documents:
                received(receiver, document)
        return stored(store)


def test_what_is_received_is_archived_and_taken_in(tmp_path: Path) -> None:
    with tooled(tmp_path) as (tool, store):
        with tool.receiver() as receiver:
            receipts = received(receiver, *LINES)
        assert statuses(receipts) == ["stored"] * len(LINES)
        assert [store.raw(receipt.uid) for receipt in receipts] == LINES
        assert {row["uid"] for row in stored(store)} <= {receipt.uid for receipt in receipts}
    assert archived(tmp_path) == LINES


def test_what_came_before_is_there_already_and_not_archived_again(tmp_path: Path) -> None:
    with tooled(tmp_path) as (tool, _), tool.receiver() as receiver:
        before = received(receiver, *LINES[:3])
        assert [Receipt(Status.ALREADY, each.uid) for each in before] == received(receiver, *LINES[:3])
    with tooled(tmp_path) as (tool, _), tool.receiver() as receiver:
        again = received(receiver, *LINES[:5])
        assert statuses(again) == ["already"] * 3 + ["stored"] * 2
        assert [each.uid for each in again[:3]] == [each.uid for each in before]
    assert archived(tmp_path) == LINES[:5]


def test_rows_point_at_their_bytes_where_part_of_a_group_was_there(tmp_path: Path) -> None:
    with tooled(tmp_path) as (tool, _), tool.receiver() as receiver:
        received(receiver, LINES[1], LINES[3])
    with tooled(tmp_path) as (tool, store):
        with tool.receiver() as receiver:
            receipts = received(receiver, *LINES[:6], LINES[0])
        assert [store.raw(receipt.uid) for receipt in receipts] == [*LINES[:6], LINES[0]]
        assert tool.frames == [4]


def test_what_is_no_measurement_is_kept_counted_and_explained_once(tmp_path: Path) -> None:
    for _ in range(2):
        with tooled(tmp_path) as (tool, store):
            with tool.receiver() as receiver:
                receipts = received(receiver, *BROKEN, LINES[0], *BROKEN)
            assert [receipt.uid for receipt in receipts[:4]] == [""] * 4
            assert all(receipt.reason.startswith("set aside, ") for receipt in receipts[:4])
            assert sum(count.documents for count in store.quarantine_summary()) == len(BROKEN)
    assert archived(tmp_path) == [*BROKEN, LINES[0]]


def test_documents_that_differ_only_beyond_the_sample_are_two(tmp_path: Path) -> None:
    start = b'{"test_name": "web_connectivity", "x": "' + b"x" * 70_000
    with tooled(tmp_path) as (tool, store):
        with tool.receiver() as receiver:
            receipts = [received(receiver, start + end)[0] for end in (b'1"}', b'2"}', b'1"}')]
        assert statuses(receipts) == ["stored", "stored", "already"]
        assert store.quarantine_summary()[0].documents == 2


def test_requests_that_come_while_one_is_written_are_the_next_group(tmp_path: Path) -> None:
    async def many(tool: Tool, receiver: LiveReceiver) -> list[Sequence[Receipt]]:
        tool.may_append.clear()
        first = asyncio.create_task(_received(receiver, LINES[:1]))
        await asyncio.to_thread(tool.appending.wait, 60)
        rest = [asyncio.create_task(_received(receiver, [line])) for line in LINES[1:]]
        await asyncio.sleep(0)
        tool.may_append.set()
        return [await first, *[await each for each in rest]]

    with tooled(tmp_path) as (tool, store):
        with tool.receiver() as receiver:
            receipts = asyncio.run(many(tool, receiver))
        assert tool.frames == [1, len(LINES) - 1]
        assert [store.raw(receipt.uid) for (receipt,) in receipts] == LINES


def test_a_document_that_many_send_at_once_is_stored_once(tmp_path: Path) -> None:
    def send(receiver: LiveReceiver) -> list[str]:
        return [receipt.status for line in LINES for receipt in received(receiver, line)]

    with tooled(tmp_path) as (tool, _), tool.receiver() as receiver, ThreadPoolExecutor(8) as pool:
        found = [
            status for sent in [pool.submit(send, receiver) for _ in range(8)] for status in sent.result()
        ]
        assert found.count("stored") == len(LINES)
        assert found.count("already") == 7 * len(LINES)
    assert sorted(archived(tmp_path)) == sorted(LINES)


def test_groups_have_their_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GROUP_DOCUMENTS", 4)

    async def many(receiver: LiveReceiver) -> None:
        await asyncio.gather(*[_received(receiver, [line]) for line in LINES[:20]])

    with tooled(tmp_path) as (tool, _), tool.receiver() as receiver:
        asyncio.run(many(receiver))
    assert max(tool.frames) <= 4
    assert sum(tool.frames) == 20


def test_a_full_disk_acknowledges_nothing_and_the_service_goes_on(tmp_path: Path) -> None:
    with tooled(tmp_path) as (tool, store):
        with tool.receiver() as receiver:
            tool.full = True
            for _ in range(3):
                with pytest.raises(UnavailableError) as caught:
                    received(receiver, *LINES[:2])
                assert (caught.value.detail, caught.value.retry_after_s > 0) == (
                    "the archive cannot be written now",
                    True,
                )
            assert len(tool.said) == 1
            assert "No space left" in tool.said[0]
            assert store.count_measurements() == 0
            tool.full = False
            assert statuses(received(receiver, *LINES[:2])) == ["stored"] * 2
        assert store.count_measurements() == 2
    assert archived(tmp_path) == LINES[:2]


def test_a_store_that_fails_loses_nothing_and_is_caught_up(tmp_path: Path) -> None:
    with tooled(tmp_path) as (tool, store):
        with tool.receiver() as receiver:
            tool.broken = True
            for line in (*LINES[:3], LINES[0]):
                received(receiver, line)
            tool.broken = False
            assert statuses(received(receiver, LINES[3], LINES[1])) == ["stored", "already"]
        assert store.count_measurements() == 4
        assert len(tool.said) == 1
        assert "the file is gone" in tool.said[0]
        assert tool.frames == [1, 1, 1, 1]


def test_a_store_that_fails_is_tried_again_though_nobody_submits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STORE_RETRY_S", 0.001)
    with tooled(tmp_path) as (tool, store), tool.receiver() as receiver:
        tool.broken = True
        received(receiver, LINES[0])
        assert tool.failed.wait(60)
        tool.broken = False
        assert tool.committed.wait(60)
        assert store.count_measurements() == 1


def test_a_frame_that_the_store_never_takes_keeps_no_other_out(tmp_path: Path) -> None:
    with tooled(tmp_path) as (tool, store):
        with tool.receiver() as receiver:
            tool.broken = True
            for line in LINES[:4]:
                received(receiver, line)
            assert statuses(received(receiver, LINES[0])) == ["already"]
            tool.poison, tool.broken = LINES[1], False
            for _ in range(4):
                received(receiver, LINES[0])
        assert store.count_measurements() == 3


def test_a_store_that_fails_too_long_ends_the_acceptance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BEHIND", 2)
    with tooled(tmp_path) as (tool, _), tool.receiver() as receiver:
        tool.broken = True
        for line in LINES[:2]:
            received(receiver, line)
        with pytest.raises(UnavailableError, match="store has failed"):
            received(receiver, LINES[2])
        tool.broken = False
        assert statuses(received(receiver, LINES[2])) == ["stored"]


def test_a_request_that_breaks_us_costs_no_other_its_turn(tmp_path: Path) -> None:
    async def many(tool: Tool, receiver: LiveReceiver) -> list[Any]:
        tool.may_append.clear()
        first = asyncio.create_task(_received(receiver, LINES[:1]))
        await asyncio.to_thread(tool.appending.wait, 60)
        sent = [[LINES[1]], [b'{"\0": 1}'], [LINES[2]]]
        rest = [asyncio.create_task(_received(receiver, each)) for each in sent]
        await asyncio.sleep(0)
        tool.may_append.set()
        return await asyncio.gather(first, *rest, return_exceptions=True)

    with tooled(tmp_path) as (tool, store):
        with tool.receiver() as receiver:
            one, two, poisoned, three = asyncio.run(many(tool, receiver))
        assert isinstance(poisoned, UnavailableError)
        assert [store.raw(receipts[0].uid) for receipts in (one, two, three)] == LINES[:3]
        assert "a bug of ours" in tool.said[0]


def test_leaving_finishes_what_was_received_and_refuses_what_comes_later(tmp_path: Path) -> None:
    async def leaving(tool: Tool, receiver: LiveReceiver) -> list[Sequence[Receipt]]:
        tool.may_append.clear()
        sent = [asyncio.create_task(_received(receiver, [line])) for line in LINES[:5]]
        await asyncio.to_thread(tool.appending.wait, 60)
        leaver = asyncio.create_task(asyncio.to_thread(receiver.__exit__, None, None, None))
        tool.may_append.set()
        await leaver
        return await asyncio.gather(*sent)

    with tooled(tmp_path) as (tool, store):
        receiver = tool.receiver()
        receiver.__enter__()
        found = asyncio.run(leaving(tool, receiver))
        assert [statuses(receipts) for receipts in found] == [["stored"]] * 5
        assert store.count_measurements() == 5
        with pytest.raises(UnavailableError):
            received(receiver, LINES[5])


def test_whoever_leaves_before_the_turn_comes_is_not_waited_for(tmp_path: Path) -> None:
    async def leaving(tool: Tool, receiver: LiveReceiver) -> Sequence[Receipt]:
        tool.may_append.clear()
        first = asyncio.create_task(_received(receiver, LINES[:1]))
        await asyncio.to_thread(tool.appending.wait, 60)
        gone = asyncio.create_task(_received(receiver, LINES[1:2]))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        tool.may_append.set()
        await first
        return await _received(receiver, LINES[2:3])

    with tooled(tmp_path) as (tool, _), tool.receiver() as receiver:
        assert statuses(asyncio.run(leaving(tool, receiver))) == ["stored"]
    assert archived(tmp_path) == [LINES[0], LINES[2]]


POOL = [*LINES[:8], *BROKEN]
REQUESTS = st.lists(st.lists(st.sampled_from(POOL), min_size=1, max_size=6), max_size=4)


@settings(max_examples=12, deadline=None)
@given(sessions=st.lists(REQUESTS, min_size=1, max_size=3))
def test_any_order_and_repetition_gives_the_same_measurements(
    sessions: list[list[list[bytes]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    sent = sorted({document for requests in sessions for request in requests for document in request})
    for requests in [*sessions, [list(reversed(sent))] if sent else []]:
        with tooled(folder) as (tool, store):
            with tool.receiver() as receiver:
                for request in requests:
                    received(receiver, *request)
            uids = [row.uid for row in store.measurements(limit=1000)]
            rows, aside = stored(store), [row.raw for row in store.quarantine(1000)]
    assert rows == expected(tmp_path_factory.mktemp("alone"), sent)
    assert len(uids) == len(set(uids)) == len(set(sent) - set(BROKEN))
    assert sorted(aside) == sorted(set(sent) & set(BROKEN))
    assert sorted(archived(folder)) == sent
