"""GET /healthz: whether the instance and its store answer."""

from fastapi import APIRouter, Response

from lampwatch.formats.verdict_rows import iso_z
from lampwatch.publish.api.answer import answer
from lampwatch.publish.api.shapes import Health
from lampwatch.publish.site import Here

router = APIRouter(tags=["Health"])


@router.get("/healthz", responses={200: {"model": Health}})
def health(site: Here) -> Response:
    """Say that all is well, having asked the store; never kept by a cache."""
    totals = site.store.totals()
    content = {
        "status": "ok",
        "schema_version": site.store.schema_version,
        "measurements": totals.measurements,
        "latest_measurement": iso_z(totals.last) if totals.last else None,
    }
    return answer(content, headers={"Cache-Control": "no-store"})
