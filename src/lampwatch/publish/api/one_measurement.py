"""GET /api/v1/raw_measurement and /api/v1/measurement_meta: one measurement, by its uid or its report and input."""

from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, Field

from lampwatch.formats.verdict_rows import iso_z
from lampwatch.publish.api.answer import answer, download
from lampwatch.publish.api.measurements import scores
from lampwatch.publish.api.shapes import MeasurementMeta, Problem
from lampwatch.publish.headers import STEADY
from lampwatch.publish.parameters import Text
from lampwatch.publish.site import Here, Site
from lampwatch.store.query import Direction, MeasurementFilter, MeasurementOrder
from lampwatch.store.rows import MeasurementRow

router = APIRouter(tags=["OONI's API"])

_REFUSALS: Final[dict[int | str, dict[str, Any]]] = {status: {"model": Problem} for status in (400, 404, 422)}
_ANY: Final = "any JSON document in the OONI data format"


class OneMeasurement(BaseModel):
    """Which measurement. measurement_uid alone names one; report_id and input together do for older software."""

    measurement_uid: Text = Field(None, description="The measurement's name.")
    report_id: Text = Field(None, description="The report it belongs to, where measurement_uid is not given.")
    input: Text = Field(None, description="Its input within the report.")


class OneMeasurementInFull(OneMeasurement):
    """Which measurement, and whether with its bytes."""

    full: bool = Field(default=False, description="With raw_measurement, the document as a text.")


class _Started(msgspec.Struct):
    test_start_time: str | None = None


@router.get(
    "/api/v1/raw_measurement",
    responses={200: {"description": _ANY, "content": {"application/json": {}}}, **_REFUSALS},
)
def raw_measurement(site: Here, query: Annotated[OneMeasurement, Query()]) -> Response:
    """Give a measurement's bytes exactly as they came."""
    return _raw(site, _found(site, query).uid)


@router.get(
    "/api/v1/measurement/{measurement_uid}",
    responses={200: {"description": _ANY, "content": {"application/json": {}}}, **_REFUSALS},
)
def measurement_by_name(site: Here, measurement_uid: str, *, download: bool = False) -> Response:
    """Give a measurement's bytes exactly as they came; download=true lets a browser keep them as a file."""
    return _raw(site, measurement_uid, as_file=download)


@router.get("/api/v1/measurement_meta", responses={200: {"model": MeasurementMeta}, **_REFUSALS})
def measurement_meta(site: Here, query: Annotated[OneMeasurementInFull, Query()]) -> Response:
    """Give a measurement's header, and with full=true its bytes."""
    row = _found(site, query)
    raw = site.store.raw(row.uid)
    meta = {
        "measurement_uid": row.uid,
        "report_id": row.report_id,
        "input": row.input or None,
        "measurement_start_time": iso_z(row.start_time),
        "test_start_time": _test_start_time(raw),
        "test_name": row.method,
        "probe_asn": row.probe_asn,
        "probe_cc": row.probe_cc,
        "anomaly": row.anomaly,
        "confirmed": row.confirmed,
        "failure": row.failure,
        "scores": msgspec.json.encode(scores(row)).decode(),
        "category_code": _category(site, row.uid),
    }
    if query.full:
        meta["raw_measurement"] = raw.decode("utf-8", "replace") if raw is not None else ""
    return answer(meta)


def _found(site: Site, query: OneMeasurement) -> MeasurementRow:
    if query.measurement_uid:
        row = site.store.measurement(query.measurement_uid)
    elif query.report_id:
        where = MeasurementFilter(report_id=query.report_id, inputs=(query.input,) if query.input else ())
        rows = site.store.measurements(where, MeasurementOrder.START_TIME, Direction.ASCENDING, 1)
        row = rows[0] if rows else None
    else:
        raise HTTPException(400, "Say which measurement: give measurement_uid, or report_id and input.")
    if row is None:
        raise HTTPException(404, "This instance has no such measurement.")
    return row


def _category(site: Site, uid: str) -> str | None:
    """The category of what was measured: of the first of its targets that has one."""
    targets = [verdict.target for verdict in site.store.verdicts_of(uid)]
    categories = site.store.target_categories(targets)
    return next((categories[target] for target in targets if target in categories), None)


def _raw(site: Site, uid: str, *, as_file: bool = False) -> Response:
    raw = site.store.raw(uid)
    if raw is None:
        raise HTTPException(
            404, "This instance has no such measurement, or its bytes are not in its archive."
        )
    named = "".join(letter for letter in uid if letter.isalnum() or letter in "_.")
    headers = {"Cache-Control": STEADY, **(download(f"{named}.json") if as_file else {})}
    return Response(raw, headers=headers, media_type="application/json")


def _test_start_time(raw: bytes | None) -> str | None:
    """The time the test began, in OONI's form, as the document has it; None where it has none that can be read."""
    if raw is None:
        return None
    try:
        started = msgspec.json.decode(raw, type=_Started).test_start_time
    except msgspec.MsgspecError:
        return None
    return started.replace(" ", "T", 1) + "Z" if started and not started.endswith("Z") else started
