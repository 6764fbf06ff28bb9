"""Lampwatch's own way to submit: many documents at once, each with its key, each answered for itself."""

from collections.abc import Sequence
from typing import Any, Final

import httpx
import msgspec
import zstandard

from lampwatch.formats.printable import printable
from lampwatch.probe.clock import Clock
from lampwatch.probe.spool import Queued
from lampwatch.probe.upload_exchange import Reply, post

ROUTE: Final = "/api/v2/measurements"
UNKNOWN_ROUTE: Final = frozenset({404, 405})
TOO_LARGE: Final = 413

_LEVEL: Final = 6
_HEADERS: Final = {"Content-Type": "application/x-ndjson", "Content-Encoding": "zstd"}
_ACKNOWLEDGED: Final = frozenset({"stored", "already"})


class Told(msgspec.Struct, kw_only=True):
    """What a collector said of a batch, by key; failure is empty where the exchange itself went well.

    postponed are those that another try may not help, so that others go first.
    """

    acknowledged: set[str] = msgspec.field(default_factory=set)
    refused: dict[str, str] = msgspec.field(default_factory=dict)
    postponed: set[str] = msgspec.field(default_factory=set)
    status: int = 0
    failure: str = ""
    retry_after_s: float = 0.0


async def send_batch(
    client: httpx.AsyncClient, collector: str, batch: Sequence[Queued], clock: Clock
) -> Told:
    """Submit a batch. Only keys of the batch count in the answer; what it does not name stays in the spool."""
    body = b"".join(b'{"key":"%s","content":%s}\n' % (one.key.encode(), one.content) for one in batch)
    reply = await post(client, collector + ROUTE, zstandard.compress(body, _LEVEL), _HEADERS, clock)
    told = Told(status=reply.status, failure=reply.failure, retry_after_s=reply.retry_after_s)
    if reply.status == 200:  # noqa: PLR2004  HTTP's own number
        _take(told, reply, {one.key for one in batch})
    elif reply.status:
        told.failure = failure_of(reply)
        if reply.status == TOO_LARGE and len(batch) == 1:
            told.refused[batch[0].key] = "the collector takes no document so large"
        elif 400 <= reply.status < 500 and len(batch) == 1:  # noqa: PLR2004  HTTP's own numbers
            told.postponed.add(batch[0].key)
    return told


def failure_of(reply: Reply) -> str:
    """Why a reply is none that helps, in one line: its status, and the detail that the collector gives."""
    detail = (reply.fields or {}).get("detail")
    return f"the collector answers {reply.status}" + (
        f": {printable(detail)}" if isinstance(detail, str) else ""
    )


def _take(told: Told, reply: Reply, sent: set[str]) -> None:
    results = (reply.fields or {}).get("results")
    for result in results if isinstance(results, list) else ():
        key, status, reason = _result(result)
        if key not in sent:
            continue
        if status in _ACKNOWLEDGED:
            told.acknowledged.add(key)
        elif status == "refused":
            told.refused[key] = reason
    if not (told.acknowledged or told.refused):
        told.failure = "what answers is no collector: it acknowledges nothing"


def _result(result: Any) -> tuple[str, str, str]:  # noqa: ANN401  whatever JSON a stranger sends
    if not isinstance(result, dict):
        return "", "", ""
    key, status, reason = (result.get(name) for name in ("key", "status", "reason"))
    return (
        key if isinstance(key, str) else "",
        status if isinstance(status, str) else "",
        printable(reason) if isinstance(reason, str) else "no reason given",
    )
