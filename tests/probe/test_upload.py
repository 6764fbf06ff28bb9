import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lampwatch.model.errors import UserError
from lampwatch.probe.spool import Spool
from lampwatch.probe.spool_worth import Worth
from lampwatch.probe.upload import IDLE_S, LONGEST_S, MOST_DOCUMENTS, Attempt, Uploader, checked_collector
from tests.probe.collector import FaultyCollector
from tests.probe.spooling import NOON, StandingClock, contents, document, number_of, spool_at

FAULTS: list[int | str] = ["drop_before", "drop_after", "truncate", "page", "first", 500, 503, 429, 400, 302]


@asynccontextmanager
async def uploading(
    spool: Spool, collector: FaultyCollector, clock: StandingClock, *, seed: int = 1
) -> AsyncIterator[Uploader]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield Uploader(spool, client, collector.address, clock=clock, random=Random(seed))


def ran(
    folder: Path,
    collector: FaultyCollector,
    count: int,
    act: Callable[[Uploader, Spool], Coroutine[Any, Any, None]],
    clock: StandingClock | None = None,
) -> None:
    """Put so many documents into a spool, serve a collector, and do something with both."""

    async def all_of_it() -> None:
        ticking = clock or StandingClock()
        with spool_at(folder, ticking) as spool:
            for n in range(count):
                spool.put(document(n), worth=Worth.OK)
            async with collector.serving(), uploading(spool, collector, ticking) as uploader:
                await act(uploader, spool)

    asyncio.run(all_of_it())


async def drained(uploader: Uploader, spool: Spool) -> None:
    assert await uploader.drain(patience=50) == ""
    assert spool.waiting().documents == 0


def test_all_that_waits_is_delivered_in_growing_batches(tmp_path: Path) -> None:
    collector = FaultyCollector()
    ran(tmp_path, collector, 300, drained)
    assert collector.numbers() == list(range(300))
    sizes = [size for _, size in collector.requests]
    assert sizes[:3] == [2, 4, 8]
    assert max(sizes) == MOST_DOCUMENTS


@pytest.mark.parametrize("fault", FAULTS)
def test_each_document_arrives_once_whatever_fails_in_between(tmp_path: Path, fault: int | str) -> None:
    collector = FaultyCollector("", fault, "", fault, fault)
    ran(tmp_path, collector, 40, drained)
    assert collector.numbers() == list(range(40))
    assert all(len(set(sent)) == 1 for sent in collector.keys.values())


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(FAULTS), max_size=12), st.booleans())
def test_each_document_arrives_once_after_any_row_of_faults(
    tmp_path_factory: pytest.TempPathFactory,
    faults: list[int | str],
    batches: bool,
) -> None:
    collector = FaultyCollector(*faults, batches=batches)
    ran(tmp_path_factory.mktemp("spool"), collector, 12, drained)
    assert collector.numbers() == list(range(12))


def test_a_probe_that_dies_before_it_hears_the_answer_sends_again_and_it_is_stored_once(
    tmp_path: Path,
) -> None:
    collector = FaultyCollector("hang")

    async def dies_and_returns(uploader: Uploader, spool: Spool) -> None:
        attempt = asyncio.create_task(uploader.attempt())
        await collector.stored_now.wait()
        attempt.cancel()
        await asyncio.gather(attempt, return_exceptions=True)
        assert spool.waiting().documents == 5

    ran(tmp_path, collector, 5, dies_and_returns)
    assert collector.numbers() == [0, 1]
    ran(tmp_path, collector, 0, drained)
    assert collector.numbers() == [0, 1, 2, 3, 4]


def test_what_the_collector_refuses_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    collector = FaultyCollector()

    async def refused(uploader: Uploader, spool: Spool) -> None:
        collector.refuse[spool.batch(documents=1, content_bytes=1)[0].key] = "no measurement"
        await drained(uploader, spool)
        assert [(number_of(r.content), r.reason) for r in spool.refusals()] == [(0, "no measurement")]

    ran(tmp_path, collector, 3, refused)
    assert collector.numbers() == [1, 2]


def test_a_document_that_is_too_large_for_the_collector_does_not_hold_up_the_others(tmp_path: Path) -> None:
    collector = FaultyCollector(413, 413)

    async def refused(uploader: Uploader, spool: Spool) -> None:
        await drained(uploader, spool)
        assert [number_of(r.content) for r in spool.refusals()] == [0]

    ran(tmp_path, collector, 3, refused)
    assert collector.numbers() == [1, 2]


def test_a_document_that_the_collector_chokes_on_goes_last(tmp_path: Path) -> None:
    collector = FaultyCollector(400, 400)

    async def postponed(uploader: Uploader, spool: Spool) -> None:
        await uploader.attempt()
        await uploader.attempt()
        assert [number_of(content) for content in contents(spool)] == [1, 2, 0]

    ran(tmp_path, collector, 3, postponed)


