"""Bodies are bounded in size, time and the memory they share."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from lampwatch.collect.reception.limits import Limits
from lampwatch.collect.reception.memory import Memory
from lampwatch.collect.reception.receiver import UnavailableError
from tests.collect.reception.making import REPORT_ID, Prober, lines, refused

BATCH = "/api/v2/measurements"
ONE = lines(("a", b"{}"))


async def dripping(*pieces: bytes, then: asyncio.Event | None = None) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
    if then is not None:
        await then.wait()


def test_a_body_that_says_it_is_too_large_is_refused_unread() -> None:
    prober = Prober(limits=Limits(decompressed_bytes=100, compressed_bytes=50))
    assert refused(prober.posts(BATCH, b" " * 101))[0] == 413
    assert refused(prober.posts(BATCH, b" " * 51, Content_Encoding="zstd"))[0] == 413
    assert refused(prober.posts(f"/report/{REPORT_ID}", b" " * 101))[0] == 413


def test_a_body_that_grows_too_large_is_refused_where_it_does() -> None:
    prober = Prober(limits=Limits(decompressed_bytes=100))
    assert refused(prober.posts(BATCH, dripping(b" " * 60, b" " * 60, b" " * 10**6)))[0] == 413


def test_a_check_in_and_an_opening_are_short() -> None:
    for path in ("/api/v1/check-in", "/report"):
        assert refused(Prober().posts(path, b" " * 100_000))[0] == 413


def test_a_body_that_does_not_come_in_time_is_given_up() -> None:
    prober = Prober(limits=Limits(body_seconds=0))

    async def talk(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(BATCH, content=dripping(b"{", then=asyncio.Event()))

    assert refused(prober.runs(talk))[0] == 408


def test_bodies_together_hold_no_more_than_their_memory() -> None:
    prober = Prober(limits=Limits(memory_bytes=len(ONE) - 1))
    answer = prober.posts(BATCH, ONE)
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)


def test_no_more_than_so_many_bodies_are_read_at_once() -> None:
    prober = Prober(limits=Limits(bodies=1))

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        here, go_on = asyncio.Event(), asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            here.set()
            await go_on.wait()
            yield ONE

        first = asyncio.create_task(client.post(BATCH, content=slow()))
        await here.wait()
        second = await client.post(BATCH, content=ONE)
        go_on.set()
        return [await first, second, await client.post(BATCH, content=ONE)]

    assert [answer.status_code for answer in prober.runs(talk)] == [200, 503, 200]


def test_what_a_body_held_is_given_back_once() -> None:
    memory = Memory(Limits(bodies=1, memory_bytes=10))
    for _ in range(3):
        with memory.share() as share:
            share.take(10)
            with pytest.raises(UnavailableError):
                share.take(1)


def test_a_closed_reception_refuses_what_is_new_and_gives_up_what_has_not_come() -> None:
    prober = Prober()

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        here = asyncio.Event()

        async def stuck() -> AsyncIterator[bytes]:
            here.set()
            yield b"{"
            await asyncio.Event().wait()

        waiting = asyncio.create_task(client.post(BATCH, content=stuck()))
        await here.wait()
        prober.reception.close()
        return [await waiting, await client.post(BATCH, content=ONE)]

    for answer in prober.runs(talk):
        assert refused(answer)[0] == 503
        assert "Retry-After" in answer.headers
    assert prober.kept.documents == []
