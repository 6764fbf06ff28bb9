"""GET /static/…: the pages' style and mark, under an address that changes with their content."""

from fastapi import APIRouter, HTTPException, Response

from lampwatch.publish.headers import FOREVER, LIVE
from lampwatch.publish.render import ASSETS

router = APIRouter()


@router.get("/static/{name}")
def asset(name: str, v: str = "") -> Response:
    """Give a shipped file; asked for by its version it may be kept for ever."""
    found = ASSETS.get(name)
    if found is None:
        raise HTTPException(404)
    kept = FOREVER if v == found.version else LIVE
    return Response(found.content, headers={"Cache-Control": kept}, media_type=found.media_type)
