"""Someone who reads an instance, without a network between them."""

import asyncio

import httpx
from fastapi import FastAPI

HOME = "http://lampwatch.test"


class Reader:
    """Asks an application directly. An exception that the application did not answer is raised here."""

    def __init__(self, app: FastAPI, *, raises: bool = True) -> None:
        self.app = app
        self._raises = raises

    def get(self, path: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> httpx.Response:
        """Ask for a path with its query."""
        return asyncio.run(self._ask(method, path, headers or {}))

    async def _ask(self, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=self._raises)
        async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
            return await client.request(method, path, headers=headers)
