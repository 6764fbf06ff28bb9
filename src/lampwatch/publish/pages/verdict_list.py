"""GET /verdicts: verdicts by any filter, newest first, each leading to its evidence."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response

from lampwatch.model.vocabulary import State
from lampwatch.publish.example import any_example
from lampwatch.publish.render import render
from lampwatch.publish.site import Here
from lampwatch.publish.verdict_query import VerdictQuery

router = APIRouter()

_SHOWN: Final = 50


@router.get("/verdicts")
def verdict_list(site: Here, query: Annotated[VerdictQuery, Query()]) -> Response:
    """Show a page of verdicts with the filters that made it, and where the same is to be had as a file."""
    where = query.filter()
    shown = min(query.limit, _SHOWN)
    rows = site.store.verdicts(where, limit=shown, offset=query.offset)
    count = site.store.count_verdicts(where)
    filters = {name: value for name, value in query.given().items() if name not in {"limit", "offset"}}
    return render(
        site,
        "verdicts.html",
        rows=rows,
        count=count,
        query=query,
        filters=filters,
        states=list(State),
        download=urlencode(filters),
        newer=urlencode({**filters, "offset": max(0, query.offset - shown)}) if query.offset else None,
        older=urlencode({**filters, "offset": query.offset + shown})
        if query.offset + len(rows) < count
        else None,
        example=any_example(rows),
    )
