"""GET /api/v1/measurements: measurements as OONI's API lists them."""

from enum import StrEnum
from math import ceil
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, field_validator

from lampwatch.formats.verdict_rows import iso_z
from lampwatch.publish.api.answer import answer
from lampwatch.publish.api.shapes import MeasurementList, Problem
from lampwatch.publish.measurement_query import MeasurementsAsked
from lampwatch.publish.parameters import Limit, Offset, Text, Texts, Truth
from lampwatch.publish.site import Here, Site
from lampwatch.store.query import Direction, MeasurementFilter, MeasurementOrder
from lampwatch.store.rows import MeasurementRow

router = APIRouter(tags=["OONI's API"])

_PATH: Final = "/api/v1/measurements"


class OrderBy(StrEnum):
    """What measurements can be ordered by."""

    START_TIME = "measurement_start_time"
    COUNTRY = "probe_cc"
    NETWORK = "probe_asn"
    METHOD = "test_name"


_ORDERS: Final = {
    OrderBy.START_TIME: MeasurementOrder.START_TIME,
    OrderBy.COUNTRY: MeasurementOrder.COUNTRY,
    OrderBy.NETWORK: MeasurementOrder.NETWORK,
    OrderBy.METHOD: MeasurementOrder.METHOD,
}


class MeasurementQuery(MeasurementsAsked):
    """Filters of measurements, with OONI's names; parameters that OONI has and we do not keep change nothing."""

    report_id: Text = Field(None, description="The report the measurement belongs to.")
    confirmed: Truth = Field(None, description="Blocked, with a known block page or injected answer.")
    anomaly: Truth = Field(None, description="Some verdict is blocked.")
    failure: Truth = Field(None, description="It could not be judged.")
    software_version: Texts = Field((), description="Versions of the probe's software.")
    order_by: OrderBy = Field(OrderBy.START_TIME, description="What the results are ordered by.")
    order: Direction = Field(Direction.DESCENDING, description="asc or desc.")
    limit: Limit = Field(100, description="Rows at most; no answer has more than 1000.")
    offset: Offset = Field(0, description="Rows to pass over first.")

    @field_validator("order", mode="before")
    @classmethod
    def _in_any_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    def filter(self) -> MeasurementFilter:
        """The question as the store takes it."""
        return msgspec.structs.replace(
            super().filter(),
            report_id=self.report_id,
            software_versions=self.software_version,
            anomaly=self.anomaly,
            confirmed=self.confirmed,
            failure=self.failure,
        )


@router.get(_PATH, responses={200: {"model": MeasurementList}, 422: {"model": Problem}})
def measurements(site: Here, request: Request, query: Annotated[MeasurementQuery, Query()]) -> Response:
    """List measurements, a page at a time."""
    began = site.timer()
    where = query.filter()
    rows = site.store.measurements(where, _ORDERS[query.order_by], query.order, query.limit, query.offset)
    count = site.store.count_measurements(where)
    metadata = {
        "count": count,
        "current_page": query.offset // query.limit + 1,
        "limit": query.limit,
        "next_url": _next_url(site, request, query) if query.offset + len(rows) < count and rows else None,
        "offset": query.offset,
        "pages": ceil(count / query.limit),
        "query_time": round(site.timer() - began, 6),
    }
    return answer({"metadata": metadata, "results": [_listed(site, request, row) for row in rows]})


def raw_url(site: Site, request: Request, uid: str) -> str:
    """Where a measurement's bytes are."""
    return site.url(request, f"/api/v1/raw_measurement?measurement_uid={quote(uid)}")


def scores(row: MeasurementRow) -> dict[str, Any]:
    """OONI's overall score, which here is 1 where some verdict is blocked and 0 elsewhere."""
    return {"blocking_general": 1.0 if row.anomaly else 0.0}


def _listed(site: Site, request: Request, row: MeasurementRow) -> dict[str, Any]:
    return {
        "measurement_uid": row.uid,
        "report_id": row.report_id,
        "measurement_url": raw_url(site, request, row.uid),
        "probe_cc": row.probe_cc,
        "probe_asn": f"AS{row.probe_asn}",
        "test_name": row.method,
        "measurement_start_time": iso_z(row.start_time),
        "input": row.input or None,
        "anomaly": row.anomaly,
        "confirmed": row.confirmed,
        "failure": row.failure,
        "scores": scores(row),
    }


def _next_url(site: Site, request: Request, query: MeasurementQuery) -> str:
    """The same question, for the page after this one."""
    asked = [
        (name, value) for name, value in request.query_params.multi_items() if name not in {"limit", "offset"}
    ]
    following = [*asked, ("limit", query.limit), ("offset", query.offset + query.limit)]
    return site.url(request, f"{_PATH}?{urlencode(following)}")
