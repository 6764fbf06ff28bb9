"""A collector's door with a receiver behind it that keeps documents in memory, and whoever knocks at it."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import httpx
from fastapi import FastAPI

from lampwatch.collect.reception.check_in import Helper, Networks, Target
from lampwatch.collect.reception.limits import LIMITS, Limits
from lampwatch.collect.reception.receiver import Receipt, Status, UnavailableError
from lampwatch.collect.reception.routes import Reception
from lampwatch.model.network import UNKNOWN_NETWORK, Network

NOW = dt.datetime(2026, 11, 23, 12, 30, 5)  # noqa: DTZ001  the clock is UTC without a zone
RANDOM = "a1b2c3d4e5f60718"
REPORT_ID = f"20261123T123005Z_webconnectivity_KZ_9198_n1_{RANDOM}"
HELPER = Helper("https://control.test/", "https")
NEWS = Target("https://news.test/", "NEWS", "KZ")
GAMES = Target("https://games.test/", "GAME", "XX")


class Kept:
    """Keeps documents in memory. One that says `aside` is kept as no measurement."""

    def __init__(self) -> None:
        self.documents: list[bytes] = []
        self.failing = False

    async def receive(self, documents: Sequence[bytes], /) -> list[Receipt]:
        if self.failing:
            raise UnavailableError("the archive cannot be written now", retry_after_s=7)
        return [self._one(document) for document in documents]

    def _one(self, document: bytes) -> Receipt:
        status = Status.ALREADY if document in self.documents else Status.STORED
        if status is Status.STORED:
            self.documents.append(document)
        number = self.documents.index(document)
        return Receipt(status, "", "set aside") if b"aside" in document else Receipt(status, f"uid-{number}")


class Addresses:
    """Knows whose 198.51.100.0/24 and 2001:db8:1::/48 are, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def network_of(self, ip: str, /) -> Network:
        self.asked.append(ip)
        known = {"198.51.100.0", "2001:db8:1::"}
        return Network(64500, "Test Net", "XA") if ip in known else UNKNOWN_NETWORK

    def name_of(self, asn: int) -> str:
        return {64500: "Test Net", 9198: "Kazakhtelecom"}.get(asn, "")


def targets(country: str, categories: Sequence[str]) -> list[Target]:
    found = [NEWS, GAMES] if country == "KZ" else [GAMES]
    return [target for target in found if not categories or target.category_code in categories]


def reception(receiver: Kept, *, limits: Limits = LIMITS, networks: Networks | None = None) -> Reception:
    return Reception(
        receiver,
        clock=lambda: NOW,
        token=lambda: RANDOM,
        targets=targets,
        helpers=[HELPER],
        networks=networks,
        version="9.9",
        limits=limits,
    )


class Prober:
    """A probe that submits to a reception, without a network between them."""

    def __init__(
        self, *, limits: Limits = LIMITS, networks: Networks | None = None, address: str = "127.0.0.1"
    ) -> None:
        self.kept = Kept()
        self.reception = reception(self.kept, limits=limits, networks=networks)
        self._app = FastAPI()
        self._app.include_router(self.reception.router)
        self._address = address

    def posts(self, path: str, body: object, **headers: str) -> httpx.Response:
        """One request; an object is sent as JSON, bytes and streams as they are."""

        async def one(client: httpx.AsyncClient) -> httpx.Response:
            content = body if isinstance(body, bytes | AsyncIterator) else json.dumps(body).encode()
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.post(path, content=content, headers=sent)

        answer: httpx.Response = self.runs(one)
        return answer

    def runs(self, talk: Callable[[httpx.AsyncClient], Awaitable[Any]]) -> Any:
        async def whole() -> Any:
            transport = httpx.ASGITransport(self._app, client=(self._address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://collector.test") as client:
                return await talk(client)

        return asyncio.run(whole())


def lines(*entries: tuple[str, bytes]) -> bytes:
    """A batch."""
    return b"".join(b'{"key":%s,"content":%s}\n' % (json.dumps(key).encode(), raw) for key, raw in entries)


def refused(response: httpx.Response) -> tuple[int, str]:
    """The status and the one line of a refusal."""
    (name,) = response.json()
    assert name == "detail"
    detail = str(response.json()["detail"])
    assert "\n" not in detail
    return response.status_code, detail
