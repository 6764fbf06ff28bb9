"""The control over HTTP: one question a request, within limits, and no client's address kept."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import msgspec
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.requests import ClientDisconnect

from lampwatch import __version__
from lampwatch.probe.control import YOUR_ADDRESS
from lampwatch.probe.control_service.answer import answer_to
from lampwatch.probe.control_service.limits import Admission, Limits
from lampwatch.probe.control_service.outpost import Outpost
from lampwatch.probe.control_service.question import MOST_BYTES, Question, Refused, question_of

_ASK_AGAIN_S: Final = "60"
_UNKEPT: Final = {"Cache-Control": "no-store"}
_BUSY: Final = frozenset({429, 503})
_TOO_LARGE: Final = Refused(413, f"the question is larger than {MOST_BYTES} bytes")
_ENDING: Final = Refused(503, "the control is ending; ask again in a minute")
_ABOUT: Final = {
    "what": "Lampwatch control: says what a web site looks like from here",
    "protocol": "OONI Web Connectivity test helper; POST a question to this address",
    "version": __version__,
}


class ControlService:
    """Answers questions about public web sites from one outpost. Questions and answers are kept nowhere."""

    def __init__(self, outpost: Outpost, limits: Limits, monotonic: Callable[[], float], salt: bytes) -> None:
        """salt: at least 16 random bytes, fresh in each process, by which clients are told apart in memory."""
        self._outpost = outpost
        self._limits = limits
        self._admission = Admission(limits, monotonic, salt)
        self._answering: set[asyncio.Task[dict[str, Any]]] = set()
        self._ended = asyncio.Event()

    def end(self) -> None:
        """Break off what is being answered: whoever waits for it is told so. To be called in the server's loop."""
        self._ended.set()
        for answering in self._answering:
            answering.cancel()

    async def post(self, request: Request) -> Response:
        """Answer one question, or say in one line why not."""
        address = request.client.host if request.client else ""
        with self._admission.admitted(address) as refused:
            outcome = refused or await self._outcome(request)
        if not isinstance(outcome, Refused):
            reply = _json(outcome)
            # Told to nobody else, so that the asker can keep it out of what it writes.
            reply.headers[YOUR_ADDRESS] = address
            return reply
        again = {"Retry-After": _ASK_AGAIN_S} if outcome.status in _BUSY else {}
        return Response(f"{outcome.line}\n", outcome.status, again | _UNKEPT, "text/plain; charset=utf-8")

    async def _outcome(self, request: Request) -> dict[str, Any] | Refused:
        body = await self._body(request)
        question = question_of(body) if isinstance(body, bytes) else body
        return question if isinstance(question, Refused) else await self._answer(question)

    async def _answer(self, question: Question) -> dict[str, Any] | Refused:
        if self._ended.is_set():
            return _ENDING
        answering = asyncio.create_task(answer_to(question, self._outpost))
        self._answering.add(answering)
        try:
            return await answering
        except asyncio.CancelledError:
            if self._ended.is_set():
                return _ENDING
            raise
        finally:
            self._answering.discard(answering)

    async def _body(self, request: Request) -> bytes | Refused:
        """What was sent, as far as it is bounded in size and time."""
        declared = request.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared[:12]) > MOST_BYTES:
            return _TOO_LARGE
        body = bytearray()
        try:
            async with asyncio.timeout(self._limits.read_s):
                async for piece in request.stream():
                    body += piece
                    if len(body) > MOST_BYTES:
                        return _TOO_LARGE
        except TimeoutError:
            return Refused(408, f"the question did not arrive within {self._limits.read_s:g} s")
        except ClientDisconnect:
            return Refused(400, "the question broke off")
        return bytes(body)


async def about() -> Response:
    """What this is, for whoever opens the address in a browser."""
    return _json(_ABOUT)


async def health() -> Response:
    """That it runs."""
    return _json({"status": "ok"})


def control_routes(service: ControlService, at: str = "") -> APIRouter:
    """The control's routes under a path such as `/control`, for an application that embeds it; `` is the root."""
    router = APIRouter(include_in_schema=False)
    for path in dict.fromkeys([at or "/", f"{at}/"]):
        router.add_api_route(path, service.post, methods=["POST"], response_class=Response)
        router.add_api_route(path, about, methods=["GET"], response_class=Response)
    router.add_api_route(f"{at}/health", health, methods=["GET"], response_class=Response)
    return router


def control_app(service: ControlService) -> FastAPI:
    """An application that is the control and nothing else."""
    app = FastAPI(title="Lampwatch control", openapi_url=None, docs_url=None, redoc_url=None)
    app.include_router(control_routes(service))
    return app


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), headers=_UNKEPT, media_type="application/json")
