"""GET /api/v1/aggregation: measurements counted along up to two axes, as OONI's API counts them."""

import csv
import datetime as dt
import io
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BeforeValidator, Field, field_validator, model_validator

from lampwatch.formats.verdict_rows import csv_cell
from lampwatch.publish.api.answer import answer, download
from lampwatch.publish.api.shapes import Aggregation, Problem
from lampwatch.publish.measurement_query import MeasurementsAsked
from lampwatch.publish.site import Here, Site
from lampwatch.store.query import Axis, Grain
from lampwatch.store.rows import AggregateRow

router = APIRouter(tags=["OONI's API"])

_HOURLY_UP_TO: Final = dt.timedelta(days=7)
_COUNTS: Final = (
    "anomaly_count",
    "confirmed_count",
    "down_count",
    "failure_count",
    "measurement_count",
    "ok_count",
)


class TimeGrain(StrEnum):
    """The width of a step of time; auto is an hour for up to seven days, and a day for more."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    AUTO = "auto"


class Format(StrEnum):
    """How the answer is written."""

    JSON = "JSON"
    CSV = "CSV"


_Axis = Annotated[Axis | None, BeforeValidator(lambda value: value or None)]


class AggregationQuery(MeasurementsAsked):
    """What is counted, along which axes; OONI's names."""

    axis_x: _Axis = Field(None, description="What to count by.")
    axis_y: _Axis = Field(None, description="What else to count by.")
    time_grain: TimeGrain = Field(
        TimeGrain.AUTO, description="The step of time, where an axis is measurement_start_day."
    )
    format: Format = Field(Format.JSON, description="JSON or CSV.")
    download: bool = Field(default=False, description="Let a browser keep the answer as a file.")

    @field_validator("format", mode="before")
    @classmethod
    def _in_any_case(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @model_validator(mode="after")
    def _axes_differ(self) -> Self:
        if self.axis_x is not None and self.axis_x is self.axis_y:
            message = "axis_x and axis_y are the same; name two different ones, or leave one out"
            raise ValueError(message)
        return self

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The axes asked for, x before y."""
        return tuple(axis for axis in (self.axis_x, self.axis_y) if axis is not None)


@router.get("/api/v1/aggregation", responses={200: {"model": Aggregation}, 422: {"model": Problem}})
def aggregation(site: Here, query: Annotated[AggregationQuery, Query()]) -> Response:
    """Count measurements: all of them, or in classes along one or two axes."""
    began = site.timer()
    rows = site.store.aggregate(query.axes, query.filter(), _grain(site, query))
    counted = [_counted(query.axes, row) for row in rows]
    if query.format is Format.CSV:
        headers = download("lampwatch-aggregation.csv") if query.download else None
        return Response(_csv(query.axes, counted), headers=headers, media_type="text/csv")
    if not query.axes and not counted:
        raise HTTPException(500, "The store counted nothing at all.")
    content = {
        "v": 0,
        "dimension_count": len(query.axes),
        "db_stats": {"row_count": len(rows), "elapsed_seconds": round(site.timer() - began, 6)},
        "result": counted if query.axes else counted[0],
    }
    return answer(content, headers=download("lampwatch-aggregation.json") if query.download else None)


def _grain(site: Site, query: AggregationQuery) -> Grain:
    if query.time_grain is not TimeGrain.AUTO:
        return Grain(query.time_grain.value)
    if Axis.DAY not in query.axes:
        return Grain.DAY
    totals = site.store.totals()
    since, until = query.since or totals.first, query.until or totals.last
    if since is not None and until is not None and until - since <= _HOURLY_UP_TO:
        return Grain.HOUR
    return Grain.DAY


def _counted(axes: tuple[Axis, ...], row: AggregateRow) -> dict[str, Any]:
    counts = (row.anomaly, row.confirmed, row.down, row.failure, row.measurements, row.ok)
    return {
        **{axis.value: value for axis, value in zip(axes, row.axes, strict=True)},
        **dict(zip(_COUNTS, counts, strict=True)),
    }


def _csv(axes: tuple[Axis, ...], rows: list[dict[str, Any]]) -> str:
    columns = sorted([*_COUNTS, *[axis.value for axis in axes]])
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([csv_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()
