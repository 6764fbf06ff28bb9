"""GET /api/v2/verdicts: what measurements say of targets, a page at a time or all of it as a file."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BeforeValidator, Field

from lampwatch.formats.verdict_rows import public_verdict
from lampwatch.publish.api import verdict_files
from lampwatch.publish.api.answer import answer, download
from lampwatch.publish.api.measurements import raw_url
from lampwatch.publish.api.shapes import Problem, VerdictList, VerdictsOfMeasurement
from lampwatch.publish.example import any_example
from lampwatch.publish.site import Here
from lampwatch.publish.verdict_query import VerdictQuery

router = APIRouter(tags=["Verdicts"])

_PATH: Final = "/api/v2/verdicts"


class Format(StrEnum):
    """How verdicts are written: json a page at a time, the others all that match unless a limit is given."""

    JSON = "json"
    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


class VerdictsQuery(VerdictQuery):
    """Which verdicts, and in which form."""

    format: Annotated[Format, BeforeValidator(lambda value: str(value).lower() or Format.JSON)] = Field(
        Format.JSON, description="json gives a page; csv, jsonl and parquet give a file."
    )


_FILES: Final[dict[Format, tuple[Callable[..., Any], str]]] = {
    Format.CSV: (verdict_files.csv_file, "text/csv"),
    Format.JSONL: (verdict_files.jsonl_file, "application/x-ndjson"),
    Format.PARQUET: (verdict_files.parquet_file, "application/vnd.apache.parquet"),
}


@router.get(_PATH, responses={200: {"model": VerdictList}, 422: {"model": Problem}})
def verdicts(site: Here, request: Request, query: Annotated[VerdictsQuery, Query()]) -> Response:
    """Give verdicts: as JSON the newest first, a page at a time.

    As csv, jsonl or parquet all that match come in one file, oldest first; with a limit or an offset, the same page
    as JSON has.
    """
    where = query.filter()
    whole = query.format is not Format.JSON and not {"limit", "offset"} & query.model_fields_set
    rows = [] if whole else site.store.verdicts(where, limit=query.limit, offset=query.offset)
    if query.format is not Format.JSON:
        write, media_type = _FILES[query.format]
        batches = site.store.export_verdicts(where) if whole else iter([verdict_files.batch_of(rows)])
        name = f"lampwatch-verdicts.{query.format}"
        return StreamingResponse(write(batches), headers=download(name), media_type=media_type)
    count = site.store.count_verdicts(where)
    following = urlencode(query.given(limit=query.limit, offset=query.offset + query.limit))
    more = bool(rows) and query.offset + len(rows) < count
    metadata = {
        "count": count,
        "limit": query.limit,
        "offset": query.offset,
        "next_url": site.url(request, f"{_PATH}?{following}") if more else None,
    }
    return answer({"metadata": metadata, "results": [public_verdict(row, published=True) for row in rows]})


@router.get(
    _PATH + "/{measurement_uid}", responses={200: {"model": VerdictsOfMeasurement}, 404: {"model": Problem}}
)
def verdicts_of_measurement(site: Here, request: Request, measurement_uid: str) -> Response:
    """Give one measurement's verdicts with every observation of the probe and of its control."""
    if site.store.measurement(measurement_uid) is None:
        raise HTTPException(404, "This instance has no such measurement.")
    rows = site.store.verdicts_of(measurement_uid)
    content = {
        "measurement_uid": measurement_uid,
        "raw_measurement_url": raw_url(site, request, measurement_uid),
        "example": site.example or any_example(rows),
        "results": [public_verdict(row, published=True) for row in rows],
        "observations": {
            kind: [
                {name: value for name, value in fact.items() if name not in {"uid", "day"}} for fact in facts
            ]
            for kind, facts in site.store.observations_of(measurement_uid).items()
        },
    }
    return answer(content)
