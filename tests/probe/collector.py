"""A collector on the loopback that does what it is told to: drops connections, lies, refuses, or stores."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import h11
import zstandard


@contextmanager
def collecting(collector: "FaultyCollector") -> Iterator["FaultyCollector"]:
    """Serve a collector from a thread, for programs that run a loop of their own."""
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()

    async def served() -> None:
        async with collector.serving():
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(served(),))
    thread.start()
    try:
        ready.wait()
        yield collector
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


class FaultyCollector:
    """Stores documents by their content, as the real one does. faults are taken one a request, then all goes well.

    A fault is a status to answer with, or: `drop_before` and `drop_after` storing, `truncate` (stores, breaks off in
    its reply), `page` (a captive portal's 200), `hang` (stores, and never answers), `first` (stores the first only).
    """

    def __init__(self, *faults: int | str, batches: bool = True, reports: bool = True) -> None:
        self.faults = list(faults)
        self.batches, self.reports = batches, reports
        self.headers: dict[str, str] = {}
        self.refuse: dict[str, str] = {}
        self.stored: list[dict[str, Any]] = []
        self.keys: dict[str, list[str]] = {}
        self.requests: list[tuple[str, int]] = []
        self.stored_now = asyncio.Event()
        self.check_in: dict[str, Any] | None = None
        self.checked_in: list[dict[str, Any]] = []
        self.address = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["FaultyCollector"]:
        connections: set[asyncio.Task[None]] = set()

        async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            connections.add(task)
            try:
                await self._answered(reader, writer)
            finally:
                connections.discard(task)
                writer.close()

        server = await asyncio.start_server(served, "127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in list(connections):
                task.cancel()
            await asyncio.gather(*connections, return_exceptions=True)
            await server.wait_closed()

    async def _answered(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = h11.Connection(h11.SERVER)
        request, body = None, b""
        while True:
            event = talk.next_event()
            if event is h11.NEED_DATA:
                talk.receive_data(await reader.read(65536))
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            else:
                return
        assert request is not None
        if dict(request.headers).get(b"content-encoding") == b"zstd":
            body = zstandard.decompress(body)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "drop_before":
            return
        status, answer = self._done(request.target.decode(), body, fault)
        self.stored_now.set()
        if fault == "drop_after":
            return
        if fault == "hang":
            await asyncio.sleep(3600)
        content = b"<html>Welcome to the hotel" if fault == "page" else json.dumps(answer).encode()
        headers = {"Content-Length": str(len(content)), "Connection": "close", **self.headers}
        raw = talk.send(h11.Response(status_code=status, headers=list(headers.items())))
        raw += talk.send(h11.Data(data=content)) + talk.send(h11.EndOfMessage())
        writer.write(raw[: -len(content) // 2] if fault == "truncate" else raw)
        await writer.drain()

    def _done(self, path: str, body: bytes, fault: int | str) -> tuple[int, Any]:
        if isinstance(fault, int):
            return fault, {"detail": "as told"}
        if path == "/api/v2/measurements" and self.batches:
            lines = [json.loads(line) for line in body.splitlines()]
            self.requests.append((path, len(lines)))
            if fault == "page":
                return 200, {}
            if fault == "first":
                lines = lines[:1]
            return 200, {"results": [self._result(line["key"], line["content"]) for line in lines]}
        if path == "/api/v1/check-in" and self.check_in is not None:
            self.checked_in.append(json.loads(body))
            return 200, self.check_in
        self.requests.append((path, 1))
        if not path.startswith("/report") or not self.reports:
            return 404, {"detail": "Not Found"}
        if path == "/report":
            return 200, {"backend_version": "1", "report_id": "20261123T120000Z_webconnectivity_ZZ_0_n1_abc"}
        if path.endswith("/close"):
            return 200, {}
        content = json.loads(body)["content"]
        self._store(content)
        return 200, {"measurement_uid": "some"}

    def _result(self, key: str, content: dict[str, Any]) -> dict[str, Any]:
        if key in self.refuse:
            return {"key": key, "status": "refused", "reason": self.refuse[key], "measurement_uid": None}
        self.keys.setdefault(key, []).append(json.dumps(content))
        status = "stored" if self._store(content) else "already"
        return {"key": key, "status": status, "measurement_uid": "some", "reason": None}

    def _store(self, content: dict[str, Any]) -> bool:
        if content in self.stored:
            return False
        self.stored.append(content)
        return True

    def numbers(self) -> list[int]:
        """Which documents are stored."""
        return sorted(int(content["annotations"]["number"]) for content in self.stored)
