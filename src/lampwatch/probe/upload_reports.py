"""OONI's way to submit, for collectors that know no batches: a report is opened, and takes one document at a time.

The protocol has no key. A document is therefore sent with the very same bytes again: the report it goes to is
remembered in the spool before it is sent, so that a collector that stored it and could not say so knows it again.
Source: OONI spec, bk-003-collector.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import httpx
import msgspec

from lampwatch.probe.clock import Clock
from lampwatch.probe.spool import Queued, Spool
from lampwatch.probe.upload_batch import TOO_LARGE, Told, failure_of
from lampwatch.probe.upload_exchange import Reply, post

_HEADERS: Final = {"Content-Type": "application/json"}
_OPENED_WITH: Final = (
    "data_format_version",
    "probe_asn",
    "probe_cc",
    "software_name",
    "software_version",
    "test_name",
    "test_start_time",
    "test_version",
)
_NO_SUCH_REPORT: Final = frozenset({400, 404, 410})
_LONGEST_ID: Final = 256


class Reports:
    """Submits documents through reports. Each run of a test has its own, which is closed at the end of a batch."""

    def __init__(self, client: httpx.AsyncClient, collector: str, spool: Spool, clock: Clock) -> None:
        self._client = client
        self._collector = collector
        self._spool = spool
        self._clock = clock

    async def send(self, batch: Sequence[Queued]) -> Told:
        """Submit one after the other until one fails; what is not named in the answer stays in the spool."""
        told = Told()
        opened: dict[bytes, str] = {}
        for one in batch:
            await self._send(one, opened, told)
            if told.failure:
                break
        for report_id in opened.values():
            await self._post(f"/report/{report_id}/close", {})
        return told

    async def _send(self, one: Queued, opened: dict[bytes, str], told: Told) -> None:
        document: dict[str, Any] = msgspec.json.decode(one.content, type=dict[str, msgspec.Raw])
        report_id = one.report_id or await self._opened(document, opened, told)
        if not report_id:
            return
        if not one.report_id:
            await asyncio.to_thread(self._spool.assign_report, one.key, report_id)
        content = document | {"report_id": report_id}
        reply = await self._post(f"/report/{report_id}", {"format": "json", "content": content})
        told.status = reply.status
        if reply.status == 200 and "measurement_uid" in (reply.fields or {}):  # noqa: PLR2004  HTTP's own number
            told.acknowledged.add(one.key)
            return
        told.failure = reply.failure or failure_of(reply)
        told.retry_after_s = reply.retry_after_s
        if reply.status == TOO_LARGE:
            told.refused[one.key] = "the collector takes no document so large"
        elif 400 <= reply.status < 500:  # noqa: PLR2004  HTTP's own numbers
            told.postponed.add(one.key)
        if reply.status in _NO_SUCH_REPORT:
            await asyncio.to_thread(self._spool.assign_report, one.key, "")

    async def _opened(self, document: dict[str, Any], opened: dict[bytes, str], told: Told) -> str:
        """The report that takes a document, opened where there is none yet; empty where that failed."""
        header = {name: document[name] for name in _OPENED_WITH if name in document} | {"format": "json"}
        name = msgspec.json.encode(header)
        if name not in opened:
            reply = await self._post("/report", header)
            report_id = (reply.fields or {}).get("report_id")
            told.status = reply.status
            if reply.status != 200 or not _is_id(report_id):  # noqa: PLR2004  HTTP's own number
                told.failure = reply.failure or failure_of(reply)
                told.retry_after_s = reply.retry_after_s
                return ""
            opened[name] = str(report_id)
        return opened[name]

    async def _post(self, path: str, content: dict[str, Any]) -> Reply:
        return await post(
            self._client, self._collector + path, msgspec.json.encode(content), _HEADERS, self._clock
        )


def _is_id(report_id: object) -> bool:
    """Whether this can stand in a path: a stranger must not choose where the probe sends to."""
    return (
        isinstance(report_id, str)
        and 0 < len(report_id) <= _LONGEST_ID
        and report_id.isascii()
        and report_id.replace("_", "").replace("-", "").isalnum()
    )