@pytest.mark.parametrize("faults", [[], ["drop_after"] * 3, ["", "drop_after", 500, "truncate"]])
def test_a_collector_without_batches_is_reported_to_as_ooni_has_it(
    tmp_path: Path, faults: list[int | str]
) -> None:
    collector = FaultyCollector("", *faults, batches=False)
    ran(tmp_path, collector, 5, drained)
    assert collector.numbers() == [0, 1, 2, 3, 4]
    assert {content["report_id"] for content in collector.stored} == {
        "20261123T120000Z_webconnectivity_ZZ_0_n1_abc"
    }
    assert any(path.endswith("/close") for path, _ in collector.requests)


def test_where_nothing_knows_a_route_nothing_is_lost_and_the_better_way_is_tried_again(
    tmp_path: Path,
) -> None:
    collector = FaultyCollector(batches=False, reports=False)

    async def gives_up(uploader: Uploader, spool: Spool) -> None:
        assert "404" in await uploader.drain(patience=3)
        assert spool.waiting().documents == 3

    ran(tmp_path, collector, 3, gives_up)
    assert [path for path, _ in collector.requests] == ["/api/v2/measurements", "/report"] * 3


def test_where_nobody_listens_the_drain_gives_up_with_a_reason(tmp_path: Path) -> None:
    async def gives_up() -> None:
        clock = StandingClock()
        with spool_at(tmp_path, clock) as spool:
            spool.put(document(1), worth=Worth.OK)
            async with httpx.AsyncClient(trust_env=False) as client:
                uploader = Uploader(spool, client, "http://127.0.0.1:1", clock=clock, random=Random(1))
                assert await uploader.drain(patience=4) != ""
            assert spool.waiting().documents == 1
            assert len(clock.slept) == 3

    asyncio.run(gives_up())


@pytest.mark.parametrize(
    ("asked", "least"), [("120", 120), ("Mon, 23 Nov 2026 12:02:00 GMT", 120), ("soon", 0), ("-5", 0)]
)
def test_the_wait_that_a_collector_asks_for_is_kept(tmp_path: Path, asked: str, least: float) -> None:
    collector = FaultyCollector(503)
    collector.headers["Retry-After"] = asked
    clock = StandingClock(NOON)

    async def waits(uploader: Uploader, _: Spool) -> None:
        attempt = await uploader.attempt()
        assert attempt.retry_after_s == least
        assert least <= uploader.wait_s(attempt) <= least + 2

    ran(tmp_path, collector, 1, waits, clock)


def test_nobody_can_ask_for_an_endless_wait(tmp_path: Path) -> None:
    collector = FaultyCollector(503)
    collector.headers["Retry-After"] = "9" * 30

    async def waits(uploader: Uploader, _: Spool) -> None:
        assert (await uploader.attempt()).retry_after_s == 3600

    ran(tmp_path, collector, 1, waits)


def test_the_wait_grows_is_random_and_has_an_end(tmp_path: Path) -> None:
    collector = FaultyCollector(*[500] * 40)

    async def waits(uploader: Uploader, _: Spool) -> None:
        drawn = [[uploader.wait_s(await uploader.attempt()) for _ in range(8)] for _ in range(5)]
        assert max(drawn[0]) <= 2**8
        assert max(map(max, drawn)) <= LONGEST_S
        assert min(drawn[4]) < LONGEST_S / 2 < max(drawn[4])

    ran(tmp_path, collector, 1, waits)


def test_what_comes_into_the_spool_later_is_sent_too(tmp_path: Path) -> None:
    collector = FaultyCollector()

    async def goes_on(uploader: Uploader, spool: Spool) -> None:
        told: list[Attempt] = []
        all_delivered = asyncio.Event()

        def tell(attempt: Attempt) -> None:
            told.append(attempt)
            if attempt.idle and len(collector.stored) == 1:
                spool.put(document(7), worth=Worth.OK)
            if len(collector.stored) == 2:
                all_delivered.set()

        sending = asyncio.create_task(uploader.forever(tell))
        await all_delivered.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    clock = StandingClock()
    ran(tmp_path, collector, 1, goes_on, clock)
    assert collector.numbers() == [0, 7]
    assert IDLE_S in clock.slept


@pytest.mark.parametrize(
    "address",
    ["", "collector.example", "http://collector.example", "ftp://a.example", "https://a.example?b=c"],
)
def test_an_address_that_is_no_collector_s_is_refused(address: str) -> None:
    with pytest.raises(UserError, match="no address of a collector"):
        checked_collector(address)


def test_a_collector_is_spoken_to_over_https_and_on_this_machine_over_http() -> None:
    assert checked_collector("https://collector.example/") == "https://collector.example"
    assert checked_collector("http://127.0.0.1:8064") == "http://127.0.0.1:8064"
