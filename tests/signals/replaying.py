"""A server on this machine that replays documented answers, and a clock that only moves when somebody sleeps."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lampwatch.signals.web import Limits, Web

NOON = 1_641_384_000
"""2022-01-05 12:00 UTC."""


@dataclass(frozen=True)
class Asked:
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: int | None = None
    """What the server says of the body's length, where that is not the truth."""


def as_json(answer: Any, status: int = 200) -> Reply:
    return Reply(json.dumps(answer).encode(), status, {"Content-Type": "application/json"})


class Replaying(ThreadingHTTPServer):
    """Answers as `answer` says; what it was asked is kept."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.asked: list[Asked] = []

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that has seen enough goes away in the middle of an answer."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Replaying

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = Asked(
            parts.path, dict(parse_qsl(parts.query, keep_blank_values=True)), dict(self.headers.items())
        )
        self.server.asked.append(asked)
        reply = self.server.answer(asked)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
        self.end_headers()
        self.wfile.write(reply.body)


@contextmanager
def replaying(answer: Callable[[Asked], Reply]) -> Iterator[Replaying]:
    with Replaying(answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Clock:
    """Stands still but for sleeping."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@contextmanager
def web(clock: Clock | None = None, **more: Any) -> Iterator[Web]:
    ticking = clock or Clock()
    more.setdefault("limits", Limits(silence_s=5))
    with Web(clock=ticking, sleep=ticking.sleep, **more) as opened:
        yield opened
