"""Every error as one clear line: JSON where a program asked, a page in words where a person did."""

from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from lampwatch.model.errors import UserError
from lampwatch.publish.headers import SECURITY
from lampwatch.publish.render import render
from lampwatch.publish.site import site_of

_FOR_PROGRAMS: Final = ("/api/", "/report", "/control", "/healthz", "/openapi.json")
_TITLES: Final = {404: "There is nothing here", 405: "This cannot be done here", 500: "Lampwatch failed"}


def add_error_answers(app: FastAPI) -> None:
    """Give the application its answers to errors."""

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        detail = error.detail
        if detail == HTTPStatus(error.status_code).phrase:
            detail = _plain_words(error.status_code, request)
        return await _answer(request, error.status_code, detail, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return await _answer(request, 422, "; ".join(_reason(dict(each)) for each in error.errors()[:5]))

    @app.exception_handler(UserError)
    async def mendable(request: Request, error: UserError) -> Response:
        return await _answer(request, 400, str(error))

    @app.exception_handler(Exception)
    async def failed(request: Request, _: Exception) -> Response:
        # This answer is made outside of everything that adds headers, so it brings them itself.
        detail = (
            "Lampwatch failed on this request: a bug of ours. The server's log says more; please report it."
        )
        return await _answer(request, 500, detail, {**SECURITY, "Cache-Control": "no-store"})


async def _answer(
    request: Request, status: int, detail: str, headers: dict[str, str] | None = None
) -> Response:
    if request.url.path.startswith(_FOR_PROGRAMS):
        return JSONResponse({"detail": detail}, status, headers)
    title = _TITLES.get(status, "This cannot be answered")
    site = await site_of(request)
    return render(site, "error.html", status=status, headers=headers, title=title, detail=detail)


def _plain_words(status: int, request: Request) -> str:
    if status == HTTPStatus.NOT_FOUND:
        return f"No page or route of Lampwatch has the address {request.url.path[:200]}."
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        if request.method in {"GET", "HEAD"}:
            return "There is nothing to read here: this address only takes what is sent with POST."
        return f"{request.method[:20]} is not possible here: everything Lampwatch publishes is only read."
    return HTTPStatus(status).phrase


def _reason(error: dict[str, object]) -> str:
    place = error.get("loc")
    name = str(place[-1]) if isinstance(place, tuple) and place else "the request"
    said = str(error.get("msg", "is not valid")).removeprefix("Value error, ")
    if error.get("type") == "extra_forbidden":
        said = "no such parameter; /docs lists those there are"
    # What holds between parameters belongs to none of them: its place is the query as a whole.
    return said[:300] if name == "query" else f"{name[:80]}: {said[:300]}"
