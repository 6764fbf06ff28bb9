"""The collector's routes: OONI's four submission steps, and batches of our own.

What these routes learn of a client's address is used to answer its check-in and goes nowhere else.
"""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec
from fastapi import APIRouter, Request, Response

from lampwatch.collect.reception import shapes
from lampwatch.collect.reception.body import Bodies
from lampwatch.collect.reception.check_in import (
    Helper,
    Networks,
    Targets,
    answer,
    categories_of,
    check_in_of,
    whereabouts,
)
from lampwatch.collect.reception.limits import LIMITS, Limits
from lampwatch.collect.reception.receiver import Receiver, UnavailableError
from lampwatch.collect.reception.refusal import RefusedError
from lampwatch.collect.reception.report_id import is_report_id, report_id
from lampwatch.collect.reception.submission import Submitted, document_of, entries_of, results_of

_TAG: Final = "Submitting"
_LINE: Final = '{"key": "probe-7/000412", "content": {"test_name": "web_connectivity"}}'


class _Opening(msgspec.Struct):
    test_name: str
    format: str = "json"
    probe_cc: str | None = None
    probe_asn: str | None = None


Step = Callable[[Request], Awaitable[object]]
"""One route: a request -> what is answered with 200. Raises RefusedError and UnavailableError."""

_OPENING: Final = msgspec.json.Decoder(_Opening)


class Reception:
    """The collector's side that faces probes. `router` is to be included in an application.

    clock gives UTC; token gives 16 random characters; targets and helpers answer check-ins; version is Lampwatch's.
    """

    def __init__(
        self,
        receiver: Receiver,
        *,
        clock: Callable[[], dt.datetime],
        token: Callable[[], str],
        targets: Targets,
        helpers: Sequence[Helper] = (),
        networks: Networks | None = None,
        version: str = "",
        limits: Limits = LIMITS,
    ) -> None:
        self._receiver = receiver
        self._clock, self._token = clock, token
        self._targets, self._helpers, self._networks = targets, helpers, networks
        self._version = version
        self._limits = limits
        self._bodies = Bodies(limits)
        self.router = APIRouter(tags=[_TAG])
        self._add_routes()

    def close(self) -> None:
        """Answer 503 to every request from now on, but for those whose body has come whole."""
        self._bodies.close()

    def _add_routes(self) -> None:
        steps: tuple[tuple[str, Step, type[object] | None, object], ...] = (
            ("/api/v1/check-in", self._check_in, shapes.Reached, {"probe_cc": "KZ", "probe_asn": "AS9198"}),
            ("/report", self._open, shapes.OpenedReport, {"test_name": "web_connectivity", "format": "json"}),
            ("/report/{report_id}", self._update, shapes.Kept, {"format": "json", "content": {}}),
            ("/report/{report_id}/close", self._close_report, None, {}),
        )
        for path, step, shape, example in steps:
            self._add(path, step, shape, "application/json", example)
        self._add("/api/v2/measurements", self._batch, shapes.BatchResults, "application/x-ndjson", _LINE)

    def _add(
        self,
        path: str,
        step: Step,
        shape: type[object] | None,
        media_type: str,
        example: object,
    ) -> None:
        async def answered(request: Request) -> Response:
            return await _answered(step, request)

        self.router.add_api_route(
            path,
            answered,
            methods=["POST"],
            name=step.__name__.strip("_"),
            summary=(step.__doc__ or "").splitlines()[0],
            description=step.__doc__,
            responses={200: {"model": shape}} if shape is not None else {},
            openapi_extra=_path_parameter(path) | shapes.body_of(media_type, example),
        )

    async def _check_in(self, request: Request) -> object:
        """Tell a probe what to measure, and with whose help."""
        asked = check_in_of(await self._bodies.short(request))
        address = request.client.host if request.client is not None else ""
        where = whereabouts(asked, self._networks, address)
        urls = self._targets(where.probe_cc, categories_of(asked))
        return answer(where, urls, self._helpers, now=self._clock(), token=self._token(), address=address)

    async def _open(self, request: Request) -> object:
        """Open a report: its name is what measurements are submitted to."""
        body = await self._bodies.short(request)
        try:
            asked = _OPENING.decode(body)
            name = report_id(
                self._clock(), asked.test_name, asked.probe_cc or "", asked.probe_asn or "", self._token()
            )
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
            raise RefusedError(
                400, f"no report can be opened: {' '.join(str(error).split())[:300]}"
            ) from error
        if asked.format != "json":
            raise RefusedError(406, f"format {asked.format[:40]!r}: send json")
        return {"backend_version": self._version, "report_id": name, "supported_formats": ["json"]}

    async def _update(self, request: Request) -> object:
        """Submit one measurement to a report; answered when it is durable."""
        _check(request)
        async with self._bodies.submitted(request) as body:
            document = await asyncio.to_thread(document_of, body)
            (receipt,) = await self._receiver.receive([document])
        return {"measurement_uid": receipt.uid or None}

    async def _close_report(self, request: Request) -> object:
        """Close a report. More may still be submitted to it: a blackout may have held it up."""
        _check(request)
        return {}

    async def _batch(self, request: Request) -> object:
        """Submit many measurements, a JSON object on each line; answered when all that are stored are durable."""
        async with self._bodies.submitted(request) as body:
            entries = await asyncio.to_thread(entries_of, body, most=self._limits.documents)
            documents = [entry.document for entry in entries if isinstance(entry, Submitted)]
            receipts = await self._receiver.receive(documents) if documents else ()
        return {"results": results_of(entries, receipts)}


def _check(request: Request) -> None:
    if not is_report_id(request.path_params["report_id"]):
        raise RefusedError(404, "no report has such a name; open one with POST /report")


def _path_parameter(path: str) -> dict[str, object]:
    if "{" not in path:
        return {}
    named = {"name": "report_id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {"parameters": [named | {"description": "The report's name, as POST /report gave it."}]}


async def _answered(step: Step, request: Request) -> Response:
    """Take a step, and put what it gives, or why it cannot be taken, into an answer that nobody keeps."""
    headers = {"Cache-Control": "no-store"}
    try:
        status, content = 200, await step(request)
    except RefusedError as refused:
        status, content = refused.status, {"detail": refused.detail}
    except UnavailableError as unavailable:
        status, content = 503, {"detail": unavailable.detail}
        headers["Retry-After"] = str(unavailable.retry_after_s)
    return Response(msgspec.json.encode(content), status, headers, "application/json")
