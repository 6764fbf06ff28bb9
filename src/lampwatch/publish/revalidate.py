"""HEAD for every GET, and a tag on every answer, so that a reader with a slow line loads nothing twice."""

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Revalidation:
    """Tags whole answers with what they hold, and answers 304 to whoever has them already.

    Answers sent in pieces (downloads) have no length beforehand and pass through untagged.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a GET on and its answer back with a tag, or without a body where the reader has it."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        await self._app({**scope, "method": "GET"}, receive, answer.send)


class _Answer:
    """One answer on its way: its head is held back until its body is known."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._known = Headers(scope=scope).get("if-none-match", "")
        self._without_body = scope["method"] == "HEAD"
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            whole = message["status"] == 200 and "content-length" in Headers(raw=message["headers"])  # noqa: PLR2004  200 means OK
            if whole:
                self._head = message
                return
        elif self._head is not None:
            head, self._head = self._head, None
            message = await self._tagged(head, message)
        if self._without_body and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)

    async def _tagged(self, head: Message, body: Message) -> Message:
        content = body.get("body", b"")
        tag = f'W/"{hashlib.sha256(content).hexdigest()[:24]}"'
        headers = MutableHeaders(scope=head)
        headers["ETag"] = tag
        if tag in {part.strip() for part in self._known.split(",")}:
            head["status"] = 304
            del headers["content-length"]
            body = {**body, "body": b""}
        await self._send(head)
        return body
